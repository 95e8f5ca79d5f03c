"""Akeneo's products as its REST API tells them, and what they can be searched by.

https://api.akeneo.com/documentation/filter.html and .../concepts/products.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.sandbox.estate.chance import draws
from bot.sandbox.estate.vendors.answering import LONG_AGO, moment
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.numbering import Numbering

_SECOND = timedelta(seconds=1)  # moments of change are kept to the second
_BAD_DATE = 'Property "updated" expects a date in the format "yyyy-mm-dd H:i:s".'
_FAMILIES = ("tents", "boots", "lamps", "mugs")
_COLOURS = ("moss", "slate", "rust", "sand")
_NAMED: Mapping[str, re.Pattern[str]] = {
    "uuid": re.compile(r"([0-9a-f]{8})-5eab-4a7c-9d11-fe11ba4b0042"),
    "sku": re.compile(r"FH-(\d{7})"),
}
"""What names one product, and where its number stands in it."""
Window = tuple[datetime, datetime]


class BadSearch(ValueError):
    """The search cannot be understood; the text says why."""


def uuid_of(number: int) -> str:
    """A product's uuid; greater numbers have greater ones."""
    return f"{number:08x}-5eab-4a7c-9d11-fe11ba4b0042"


def sku_of(number: int) -> str:
    return f"FH-{number:07}"


class Catalogue:
    """The company's products: one for each change that its books have."""

    def __init__(self, books: Books) -> None:
        self._numbers = Numbering(books, "products")

    def search(self, text: str, now: datetime) -> Sequence[int]:
        """The numbers of the products that a search finds, rising. Raises BadSearch."""
        try:
            told = json.loads(text)
        except ValueError:
            raise BadSearch("Search query parameter should be valid JSON.") from None
        if not isinstance(told, dict) or told.keys() - {"updated", "enabled", "family", *_NAMED}:
            raise BadSearch("Filter on property is not supported or does not support operator.")
        since, until = _window(told.get("updated", ()), now)
        found: Sequence[int] = self._numbers.between(since, min(until, now))
        for name, pattern in _NAMED.items():
            if name in told:
                named = (pattern.fullmatch(each) for each in _wanted(told[name]))
                base = 16 if name == "uuid" else 10
                found = sorted({int(each[1], base) for each in named if each}.intersection(found))
        return found

    def rows(self, numbers: Sequence[int], now: datetime) -> list[dict[str, object]]:
        """The products of these numbers."""
        runs = (range(number, number + 1) for number in numbers)
        return [_row(*each) for run in runs for each in self._numbers.times(run, now)]


def _row(number: int, changed_at: datetime) -> dict[str, object]:
    draw = draws("product", number)
    family, colour = draw.choice(_FAMILIES), draw.choice(_COLOURS)
    weight = {"amount": f"{draw.randint(5, 400) / 100:.4f}", "unit": "KILOGRAM"}
    return {
        "uuid": uuid_of(number),
        "enabled": True,
        "family": family,
        "categories": ["outdoor", family],
        "groups": [],
        "parent": None,
        "values": {
            "sku": _values(sku_of(number), "pim_catalog_identifier"),
            "name": _values(f"{family} {colour} {number}", "pim_catalog_text"),
            "weight": _values(weight, "pim_catalog_metric"),
        },
        "created": _told(changed_at - timedelta(days=draw.randint(20, 400))),
        "updated": _told(changed_at),
        "associations": {},
        "quantified_associations": {},
    }


def _values(data: object, kind: str) -> list[dict[str, object]]:
    return [{"locale": None, "scope": None, "data": data, "attribute_type": kind}]


def _told(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _window(filters: object, now: datetime) -> Window:
    """Between which moments all of these filters let a product change. Raises BadSearch."""
    since, until = LONG_AGO, now
    for each in filters if isinstance(filters, list) else ():
        begins, ends = _compared(each.get("operator"), each.get("value"), now)
        since, until = max(since, begins), min(until, ends)
    return since, until


def _compared(operator: object, value: object, now: datetime) -> Window:
    match operator, value:
        case "SINCE LAST N DAYS", int(days):
            return now - timedelta(days=days), now
        case ">", _:
            return _moment(value) + _SECOND, now
        case "<", _:
            return LONG_AGO, _moment(value)
        case "BETWEEN", [first, last]:
            return _moment(first), _moment(last) + _SECOND
    raise BadSearch(_BAD_DATE)


def _moment(value: object) -> datetime:
    written = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value)
    at = moment(str(value)) if written else None
    if at is None:
        raise BadSearch(_BAD_DATE)
    return at


def _wanted(filters: object) -> list[str]:
    """The names that a filter lists: one with `=`, several with `IN`. Raises BadSearch."""
    match filters:
        case [{"operator": "=", "value": str(name)}]:
            return [name]
        case [{"operator": "IN", "value": [*names]}]:
            return [str(name) for name in names]
    raise BadSearch("Filter on property is not supported or does not support operator.")
