"""What a value of the database is to a reader: by what its column holds."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.export.rows import Row
from bot.export.tables import Column, Holds
from bot.store.columns import read_time
from checks.reconcile.showing import FORMULA

Value = str | int | float | bool | Decimal | datetime | date | None


def meant(column: Column, stored: Any) -> Value:
    """As Python has it. None where nothing is known."""
    if stored is None:
        return None
    match column.holds:
        case Holds.TIME:
            return read_time(stored)
        case Holds.DAY:
            return date.fromisoformat(stored)
        case Holds.YES_NO:
            return bool(stored)
        case Holds.NUMBER:
            return float(stored)
        case Holds.WHOLE:
            return int(stored)
        case Holds.AMOUNT:
            return Decimal(stored)
        case _:
            return str(stored)


def said_time(stored: str) -> str:
    """ "2026-11-21T08:30:00.000000Z"."""
    return stored.removesuffix("+00:00") + "Z"


def as_json(columns: Sequence[Column], row: Row) -> str:
    """One JSON object."""
    pairs = (
        f"{json.dumps(column.name)}:{_json(column, stored)}"
        for column, stored in zip(columns, row, strict=True)
    )
    return "{" + ",".join(pairs) + "}"


def as_cells(columns: Sequence[Column], row: Row) -> Iterable[str]:
    """The cells of a line of CSV. Nothing known is an empty cell, as an empty text is; a text that
    a spreadsheet would take for a formula begins with an apostrophe."""
    return (_cell(column, stored) for column, stored in zip(columns, row, strict=True))


def _cell(column: Column, stored: Any) -> str:
    if stored is None:
        return ""
    match column.holds:
        case Holds.TIME:
            return said_time(stored)
        case Holds.YES_NO:
            return "true" if stored else "false"
        case Holds.TEXT | Holds.KEY:
            text = str(stored)
            return f"'{text}" if text.startswith(FORMULA) else text
        case Holds.AMOUNT:
            return str(stored)
        case _:
            return str(meant(column, stored))


def _json(column: Column, stored: Any) -> str:
    if stored is None:
        return "null"
    match column.holds:
        case Holds.TIME:
            return json.dumps(said_time(stored))
        case Holds.YES_NO:
            return "true" if stored else "false"
        case Holds.NUMBER:
            return _number(float(stored))
        case Holds.WHOLE:
            return str(int(stored))
        case Holds.AMOUNT:
            return str(stored)  # a number of JSON has as many digits as it needs
        case _:
            return json.dumps(str(stored), ensure_ascii=False)


def _number(value: float) -> str:
    """JSON has no infinity; readers of OData know it by this text."""
    if math.isfinite(value):
        return repr(value)
    return '"INF"' if value > 0 else '"-INF"'
