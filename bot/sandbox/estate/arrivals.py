"""When work comes to the queue: schedules by their cron, webhooks by a recorded volume."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from cronsim import CronSim

ADD_EVERY = timedelta(seconds=30)
"""How often the platform moves due schedules into the queue (working-with-your-run-queue)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)


def on_tick(at: datetime, every: timedelta) -> datetime:
    """The first tick at or after `at`; ticks are counted from the Unix epoch."""
    return at + (_EPOCH - at) % every


def schedule_times(cron: str, start: datetime) -> Iterator[datetime]:
    """When the jobs of a schedule enter the queue, after `start` (UTC), without end."""
    for due in CronSim(cron, start):
        yield on_tick(due, ADD_EVERY)


def webhook_times(
    per_minute: Callable[[datetime], float], start: datetime, random: Random
) -> Iterator[datetime]:
    """Random calls after `start` (UTC) whose mean rate is looked up once an hour, without end."""
    at, hour_ends = start, start + _HOUR
    rate = per_minute(start)
    while True:
        gap = timedelta(minutes=random.expovariate(rate)) if rate > 0 else _HOUR
        if at + gap < hour_ends:
            at += gap
            yield at
        else:
            at, hour_ends = hour_ends, hour_ends + _HOUR
            rate = per_minute(at)
