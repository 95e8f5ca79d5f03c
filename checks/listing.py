"""The shape in which a connector declares a list of records.

What pages do while data changes: a list is asked in an order that changes do not disturb (by id or
by the moment of creation), and it goes on after the last record seen, not at a number, wherever the
vendor can. A record seen twice does no harm; whether one that was never seen is missing is settled
by asking for its key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo

from checks.declare import Answer, Call, NotOffered, Source
from checks.reconcile.model import Kind, Record, Value
from checks.records import By

Row = Mapping[str, object]
Path = str | Callable[[Row], Value]
"""Where a value stands in a row: "a.b.0.c", or what works it out; "" or what gives None: nowhere.
"""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")
NO_SEARCH = NotOffered("the system cannot be searched by this field")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """One page, as the system told it.

    `after` continues it; None: this was the last. Where pages are asked for by number, it is empty:
    {page} of the call counts from 1.
    """

    rows: tuple[Row, ...]
    after: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A field of every row. `path` "": its name."""

    name: str
    path: Path = ""
    kind: Kind = Kind.TEXT
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A field that may identify a record, and the call for all records with one value of it.

    The call may hold {key} and, for a field of the settings' choice, {field}. `write` makes the
    value safe where {key} stands; it raises ValueError for what can be no key there. `read` reads
    the answer; None: as the list's page. `between` stands between values where {key} may stand for
    several at once ("": one at a time).
    """

    field: str
    call: Call | NotOffered
    write: Callable[[str], str] = str
    read: Callable[[Answer], RecordPage] | None = None
    between: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What a list does not tell of its rows: asked for {ids}, at most `most` at a time.

    `read` gives what is to be added to each row, by its id.
    """

    call: Call
    most: int
    read: Callable[[Answer], Mapping[str, Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A recorded page, and what reading it must give; `key`: it answers a call by that key.

    `detail` is the recorded answer with the details of its rows.
    """

    body: str
    records: tuple[Record, ...] = ()
    after: Mapping[str, str] | None = None
    key: str = ""
    detail: str = ""
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """A list of records that a system offers.

    `call` may hold {since} and {until}, which `moment` writes (UTC) as the system wants them (with
    `moment_until` for the end, where that is written otherwise), {page}, what `start` fills on the
    first page, and {more}, which `select` makes of the further fields that are wanted; None: rows
    are told whole. `keys` begins with the usual one; `other` is the call by any further field.
    `id`, `at` and `changed_at` are paths, `zone` is that of times without an offset.
    `empty` tells a 204 or 404 by which the system says that there are none; `detail` adds to rows.
    `moves_to` are the lists to which its records go; `known` are some documented fields besides, by
    which a misspelt one is noticed. `grows`: nothing but an empty page tells its end, and records
    are added behind the last one while it is read, so that there may never be one; then a page with
    fewer rows than one before it is the end as well.
    """

    entity: str
    place: str
    by: By
    call: Call
    moment: Callable[[datetime], str]
    read: Callable[[Answer], RecordPage]
    keys: tuple[Key, ...]
    fields: tuple[Listed, ...]
    id: str
    at: Path
    changed_at: Path
    source: Source
    samples: tuple[Recorded, ...]
    moment_until: Callable[[datetime], str] | None = None
    other: Key | None = None
    start: Mapping[str, str] = field(default_factory=dict)
    select: Callable[[tuple[str, ...]], str] | None = None
    any_field: bool = True
    zone: tzinfo = UTC
    empty: Callable[[Answer], bool] | None = None
    detail: Detail | None = None
    note: str = ""
    moves_to: tuple[str, ...] = ()
    grows: bool = False
    known: tuple[str, ...] = ()

    def key(self, name: str = "") -> Key:
        """The key of a name, "" for the usual one. Raises ValueError for what can be none."""
        for key in self.keys:
            if name in ("", key.field):
                return key
        if self.any_field or name in {each.name for each in self.fields}:
            return replace(self.other or Key(field="", call=NO_SEARCH), field=name)
        known = ", ".join(key.field for key in self.keys)
        raise ValueError(f"{name!r} is no key of its {self.place}; there are: {known}")


def fields(**paths: Path | tuple[Path, Kind]) -> tuple[Listed, ...]:
    """Fields by name: its path, or its path and kind."""
    found = []
    for name, told in paths.items():
        path, kind = told if isinstance(told, tuple) else (told, Kind.TEXT)
        found.append(Listed(name, path, kind))
    return tuple(found)


def money(path: Path) -> tuple[Path, Kind]:
    return path, Kind.MONEY


def integer(path: Path) -> tuple[Path, Kind]:
    return path, Kind.INTEGER


def instant(path: Path) -> tuple[Path, Kind]:
    return path, Kind.INSTANT
