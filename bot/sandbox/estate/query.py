"""What a caller asks of the estate, read from the query string in the platform's syntax.

`filter[key]=a,b`, `include=one,two.nested`, `sort=-field`, `fields[model]=a,b`, `page`, `per_page`:
https://doc.wearepatchworks.com/product-documentation/api-reference/getting-started/using-the-patchworks-core-api/common-functionality
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.estate.estate import Estate

MOST_PER_PAGE = 100
USUAL_PER_PAGE = 15
_BRACKETED = re.compile(r"(filter|fields)\[(.+)\]")


class Rejected(Exception):
    """The answer is an error: a status, a sentence, and for 422 what is wrong with each field."""

    def __init__(
        self, status: int, message: str, errors: Mapping[str, list[str]] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question to an estate.

    `include` holds every relation that was named, and those that it is nested in. `flows_shown`
    are the bare flows that its answer has already shown, by their ids: a page repeats them.
    """

    estate: Estate
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    include: frozenset[str] = frozenset()
    sort: tuple[str, ...] = ()
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    page: int = 1
    per_page: int = USUAL_PER_PAGE
    path: Mapping[str, str] = field(default_factory=dict)
    flows_shown: dict[int, Any] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """One filter as it was written, for filters that take a single value."""
        return ",".join(sorted(self.filters[name])) if name in self.filters else None

    def moment(self, name: str) -> datetime | None:
        """A filter given as Unix milliseconds, as UTC. Raises Rejected for anything else."""
        text = self.value(name)
        if text is None:
            return None
        try:
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            problem = f"The {name} filter must be a Unix time stamp in milliseconds."
            raise Rejected(422, problem, {f"filter.{name}": [problem]}) from None

    def within(self, relation: str) -> Query:
        """The same question as one of its relations hears it."""
        prefix = relation + "."
        nested = (name.removeprefix(prefix) for name in self.include if name.startswith(prefix))
        return replace(self, include=frozenset(nested))

    def bare(self) -> Query:
        """The same question without any relation."""
        return replace(self, include=frozenset())


def parse(estate: Estate, query: Mapping[str, str], path: Mapping[str, str]) -> Query:
    """Read a query string. Raises Rejected (422) for a page that cannot be."""
    groups: dict[str, dict[str, frozenset[str]]] = {"filter": {}, "fields": {}}
    for name, value in query.items():
        if found := _BRACKETED.fullmatch(name):
            groups[found[1]][found[2]] = frozenset(value.split(","))
    return Query(
        estate=estate,
        filters=groups["filter"],
        fields=groups["fields"],
        include=_with_parents(query.get("include", "")),
        sort=tuple(name for name in query.get("sort", "").split(",") if name),
        page=_whole(query, "page", 1),
        per_page=min(_whole(query, "per_page", USUAL_PER_PAGE), MOST_PER_PAGE),
        path=path,
    )


def _with_parents(text: str) -> frozenset[str]:
    names = [name.split(".") for name in text.split(",") if name]
    return frozenset(".".join(name[: depth + 1]) for name in names for depth in range(len(name)))


def _whole(query: Mapping[str, str], name: str, usual: int) -> int:
    text = query.get(name, str(usual))
    if text.isascii() and text.isdigit() and int(text) >= 1:
        return int(text)
    problem = f"The {name} field must be at least 1."
    raise Rejected(422, problem, {name: [problem]})
