"""One resource of the API: what may be asked of it, and its answers in the platform's envelope."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

from aiohttp import web

from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.query import Query, Rejected, parse
from bot.sandbox.estate.site import FIRST_PAGE_AGAIN, SITE

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """A resource, declared: its JSON:API type, how to find its things, how to show one.

    What a caller asks beyond `filters`, `includes` and `sorts` is answered with a 400, as the
    query builder of the platform's framework does unless told otherwise.
    """

    kind: str
    select: Callable[[Query], Sequence[T]]
    show: Callable[[T, Query], Row]
    key: Callable[[T], int] = attrgetter("id")
    filters: frozenset[str] = frozenset()
    includes: frozenset[str] = frozenset()
    sorts: frozenset[str] = frozenset()

    async def many(self, request: web.Request) -> web.Response:
        """GET of the list: one page of it."""
        options, query = request.app[SITE].options, self._ask(request)
        found = self.select(query)
        page = 1 if request.get(FIRST_PAGE_AGAIN) else query.page
        rows = found[(page - 1) * query.per_page : page * query.per_page]
        data = [self._shape(self.show(row, query), options) for row in rows]
        return web.json_response({"data": data, **_pages(request, query, len(data), len(found))})

    async def one(self, request: web.Request) -> web.Response:
        """GET of one thing by the last part of the path. Raises Rejected (404)."""
        options, query = request.app[SITE].options, self._ask(request)
        wanted = int(query.path["id"])
        for found in self.select(query):
            if self.key(found) == wanted:
                row = self._shape(self.show(found, query), options)
                return web.json_response({"data": row})
        raise Rejected(404, f"No query results for {self.kind} {wanted}.")

    def _ask(self, request: web.Request) -> Query:
        query = parse(request.app[SITE].live(), request.query, request.match_info)
        _refuse_unknown("filter", query.filters.keys() - self.filters, self.filters)
        _refuse_unknown("include", query.include - self.includes, self.includes)
        sorts = {name.removeprefix("-") for name in query.sort}
        _refuse_unknown("sort", sorts - self.sorts, self.sorts)
        return query

    def _shape(self, row: Row, options: EstateOptions) -> Row:
        if options.object_shape == "flat":
            return row
        attributes = {key: value for key, value in row.items() if key != "id"}
        shaped: Row = {"id": str(row["id"]), "type": self.kind, "attributes": attributes}
        if "flow_id" in row:
            flow = {"data": {"type": "flows", "id": str(row["flow_id"])}}
            shaped["relationships"] = {"flow": flow}
        return shaped


def names(text: str) -> frozenset[str]:
    """The names of a relation list, with every relation that another one is nested in."""
    parts = [name.split(".") for name in text.split()]
    return frozenset(".".join(part[: n + 1]) for part in parts for n in range(len(part)))


@lru_cache(maxsize=65_536)  # a run is listed again and again
def stamp(moment: datetime | None) -> str | None:
    """A moment as the platform's framework writes it: UTC, microseconds, `Z`."""
    if moment is None:
        return None
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _refuse_unknown(what: str, unknown: set[str] | frozenset[str], allowed: frozenset[str]) -> None:
    if unknown:
        asked, known = ", ".join(sorted(unknown)), ", ".join(sorted(allowed)) or "none"
        raise Rejected(400, f"Requested {what}(s) `{asked}` are not allowed. Allowed: `{known}`.")


def _pages(request: web.Request, query: Query, shown: int, total: int) -> Mapping[str, Row]:
    last = max(1, -(-total // query.per_page))
    first_shown = (query.page - 1) * query.per_page + 1 if shown else None
    link = request.url.update_query

    def to(page: int) -> str | None:
        return str(link(page=str(page))) if 1 <= page <= last else None

    return {
        "meta": {
            "current_page": query.page,
            "from": first_shown,
            "last_page": last,
            "path": str(request.url.with_query(None)),
            "per_page": query.per_page,
            "to": None if first_shown is None else first_shown + shown - 1,
            "total": total,
        },
        "links": {
            "first": to(1),
            "last": to(last),
            "prev": to(query.page - 1),
            "next": to(query.page + 1),
        },
    }
