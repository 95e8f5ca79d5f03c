"""One side of a comparison: the system that is read, and what is wanted of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.reconcile_settings import ReconcileSettings, SideSettings
from checks.reconcile.model import Pairing, Record, Role
from checks.reconcile.window import DAY
from checks.records import AsksTogether, By, RecordList, RecordSource, Wanted


class NoSide(Exception):
    """A side cannot be read as the settings want it; one sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSide:
    """The source or the target of a pairing, ready to be read. `lists` are by place, in the order
    in which a record moves through them; `wanted` likewise."""

    role: Role
    system: RecordSource
    lists: Mapping[str, RecordList]
    wanted: Mapping[str, Wanted]

    @property
    def can_be_asked(self) -> bool:
        """Whether every list can be asked for one key, by the field that holds it here."""
        return all(each.can_be_asked(self.wanted[place].key) for place, each in self.lists.items())

    async def pages(
        self, place: str, since: datetime, until: datetime
    ) -> AsyncIterator[tuple[Record, ...]]:
        """A list page by page. Raises Refused, Unavailable, ValueError."""
        of = self.lists[place]
        pages = self.system.records(of.entity, of.place, since, until, self.wanted[place])
        async for page in pages:
            yield tuple(_placed(page, place))

    async def ask(self, key: str) -> tuple[Record, ...]:
        """All records with a key, as the system writes it, from every list. Raises Refused,
        Unavailable, ValueError."""
        found: list[Record] = []
        for place, of in self.lists.items():
            told = await self.system.record(of.entity, of.place, key, self.wanted[place])
            found += _placed(told, place)
        return tuple(found)

    @property
    def can_be_asked_together(self) -> bool:
        """Whether every list takes several keys in one call."""
        return isinstance(self.system, AsksTogether) and all(
            each.can_be_asked_together(self.wanted[place].key) for place, each in self.lists.items()
        )

    async def ask_together(self, keys: Sequence[str]) -> tuple[Record, ...]:
        """All records with any of these keys, a call for each list. Raises as `ask`."""
        found: list[Record] = []
        if isinstance(self.system, AsksTogether):
            for place, of in self.lists.items():
                told = await self.system.several(of.entity, of.place, keys, self.wanted[place])
                found += _placed(told, place)
        return tuple(found)

    def read_until(self, place: str, until: datetime, now: datetime) -> datetime:
        """Until when a list is read whose window ends then. What changes again leaves the window of
        a list by change, so such a list is read up to now, or a day further."""
        further = min(now, until + DAY) if self.lists[place].by is By.CHANGED else until
        return max(until, further)


def side_of(
    settings: ReconcileSettings, pairing: Pairing, role: Role, systems: Mapping[str, RecordSource]
) -> ReadSide:
    """Raises NoSide."""
    told = settings.source if role is Role.SOURCE else settings.target
    system = systems.get(told.system)
    if system is None:
        raise NoSide(
            f"there is no system called {told.system}; name one of the [[system]] sections"
        )
    lists = {place: _list_of(system, settings.entity, place) for place in pairing.side(role).places}
    names = [field.name_in(role) for field in pairing.fields]
    wanted = {place: _wanted(told, names, found) for place, found in lists.items()}
    return ReadSide(role=role, system=system, lists=lists, wanted=wanted)


def with_personal(pairing: Pairing, sides: Iterable[ReadSide]) -> Pairing:
    """The pairing with every field as personal that a system tells as such, whatever is set."""
    told = {
        (side.role, field.name)
        for side in sides
        for each in side.lists.values()
        for field in each.fields
        if field.personal
    }
    fields = (
        replace(each, personal=True)
        if {(role, each.name_in(role)) for role in Role} & told
        else each
        for each in pairing.fields
    )
    return replace(pairing, fields=tuple(fields))


def find_list(lists: Iterable[RecordList], entity: str, place: str) -> RecordList | None:
    """The list of that place, if there are several that of the entity; without a place the first
    of the entity."""
    found = [each for each in lists if (each.place == place if place else each.entity == entity)]
    return next((each for each in found if each.entity == entity), found[0] if found else None)


def _list_of(system: RecordSource, entity: str, place: str) -> RecordList:
    found = find_list(system.lists, entity, place)
    if found is None:
        offered = ", ".join(each.place or each.entity for each in system.lists) or "nothing"
        raise NoSide(
            f"{system.name} offers no list of {place or entity} record by record; "
            f"what it offers: {offered}"
        )
    return found


def _wanted(told: SideSettings, names: Iterable[str], of: RecordList) -> Wanted:
    declared = {each.name for each in of.fields}
    further = tuple(dict.fromkeys(name for name in names if name not in declared))
    zone = told.side().zone if told.timezone else None
    return Wanted(key=told.key, fields=further, zone=zone)


def _placed(records: Iterable[Record], place: str) -> Iterable[Record]:
    """With the place as the settings name it, by which the comparison goes."""
    for each in records:
        yield each if each.place == place else replace(each, place=place)
