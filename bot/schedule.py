"""The timetable: which job is due under the domain clock; one line a job.

APScheduler's scheduler wakes by the machine's date alone, and sleeps for an hour when that is set
back by one; so a small ticker on the loop's own clock asks its triggers, under the domain clock,
when each job is due. A job that comes late runs once (coalesced), and never beside itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock

log = logging.getLogger(__name__)

TICK_SECONDS = 0.2


@dataclass(slots=True, kw_only=True)
class Job:
    """`run` is started when `trigger` says so, and never later than `interval` from now.

    `due_at` is domain time.
    """

    name: str
    run: Callable[[], Awaitable[None]]
    trigger: BaseTrigger
    interval: timedelta
    due_at: datetime
    running: asyncio.Task[None] | None = None


class Timetable:
    """Starts each job when it is due. A job that fails is logged and runs again next time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: list[Job] = []
        self._ticking: asyncio.Task[None] | None = None

    def every(self, name: str, interval: timedelta, run: Callable[[], Awaitable[None]]) -> None:
        """At once, and then every `interval` of domain time."""
        now = self._clock.now()
        trigger = IntervalTrigger(seconds=interval.total_seconds(), start_date=now, timezone="UTC")
        job = Job(name=name, run=run, trigger=trigger, interval=interval, due_at=now)
        self._jobs.append(job)

    def start(self) -> None:
        self._ticking = asyncio.create_task(self._tick_on(), name="timetable")

    async def stop(self) -> None:
        """No more ticks; jobs under way are cancelled."""
        under_way = [self._ticking, *(job.running for job in self._jobs)]
        for task in (found := [each for each in under_way if each]):
            task.cancel()
        await asyncio.gather(*found, return_exceptions=True)

    async def _tick_on(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            await self.tick()

    async def tick(self) -> None:
        """Start what is due and not under way."""
        now = self._clock.now()
        for job in self._jobs:
            # A clock that went back must not put anything off.
            job.due_at = min(job.due_at, now + job.interval)
            if job.due_at <= now and job.running is None:
                job.due_at = next_due(job.trigger, now) or now + job.interval
                job.running = asyncio.create_task(self._run(job), name=f"job {job.name}")

    async def _run(self, job: Job) -> None:
        try:
            await job.run()
        except Exception:
            log.exception("the job %s failed; it runs again at %s", job.name, job.due_at)
        finally:
            job.running = None


def next_due(trigger: BaseTrigger, now: datetime) -> datetime | None:
    """The first time after `now`: what was missed meanwhile is made up for by one run."""
    found: datetime | None = trigger.get_next_fire_time(None, now + timedelta(microseconds=1))
    return found
