"""Keeping the history: readings are rolled up by the hour, and what is old enough is forgotten."""

from __future__ import annotations

import asyncio
import logging

from bot.clock import Clock
from bot.oddities import weigh_once_an_hour
from bot.settings import WatchSettings
from bot.store import Store, call_rollups, flow_hours, loss, readings, run_days
from bot.store.forecasts import forget_unused

log = logging.getLogger(__name__)


class Keeper:
    """The two jobs that look after stored readings; both in a thread, both safe to repeat."""

    def __init__(self, store: Store, clock: Clock, settings: WatchSettings) -> None:
        self._store, self._clock, self._settings = store, clock, settings

    async def roll_up(self) -> None:
        """Roll up what is new, and weigh the hour that is over."""
        await asyncio.to_thread(self._roll_up)
        await asyncio.to_thread(weigh_once_an_hour, self._store, self._clock.now())

    async def prune(self) -> None:
        await asyncio.to_thread(self._prune)

    def _roll_up(self) -> None:
        now = self._clock.now()
        with self._store.writing() as db:
            since = readings.rolled_up_until(db) or now - self._settings.raw_for
            readings.roll_up(db, since, now, self._settings.every)
        left = 1
        while left:  # in short transactions, so that nobody waits for long
            with self._store.writing() as db:
                left = call_rollups.roll_up(db)

    def _count_days(self) -> None:
        """Days of runs, each counted before it is written, so that nobody waits for that."""
        db = self._store.db
        for day in run_days.stale_days(db, self._clock.now()):
            counted = run_days.count_day(db, day)
            with self._store.writing() as written:
                run_days.save_day(written, counted)

    def _prune(self) -> None:
        """Only what has been rolled up is forgotten."""
        self._roll_up()
        self._count_days()
        now = self._clock.now()
        with self._store.writing() as db:
            gone = readings.prune(
                db, now - self._settings.raw_for, now - self._settings.rollups_for
            )
            gone += flow_hours.prune(db, now)
            gone += loss.prune(db, now)
            gone += run_days.prune(db, now - self._settings.rollups_for)
            forget_unused(db, now - self._settings.raw_for)
        if gone:
            log.info("forgot %d old rows", gone)
