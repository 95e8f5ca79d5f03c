"""Lets every comparison that is due be made, beside the rounds; the next round judges."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial

from bot.privacy_settings import PrivacySettings
from bot.reconcile_settings import ReconcileSettings
from bot.reconciling.catching import Catch, drop_others, limits_of
from bot.reconciling.comparing import Means, compare
from bot.reconciling.due import BLIND_AGAIN, due_windows
from bot.reconciling.forgetting import hide_keys
from bot.reconciling.reading import Unseen
from bot.reconciling.telling import tell_differences
from bot.reconciling.turns import Turns
from bot.rules import Rules
from bot.store import Store, reconciliations
from bot.store.reconciliations import Kept
from checks.reconcile.evidence import Compared
from checks.reconcile.window import EPOCH, Window

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]
EVERY = timedelta(minutes=1)
PRUNE_EVERY = timedelta(hours=1)


class Reconciler:
    """Compares each pairing's windows one after the other; one that fails stops no other, nor does
    one that takes long. Pairings take turns window by window.

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
        self._turns = Turns()
        self._rests: dict[str, datetime] = {}
        self._pruned_at: datetime | None = None

    def jobs(self) -> Mapping[str, Job]:
        """To be run every EVERY, none of them beside itself and each beside the others."""
        compare = {f"reconcile {each.name}": partial(self._run_pair, each) for each in self._pairs}
        return {"reconciled": self._tell_and_prune, **compare}

    async def _tell_and_prune(self) -> None:
        """What was found is told where its incident is open."""
        if self._pruned_at is None:  # the settings may have become stricter
            await asyncio.to_thread(hide_keys, self._store, self._privacy.keys)
        if await asyncio.to_thread(self._tell):
            self._wake()
        await asyncio.to_thread(self._prune)

    async def _run_pair(self, settings: ReconcileSettings) -> None:
        """Everything of a pairing that is due now."""
        if self._means.clock.now() < self._rests.get(settings.name, EPOCH):
            return
        for window in await asyncio.to_thread(self._due, settings):
            async with self._turns.taken(settings.source.system, settings.target.system):
                seen = await self._try(settings, window)
            if not seen:  # its other windows would fail alike
                self._rests[settings.name] = self._means.clock.now() + BLIND_AGAIN
                return

    async def _try(self, settings: ReconcileSettings, window: Window) -> bool:
        try:
            return await self._look(settings, window)
        except Exception:
            log.exception("the comparison of %s failed; the others go on", settings.name)
            return False

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
