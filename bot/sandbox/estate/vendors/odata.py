"""Just enough of OData to list rows: which, in what order, how many, where to go on.

https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from urllib.parse import quote

from bot.sandbox.estate.vendors.answering import moment

Row = Mapping[str, object]
_OPERATORS: Mapping[str, Callable[[Any, Any], object]] = {
    "eq": eq,
    "ne": ne,
    "ge": ge,
    "gt": gt,
    "le": le,
    "lt": lt,
}
_COMPARISON = re.compile(r"(\w+) (eq|ne|ge|gt|le|lt) ('(?:[^']|'')*'|[^\s()']+)")
_WITHIN_LISTS = re.compile(r",(?![^(]*\))")


class BadQuery(ValueError):
    """The service cannot make anything of it; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`field operator value`; a text without its quotes, anything else as it was written."""

    field: str
    operator: str
    value: str

    def holds(self, row: Row) -> bool:
        """Raises BadQuery for a field that the rows do not have."""
        if self.field not in row:
            raise BadQuery(f"Could not find a property named '{self.field}'.")
        return bool(_OPERATORS[self.operator](*_alike(row[self.field], self.value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A filter: comparisons of which all must hold, or, where it says `or`, one must."""

    comparisons: tuple[Comparison, ...] = ()
    any_will_do: bool = False

    def holds(self, row: Row) -> bool:
        found = [one.holds(row) for one in self.comparisons]
        return any(found) if self.any_will_do else all(found)


def condition(text: str) -> Condition:
    """Read `$filter`: comparisons joined by `and` or by `or`. Raises BadQuery for the rest."""
    found = [Comparison(field=f, operator=o, value=_unquoted(v)) for f, o, v in _read(text)]
    rest = re.sub(r"[()\s]", " ", _COMPARISON.sub("", text)).split()
    if set(rest) - {"and"} and set(rest) - {"or"}:
        raise BadQuery("The filter is not understood.")
    if len(rest) != max(0, len(found) - 1):
        raise BadQuery("The filter is not understood.")
    return Condition(comparisons=tuple(found), any_will_do="or" in rest)


def listed(rows: Sequence[Row], query: Mapping[str, str], url: str, page: int) -> dict[str, object]:
    """A page of the rows, with a link to the next one where there are more. Raises BadQuery.

    `url` is that of the list. A link tells where the page ended by what the rows are sorted by, so
    that a row which leaves the list meanwhile makes nobody miss another.
    """
    order = _order(query.get("$orderby", ""))
    ordered = sorted(rows, key=lambda row: _place(row, order))
    if after := query.get("$skiptoken"):
        ordered = [row for row in ordered if _place(row, order) > _unpacked(after)]
    ordered = ordered[_number(query, "$skip", 0) :]
    top = _number(query, "$top", len(ordered))
    shown = ordered[: min(top, page)]
    answer: dict[str, object] = {"value": [_narrowed(row, query) for row in shown]}
    if len(shown) < min(top, len(ordered)):
        kept = {name: told for name, told in query.items() if name not in ("$skip", "$skiptoken")}
        kept |= {"$top": str(top - len(shown))} if "$top" in query else {}
        kept |= {"$skiptoken": _packed(_place(shown[-1], order))}
        pairs = "&".join(f"{name}={quote(told)}" for name, told in kept.items())
        answer["@odata.nextLink"] = f"{url}?{pairs}"
    return answer


def expanded(query: Mapping[str, str]) -> frozenset[str]:
    """The relations of `$expand`, without what is asked of each."""
    told = _WITHIN_LISTS.split(query.get("$expand", ""))
    return frozenset(each.partition("(")[0].strip() for each in told if each.strip())


def _read(text: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = _COMPARISON.findall(text)
    return found


def _unquoted(value: str) -> str:
    return value[1:-1].replace("''", "'") if value.startswith("'") else value


def _alike(have: object, value: str) -> tuple[object, object]:
    """Both as moments, as numbers or as texts. Raises BadQuery where that cannot be."""
    if isinstance(have, bool):
        return have, value == "true"
    if isinstance(have, int | float):
        try:
            return have, float(value)
        except ValueError:
            raise BadQuery(f"Unrecognised literal '{value}'.") from None
    text = str(have)
    if re.match(r"\d{4}-\d\d-\d\dT", text):
        at = moment(value)
        if at is None:
            raise BadQuery(f"Unrecognised literal '{value}'.")
        return moment(text), at
    return text, value


def _order(text: str) -> tuple[str, ...]:
    """The fields to sort by, rising; the id last, so that no two rows stand at one place."""
    told = [each.split() for each in text.split(",") if each.strip()]
    if any(len(each) > 1 and each[1] != "asc" for each in told):
        raise BadQuery("Only rising orders are offered here.")
    return (*(each[0] for each in told), "id")


def _place(row: Row, order: Sequence[str]) -> list[object]:
    try:
        return [row[name] for name in order]
    except KeyError as missing:
        raise BadQuery(f"Could not find a property named {missing}.") from None


def _narrowed(row: Row, query: Mapping[str, str]) -> Row:
    wanted = {name.strip() for name in query.get("$select", "").split(",") if name.strip()}
    if unknown := wanted - row.keys():
        raise BadQuery(f"Could not find a property named '{min(unknown)}'.")
    kept = wanted | expanded(query) | {"@odata.etag"}
    return {name: told for name, told in row.items() if name in kept} if wanted else row


def _number(query: Mapping[str, str], name: str, usual: int) -> int:
    told = query.get(name, str(usual))
    if not (told.isascii() and told.isdigit()):
        raise BadQuery(f"{name} must be a number that is not negative.")
    return int(told)


def _packed(place: Sequence[object]) -> str:
    return urlsafe_b64encode(json.dumps(place).encode()).decode()


def _unpacked(token: str) -> list[object]:
    try:
        found: list[object] = json.loads(urlsafe_b64decode(token))
    except ValueError:
        raise BadQuery("The skip token is not valid.") from None
    return found
