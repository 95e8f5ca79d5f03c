"""NetSuite's sales orders as SuiteQL finds them: its dialect, put so that SQLite can answer it.

https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_156257770590.html. Values come
as texts, a column without one is left out, a date is written as the account writes dates unless
`TO_CHAR` says how. The columns are those that order lists are made of, not all.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime

from bot.sandbox.estate.vendors.copies import Copy
from bot.sandbox.estate.vendors.orders import CURRENCY

_SCHEMA = """
CREATE TABLE "transaction" (id, tranid, type, otherrefnum, externalid, trandate, createddate,
    lastmodifieddate, foreigntotal, total, currency, entity, status, email, shipaddress);
CREATE TABLE transactionline ("transaction", id, mainline, taxline, item, quantity, foreignamount);
CREATE TABLE currency (id, name, symbol);
INSERT INTO currency VALUES (1, 'British pound', 'GBP');
"""
_FORMS = (
    ("YYYY", "%Y"), ("MM", "%m"), ("DD", "%d"), ("HH24", "%H"), ("MI", "%M"), ("SS", "%S"),
    ("TZH:TZM", "+00:00"), ("FF3", "000"), ("FF", "0"),
)  # fmt: skip
_STORED = "%Y-%m-%dT%H:%M:%S"
_DATES = ("trandate", "createddate", "lastmodifieddate")
_LIMITED = re.compile(r"\bFETCH\s+(?:FIRST|NEXT)\s+(\d+)\s+ROWS\s+ONLY", re.IGNORECASE)


class BadSuiteQL(ValueError):
    """It cannot be answered; the text says why."""


def answer(query: str, copies: Iterable[Copy]) -> list[dict[str, str]]:
    """The rows that a query finds among these orders. Raises BadSuiteQL."""
    with closing(sqlite3.connect(":memory:")) as db:
        _fill(db, copies)
        try:
            found = db.execute(_as_sqlite(query))
        except sqlite3.Error as error:
            raise BadSuiteQL(f"Search error occurred: {error}") from None
        names = [column[0].lower() for column in found.description or ()]
        return [_told(dict(zip(names, row, strict=True))) for row in found]


def _told(row: dict[str, object]) -> dict[str, str]:
    """As texts; a date is of the account's form."""
    told = {name: _text(value) for name, value in row.items() if value is not None}
    for name in told.keys() & set(_DATES):
        try:
            told[name] = datetime.strptime(told[name], _STORED).strftime("%d/%m/%Y")  # noqa: DTZ007 (the account keeps UTC)
        except ValueError:
            continue
    return told


def _text(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _as_sqlite(query: str) -> str:
    plain = query.strip().rstrip(";")
    plain = re.sub(r"\bBUILTIN\.DF\b", "BUILTIN_DF", plain, flags=re.IGNORECASE)
    plain = re.sub(r"(?<![\w\"])transaction(?![\w\"])", '"transaction"', plain, flags=re.IGNORECASE)
    return _LIMITED.sub(r"LIMIT \1", plain)


def _fill(db: sqlite3.Connection, copies: Iterable[Copy]) -> None:
    db.executescript(_SCHEMA)
    for name in ("to_timestamp_tz", "to_timestamp", "to_date"):  # said once, not of every row:
        db.create_function(name, -1, lambda text, *_: _moment(str(text)), deterministic=True)
    db.create_function("to_char", -1, _to_char)
    db.create_function("sys_extract_utc", 1, lambda at: at)
    db.create_function("nvl", 2, lambda value, other: other if value is None else value)
    db.create_function("builtin_df", 1, lambda value: {1: CURRENCY}.get(value, value))
    for copy in copies:
        lines = list(_lines(copy))
        db.execute(f'INSERT INTO "transaction" VALUES ({", ".join("?" * 15)})', _order(copy))  # noqa: S608 (marks only)
        db.executemany("INSERT INTO transactionline VALUES (?, ?, ?, ?, ?, ?, ?)", lines)


def _order(copy: Copy) -> tuple[object, ...]:
    order, changed = copy.order, copy.changed_at.strftime(_STORED)
    total = float(order.total)
    return (
        order.number + 7_000_000, f"SO{order.number}", "SalesOrd", str(order.number), None, changed,
        changed, changed, total, total, 1, 42, "SalesOrd:B", order.email, order.address,
    )  # fmt: skip


def _lines(copy: Copy) -> Iterator[tuple[object, ...]]:
    number, order = copy.order.number + 7_000_000, copy.order
    yield number, 0, "T", "F", None, None, -float(order.total)
    for place, line in enumerate(order.lines, start=1):
        yield number, place, "F", "F", line.sku, -line.quantity, float(line.amount)


def _moment(text: str) -> str | None:
    text = re.sub(r" ?([+-]\d\d:?\d\d)$", r"\1", text.replace("UTC", "+00:00"))
    for form in ("%m/%d/%Y", "%m/%d/%Y %H:%M:%S"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).strftime(_STORED)
        except ValueError:
            continue
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC).strftime(_STORED)


def _to_char(value: object, form: str = "") -> str | None:
    if value is None or not form:
        return None if value is None else _text(value)
    try:
        at = datetime.strptime(str(value), _STORED).replace(tzinfo=UTC)
    except ValueError:
        return _text(value)
    for theirs, ours in _FORMS:
        form = form.replace(theirs, ours)
    return at.strftime(form.replace('"', ""))
