"""What runs carried: payloads, tracked values and de-dupe pools.

https://doc.wearepatchworks.com/product-documentation/api-reference/flow-logs-and-queue/payload-metadata
https://doc.wearepatchworks.com/product-documentation/api-reference/dedupe-and-tracking
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.sandbox.estate.answers.flows import BUILT_AT
from bot.sandbox.estate.answers.run_logs import find_run
from bot.sandbox.estate.answers.runs import visible_runs
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.listing import Listing, Row, stamp
from bot.sandbox.estate.model import Run, Status
from bot.sandbox.estate.query import Query, Rejected
from bot.sandbox.estate.site import SITE
from bot.sandbox.estate.story import first_tracked, payload_id, records, step_id

_ENTITY_TYPES = {"orders": 1, "shipments": 2, "customers": 3, "returns": 4}
"""Only these flows have track data shapes."""
_POOL: Row = {
    "id": 81,
    "name": "Orders already sent",
    "description": "Order numbers that NetSuite has accepted",
    "data_pool_template_id": None,
    "created_at": stamp(BUILT_AT),
    "updated_at": stamp(BUILT_AT),
}

_ERP_POOL: Row = {
    **_POOL,
    "id": 82,
    "name": "Orders taken to Business Central",
    "description": "Order numbers that the flow has seen",
}


def content(run: Run) -> str:
    """The payload of a run: what it was started with, else made-up records."""
    if run.payload is not None:
        return run.payload
    first = run.id * 1000
    return json.dumps([{"id": first + n, "type": run.flow.entity} for n in range(records(run))])


def _is_gone(run: Run, estate: Estate) -> bool:
    return run.started_at < estate.now - estate.options.payload_retention


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tracked:
    """A value that passed a track data shape of a run, the `place`-th of its kind."""

    run: Run
    value: str
    place: int
    sent: bool

    @property
    def id(self) -> int:
        return first_tracked(self.run) + 2 * self.place + self.sent

    @property
    def at(self) -> datetime:
        """When it passed: received as the run starts, sent as it ends."""
        return (self.run.ends_at or self.run.started_at) if self.sent else self.run.started_at


def _values(run: Run, estate: Estate) -> tuple[str, ...]:
    """What a run's track data shapes see: order numbers, or one value where none are told."""
    carried = estate.losses.carried(run)
    own = f"{run.flow.entity[:2].upper()}{run.id}"
    return (own,) if carried is None else tuple(map(str, carried))


def _select_payloads(query: Query) -> list[Run]:
    wanted = query.filters
    runs = visible_runs(query.estate)
    if "flow_run_id" in wanted:
        runs = [run for run in runs if str(run.id) in wanted["flow_run_id"]]
    if "flow_log_id" in wanted:
        logs = wanted["flow_log_id"]
        runs = [run for run in runs if str(run.id * 100 + 1) in logs]
    if "flow_step_id" in wanted:
        runs = [run for run in runs if str(step_id(run.flow, 1)) in wanted["flow_step_id"]]
    if "id" in wanted:
        runs = [run for run in runs if str(payload_id(run)) in wanted["id"]]
    return runs


def _show_payload(run: Run, query: Query) -> Row:
    return {
        "id": payload_id(run),
        "created_at": stamp(run.started_at),
        "updated_at": stamp(run.started_at),
        "flow_version_id": run.flow.version_id,
        "flow_step_id": step_id(run.flow, 1),
        "flow_run_id": run.id,
        "payload_store_reference": f"payloads/{run.id}/1.json",
        "payload_size": str(len(content(run).encode())),
        "dropped": "1" if _is_gone(run, query.estate) else "0",
    }


PAYLOADS = Listing(
    kind="payload-metadata",
    select=_select_payloads,
    show=_show_payload,
    key=payload_id,
    filters=frozenset({"id", "flow_run_id", "flow_step_id", "flow_log_id"}),
)


