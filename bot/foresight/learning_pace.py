"""When learning is due, in which portions it is done, and how far it has come."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import TypeVar
from zoneinfo import ZoneInfo

from checks.durations import say_duration

T = TypeVar("T")
log = logging.getLogger(__name__)

DRIFT_REST = timedelta(hours=6)  # a series that always drifts is not learned all the time
TELL_SECONDS = 10.0


class Progress:
    """How far learning has come, in the log, at most every ten seconds."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, 0
        self._began = self._told = time.monotonic()
        log.info("Learning %d series ...", total)

    def move(self, amount: int) -> None:
        self._done += amount
        now = time.monotonic()
        if now - self._told >= TELL_SECONDS and self._done < self._total:
            self._told = now
            log.info("Learning %d of %d series ...", self._done, self._total)

    def end(self, learned: int) -> None:
        took = say_duration(timedelta(seconds=time.monotonic() - self._began))
        log.info("Learned %d of %d series in %s", learned, self._total, took)


def last_night(now: datetime, learn_at: time_of_day, zone: ZoneInfo) -> datetime:
    """The latest moment (UTC), not after `now`, at which learning was to begin."""
    today = now.astimezone(zone).date()
    at = datetime.combine(today, learn_at, zone).astimezone(UTC)
    if at <= now:
        return at
    return datetime.combine(today - timedelta(days=1), learn_at, zone).astimezone(UTC)


def is_due(fitted_at: datetime | None, now: datetime, night: datetime, *, drifted: bool) -> bool:
    """Whether a series is to be learned: it never was, or not since last night, or has drifted."""
    if fitted_at is None or fitted_at < night:
        return True
    return drifted and now - fitted_at >= DRIFT_REST


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Portions of so many, the last one smaller; to be shared by those who take turns."""
    return (items[place : place + size] for place in range(0, len(items), size))


async def whenever(event: asyncio.Event, run: Callable[[], Awaitable[None]], what: str) -> None:
    """Run it each time after `event` is set, never beside itself; until cancelled."""
    while True:
        await event.wait()
        event.clear()
        try:
            await run()
        except Exception:
            log.exception("%s failed; the next round tries again", what)
