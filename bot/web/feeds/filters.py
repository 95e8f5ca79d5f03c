"""Reads `$filter`: comparisons, and, or, not, brackets and three functions on text. Pure.

The rest of the language is refused by name. Values never stand in the SQL, and columns are those
that the table declares. The grammar is that of OData 4.01, part 2, 5.1.1:
https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from bot.export.rows import Where
from bot.export.tables import Column, Holds, Table
from bot.store.columns import write_time
from checks.reconcile.values import read_amount, write_amount

LONGEST, DEEPEST = 2000, 20
SIGNS: Mapping[str, str] = {
    "eq": "IS",
    "ne": "IS NOT",
    "gt": ">",
    "ge": ">=",
    "lt": "<",
    "le": "<=",
}
FUNCTIONS: Mapping[str, str] = {
    "contains": "instr({0}, ?1) > 0",
    "startswith": "substr({0}, 1, length(?1)) = ?1",
    "endswith": "substr({0}, -max(1, length(?1))) = ?1",
}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+\- ]\d\d:\d\d)"
TOKEN = re.compile(
    rf"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<time>{TIME})|(?P<day>\d{{4}}-\d\d-\d\d)"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_]\w*)|(?P<sign>[(),]))"
)
MEANT: Mapping[Holds, str] = {
    Holds.KEY: "nothing",
    Holds.TEXT: "a text in single quotes",
    Holds.WHOLE: "a number",
    Holds.NUMBER: "a number",
    Holds.AMOUNT: "a number",
    Holds.YES_NO: "true or false",
    Holds.TIME: "a time such as 2026-11-21T08:30:00Z",
    Holds.DAY: "a date such as 2026-11-21",
}


class NotAsked(ValueError):
    """What was asked is not understood or not offered; the message is one sentence."""


def read_filter(table: Table, told: str) -> Where:
    """Raises NotAsked."""
    if len(told) > LONGEST:
        raise NotAsked(f"$filter is longer than {LONGEST} characters.")
    reader = _Reader(table, told)
    where = reader.either(0)
    reader.end()
    return where


def column_of(table: Table, name: str, *, asked_by: bool = False) -> Column:
    """Raises NotAsked for one that there is not, or that rows cannot be asked by."""
    column = table.column(name)
    if column is None:
        raise NotAsked(f"{table.name} has no column {name[:60]!r}.")
    if asked_by and column.holds is Holds.KEY:
        raise NotAsked(f"Rows cannot be asked for by {name}, which may be hidden.")
    return column


class _Reader:
    """Goes over the words of a filter once, from left to right."""

    def __init__(self, table: Table, told: str) -> None:
        self._table = table
        self._words = _words(told)
        self._place = 0

    def either(self, depth: int) -> Where:
        where = self._both(depth)
        while self._takes("or"):
            where = _joined(where, "OR", self._both(depth))
        return where

    def end(self) -> None:
        if self._place < len(self._words):
            raise NotAsked(f"$filter goes on with {self._word!r}, which is not understood.")

    def _both(self, depth: int) -> Where:
        where = self._one(depth)
        while self._takes("and"):
            where = _joined(where, "AND", self._one(depth))
        return where

    def _one(self, depth: int) -> Where:
        if depth > DEEPEST:
            raise NotAsked("$filter has too many brackets within each other.")
        if self._takes("not"):
            inner = self._one(depth + 1)
            return Where(sql=f"NOT coalesce({inner.sql}, 0)", values=inner.values)
        if self._takes("("):
            inner = self.either(depth + 1)
            self._expect(")")
            return inner
        return self._function() if self._word in FUNCTIONS else self._comparison()

    def _function(self) -> Where:
        template = FUNCTIONS[self._next()]
        self._expect("(")
        column = self._column()
        self._expect(",")
        value = self._value(column)
        self._expect(")")
        if column.holds is not Holds.TEXT or value is None:
            raise NotAsked(f"{column.name} holds no text.")
        sql = template.format(column.name).replace("?1", "?")
        return Where(sql=sql, values=(value,) * sql.count("?"))

    def _comparison(self) -> Where:
        column = self._column()
        if column.holds is Holds.YES_NO and self._word not in SIGNS:
            return Where(sql=f"{column.name} IS 1")
        sign = self._next()
        if sign not in SIGNS:
            raise NotAsked(f"$filter compares with {sign!r}; expected eq, ne, gt, ge, lt or le.")
        return Where(sql=f"{column.compared} {SIGNS[sign]} ?", values=(self._value(column),))

    def _column(self) -> Column:
        return column_of(self._table, self._next(), asked_by=True)

    def _value(self, column: Column) -> str | float | int | None:
        kind = self._kind
        word = self._next()
        if word == "null":
            return None
        value = _read_value(column.holds, kind, word)
        if value is None:
            raise NotAsked(
                f"{column.name} is compared with {word!r}; expected {MEANT[column.holds]}."
            )
        return value

    def _takes(self, word: str) -> bool:
        if self._word != word or self._kind == "text":
            return False
        self._place += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._takes(word):
            raise NotAsked(f"$filter has {self._word!r} where {word!r} was expected.")

    def _next(self) -> str:
        word = self._word
        if not word:
            raise NotAsked("$filter ends too early.")
        self._place += 1
        return word

    @property
    def _word(self) -> str:
        return self._words[self._place][1] if self._place < len(self._words) else ""

    @property
    def _kind(self) -> str:
        return self._words[self._place][0] if self._place < len(self._words) else ""


def _words(told: str) -> list[tuple[str, str]]:
    """Each with its kind."""
    found, place, end = [], 0, len(told.rstrip())
    while place < end:
        match = TOKEN.match(told, place)
        if match is None:
            raise NotAsked(f"$filter is not understood from {told[place : place + 20]!r} on.")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        place = match.end()
    return found


def _joined(left: Where, how: str, right: Where) -> Where:
    return Where(sql=f"({left.sql}) {how} ({right.sql})", values=left.values + right.values)


def _read_value(holds: Holds, kind: str, word: str) -> str | float | int | None:
    """As it stands in the database; None for what does not go with the column."""
    match holds, kind:
        case Holds.TEXT, "text":
            return word[1:-1].replace("''", "'")
        case Holds.WHOLE | Holds.NUMBER, "number":
            return int(word) if word.lstrip("-").isdigit() and len(word) < 19 else float(word)
        case Holds.AMOUNT, "number":
            found = read_amount(word)
            return None if found is None else write_amount(found)
        case Holds.YES_NO, "word" if word in ("true", "false"):
            return int(word == "true")
        case Holds.DAY, "day":
            return word
        case Holds.TIME, "time":
            return read_moment(word)
        case Holds.TIME, "day":
            return read_moment(f"{word}T00:00:00Z")
        case _:
            return None


def read_moment(told: str) -> str | None:
    """A time with its zone, as the database has times; a plus sign may have come as a blank."""
    try:
        return write_time(datetime.fromisoformat(told.replace(" ", "+")))
    except (ValueError, OverflowError):
        return None
