"""Reads tables a part at a time, from where one left off, so that no table is held in memory.

A part goes on after the values of the row before it, not after a count of rows: what is added or
forgotten in the meantime makes no row come twice, and none be left out that stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.export.tables import Column, Holds, Table
from bot.store import Database
from bot.store.columns import write_time
from checks.reconcile.showing import Keys, show_key

PART = 1000
MIDNIGHT = "T00:00:00.000000+00:00"
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A condition in SQL over the columns of one view, with its values."""

    sql: str = "1"
    values: tuple[Any, ...] = ()

    def and_(self, other: Where) -> Where:
        return Where(sql=f"({self.sql}) AND ({other.sql})", values=self.values + other.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """A column to sort by; nothing known comes first, or last where it is `falling`."""

    column: str
    falling: bool = False


EVERYTHING = Where()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows of a table and which of its columns, in which order. `after` are the values of the
    last row that was read, by `order`; None: from the start. `skip` counts from there. `keys` is
    how keys of records are shown."""

    table: Table
    columns: tuple[Column, ...]
    where: Where = EVERYTHING
    order: tuple[By, ...] = ()
    after: Row | None = None
    skip: int = 0
    keys: Keys = Keys.MASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some rows by the wanted columns, and where the next ones begin; None: there are none."""

    rows: Sequence[Row]
    next: Wanted | None


def all_of(
    table: Table,
    since: datetime | None = None,
    until: datetime | None = None,
    keys: Keys = Keys.MASKED,
) -> Wanted:
    """Everything, or what lies from `since` (included) to `until` (not included)."""
    return Wanted(
        table=table,
        columns=table.columns,
        where=within(table, since, until),
        order=sorting(table, ()),
        keys=keys,
    )


def sorting(table: Table, told: Sequence[By]) -> tuple[By, ...]:
    """By what was told, then so that every row has one place."""
    named = {by.column for by in told}
    return (*told, *(By(column=each) for each in table.order if each not in named))


def within(table: Table, since: datetime | None, until: datetime | None) -> Where:
    """A table that holds the present only has no bounds. A day is in where a part of it is."""
    where = EVERYTHING
    column = table.column(table.since)
    if column is None:
        return where
    whole_days = column.holds is Holds.DAY
    if since is not None:
        told = write_time(since)
        where = where.and_(
            Where(sql=f"{column.name} >= ?", values=(told[:10] if whole_days else told,))
        )
    if until is not None:
        told = write_time(until)
        if whole_days:
            sign, told = "<" if told[10:] == MIDNIGHT else "<=", told[:10]
        else:
            sign = "<"
        where = where.and_(Where(sql=f"{column.name} {sign} ?", values=(told,)))
    return where


def read_part(db: Database, wanted: Wanted, at_most: int = PART) -> Part:
    """The next rows, at most so many."""
    if at_most < 1:
        return Part(rows=(), next=None)
    shown = [each.name for each in wanted.columns]
    hidden = [by.column for by in wanted.order if by.column not in shown]
    where = wanted.where.and_(_after(wanted)) if wanted.after is not None else wanted.where
    sql = (
        f"SELECT {', '.join([*shown, *hidden])} FROM {wanted.table.view}"  # noqa: S608 (declared names)
        f" WHERE {where.sql} ORDER BY {_sorted(wanted)} LIMIT ? OFFSET ?"
    )
    found = db.execute(sql, [*where.values, at_most + 1, wanted.skip]).fetchall()
    rows = found[:at_most]
    shown_rows = [_as_shown(wanted, row) for row in rows]
    if len(found) <= at_most:
        return Part(rows=shown_rows, next=None)
    last = dict(zip([*shown, *hidden], rows[-1], strict=True))
    rest = replace(wanted, after=tuple(last[by.column] for by in wanted.order), skip=0)
    return Part(rows=shown_rows, next=rest)


def count(db: Database, wanted: Wanted) -> int:
    """How many rows there are, whatever was read of them already."""
    sql = f"SELECT count(*) FROM {wanted.table.view} WHERE {wanted.where.sql}"  # noqa: S608 (declared names)
    return int(db.execute(sql, list(wanted.where.values)).fetchone()[0])


def parts(db: Database, wanted: Wanted) -> Iterator[Sequence[Row]]:
    """One part after the other."""
    left: Wanted | None = wanted
    while left is not None:
        part = read_part(db, left)
        yield part.rows
        left = part.next


def _as_shown(wanted: Wanted, row: Row) -> Row:
    """Without what was read for the order alone, and with keys as they may be shown: the stored
    ones are as they might be shown when they were found, and the setting may be stricter now."""
    shown = row[: len(wanted.columns)]
    places = [n for n, column in enumerate(wanted.columns) if column.holds is Holds.KEY]
    if not places or wanted.keys is Keys.FULL:
        return shown
    told = list(shown)
    for place in places:
        told[place] = show_key(told[place] or "", wanted.keys)
    return tuple(told)


def _sorted(wanted: Wanted) -> str:
    said = (_compared(wanted.table, by) + (" DESC" if by.falling else "") for by in wanted.order)
    return ", ".join(said)


def _compared(table: Table, by: By) -> str:
    column = table.column(by.column)
    return column.compared if column is not None else by.column


def _after(wanted: Wanted) -> Where:
    """What comes behind a row. Where all rise and none may lack its value, the database can find
    the place in an index; else it is put together column by column."""
    after = wanted.after or ()
    names = [by.column for by in wanted.order]
    if not any(by.falling or _may_lack(wanted.table, by) for by in wanted.order):
        marks = ", ".join("?" * len(names))
        return Where(sql=f"({', '.join(names)}) > ({marks})", values=after)
    ways = []
    for place, by in enumerate(wanted.order):
        behind = _behind(by, _compared(wanted.table, by), after[place])
        for name, value in zip(names[:place], after[:place], strict=True):
            behind = Where(sql=f"{name} IS ?", values=(value,)).and_(behind)
        ways.append(behind)
    return Where(
        sql=" OR ".join(f"({way.sql})" for way in ways),
        values=tuple(value for way in ways for value in way.values),
    )


def _may_lack(table: Table, by: By) -> bool:
    column = table.column(by.column)
    return column is None or (column.may_lack and by.column not in table.order)


def _behind(by: By, column: str, value: Any) -> Where:
    """Behind this value of one column: what is not known sorts before everything."""
    if value is None:
        return Where(sql="0" if by.falling else f"{by.column} IS NOT NULL")
    if by.falling:
        return Where(sql=f"({column} < ? OR {by.column} IS NULL)", values=(value,))
    return Where(sql=f"{column} > ?", values=(value,))
