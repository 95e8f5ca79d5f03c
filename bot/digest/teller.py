"""Looks every half minute of domain time whether a digest is due, and to whom it goes."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from bot import facts
from bot.clock import Clock
from bot.digest.period import Timetable
from bot.digest.presence import STALE
from bot.digest.telling import due_now, tell_digests
from bot.digest_settings import DigestSettings
from bot.directory import Directory
from bot.store import Store

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=30)
ROUND_SECONDS, LOOK_SECONDS = 60.0, 0.1
"""Of real time: how long a digest waits for a round, and how often it looks for one."""


class Teller:
    """Has each digest told once. `channels` gives the destination of each channel by its name in
    the settings, `wake` tells the outbox that messages wait."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: DigestSettings,
        timetable: Timetable,
        *,
        channels: Mapping[str, str],
        directory: Directory,
        wake: Callable[[], None],
    ) -> None:
        self._store, self._clock, self._wake = store, clock, wake
        self._settings, self._timetable = settings, timetable
        self._channels, self._directory = channels, directory

    async def tick(self) -> None:
        """A digest that falls due while the machine sleeps waits for the first round after it, or
        it would tell of a present that nobody has looked at yet."""
        if due_now(self._store.db, self._timetable, self._clock.now()):
            await self._is_looked_at()
        if await asyncio.to_thread(self.run_due):
            self._wake()

    def run_due(self) -> list[str]:
        """The topics that are told from now on."""
        places = tuple(self._places())
        with self._store.writing() as db:
            told = tell_digests(db, self._timetable, places, self._clock.now())
        for topic in told:
            log.info("%s goes to %d places", topic, len(places))
            self._tell_missing()
        return told

    async def _is_looked_at(self) -> None:
        """A round has ended not long ago, or ends now, or takes too long to be waited for."""
        before = facts.find_round(self._store.db)
        if before is None or self._clock.now() - before.at <= STALE:
            return
        until = time.monotonic() + ROUND_SECONDS
        while facts.find_round(self._store.db) == before and time.monotonic() < until:
            await asyncio.sleep(LOOK_SECONDS)

    def _places(self) -> Iterator[str]:
        yield from (self._channels[name] for name in self._settings.channels)
        yield from (f"dm/{user}" for name in self._settings.people if (user := self._user(name)))
        yield from (f"pager/{name}" for name in self._settings.pagers)

    def _tell_missing(self) -> None:
        for name in self._settings.people:
            if self._user(name) is None:
                log.warning(
                    "the digest does not reach %s: give their [[person]] section the id or the"
                    " e-mail of their Slack account",
                    name,
                )

    def _user(self, name: str) -> str | None:
        return self._directory.find(name)
