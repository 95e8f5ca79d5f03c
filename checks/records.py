"""Whatever can be asked for its records one by one: which lists it has, and how to read them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Protocol, runtime_checkable

from checks.reconcile.model import Kind, Record


class By(StrEnum):
    """The moment by which a list is asked for a window, which is also a record's `at`."""

    CREATED = "created"
    CHANGED = "changed"  # a record that changes again leaves its window for a later one


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordField:
    """A field that a list tells of each record. `personal`: compared, and never shown."""

    name: str
    kind: Kind = Kind.TEXT
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordList:
    """A list that a system offers.

    `place` names it there; asked for the place "" a system reads the first list of the entity.
    `keys` are the fields that may identify a record, the usual one first; another may, too, where
    it is chosen. `by_key`: whether it can be asked for one value of the usual key; `asked_by` are
    all keys by which it can, and with `asked_by_any` any further field; `together` are those (""
    for any further field) of which it takes several values in one call. `any_field`: whether other
    fields can be had by their dotted path in the system's own answer, such as
    shippingAddress.address1.
    """

    entity: str
    place: str
    by: By
    keys: tuple[str, ...]
    fields: tuple[RecordField, ...]
    by_key: bool
    asked_by: tuple[str, ...] = ()
    asked_by_any: bool = False
    together: tuple[str, ...] = ()
    any_field: bool = True

    def can_be_asked(self, key: str = "") -> bool:
        """Whether there is a way to look for one value of a key; "" for the usual one."""
        if key in ("", *self.keys):
            return (key or self.keys[0]) in self.asked_by
        return self.asked_by_any

    def can_be_asked_together(self, key: str = "") -> bool:
        """Whether it can be asked for several values of a key in one call."""
        known = key in ("", *self.keys)
        return ((key or self.keys[0]) if known else "") in self.together


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of each record beside what its list declares.

    `key` is the field that identifies it ("": the list's first key), `fields` are further ones by
    dotted path. `zone` is that of times without an offset; None: as the system is known to tell
    them.
    """

    key: str = ""
    fields: tuple[str, ...] = ()
    zone: tzinfo | None = None


AS_DECLARED = Wanted()


class RecordSource(Protocol):
    """A system whose records can be read: a `checks.system.System`, or Patchworks' tracked data."""

    @property
    def name(self) -> str: ...

    @property
    def lists(self) -> tuple[RecordList, ...]: ...

    def records(
        self,
        entity: str,
        place: str,
        since: datetime,
        until: datetime,
        wanted: Wanted = AS_DECLARED,
    ) -> AsyncIterator[tuple[Record, ...]]:
        """The records from `since` until before `until` (UTC), page by page.

        The same record may come twice, and records just outside the window may come too. Reading
        that could not be finished raises Unavailable or Refused: a list is never cut silently.
        Raises ValueError for a list, key or field that is not offered.
        """
        ...

    async def record(
        self, entity: str, place: str, key: str, wanted: Wanted = AS_DECLARED
    ) -> tuple[Record, ...]:
        """All records with this key, as the system writes it; () when there is none.

        Raises Refused, Unavailable, and ValueError for what is not offered.
        """
        ...


@runtime_checkable
class AsksTogether(Protocol):
    """A source that can be asked for several keys in one call, where its list says so."""

    async def several(
        self, entity: str, place: str, keys: Sequence[str], wanted: Wanted = AS_DECLARED
    ) -> tuple[Record, ...]:
        """All records with any of these keys, as the system writes them. Raises as `record`."""
        ...
