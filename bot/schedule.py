"""The timetable: which job is due under the domain clock; one line a job.

APScheduler's scheduler wakes by the machine's time alone, so it drives one small ticker, and its
triggers, asked under the domain clock, say when each job is due. A job that comes late runs once
(coalesced), and never beside itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import Clock

log = logging.getLogger(__name__)

TICK_SECONDS = 0.2


@dataclass(slots=True, kw_only=True)
class Job:
    """`run` is started when `trigger` says so; `due_at` is domain time, None: never again."""

    name: str
    run: Callable[[], Awaitable[None]]
    trigger: BaseTrigger
    due_at: datetime | None = None
    running: asyncio.Task[None] | None = None


class Timetable:
    """Starts each job when it is due. A job that fails is logged and runs again next time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: list[Job] = []
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def every(self, name: str, interval: timedelta, run: Callable[[], Awaitable[None]]) -> None:
        """At once, and then every `interval` of domain time."""
        now = self._clock.now()
        trigger = IntervalTrigger(seconds=interval.total_seconds(), start_date=now, timezone="UTC")
        self._jobs.append(Job(name=name, run=run, trigger=trigger, due_at=now))

    def start(self) -> None:
        self._scheduler.add_job(
            self.tick,
            "interval",
            seconds=TICK_SECONDS,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """No more ticks; jobs under way are cancelled."""
        self._scheduler.pause()
        await asyncio.sleep(0)  # a tick that is about to run is over then; cancelled, it would cry
        self._scheduler.shutdown(wait=False)
        under_way = [job.running for job in self._jobs if job.running]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def tick(self) -> None:
        """Start what is due and not under way."""
        now = self._clock.now()
        for job in self._jobs:
            if job.due_at is not None and job.due_at <= now and job.running is None:
                job.due_at = next_due(job.trigger, now)
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
