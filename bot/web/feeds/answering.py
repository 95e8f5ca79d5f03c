"""Answers the readers of feeds: /feeds/, /feeds/$metadata, /feeds/NAME and /feeds/NAME.csv."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.export.rows import Wanted, all_of, count, read_part
from bot.export.tables import TABLES, Table
from bot.export.values import as_json
from bot.export.writing import csv_head, csv_part
from bot.store import Database
from bot.web.feeds.asking import Asked, read_asked, rest_of
from bot.web.feeds.documents import metadata, service
from bot.web.feeds.filters import NotAsked
from bot.web.looking import Looking
from checks.reconcile.showing import Keys

VERSION = {"OData-Version": "4.0"}
JSON = "application/json;odata.metadata=minimal;charset=utf-8"


class Feeds:
    """`public` is the address that readers reach the door by ("": the one that they asked), `keys`
    how keys of orders and customers are shown."""

    def __init__(self, looking: Looking, public: str = "", keys: Keys = Keys.MASKED) -> None:
        self._looking, self._public, self._keys = looking, public.rstrip("/"), keys

    async def service(self, request: web.Request) -> web.StreamResponse:
        said = service(self._root(request), TABLES.values())
        return _answer(said, JSON)

    async def metadata(self, _: web.Request) -> web.StreamResponse:
        return _answer(metadata(TABLES.values()), "application/xml;charset=utf-8")

    async def rows(self, request: web.Request) -> web.StreamResponse:
        """One entity set, or its first part with a link to the next."""
        table = TABLES.get(request.match_info["name"])
        if table is None:
            return _refused(404, f"There is no {request.match_info['name']!r}; /feeds/ names all.")
        prefer = request.headers.get("Prefer", "")
        try:
            asked = read_asked(table, request.query, prefer, self._keys)
        except NotAsked as error:
            return _refused(400, str(error))
        root = self._root(request)
        query = dict(request.query)
        said = await self._looking.look(partial(_page, asked=asked, root=root, query=query))
        answer = _answer(said, JSON)
        if "maxpagesize" in prefer:
            answer.headers["Preference-Applied"] = f"odata.maxpagesize={asked.size}"
        return answer

    async def table(self, request: web.Request) -> web.StreamResponse:
        """One table as CSV, told as it is read; `since` and `until` as in an export."""
        table = TABLES.get(request.match_info["name"])
        if table is None:
            return _refused(404, f"There is no {request.match_info['name']!r}; /feeds/ names all.")
        try:
            asked = _within(table, request.query, self._keys)
        except NotAsked as error:
            return _refused(400, str(error))
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/csv; charset=utf-8",
                "Content-Disposition": f'attachment; filename="{table.name}.csv"',
            }
        )
        # Before anything is sent, so that a database that cannot be read is told as such.
        said, rest = await self._looking.look(partial(_lines, wanted=asked))
        await response.prepare(request)
        await response.write(csv_head(table.columns) + said)
        while rest is not None:
            said, rest = await self._looking.look(partial(_lines, wanted=rest))
            await response.write(said)
        await response.write_eof()
        return response

    def _root(self, request: web.Request) -> str:
        return f"{self._public or f'{request.scheme}://{request.host}'}/feeds/"


def _page(db: Database, asked: Asked, root: str, query: Mapping[str, str]) -> str:
    wanted = asked.wanted
    part = read_part(db, wanted, asked.at_most)
    columns, table = wanted.columns, wanted.table
    names = ",".join(each.name for each in columns)
    context = f"{root}$metadata#{table.name}" + ("" if columns == table.columns else f"({names})")
    told = [f'"@odata.context":{json.dumps(context)}']
    if asked.counted:
        told.append(f'"@odata.count":{count(db, wanted)}')
    rows = ",".join(as_json(columns, row) for row in part.rows)
    told.append(f'"value":[{rows}]')
    after = part.next.after if part.next else None
    if rest := rest_of(asked, after, len(part.rows), query):
        link = f"{root}{table.name}?{urlencode(rest, quote_via=quote)}"
        told.append(f'"@odata.nextLink":{json.dumps(link)}')
    return "{" + ",".join(told) + "}"


def _lines(db: Database, wanted: Wanted) -> tuple[bytes, Wanted | None]:
    part = read_part(db, wanted)
    return csv_part(wanted.columns, part.rows), part.next


def _within(table: Table, query: Mapping[str, str], keys: Keys) -> Wanted:
    since, until = _moment(query, "since"), _moment(query, "until")
    if (since or until) and not table.since:
        raise NotAsked(f"{table.name} holds the present only; leave since and until out.")
    return all_of(table, since, until, keys)


def _moment(query: Mapping[str, str], option: str) -> datetime | None:
    """What is told without a zone is UTC."""
    told = query.get(option)
    if not told:
        return None
    try:
        at = datetime.fromisoformat(told.strip().replace(" ", "+"))
    except ValueError:
        raise NotAsked(
            f"{option} is {told[:40]!r}; expected a date or a time such as 2026-11-21T08:30:00Z."
        ) from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _answer(said: str, kind: str, more: Mapping[str, str] = {}) -> web.Response:
    return web.Response(body=said.encode(), headers=VERSION | {"Content-Type": kind} | dict(more))


def _refused(status: int, sentence: str) -> web.Response:
    """As OData tells what went wrong."""
    code = "NotFound" if status == 404 else "BadRequest"
    said = json.dumps({"error": {"code": code, "message": sentence}})
    return web.Response(status=status, body=said.encode(), headers=VERSION | {"Content-Type": JSON})
