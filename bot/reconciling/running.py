"""Lets every comparison that is due be made, beside the rounds; the next round judges."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo

from bot.privacy_settings import PrivacySettings
from bot.reconcile_settings import ReconcileSettings
from bot.reconciling.catching import Catch, drop_others, limits_of
from bot.reconciling.comparing import Means, compare
from bot.reconciling.due import BLIND_AGAIN, due_windows
from bot.reconciling.forgetting import hide_keys
from bot.reconciling.reading import Unseen
from bot.reconciling.telling import tell_differences
from bot.rules import Rules
from bot.store import Store, reconciliations
from bot.store.reconciliations import Kept
from checks.reconcile.evidence import Compared
from checks.reconcile.window import EPOCH, Window

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
AT_ONCE = 2
"""So many pairings at a time: each keeps its own systems busy."""
PRUNE_EVERY = timedelta(hours=1)


class Reconciler:
    """Compares each pairing's windows one after the other; one that fails stops no other.

    `wake` tells the outbox that messages wait; `periods_for` is how long periods are remembered
    once their differences are deleted.
    """

    def __init__(
        self,
        pairs: Sequence[ReconcileSettings],
        means: Means,
        store: Store,
        *,
        zone: tzinfo,
        privacy: PrivacySettings,
        periods_for: timedelta,
        rules: Rules,
        wake: Callable[[], None],
    ) -> None:
        self._pairs, self._means, self._store = pairs, means, store
        self._zone, self._privacy, self._periods_for = zone, privacy, periods_for
        self._rules, self._wake = rules, wake
        self._places = asyncio.Semaphore(AT_ONCE)
        self._rests: dict[str, datetime] = {}
        self._pruned_at: datetime | None = None

    async def run_due(self) -> None:
        """Everything that is due now; what was found is told where its incident is open."""
        if self._pruned_at is None:  # the settings may have become stricter
            await asyncio.to_thread(hide_keys, self._store, self._privacy.keys)
        async with asyncio.TaskGroup() as group:
            for each in self._pairs:
                group.create_task(self._run_pair(each))
        if await asyncio.to_thread(self._tell):
            self._wake()
        await asyncio.to_thread(self._prune)

    async def _run_pair(self, settings: ReconcileSettings) -> None:
        async with self._places:
            if self._means.clock.now() < self._rests.get(settings.name, EPOCH):
                return
            for window in await asyncio.to_thread(self._due, settings):
                try:
                    seen = await self._look(settings, window)
                except Exception:
                    log.exception("the comparison of %s failed; the others go on", settings.name)
                    seen = False
                if not seen:  # its other windows would fail alike
                    self._rests[settings.name] = self._means.clock.now() + BLIND_AGAIN
                    return

    def _due(self, settings: ReconcileSettings) -> tuple[Window, ...]:
        db, now = self._store.db, self._means.clock.now()
        since = now - settings.look_again_for
        return due_windows(
            settings,
            zone=self._zone,
            done_until=reconciliations.done_until(db, settings.name, settings.entity),
            unsettled=reconciliations.unsettled(db, settings.name, settings.entity, since),
            now=now,
        )

    async def _look(self, settings: ReconcileSettings, window: Window) -> bool:
        """Whether both sides could be read."""
        kept, catch = await asyncio.to_thread(self._begin, settings, window)
        try:
            outcome = await compare(settings, window, self._means, catch.take)
            compared = await asyncio.to_thread(catch.keep, kept, outcome)
            log.info("compared %s: %s", settings.name, compared.standing.value)
        except Unseen as blind:
            await asyncio.to_thread(self._keep_blind, kept, str(blind))
            return False
        return True

    def _begin(self, settings: ReconcileSettings, window: Window) -> tuple[Kept, Catch]:
        with self._store.writing() as db:
            kept = reconciliations.begin(db, period_of(settings, window), self._means.clock.now())
            salt = reconciliations.salt(db)
        drop_others(self._store, kept.compared.id, kept.batch)  # of a look that was cut off
        limits = limits_of(settings.pairing())
        return kept, Catch(self._store, kept, self._privacy.keys, salt, limits)

    def _keep_blind(self, kept: Kept, why: str) -> None:
        if not kept.compared.blind:  # once, not every time it is still so
            log.warning("%s cannot be compared: %s", kept.compared.pair, why)
        with self._store.writing() as db:
            reconciliations.keep_blind(db, kept.compared.id, why, self._means.clock.now())

    def _tell(self) -> int:
        return tell_differences(self._store, self._rules, self._means.clock.now())

    def _prune(self) -> None:
        now = self._means.clock.now()
        if self._pruned_at is not None and now - self._pruned_at < PRUNE_EVERY:
            return
        self._pruned_at, before = now, now - self._privacy.differences_for
        while (number := reconciliations.find_old(self._store.db, before)) is not None:
            drop_others(self._store, number, 0)
        with self._store.writing() as db:
            reconciliations.prune_periods(db, now - self._periods_for)


def period_of(settings: ReconcileSettings, window: Window) -> Compared:
    """A period of which nothing is known yet; its number in the store is still to be given."""
    return Compared(
        id=0,
        pair=settings.name,
        entity=settings.entity,
        source=settings.source.system,
        target=settings.target.system,
        since=window.since,
        until=window.until,
        looked_at=None,
    )
