"""SAP Business One's sales orders as the Service Layer tells them, and by what they are filtered.

The user manual "Working with SAP Business One Service Layer" (query options); the names of the
fields, and that a change is told as a day and a time, are recalled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.sandbox.estate.vendors.answering import LONG_AGO
from bot.sandbox.estate.vendors.orders import CURRENCY, Line, Order

FAR_AHEAD = datetime(9000, 1, 1, tzinfo=UTC)
_FIRST_ENTRY, _FIRST_NUMBER = 80_000, 500_000
"""Added to a shop's number they are the order's own DocEntry and DocNum."""
_DAY = timedelta(days=1)
_COMPARISON = re.compile(r"(\w+)\s+(ge|gt|le|lt|eq)\s+(?:datetime)?(?:'([^']*)'|(\w+))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a filter lets through: by whole days (UTC), by the shop's number, after a number."""

    since: datetime = LONG_AGO
    until: datetime = FAR_AHEAD
    number: str | None = None
    after: int = 0


def read_filter(text: str) -> Filter:
    """Comparisons joined by `and`. Raises ValueError for any other."""
    rest = _COMPARISON.sub("", text).replace("(", " ").replace(")", " ").split()
    if set(rest) - {"and"}:
        raise ValueError("the filter is not valid")
    found = Filter()
    for field, operator, quoted, bare in _COMPARISON.findall(text):
        found = _narrowed(found, field, operator, quoted or bare)
    return found


def _narrowed(found: Filter, field: str, operator: str, value: str) -> Filter:
    match field, operator:
        case "UpdateDate" | "CreationDate", "ge" | "gt":
            since = _day(value) + (_DAY if operator == "gt" else timedelta(0))
            return replace(found, since=max(found.since, since))
        case "UpdateDate" | "CreationDate", "le" | "lt":
            until = _day(value) + (_DAY if operator == "le" else timedelta(0))
            return replace(found, until=min(found.until, until))
        case "NumAtCard", "eq":
            return replace(found, number=value)
        case "DocNum", "eq":
            return replace(found, number=str(_whole(value) - _FIRST_NUMBER))
        case "CardType", "eq":
            return found  # every partner here is a customer
        case "DocEntry", "gt":
            return replace(found, after=_whole(value) - _FIRST_ENTRY)
    raise ValueError(f"{field} {operator} is not offered here")


def narrowed(row: dict[str, object], select: str) -> dict[str, object]:
    """Only the selected properties; all without a selection."""
    wanted = {name.strip() for name in select.split(",") if name.strip()}
    return {name: told for name, told in row.items() if name in wanted} if wanted else row


def order_row(order: Order) -> dict[str, object]:
    """A whole order. Its days are told as moments or as days, its times apart."""
    day = f"{order.placed_at:%Y-%m-%d}"
    return {
        "DocEntry": order.number + _FIRST_ENTRY,
        "DocNum": order.number + _FIRST_NUMBER,
        "DocType": "dDocument_Items",
        "NumAtCard": str(order.number),
        "CardCode": f"C{order.number % 900:05}",
        "CardName": order.name,
        "Address": f"{order.address}\r{order.town} {order.postcode}",
        "Comments": order.reference or None,
        "DocTotal": float(order.total),
        "DocTotalFc": 0.0,
        "VatSum": float(order.tax),
        "DocCurrency": CURRENCY,
        "DocumentStatus": "bost_Open",
        "DocDate": day,
        "CreationDate": f"{day}T00:00:00Z",
        "DocTime": f"{order.placed_at:%H:%M:%S}",
        "UpdateDate": day,
        "UpdateTime": f"{order.placed_at:%H:%M:%S}",
        "DocumentLines": [_line(n, line) for n, line in enumerate(order.lines)],
    }


def _line(place: int, line: Line) -> Mapping[str, object]:
    return {
        "LineNum": place,
        "ItemCode": line.sku,
        "ItemDescription": line.title,
        "Quantity": float(line.quantity),
        "PriceAfterVAT": float(line.price),
    }


def _day(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text[:10]).replace(tzinfo=UTC)
    except ValueError:
        raise ValueError("the filter is not valid") from None


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("the filter is not valid")
    return int(text)