async def download(request: web.Request) -> web.Response:
    """GET of a payload's bytes. Raises Rejected (404) once it is older than 72 hours."""
    estate = request.app[SITE].live()
    text = request.match_info["id"]
    run = find_run(estate, text[:-1] or "0")
    if str(payload_id(run)) != text or _is_gone(run, estate):
        raise Rejected(404, f"No stored payload has the id {text}.")
    return web.Response(body=content(run).encode(), content_type="application/json")


def _select_tracked(query: Query) -> list[_Tracked]:
    earliest, latest = _window(query)
    flows, runs = query.filters.get("flow_id"), query.filters.get("flow_run_id")
    value = query.value("value")
    return [
        tracked
        for run in query.estate.queue.runs.values()
        if run.flow.entity in _ENTITY_TYPES
        and run.started_at < latest
        and (run.ends_at is None or earliest <= run.ends_at)
        and (flows is None or str(run.flow.id) in flows)
        and (runs is None or str(run.id) in runs)
        for tracked in _tracked(run, query.estate)
        if (value is None or value == tracked.value) and earliest <= tracked.at < latest
    ]


def _window(query: Query) -> tuple[datetime, datetime]:
    estate = query.estate
    oldest = estate.now - estate.options.tracked_retention
    after, before = query.moment("created_after"), query.moment("created_before")
    return max(after or oldest, oldest), before or estate.now + timedelta(seconds=1)


def _tracked(run: Run, estate: Estate) -> Iterator[_Tracked]:
    """Every value when it was received, and once more when it was sent."""
    has_sent = run.has_ended(estate.now) and run.outcome is Status.SUCCESS and not run.filtered
    for place, value in enumerate(_values(run, estate)):
        yield _Tracked(run=run, value=value, place=place, sent=False)
        if has_sent and not (run.refused and estate.losses.is_missing(run, int(value))):
            yield _Tracked(run=run, value=value, place=place, sent=True)


def _show_tracked(tracked: _Tracked, _query: Query) -> Row:
    run, sent = tracked.run, tracked.sent
    at = tracked.at
    return {
        "id": tracked.id,
        "created_at": stamp(at),
        "updated_at": stamp(at),
        "flow_id": run.flow.id,
        "flow_run_id": run.id,
        "step_id": step_id(run.flow, 3 if sent else 1),
        "entity_type_id": _ENTITY_TYPES[run.flow.entity],
        "tracked_data_store_reference": None,
        "value": tracked.value,
        "direction": "Send" if sent else "Receive",
        "sent_count": int(sent),
        "received_count": int(not sent),
        "success": True,
    }


TRACKED = Listing(
    kind="tracked-data",
    select=_select_tracked,
    show=_show_tracked,
    filters=frozenset({"flow_id", "flow_run_id", "value", "created_before", "created_after"}),
)


def _pools(query: Query) -> list[Row]:
    return [_POOL, _ERP_POOL] if query.estate.losses.carries in query.estate.flows else [_POOL]


DATA_POOLS = Listing(
    kind="data-pool",
    select=_pools,
    show=lambda pool, _query: pool,
    key=lambda pool: pool["id"],
    sorts=frozenset({"created_at"}),
)


def _select_deduped(query: Query) -> list[_Tracked]:
    """What a pool holds: values are put there as they are received, delivered or not."""
    pools = {str(pool["id"]): pool for pool in _pools(query)}
    if query.path["pool"] not in pools:
        raise Rejected(404, f"No query results for data-pool {query.path['pool'][:40]}.")
    estate = query.estate
    is_erps = pools[query.path["pool"]] is _ERP_POOL
    return [
        _Tracked(run=run, value=value, place=place, sent=False)
        for run in visible_runs(estate)
        if run.flow.entity == "orders" and (run.flow.id == estate.losses.carries) is is_erps
        for place, value in enumerate(_values(run, estate))
    ]


DEDUPED = Listing(
    kind="deduped-data",
    select=_select_deduped,
    show=lambda one, _query: {
        "id": one.id,
        "value": one.value,
        "entity_type_id": _ENTITY_TYPES[one.run.flow.entity],
        "created_at": stamp(one.run.started_at),
    },
)
