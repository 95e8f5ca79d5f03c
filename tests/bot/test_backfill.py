"""The past of the platform, read over real HTTP from the look-alike: whole, once, within budget."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot import facts
from bot.backfill import Backfill, estimated, known_since
from bot.sandbox.clock import SandboxClock
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.server import EstateServer
from bot.store import Store, StoreRefused, calls, covered, lease, open_store, runs
from bot.store.covered import Span
from checks.fetch import Budget, Patience
from checks.patchworks import ApiKey, Patchworks
from checks.runs import Flow, Run, RunStatus
from tests.loopback import NO_TLS_HERE

MORNING = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
REACH = timedelta(hours=4)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


class Past:
    """A running look-alike with a few hours of past, its clock, and all requests made to it."""

    def __init__(self, server: EstateServer, clock: SandboxClock, http: httpx.AsyncClient) -> None:
        self.server, self.clock, self.http = server, clock, http
        self.on_request: Callable[[int], Awaitable[None]] | None = None
        self.requests = 0

    async def note(self, request: httpx.Request) -> None:
        if "/flow-runs" in request.url.path:
            self.requests += 1
            if self.on_request:
                await self.on_request(self.requests)

    def client(self, budget: Budget | None = None) -> Patchworks:
        return Patchworks(
            self.http,
            core_url=self.server.core_url,
            login_url=self.server.login_url,
            credentials=ApiKey(SecretStr(self.server.api_key)),
            budget=budget or Budget(100_000),
            now=self.clock.now,
            patience=Patience(first_retry=timedelta(milliseconds=1)),
        )

    def backfill(self, store: Store, **options: Any) -> Backfill:
        return Backfill(
            self.client(),
            store,
            self.clock,
            300_000,
            **{"reach": REACH, "sleep": no_wait} | options,
        )

    async def spoil(self, **fault: object) -> None:
        described = {"path_prefix": "/api/v1/flow-runs", **fault} if fault else {}
        await self.http.post(f"{self.server.url}/control/fault", json=described)

    async def truth(self) -> set[str]:
        """Ids of all runs that the platform shows, read at a stretch."""
        found, complete = await self.client().runs_since(
            MORNING - REACH, max_pages=50, until=MORNING
        )
        assert complete == MORNING - REACH
        return {run.id for run in found}


async def no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
async def past() -> AsyncIterator[Past]:
    clock = SandboxClock(MORNING - REACH, speed=0)
    options = EstateOptions(calls_per_minute=100_000, history_days=0, run_retention=REACH)
    server = EstateServer(clock=clock, options=options)
    await server.start()
    clock.advance(REACH)
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        found = Past(server, clock, http)
        http.event_hooks["request"].append(found.note)
        yield found
    await server.stop()


UNTOLD = "SELECT id FROM runs WHERE received IS NULL OR sent IS NULL"


def stored(store: Store) -> set[str]:
    return {row[0] for row in store.db.execute("SELECT id FROM runs")}


def counted(store: Store, flows: tuple[Flow, ...]) -> list[tuple[object, ...]]:
    with store.writing() as db:
        calls.count_runs_into_calls(db, flows)
    return list(store.db.execute("SELECT * FROM calls ORDER BY 1, 2, 3"))


async def test_all_of_the_past_is_read_with_its_operations(past: Past, store: Store) -> None:
    truth = await past.truth()
    past.requests = 0
    await past.backfill(store).run()
    assert stored(store) == truth
    assert len(truth) > 400
    untold = {row[0] for row in store.db.execute(UNTOLD)}
    assert untold == {each.id for each in runs.unfinished_runs(store.db)}
    assert past.requests <= math.ceil(len(truth) / 95) + 2  # little is read twice

    told = facts.find_backfill(store.db)
    assert told is not None
    assert (told.finished_at, told.done, told.share, told.waiting) == (MORNING, len(truth), 1.0, "")
    oldest = covered.known_since(store.db)
    assert oldest == told.reached
    assert oldest is not None
    assert MORNING - REACH <= oldest < MORNING - REACH + timedelta(minutes=5)
    assert covered.gaps(store.db, oldest, MORNING) == []


async def test_killed_in_the_middle_it_goes_on_and_counts_nothing_twice(
    past: Past, tmp_path: Path
) -> None:
    flows = await past.client().flows()
    whole = open_store(tmp_path / "whole.db")
    await past.backfill(whole).run()
    pages, past.requests = past.requests, 0

    async def kill(number: int) -> None:
        if number in (2, pages // 2, pages - 1):
            raise Killed

    past.on_request = kill
    deaths = 0
    while True:
        store = open_store(tmp_path / "torn.db")
        try:
            await past.backfill(store).run()
            break
        except Killed:
            deaths += 1
            counted(store, flows)
        finally:
            before = stored(store)
            store.close()
    assert deaths == 3
    assert past.requests <= pages + 2 * deaths  # a restart asks for the estimate, then goes on
    torn = open_store(tmp_path / "torn.db")
    assert before == stored(whole)
    assert counted(torn, flows) == counted(whole, flows)
    torn.close()
    whole.close()


async def test_what_rounds_have_read_is_neither_read_again_nor_overwritten(
    past: Past, store: Store
) -> None:
    known = Run(id="x", flow_id="1", flow_name="", status=RunStatus.SUCCESS,
                started_at=MORNING - HOUR, finished_at=MORNING - HOUR)  # fmt: skip
    with store.writing() as db:
        runs.save_runs(db, [known])
        covered.cover(db, MORNING - 3 * HOUR, MORNING)
    await past.backfill(store).run()
    rows = [runs.read_run(row) for row in store.db.query("SELECT * FROM runs")]
    assert known in rows
    assert len(rows) > 10
    assert all(run.started_at < MORNING - 3 * HOUR for run in rows if run != known)


async def test_gaps_that_long_stops_left_are_closed_and_nothing_else_is_read(
    past: Past, store: Store
) -> None:
    known = [(MORNING - REACH, MORNING - 3 * HOUR), (MORNING - 2 * HOUR, MORNING - HOUR)]
    with store.writing() as db:
        for since, until in known:
            covered.cover(db, since, until)
    await past.backfill(store).run()
    assert covered.gaps(store.db, MORNING - REACH, MORNING) == []
    everything, _ = await past.client().runs_since(MORNING - REACH, max_pages=50, until=MORNING)
    assert stored(store) == {
        run.id
        for run in everything
        if not any(since <= run.started_at < until for since, until in known)
    }


async def test_when_all_is_known_nobody_is_asked(past: Past, store: Store) -> None:
    with store.writing() as db:
        covered.cover(db, MORNING - REACH, MORNING)
    await past.backfill(store).run()
    assert past.requests == 0
    told = facts.find_backfill(store.db)
    assert told is not None
    assert told.finished_at == MORNING


async def test_a_third_of_the_budget_is_kept_in_transport_time(past: Past, store: Store) -> None:
    clock = [1_000.0]
    asked: list[float] = []

    async def note(_number: int) -> None:
        asked.append(clock[0])

    async def wait(seconds: float) -> None:
        clock[0] += seconds

    def make_pace(per_minute: int) -> Budget:
        return Budget(per_minute, monotonic=lambda: clock[0], sleep=wait)

    past.on_request = note
    backfill = Backfill(
        past.client(), store, past.clock, 15, reach=REACH, make_pace=make_pace, sleep=no_wait
    )
    await backfill.run()
    assert len(asked) > 5
    assert max(sum(at <= other < at + 60 for other in asked) for at in asked) == 5


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 503}, id="the platform is down"),
        pytest.param({"status": 429}, id="its call limit is used up"),
        pytest.param({"status": 401}, id="the credential is rejected"),
        pytest.param({"status": 403}, id="the credential may not read runs"),
        pytest.param({"body": "html"}, id="the answer makes no sense"),
    ],
)
async def test_trouble_is_waited_out_and_said_once(
    past: Past, store: Store, caplog: pytest.LogCaptureFixture, fault: dict[str, object]
) -> None:
    caplog.set_level(logging.INFO, "bot.backfill")
    truth = await past.truth()
    await past.spoil(**fault)
    clock, during = [1_000.0], []

    async def wait(seconds: float) -> None:
        assert seconds >= 60
        clock[0] += seconds
        told = facts.find_backfill(store.db)
        during.append(told.waiting if told else "")
        if len(during) == 3:
            await past.spoil()

    budget = Budget(100_000, monotonic=lambda: clock[0], sleep=wait)
    client = past.client(budget)
    await Backfill(client, store, past.clock, 300_000, reach=REACH, sleep=wait).run()
    assert stored(store) == truth
    assert all(during)
    said = [record for record in caplog.records if record.name == "bot.backfill"]
    waiting = [record for record in said if "not being read" in record.getMessage()]
    assert len(waiting) == 1
    assert [record.getMessage() for record in said].count(
        "the past of Patchworks is being read again"
    ) == 1
    assert past.server.api_key not in caplog.text


async def test_a_database_that_is_busy_is_waited_out(past: Past, store: Store, monkeypatch) -> None:
    monkeypatch.setattr("bot.store.BUSY_SECONDS", 0.05)
    impatient = Store(store.path)
    locked = [True]
    store.db.execute("BEGIN IMMEDIATE")

    async def wait(_seconds: float) -> None:
        if locked.pop():
            store.db.rollback()

    await past.backfill(impatient, sleep=wait).run()
    assert locked == []
    assert len(stored(store)) > 400
    impatient.close()


async def test_an_engine_that_lost_its_database_stops(past: Past, store: Store) -> None:
    lease.take_lease(store, lease.this_process())
    with store.writing() as db:
        db.execute("UPDATE lease SET fence = fence + 1")
    with pytest.raises(StoreRefused, match="taken over"):
        await past.backfill(store).run()


async def test_progress_is_told_at_the_start_at_each_quarter_and_at_the_end(
    past: Past, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.backfill")
    await past.backfill(store).run()
    first, *quarters, last = (record.getMessage() for record in caplog.records)
    assert "about" in first
    assert "calls" in first
    assert len(quarters) == 3
    assert "is known back to 2026-07-01 05:3" in last


async def test_a_past_that_the_platform_forgets_meanwhile_is_not_claimed(
    past: Past, store: Store
) -> None:
    """As with a sandbox whose hours pass in seconds."""

    async def hours_pass(_number: int) -> None:
        past.clock.advance(timedelta(minutes=30))

    past.on_request = hours_pass
    await past.backfill(store).run()
    known = covered.known_since(store.db)
    assert known is not None
    [(oldest,)] = store.db.execute("SELECT min(started_at) FROM runs").fetchall()
    assert known >= past.clock.now() - REACH - timedelta(minutes=30)
    assert known >= datetime.fromisoformat(oldest)


async def test_a_list_that_ignores_our_filter_does_not_go_on_for_ever(store: Store) -> None:
    asked: list[int] = []
    waits: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        asked.append(page)
        row = {"flow_id": 1, "status": 2, "started_at": MORNING.isoformat()}
        size = 1 if request.url.params["per_page"] == "1" else 100
        rows = [{"id": page * 100 + n, **row} for n in range(size)]
        return httpx.Response(
            200, json={"data": rows, "meta": {"total": 9_000, "current_page": page}}
        )

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        raise Killed

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        clock = SandboxClock(MORNING, speed=0)
        client = Patchworks(
            http, core_url="https://core.example", login_url="https://login.example",
            credentials=ApiKey(SecretStr("secret-key")), budget=Budget(100_000), now=clock.now,
        )  # fmt: skip
        with pytest.raises(Killed):
            await Backfill(client, store, clock, 300_000, reach=REACH, sleep=wait).run()
    assert max(asked) == 20
    assert len(asked) == 1 + 1 + 2 + 4 + 8 + 16 + 20
    told = facts.find_backfill(store.db)
    assert told is not None
    assert "does it ignore our filter" in told.waiting


def ran(at: datetime) -> Run:
    return Run(id="1", flow_id="1", flow_name="", status=RunStatus.SUCCESS, started_at=at)


@pytest.mark.parametrize(
    ("reached_h", "oldest_run_h", "oldest_h", "expected_h"),
    [
        pytest.param(6, 6, 0, 6, id="more lies behind the page"),
        pytest.param(2, 5, 0, 2, id="a gap between two known spans is known whole"),
        pytest.param(2, None, 0, 2, id="also when nothing ran in it"),
        pytest.param(2, 5, 2, 5, id="where history ends it is known from the oldest run on"),
        pytest.param(2, None, 2, 10, id="where history ends without a run nothing is known"),
        pytest.param(6, 6, 7, 7, id="what was forgotten meanwhile is not known"),
        pytest.param(6, 6, 12, 10, id="all was forgotten meanwhile"),
    ],
)
def test_from_when_on_a_gap_is_known(reached_h, oldest_run_h, oldest_h, expected_h):
    def at(hours: int) -> datetime:
        return MORNING + hours * HOUR

    gap = Span(since=at(2), until=at(10))
    found = [ran(at(9)), ran(at(oldest_run_h))] if oldest_run_h else []
    assert known_since(gap, found, at(reached_h), at(oldest_h)) == at(expected_h)


@pytest.mark.parametrize(
    ("amount", "per_minute", "expected"),
    [
        (14_200, 40, "about 14,200 runs, 142 calls, 4 min"),
        (1, 40, "about 1 run, 1 call, 1 min"),
        (0, 1, "about 0 runs, 1 call, 1 min"),
        (1_000_000, 40, "about 1,000,000 runs, 10000 calls, 4 h 10 min"),
    ],
)
def test_the_estimate_is_readable(amount, per_minute, expected):
    assert estimated(amount, per_minute) == expected
