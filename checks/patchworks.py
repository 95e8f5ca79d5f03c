"""Reads the iPaaS itself: flows, runs, their logs, the queue, instances and pools. Never writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from types import MappingProxyType

import httpx

from checks.fetch import Budget, Fetch, Patience, Refused, Unavailable
from checks.patchworks_login import ApiKey as ApiKey
from checks.patchworks_login import Credentials, Session
from checks.patchworks_login import Login as Login
from checks.patchworks_loss import TrackedValue, read_tracked
from checks.patchworks_pages import PER_PAGE, Collector, Listing, Moved, read_page
from checks.patchworks_parse import (
    plain_word,
    read_activity,
    read_allowances,
    read_deployment,
    read_flow,
    read_instance,
    read_log_line,
    read_pool,
    read_run,
    read_waiting,
)
from checks.patchworks_routes import ROUTES as ROUTES
from checks.patchworks_routes import override
from checks.patchworks_rows import Row, read_row, to_text
from checks.runs import Changed, Flow, Instance, LogLine, Pool, Queue, Run, RunStatus, Waiting

MOST_PAGES = 20
CHANGE_PAGES = 2
READ_AGAIN = 2
A_SECOND = timedelta(seconds=1)
WAY_IN = ",".join(
    f"authenticationImplementation.{each}" for each in ("authenticationType", "system")
)
RUN_DETAILS = "flow,operationsReceived,operationsSent"
ADVICE = MappingProxyType(
    {
        401: "check the credential under [patchworks] in the settings: the user name and password, "
        "or the key, which may have been revoked in Patchworks under general settings, API keys",
        403: "the credential is valid but may not read this; give it the manager role, or check "
        "that the subscription includes it",
        404: "check [patchworks] core_url, or correct this path under [patchworks.routes]",
        422: "check [patchworks] username and password if this is the login; else this version of "
        "Patchworks does not know what we ask for",
    }
)


class Patchworks:
    """One Patchworks company, over its Core API. Every method raises Refused or Unavailable.

    `waiting_statuses` are the statuses of a queued job that mean "still waiting"; Patchworks does
    not document them, so that empty (the default) counts every row of the queue. Raises ValueError
    for an address that is none or an unknown route.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        core_url: str,
        login_url: str,
        credentials: Credentials,
        budget: Budget,
        now: Callable[[], datetime],
        routes: Mapping[str, str] = MappingProxyType({}),
        waiting_statuses: frozenset[str] = frozenset(),
        patience: Patience | None = None,
    ) -> None:
        self._core_url = _address(core_url, "core_url").removesuffix("/api/v1")
        self._routes = override(routes)
        self._now = now
        self._waiting_statuses = waiting_statuses
        self._fetch = Fetch(
            http, system="Patchworks", budget=budget, advice=ADVICE, patience=patience
        )
        self._session = Session(
            self._fetch,
            login_url=_address(login_url, "login_url"),
            credentials=credentials,
            now=now,
        )

    async def check_access(self) -> None:
        """Asks for one flow, the cheapest call; returns only if it was answered sensibly."""
        read_page(await self._get("flows", {"page": "1", "per_page": "1"}), "flow")

    async def flows(self) -> tuple[Flow, ...]:
        parts = ("schedules", "steps.connector", "steps.dataPool")
        include = ",".join(f"currentVersion.{each}" for each in parts)
        return tuple(map(read_flow, await self._all("flows", {"include": include})))

    async def instances(self) -> tuple[Instance, ...]:
        include = (
            "authenticationImplementation.authenticationType,authenticationImplementation.system"
        )
        return tuple(map(read_instance, await self._all("instances", {"include": include})))

    async def pools(self) -> tuple[Pool, ...]:
        return tuple(map(read_pool, await self._all("pools", {})))

    async def allowances(self) -> Mapping[str, object]:
        """As told, under dotted names such as "concurrent_flows.limit": no schema is published."""
        return read_allowances(await self._get("allowances", {}))

    async def changes(self, since: datetime) -> tuple[Changed, ...]:
        """What people did on the platform since a moment, newest first, as far as it was read.

        The activity log may need more rights than an API key has.
        """
        return await self._changes("activities", read_activity, since)

    async def deployments(self, since: datetime) -> tuple[Changed, ...]:
        """Versions put into service since a moment, newest first."""
        return await self._changes("deployments", read_deployment, since)

    async def running(self) -> tuple[Run, ...]:
        """Runs that have started and not ended."""
        asked = {"filter[status]": "1", "include": RUN_DETAILS}
        runs = map(read_run, await self._all("runs", asked))
        return tuple(run for run in runs if run.status in (RunStatus.STARTED, RunStatus.UNKNOWN))

    async def count_runs(self, since: datetime) -> int:
        """How many runs started since a moment; one cheap call."""
        asked = {"filter[started_after]": _milliseconds(since), "page": "1", "per_page": "1"}
        return read_page(await self._get("runs", asked), "run").total

    async def runs_since(
        self, since: datetime, *, max_pages: int, until: datetime | None = None
    ) -> tuple[tuple[Run, ...], datetime]:
        """Runs started at or after `since`, newest first, and how far back they are complete.

        That is `since`, or, when `max_pages` were not enough, the start of the oldest run read.
        With `until` only runs that started before it.
        """
        asked = {
            "filter[started_after]": _milliseconds(since - A_SECOND),
            "sort": "-started_at",
            "include": RUN_DETAILS,
        }
        if until is not None:
            asked["filter[started_before]"] = _milliseconds(until + A_SECOND)

        def reaches_back(row: Row) -> bool:
            return row.time("started_at") < since

        listing = await self._list("runs", asked, max_pages=max_pages, enough=reaches_back)
        runs = [read_run(row) for row in listing.rows]
        newest_first = sorted(runs, key=lambda run: run.started_at, reverse=True)
        if not listing.complete and runs != newest_first:
            raise Unavailable(
                "Patchworks did not sort its runs newest first, so it cannot be told which are "
                "missing; the next round asks again"
            )
        complete_since = since if listing.complete else max(since, runs[-1].started_at)
        wanted = (run for run in newest_first if run.started_at >= since)
        return tuple(run for run in wanted if until is None or run.started_at < until), (
            complete_since
        )

    async def run(self, run_id: str) -> Run:
        body = read_row(await self._get("run", {"include": RUN_DETAILS}, run_id), f"run {run_id}")
        row = body.child("data")
        if row is None or row.id() != run_id:
            raise (row or body).without("id" if row else "data", f"run {run_id}")
        return read_run(row)

    async def run_log(self, run_id: str, *, at_most: int = 200) -> tuple[LogLine, ...]:
        """The last lines of a run's log, oldest first."""
        asked = {
            "sort": "-id",
            "include": "flowRunLogMetadata",
            "fields[flowStep]": "id,name",
            "load_payload_ids": "false",
        }
        pages = -(-at_most // PER_PAGE)
        listing = await self._list("run_log", asked, run_id, max_pages=pages)
        return tuple(read_log_line(row) for row in reversed(listing.rows[:at_most]))

    async def tracked(
        self, since: datetime, until: datetime, *, max_pages: int
    ) -> tuple[TrackedValue, ...] | None:
        """Values that track-data steps recorded in this time (UTC); None when there are more than
        `max_pages` hold, as no order is documented by which a part would tell anything."""
        asked = {
            "filter[created_after]": _milliseconds(since - A_SECOND),
            "filter[created_before]": _milliseconds(until + A_SECOND),
        }
        listing = await self._list("tracked", asked, max_pages=max_pages)
        if not listing.complete:
            return None
        values = (value for row in listing.rows if (value := read_tracked(row)))
        return tuple(value for value in values if since <= value.at < until)

    async def tracked_as(self, value: str) -> tuple[TrackedValue, ...]:
        """Every time that a track-data step recorded this value, as long as Patchworks keeps it."""
        rows = await self._all("tracked", {"filter[value]": value})
        return tuple(each for row in rows if (each := read_tracked(row)) and each.value == value)

    async def dedupe_pools(self) -> Mapping[str, str]:
        """The names of the de-dupe pools by their ids."""
        return {row.id(): row.name() for row in await self._all("dedupe_pools", {})}

    async def pool_entries(self, pool_id: str) -> int:
        """How many entries a de-dupe pool holds; one cheap call."""
        asked = {"page": "1", "per_page": "1"}
        return read_page(await self._get("pool_entries", asked, pool_id), "pool entry").total

    async def waiting(self, *, max_pages: int = 5) -> tuple[tuple[Waiting, ...], int, bool]:
        """Jobs in the queue, oldest first; how many wait in all; whether the oldest is known.

        Patchworks documents no order, so that the oldest is known only when all were read.
        """
        statuses = ",".join(sorted(self._waiting_statuses))
        asked = {"filter[status]": statuses} if statuses else {}
        listing = await self._list("waiting", asked, max_pages=max_pages)
        rows = [row for row in listing.rows if self._still_waits(row)]
        jobs = sorted(map(read_waiting, rows), key=lambda job: (job.queued_at, job.id))
        total = listing.total - (len(listing.rows) - len(rows))
        return tuple(jobs), total, listing.complete

    async def queue(self, *, recent: timedelta, max_pages: int = 5) -> Queue:
        """The queue, what runs, and what started within `recent`, as one snapshot.

        In this order, so that a job picked up meanwhile is seen twice rather than not at all.
        """
        waiting, total, oldest_known = await self.waiting(max_pages=max_pages)
        running = await self.running()
        runs, complete_since = await self.runs_since(self._now() - recent, max_pages=max_pages)
        return Queue(
            at=self._now(),
            waiting=waiting,
            waiting_total=total,
            running=running,
            recent=runs,
            recent_since=complete_since,
            oldest_known=oldest_known,
        )

    async def _changes(
        self, route: str, read: Callable[[Row], Changed], since: datetime
    ) -> tuple[Changed, ...]:
        """Neither list documents a filter by time or an order, so a few pages must do."""
        listing = await self._list(route, {}, max_pages=CHANGE_PAGES)
        changes = (change for change in map(read, listing.rows) if change.at >= since)
        return tuple(sorted(changes, key=lambda change: change.at, reverse=True))

    def _still_waits(self, row: Row) -> bool:
        if not self._waiting_statuses:
            return True
        told = plain_word(to_text(row.fields.get("status")))
        if not told:
            raise row.without("status", "a status")
        return told in map(plain_word, self._waiting_statuses)

    async def _all(self, route: str, asked: Mapping[str, str]) -> tuple[Row, ...]:
        listing = await self._list(route, asked, max_pages=MOST_PAGES)
        if not listing.complete:
            raise Unavailable(
                f"Patchworks counts {listing.total:,} {self._routes[route].noun}s, more than the "
                f"{MOST_PAGES * PER_PAGE:,} that are read at a time; does it ignore our filter?"
            )
        return listing.rows

    async def _list(
        self,
        route: str,
        asked: Mapping[str, str],
        thing_id: str = "",
        *,
        max_pages: int,
        enough: Callable[[Row], bool] = lambda _: False,
    ) -> Listing:
        """A list that changed while it was read is read from its start again, twice at most."""
        for _ in range(READ_AGAIN):
            with suppress(Moved):
                return await self._pages(route, asked, thing_id, max_pages, enough)
        return await self._pages(route, asked, thing_id, max_pages, enough)

    async def _pages(
        self,
        route: str,
        asked: Mapping[str, str],
        thing_id: str,
        max_pages: int,
        enough: Callable[[Row], bool],
    ) -> Listing:
        noun = self._routes[route].noun
        so_far = Collector(noun=noun)
        for number in range(1, max_pages + 1):
            params = {**asked, "page": str(number), "per_page": str(PER_PAGE)}
            page = read_page(await self._get(route, params, thing_id), noun)
            so_far.take(page)
            if so_far.complete or enough(page.rows[-1]):
                break
        return so_far.listing()

    async def _get(self, route: str, params: Mapping[str, str], thing_id: str = "") -> object:
        """One answer; a login whose token is no longer taken is renewed once."""
        url = self._core_url + self._routes[route].fill(thing_id)
        header = await self._session.header()
        try:
            return await self._fetch.get(url, params=params, headers={"Authorization": header})
        except Refused as refusal:
            if refusal.status == 404 and self._routes[route].of_one:
                raise _gone(refusal, thing_id) from None
            if refusal.status != 401 or not self._session.drop(header):
                raise
        header = await self._session.header()
        return await self._fetch.get(url, params=params, headers={"Authorization": header})


def _milliseconds(at: datetime) -> str:
    """A moment as the filters of runs take it."""
    return str(int(at.timestamp() * 1000))


def _gone(refusal: Refused, thing_id: str) -> Unavailable:
    return Unavailable(
        f"Patchworks does not know run {thing_id} (404): it may be too new to be readable, or "
        "older than the 7 days for which logs are kept",
        status=refusal.status,
    )


def _address(url: str, setting: str) -> str:
    try:
        parsed = httpx.URL(url.rstrip("/"))
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.query:
        raise ValueError(f"[patchworks] {setting}: expected an address such as https://example.com")
    return str(parsed).rstrip("/")
