"""What a reader asks of a feed: its query options, read into which rows are wanted. Pure."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.export.rows import EVERYTHING, PART, By, Row, Wanted, sorting
from bot.export.tables import Column, Table
from bot.web.feeds.filters import NotAsked, column_of, read_filter
from checks.reconcile.showing import Keys

OFFERED = {"$top", "$skip", "$filter", "$select", "$orderby", "$count", "$format", "$skiptoken"}
MOST_ROWS = 5000
LARGEST = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`top` is how many rows at most in all (None: every one), `size` how many in one answer."""

    wanted: Wanted
    top: int | None = None
    size: int = PART
    counted: bool = False

    @property
    def at_most(self) -> int:
        return self.size if self.top is None else min(self.size, self.top)


def read_asked(
    table: Table, query: Mapping[str, str], prefer: str = "", keys: Keys = Keys.MASKED
) -> Asked:
    """By the options of the address and the header `Prefer`. Raises NotAsked."""
    if unknown := sorted(each for each in query if each.startswith("$") and each not in OFFERED):
        raise NotAsked(f"{unknown[0]} is not offered; {', '.join(sorted(OFFERED))} are.")
    if query.get("$format", "json") not in ("json", "application/json"):
        raise NotAsked("$format must be json; for CSV ask for NAME.csv.")
    order = sorting(table, _order(table, query.get("$orderby", "")))
    wanted = Wanted(
        table=table,
        columns=_columns(table, query.get("$select", "")),
        where=read_filter(table, query["$filter"]) if query.get("$filter") else EVERYTHING,
        order=order,
        keys=keys,
        skip=_number(query, "$skip") or 0,
    )
    if "$skiptoken" in query:
        wanted = replace(wanted, after=_read_token(query["$skiptoken"], len(order)), skip=0)
    return Asked(
        wanted=wanted,
        top=_number(query, "$top"),
        size=_size(prefer),
        counted=_truth(query, "$count"),
    )


def rest_of(
    asked: Asked, after: Row | None, given: int, query: Mapping[str, str]
) -> dict[str, str]:
    """The options that ask for the rows after those that were given; {} when there are none."""
    if after is None or (asked.top is not None and asked.top <= given):
        return {}
    kept = {
        key: value for key, value in query.items() if key not in ("$skip", "$top", "$skiptoken")
    }
    if asked.top is not None:
        kept["$top"] = str(asked.top - given)
    return kept | {"$skiptoken": _write_token(after)}


def _columns(table: Table, told: str) -> tuple[Column, ...]:
    names = [each.strip() for each in told.split(",") if each.strip()]
    if not names or "*" in names:
        return table.columns
    for name in names:
        column_of(table, name)
    return tuple(each for each in table.columns if each.name in names)


def _order(table: Table, told: str) -> tuple[By, ...]:
    found: list[By] = []
    for each in filter(None, (part.strip() for part in told.split(","))):
        name, _, way = each.partition(" ")
        if way.strip() not in ("", "asc", "desc"):
            raise NotAsked(f"$orderby {each!r}: expected a column, then asc or desc.")
        column_of(table, name, asked_by=True)
        if all(by.column != name for by in found):
            found.append(By(column=name, falling=way.strip() == "desc"))
    return tuple(found)


def _number(query: Mapping[str, str], option: str) -> int | None:
    told = query.get(option)
    if told is None:
        return None
    if not (told.isascii() and told.isdigit() and int(told[:17]) < LARGEST):
        raise NotAsked(f"{option} is {told[:20]!r}; expected a whole number from 0 on.")
    return int(told)


def _truth(query: Mapping[str, str], option: str) -> bool:
    told = query.get(option, "false")
    if told not in ("true", "false"):
        raise NotAsked(f"{option} is {told[:20]!r}; expected true or false.")
    return told == "true"


def _size(prefer: str) -> int:
    """A reader may prefer smaller or larger answers, within reason."""
    found = re.search(r"maxpagesize\s*=\s*\"?(\d{1,9})", prefer)
    return max(1, min(MOST_ROWS, int(found[1]))) if found else PART


def _write_token(after: Row) -> str:
    told = json.dumps(after, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _read_token(told: str, length: int) -> Row:
    try:
        padded = told + "=" * (-len(told) % 4)
        after = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        after = None
    if not isinstance(after, list) or len(after) != length or not all(map(_is_value, after)):
        raise NotAsked("$skiptoken is not one of ours; begin again without it.")
    return tuple(after)


def _is_value(value: object) -> bool:
    return value is None or (
        isinstance(value, str | int | float) and (isinstance(value, str) or abs(value) < 2**63)
    )
