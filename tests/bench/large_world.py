"""The far end of a large estate, a process of its own: every system of it, and its Patchworks.

Each system answers after the same latency with what its connector's sample records. Arguments:
latency in seconds; how many flows; start and speed of the clock. It prints its address, and
`POST /patchworks/told` says how many calls the systems got since then, and how many at one time.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from checks.declare import Connector, Sample
from checks.runs import Flow, Run
from checks.systems import all_connectors
from tests.bench.large import APART, FastClock, flow, runs_between

STATUSES = {"started": 1, "success": 2, "failure": 3}
LIMIT_OF_A_MINUTE = 600


@dataclass(slots=True, kw_only=True)
class Count:
    """The calls that systems got, and the most of them at one time."""

    calls: int = 0
    now: int = 0
    most: int = 0


class World:
    """`routes`: what Patchworks answers by the last part of its path, when asked with a query."""

    def __init__(self, latency: float, flows: int, clock: FastClock) -> None:
        self._latency, self._clock, self._number = latency, clock, flows
        self.count = Count()
        self.flows = [_flow_row(flow(number, flows)) for number in range(flows)]
        self.instances = [_instance_row(number) for number in range(flows // 2)]
        self._routes: Mapping[str, Callable[[web.Request], Sequence[dict[str, Any]]]] = {
            "flows": lambda _: self.flows,
            "connectors": lambda _: self.instances,
            "flow-runs": self._runs,
        }

    async def answer(self, request: web.Request) -> web.Response:
        """One call to a system."""
        self.count.calls += 1
        self.count.now += 1
        self.count.most = max(self.count.most, self.count.now)
        await asyncio.sleep(self._latency)
        self.count.now -= 1
        connector = all_systems[request.match_info["kind"]]
        sample = _sample(connector, f"/{request.match_info['path']}")
        headers = {
            name: value for name, value in sample.headers.items() if name.lower() != "content-type"
        }
        kind = "text/xml" if sample.body.startswith("<") else "application/json"
        return web.Response(
            status=sample.status, text=sample.body, headers=headers, content_type=kind
        )

    async def patchworks(self, request: web.Request) -> web.Response:
        """One page of one list, or one run; nobody waits in the queue."""
        name = request.path.rsplit("/", 1)[-1]
        if name.isdigit():
            return web.json_response({"data": self._run(int(name))})
        rows = self._routes.get(name, lambda _: [])(request)
        page, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 100))
        return web.json_response(
            {
                "data": rows[(page - 1) * size : page * size],
                "meta": {"current_page": page, "total": len(rows)},
                "links": {"next": None},
            }
        )

    def _run(self, number: int) -> dict[str, Any]:
        since = datetime.fromtimestamp(number * APART.total_seconds(), UTC)
        (run,) = runs_between(since, since + APART, self._clock.now(), self._number)
        return _run_row(run)

    def told(self, request: web.Request) -> web.Response:
        found = {"calls": self.count.calls, "most": self.count.most}
        self.count = Count()
        return web.json_response(found)

    def _runs(self, request: web.Request) -> Sequence[dict[str, Any]]:
        now = self._clock.now()
        told = request.query.get("filter[started_after]")
        since = (
            datetime.fromtimestamp(int(told) / 1000, UTC) if told else now - timedelta(minutes=2)
        )
        found = runs_between(since, now, now, self._number)
        running = request.query.get("filter[status]") == "1"
        return [_run_row(run) for run in found if not running or run.finished_at is None]


all_systems = dict(all_connectors())


def _sample(connector: Connector, path: str) -> Sample:
    """What the sample of the call with this path says."""
    opening = connector.auths[0].open
    of = "probe"
    if opening is not None and path.endswith(opening.path.rsplit("/", 1)[-1]):
        of = "login"
    asked = {limit.ask.path: f"limit {limit.name}" for limit in connector.limits if limit.ask}
    of = asked.get(path, of)
    return next(sample for sample in connector.samples if sample.of == of)


def _flow_row(told: Flow) -> dict[str, Any]:
    steps = [
        {
            "id": step.id,
            "name": step.name,
            "connector": {"id": step.instance_id},
            "endpoint": {"direction": step.direction and step.direction.value},
        }
        for step in told.steps
    ]
    schedules = [{"cron_string": line} for line in told.schedules]
    return {
        "id": told.id,
        "name": told.name,
        "is_enabled": True,
        "status": "deployed",
        "current_version": {"schedules": schedules, "steps": steps},
    }


def _instance_row(number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "name": f"Instance {number}",
        "rate_limit_duration": LIMIT_OF_A_MINUTE,
        "rate_limit_unit": "minute",
    }


def _run_row(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "flow_id": run.flow_id,
        "flow": {"id": run.flow_id, "name": run.flow_name},
        "status": STATUSES[run.status.value],
        "trigger": run.trigger,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "operations_received": run.received,
        "operations_sent": run.sent,
    }


async def serve(latency: float, flows: int, clock: FastClock) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    world, app = World(latency, flows, clock), web.Application()

    async def told(request: web.Request) -> web.Response:
        return world.told(request)

    app.router.add_post("/patchworks/told", told)
    app.router.add_get("/patchworks/api/v1/{path:.*}", world.patchworks)
    app.router.add_route("*", "/{kind}/{number}/{path:.*}", world.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    sys.stdout.write(f"http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    given = FastClock(float(sys.argv[3]), float(sys.argv[4]))
    asyncio.run(serve(float(sys.argv[1]), int(sys.argv[2]), given))
