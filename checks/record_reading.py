"""Reads a system's lists of records, page by page or by key, as its connector declares them.

What was answered is taken apart in a thread: a page of some hundred records holds the loop for up
to a fifth of a second, and somebody may be waiting for an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Protocol, TypeVar

from checks.answers import excerpt
from checks.calls import continued
from checks.declare import Answer, Call, NotOffered
from checks.listing import Key, Records, Row
from checks.reconcile.model import Record
from checks.reconcile.values import loose, text
from checks.record_rows import exactly, further, offered, record_of, value_at
from checks.records import AS_DECLARED, RecordList, Wanted
from checks.shapes.shape import Shape, shape_of
from checks.unreadable import Unavailable

MOST_PAGES = 50_000
"""Beyond any window worth comparing: a list that is longer does not end."""
Told = Mapping[str, str]
T = TypeVar("T")


class Ask(Protocol):
    """`checks.asking.Asking.ask`."""

    async def __call__(
        self, call: Call, told: Told | None = None, *, may_be_empty: bool = False
    ) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a page of a list looks like. `id` is that of the list and of what is asked of it."""

    id: str
    shape: Shape


class RecordReading:
    """The lists of one system, called `name`. `hide` is what no message may repeat."""

    def __init__(
        self,
        name: str,
        lists: tuple[Records, ...] | NotOffered,
        ask: Ask,
        hide: tuple[str, ...],
    ) -> None:
        self._name, self._ask, self._hide = name, ask, hide
        self._declared = () if isinstance(lists, NotOffered) else lists

    @property
    def lists(self) -> tuple[RecordList, ...]:
        return tuple(offered(each) for each in self._declared)

    def records(
        self, entity: str, place: str, since: datetime, until: datetime, wanted: Wanted
    ) -> AsyncIterator[tuple[Record, ...]]:
        """As `checks.records.RecordSource.records`."""
        records, told = self._prepared(entity, place, wanted)
        return self._pages(records, {**told, **_window(records, since, until)}, wanted)

    async def record(self, entity: str, place: str, key: str, wanted: Wanted) -> tuple[Record, ...]:
        """As `checks.records.RecordSource.record`."""
        return await self.several(entity, place, (key,), wanted)

    async def several(
        self, entity: str, place: str, keys: Sequence[str], wanted: Wanted
    ) -> tuple[Record, ...]:
        """As `checks.records.AsksTogether.several`.

        What a search finds beside the keys (a part of one, or without regard to case) is left out.
        """
        records, told = self._prepared(entity, place, wanted)
        way = records.key(wanted.key)
        if isinstance(way.call, NotOffered):
            raise ValueError(f"{self._name} cannot be asked for one {way.field}: {way.call.why}")
        written = list(_writable(way, keys))
        if not written:
            return ()
        if len(written) > 1 and not way.between:
            raise ValueError(f"{self._name} is asked for one {way.field} at a time")
        between = way.between.replace("{field}", way.field)
        told = {**told, "field": way.field, "key": between.join(written)}
        asked = replace(records, call=way.call, read=way.read or records.read)
        found = [each async for page in self._pages(asked, told, wanted) for each in page]
        wanted_keys = {_form(key) for key in keys}
        return tuple(each for each in found if _form(text(each.key)) in wanted_keys)

    async def look(self, entity: str, place: str, since: datetime, until: datetime) -> Looked:
        """What the first page looks like; no value of it is kept.

        Raises Refused, Unavailable, and ValueError for what is not offered.
        """
        records, told = self._prepared(entity, place, AS_DECLARED)
        told = {**told, **_window(records, since, until)}
        answer = await self._ask(records.call, told, may_be_empty=records.empty is not None)
        asked = blake2b(repr(records.call).encode(), digest_size=6).hexdigest()
        shape = await asyncio.to_thread(self._shape, records, answer)
        return Looked(id=f"{entity} in {records.place} {asked}", shape=shape)

    def _shape(self, records: Records, answer: Answer) -> Shape:
        rows = () if answer.status == 404 else self._told(records, answer, records.read).rows
        return shape_of([*rows])

    def _prepared(self, entity: str, place: str, wanted: Wanted) -> tuple[Records, Told]:
        """The list, and what fills its calls on the first page. Raises ValueError."""
        records = self._list_of(entity, place)
        try:
            records.key(wanted.key)
            names = further(records, wanted)
            more = records.select(names) if records.select else ""
        except ValueError as unfit:
            raise ValueError(f"{self._name}: {unfit}") from None
        return records, {**records.start, "more": more, "page": "1"}

    def _list_of(self, entity: str, place: str) -> Records:
        for records in self._declared:
            if records.entity == entity and place in ("", records.place):
                return records
        there = ", ".join(f"{each.entity} in {each.place}" for each in self._declared)
        asked = f"{entity} in {place}" if place else entity
        raise ValueError(f"{self._name} lists no {asked}; what it lists: {there or 'nothing'}")

    async def _pages(
        self, records: Records, told: Told, wanted: Wanted
    ) -> AsyncIterator[tuple[Record, ...]]:
        call, before, longest = records.call, set[int](), 0
        for number in range(2, MOST_PAGES):
            answer = await self._ask(call, told, may_be_empty=records.empty is not None)
            if answer.status in (204, 404) and records.empty and records.empty(answer):
                return
            page = await asyncio.to_thread(self._told, records, answer, records.read)
            rows = await self._whole(records, page.rows)
            found = await asyncio.to_thread(self._found, records, answer, rows, wanted)
            if found:
                yield found
            if page.after is None or (records.grows and len(page.rows) < longest):
                return
            longest = max(longest, len(page.rows))
            place = hash((*page.after.items(), *(each.id for each in found)))
            if place in before:
                raise self._unread(records, answer, "it goes round in circles")
            before.add(place)
            call = continued(records.call, page.after)
            told = {**told, "page": str(number), **page.after}
        raise Unavailable(f"{self._name}'s list of {records.place} does not end")

    async def _whole(self, records: Records, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        """The rows with their details; one that has none any more was deleted meanwhile."""
        detail = records.detail
        if detail is None or not rows:
            return rows
        added: dict[str, Row] = {}
        ids = [text(value_at(row, records.id)) for row in rows]
        for some in range(0, len(ids), detail.most):
            asked = {"ids": ",".join(ids[some : some + detail.most])}
            answer = await self._ask(detail.call, asked)
            added |= await asyncio.to_thread(self._told, records, answer, detail.read)
        return tuple(
            {**row, **added[own_id]}
            for own_id, row in zip(ids, rows, strict=True)
            if own_id in added
        )

    def _found(
        self, records: Records, answer: Answer, rows: tuple[Row, ...], wanted: Wanted
    ) -> tuple[Record, ...]:
        return self._told(
            records, answer, lambda _: tuple(record_of(records, row, wanted) for row in rows)
        )

    def _told(self, records: Records, answer: Answer, read: Callable[[Answer], T]) -> T:
        try:
            return read(exactly(answer))
        except ValueError as unread:
            what = str(unread)
        raise self._unread(records, answer, what)

    def _unread(self, records: Records, answer: Answer, what: str) -> Unavailable:
        told = excerpt(what, self._hide)
        return Unavailable(
            f"{self._name}'s list of {records.place} could not be read: {told}",
            status=answer.status,
        )


def _window(records: Records, since: datetime, until: datetime) -> Told:
    write_until = records.moment_until or records.moment
    return {"since": records.moment(since), "until": write_until(until)}


def _writable(way: Key, keys: Sequence[str]) -> Iterator[str]:
    """A key that cannot stand in the call is none of the system's: there is no such record."""
    for key in keys:
        with suppress(ValueError):
            yield way.write(key)


def _form(key: str) -> str:
    """Keys of one form may be the same; how strictly they are compared is not decided here."""
    return loose(key.strip().casefold())
