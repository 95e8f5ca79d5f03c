"""Looks now and then at a page of every list of every system, for the shape of what it answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import facts
from bot.clock import Clock
from bot.facts import BlindPart
from bot.store import Store, shapes
from checks.record_reading import Looked
from checks.records import RecordList
from checks.system import System
from checks.unreadable import Refused, Unreadable

log = logging.getLogger(__name__)

SHAPES_EVERY = timedelta(hours=1)
REACH = timedelta(days=1)  # whose records are looked at
PATIENCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    system: str
    what: str
    looked: Looked


class ShapeWatch:
    """What cannot be looked at is remembered with why, by system and list: a change there would
    not be seen."""

    def __init__(self, systems: Sequence[System], store: Store, clock: Clock) -> None:
        self._systems, self._store, self._clock = systems, store, clock

    async def look(self) -> None:
        """One page of every list, one system after the other."""
        now = self._clock.now()
        unseen = {system.name: await self._look_at(system, now) for system in self._systems}
        await asyncio.to_thread(self._finish, unseen, now)

    async def _look_at(self, system: System, now: datetime) -> dict[str, BlindPart]:
        """The lists of it that could not be looked at."""
        found = {what_of(each): await self._at(system, each, now) for each in system.lists}
        looks = [each for each in found.values() if isinstance(each, _Look)]
        if looks:
            await asyncio.to_thread(self._remember, looks, now)
        return {what: each for what, each in found.items() if isinstance(each, BlindPart)}

    async def _at(
        self, system: System, each: RecordList, now: datetime
    ) -> _Look | BlindPart | None:
        """None where nothing stands in the list now."""
        what = what_of(each)
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                looked = await system.look(each.entity, each.place, now - REACH, now)
        except (Unreadable, TimeoutError) as unread:
            log.info("the shape of the %s of %s could not be seen: %s", what, system.name, unread)
            why = str(unread) or "it took too long to answer"
            return BlindPart(since=now, why=why, refused=isinstance(unread, Refused))
        return _Look(system=system.name, what=what, looked=looked) if looked.shape else None

    def _remember(self, looks: Sequence[_Look], now: datetime) -> None:
        with self._store.writing() as db:
            for look in looks:
                shapes.add_look(db, look.system, look.looked.id, look.what, look.looked.shape, now)

    def _finish(self, unseen: Mapping[str, Mapping[str, BlindPart]], now: datetime) -> None:
        with self._store.writing() as db:
            shapes.prune(db, now)
            before = facts.find_unseen_lists(db)
            facts.save_unseen_lists(
                db, {name: _since(own, before.get(name, {})) for name, own in unseen.items()}, now
            )


def what_of(each: RecordList) -> str:
    """What people call a list: "orders", "stock in web"."""
    return each.entity if each.place in ("", each.entity) else f"{each.entity} in {each.place}"


def _since(now: Mapping[str, BlindPart], before: Mapping[str, BlindPart]) -> dict[str, BlindPart]:
    """With since when each has been out of sight."""
    return {
        what: replace(each, since=before[what].since) if what in before else each
        for what, each in now.items()
    }
