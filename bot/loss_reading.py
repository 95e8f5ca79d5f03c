"""Reads what shows silent loss and nobody else reads: tracked values, and the sizes of pools."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.store.loss import TrackedRow
from checks.fetch import Refused, Unreadable
from checks.model import Reading
from checks.patchworks import Patchworks
from checks.patchworks_loss import TrackedValue
from checks.reconcile.showing import Keys, show_key
from checks.runs import Direction, Flow

log = logging.getLogger(__name__)

TRACKED_EVERY, POOLS_EVERY = timedelta(minutes=5), timedelta(hours=1)
ASK_AGAIN = timedelta(hours=1)
"""What is not offered, or not permitted to us, is asked for again this much later."""
TRACKED_PAGES = 5
MOST_POOLS = 8
FIRST_LOOK, FURTHEST_BACK = timedelta(hours=1), timedelta(hours=12)
BEHIND = timedelta(minutes=1)  # values of this moment may still be on their way
LEAST_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReadings:
    """What one round read. `tracked_until` is None when nothing was read, and `blind` says why not.
    `pool_names` are by pool id, as last read."""

    tracked: tuple[TrackedRow, ...] = ()
    tracked_until: datetime | None = None
    blind: str = ""
    pools: tuple[Reading, ...] = ()
    pool_names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class LossReader:
    """Asks now and then, within a few calls; `known_until` tells until when values are known.

    Keys leave this reader as the setting `keys` allows them to be shown.
    """

    def __init__(
        self,
        patchworks: Patchworks,
        known_until: Callable[[], datetime | None],
        keys: Keys = Keys.FULL,
    ) -> None:
        self._patchworks, self._known_until, self._keys = patchworks, known_until, keys
        self._window = FURTHEST_BACK
        self._tracked_at: datetime | None = None
        self._pools_at: datetime | None = None
        self._blind = ""
        self._names: Mapping[str, str] = {}

    async def read(self, now: datetime, flows: Iterable[Flow]) -> LossReadings:
        """What is due. Never raises for what cannot be read."""
        tracked: tuple[TrackedRow, ...] = ()
        until: datetime | None = None
        if self._tracked_at is None or now >= self._tracked_at:
            tracked, until = await self._read_tracked(now)
        pools: tuple[Reading, ...] = ()
        if self._pools_at is None or now >= self._pools_at:
            pools = await self._read_pools(now, flows)
        return LossReadings(
            tracked=tracked,
            tracked_until=until,
            blind=self._blind,
            pools=pools,
            pool_names=self._names,
        )

    async def _read_tracked(self, now: datetime) -> tuple[tuple[TrackedRow, ...], datetime | None]:
        """The values since the last look; a window too full to be read whole is halved."""
        known = self._known_until() or now - FIRST_LOOK
        since = max(known, now - FURTHEST_BACK)
        until = min(now - BEHIND, since + self._window)
        self._tracked_at = now + TRACKED_EVERY
        if since >= until:
            return (), None
        try:
            values = await self._patchworks.tracked(since, until, max_pages=TRACKED_PAGES)
        except Unreadable as error:
            self._blind = error.what
            self._tracked_at = now + (ASK_AGAIN if isinstance(error, Refused) else TRACKED_EVERY)
            log.info("tracked values cannot be read: %s", error.what)
            return (), None
        if values is None:
            self._window = max(LEAST_WINDOW, (until - since) / 2)
            self._tracked_at, self._blind = now, "there are more of them than can be read in time"
            return (), None
        self._window, self._blind = min(FURTHEST_BACK, 2 * self._window), ""
        if until < now - TRACKED_EVERY:
            self._tracked_at = now
        return tuple(map(self._row, values)), until

    def _row(self, value: TrackedValue) -> TrackedRow:
        received = value.direction is Direction.RECEIVE
        sent = value.direction is Direction.SEND and value.success is not False
        return TrackedRow(
            entity=value.entity,
            key=value.value,
            flow_id=value.flow_id,
            run_id=value.run_id,
            shown=show_key(value.value, self._keys),
            received_at=value.at if received else None,
            sent_at=value.at if sent else None,
        )

    async def _read_pools(self, now: datetime, flows: Iterable[Flow]) -> tuple[Reading, ...]:
        """How many entries the de-dupe pools hold that flows write, as far as that is told."""
        self._pools_at = now + POOLS_EVERY
        wanted = list(dict.fromkeys(pool for flow in flows for pool in flow.pool_ids))[:MOST_POOLS]
        found: list[Reading] = []
        try:
            if wanted and not self._names.keys() >= set(wanted):
                self._names = await self._patchworks.dedupe_pools()
            for pool_id in wanted:
                entries = await self._patchworks.pool_entries(pool_id)
                found.append(
                    Reading(
                        subject=f"pool/{pool_id}",
                        metric="pool.entries",
                        at=now,
                        value=float(entries),
                    )
                )
        except Unreadable as error:
            log.info("de-dupe pools cannot be read: %s", error.what)
        return tuple(found)
