"""A Patchworks for the tests: answers given by a function, rows served page by page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import SecretStr

from checks.fetch import Budget, Patience
from checks.patchworks import ApiKey, Patchworks

KEY = "pw-k3y-that-nobody-may-see"
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
CALLS: Mapping[str, Callable[[Patchworks], object]] = {
    "flows": lambda client: client.flows(),
    "running": lambda client: client.running(),
    "runs_since": lambda client: client.runs_since(NOON, max_pages=3),
    "run": lambda client: client.run("7"),
    "run_log": lambda client: client.run_log("7"),
    "waiting": lambda client: client.waiting(),
    "queue": lambda client: client.queue(recent=timedelta(minutes=10)),
    "instances": lambda client: client.instances(),
    "pools": lambda client: client.pools(),
    "allowances": lambda client: client.allowances(),
    "changes": lambda client: client.changes(NOON),
    "tracked": lambda client: client.tracked(NOON, NOON + timedelta(hours=1), max_pages=3),
    "tracked_as": lambda client: client.tracked_as("A-1001"),
    "dedupe_pools": lambda client: client.dedupe_pools(),
    "pool_entries": lambda client: client.pool_entries("7"),
    "deployments": lambda client: client.deployments(NOON),
    "count_runs": lambda client: client.count_runs(NOON),
    "check_access": lambda client: client.check_access(),
}


def client_of(answer: Callable[[httpx.Request], object], **options: object) -> Patchworks:
    """`answer` gives the JSON of an answer or a whole response, at once or awaited."""

    async def respond(request: httpx.Request) -> httpx.Response:
        given = answer(request)
        given = await given if inspect.isawaitable(given) else given
        return given if isinstance(given, httpx.Response) else httpx.Response(200, json=given)

    standard = {
        "core_url": "https://core.example",
        "login_url": "https://app.example/login",
        "credentials": ApiKey(SecretStr(KEY)),
        "budget": Budget(100_000),
        "now": lambda: NOON,
        "patience": Patience(first_retry=timedelta(milliseconds=1)),
    }
    http = httpx.AsyncClient(transport=httpx.MockTransport(respond))
    return Patchworks(http, **{**standard, **options})


def listing(*rows: object, total: int | None = None, page: int = 1) -> dict[str, object]:
    meta = {"current_page": page, "total": len(rows) if total is None else total}
    return {"data": list(rows), "meta": meta, "links": {"next": None}}


def a_run(number: int, **changes: object) -> dict[str, object]:
    """Run 1 started a minute before noon, run 2 two minutes, and so on."""
    started = NOON - timedelta(minutes=number)
    flow = {"id": 40, "name": "Orders to NetSuite"}
    row = {"id": number, "flow_id": 40, "flow": flow, "status": 2, "trigger": "Schedule"}
    return {**row, "started_at": started.isoformat(), "finished_at": None, **changes}


def a_job(number: int, **changes: object) -> dict[str, object]:
    queued = NOON - timedelta(seconds=number)
    row = {"id": number, "flow": {"id": 40, "name": "Orders"}, "created_at": queued.isoformat()}
    return {**row, "trigger": "Webhook", **changes}


class Pages:
    """Serves rows page by page, as Patchworks does; `edit` may change them between two pages."""

    def __init__(self, rows: list[dict[str, object]]) -> None:
        self.rows = rows
        self.asked: list[httpx.QueryParams] = []
        self.edit: Callable[[list[dict[str, object]], int], None] = lambda rows, call: None

    def __call__(self, request: httpx.Request) -> object:
        self.asked.append(request.url.params)
        self.edit(self.rows, len(self.asked))
        page, size = int(self.asked[-1]["page"]), int(self.asked[-1]["per_page"])
        rows = self.rows[(page - 1) * size : page * size]
        return listing(*rows, total=len(self.rows), page=page)
