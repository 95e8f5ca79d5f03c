"""Patchworks' tracked data as a list of records: which values a flow received, and which it sent.

Values tell that something passed, not what was in it. The platform keeps them for 15 days:
https://doc.wearepatchworks.com/product-documentation/developer-hub/patchworks-core-api (tracked
data).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from checks.patchworks import Patchworks
from checks.patchworks_loss import TrackedValue
from checks.reconcile.model import Kind, Record
from checks.records import AS_DECLARED, By, RecordField, RecordList, Wanted
from checks.runs import Direction
from checks.unreadable import Unavailable

ENTITY = "tracked values"
PLACES = {"received": Direction.RECEIVE, "sent": Direction.SEND}
FIELDS = (
    RecordField(name="value"),
    RecordField(name="success"),
    RecordField(name="flow_id"),
    RecordField(name="entity_type_id"),
    RecordField(name="changed_at", kind=Kind.INSTANT),
)
SLICE, LEAST_SLICE = timedelta(hours=6), timedelta(seconds=1)
PAGES_OF_SLICE = 50
LISTS = tuple(
    RecordList(
        entity=ENTITY,
        place=place,
        by=By.CREATED,
        keys=("value",),
        fields=FIELDS,
        by_key=True,
        asked_by=("value",),
        any_field=False,
    )
    for place in PLACES
)


class TrackedData:
    """A `checks.records.RecordSource`. A value that passed twice is one record: it has no id."""

    def __init__(self, patchworks: Patchworks) -> None:
        self._patchworks = patchworks

    @property
    def name(self) -> str:
        return "patchworks"

    @property
    def lists(self) -> tuple[RecordList, ...]:
        return LISTS

    def records(
        self,
        entity: str,
        place: str,
        since: datetime,
        until: datetime,
        wanted: Wanted = AS_DECLARED,
    ) -> AsyncIterator[tuple[Record, ...]]:
        """As `checks.records.RecordSource.records`; a page is a slice of time."""
        _check(entity, place, wanted)
        return self._slices(place or "received", since, until)

    async def record(
        self, entity: str, place: str, key: str, wanted: Wanted = AS_DECLARED
    ) -> tuple[Record, ...]:
        """As `checks.records.RecordSource.record`."""
        _check(entity, place, wanted)
        values = await self._patchworks.tracked_as(key)
        return tuple(each for each in _records(values, place or "received") if each.key == key)

    async def _slices(
        self, place: str, since: datetime, until: datetime
    ) -> AsyncIterator[tuple[Record, ...]]:
        """A slice that holds too much is read in halves."""
        span = SLICE
        while since < until:
            end = min(since + span, until)
            values = await self._patchworks.tracked(since, end, max_pages=PAGES_OF_SLICE)
            if values is not None:
                yield _records(values, place)
                since, span = end, min(2 * span, SLICE)
            elif end - since <= LEAST_SLICE:
                raise Unavailable("Patchworks tracked more values in a second than can be read")
            else:
                span = (end - since) / 2


def _check(entity: str, place: str, wanted: Wanted) -> None:
    if entity != ENTITY or place not in ("", *PLACES):
        raise ValueError(f"patchworks lists {ENTITY}, received or sent, and no {entity} in {place}")
    names = [each.name for each in FIELDS]
    for name in (wanted.key or "value", *wanted.fields):
        if name not in names:
            raise ValueError(f"patchworks tells no {name!r} of a tracked value, only {names}")
    if wanted.key not in ("", "value"):
        raise ValueError(f"{wanted.key!r} is no key of a tracked value; the value is")


def _records(values: tuple[TrackedValue, ...], place: str) -> tuple[Record, ...]:
    """A value whose direction is not told stands in neither list."""
    return tuple(
        Record(
            key=each.value,
            fields={
                "value": each.value,
                "success": each.success,
                "flow_id": each.flow_id,
                "entity_type_id": each.entity,
                "changed_at": each.at,
            },
            place=place,
            at=each.at,
            changed_at=each.at,
        )
        for each in values
        if each.direction is PLACES[place]
    )
