"""The client against the sandbox's look-alike over real HTTP, in every shape that it can speak."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.sandbox.clock import SandboxClock
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.server import EstateServer
from checks.fetch import Budget, Patience, Refused, Unavailable
from checks.patchworks import ApiKey, Credentials, Login, Patchworks
from checks.runs import RunStatus
from tests.loopback import NO_TLS_HERE

SMALL = EstateOptions(calls_per_minute=10_000, history_days=1)
MORNING = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
SHAPES = list(itertools.product(["flat", "attributes"], ["int", "string", "digits"]))


class Estate:
    """A running look-alike, its clock, and clients for it."""

    def __init__(self, server: EstateServer, clock: SandboxClock, http: httpx.AsyncClient) -> None:
        self.server, self.clock, self.http = server, clock, http

    def client(self, credentials: Credentials | None = None, **options: Any) -> Patchworks:
        standard = {
            "core_url": self.server.core_url,
            "login_url": self.server.login_url,
            "credentials": credentials or ApiKey(SecretStr(self.server.api_key)),
            "budget": Budget(10_000),
            "now": self.clock.now,
            "patience": Patience(first_retry=timedelta(milliseconds=1)),
        }
        return Patchworks(self.http, **{**standard, **options})

    async def spoil(self, path_prefix: str, **fault: object) -> None:
        described = {"path_prefix": path_prefix, **fault}
        answer = await self.http.post(f"{self.server.url}/control/fault", json=described)
        assert answer.is_success, answer.text


@pytest.fixture
async def estate(request: pytest.FixtureRequest) -> AsyncIterator[Estate]:
    """Takes EstateOptions as its parameter."""
    options = getattr(request, "param", SMALL)
    clock = SandboxClock(MORNING, speed=0)
    server = EstateServer(clock=clock, scenario="quiet_day", options=options)
    await server.start()
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        yield Estate(server, clock, http)
    await server.stop()


@pytest.mark.parametrize(
    "estate",
    [replace(SMALL, object_shape=shape, status_form=form) for shape, form in SHAPES],
    ids=[f"{shape} objects, {form} statuses" for shape, form in SHAPES],
    indirect=True,
)
async def test_everything_is_read_in_every_shape(estate: Estate) -> None:
    client = estate.client()
    await client.check_access()
    flows = {flow.id: flow for flow in await client.flows()}
    assert {"Orders to NetSuite", "Customers to Klaviyo"} <= {f.name for f in flows.values()}
    assert {flow.enabled for flow in flows.values()} <= {True, False}  # told for every flow
    assert {flow.deployed for flow in flows.values()} <= {True, False}
    assert any(flow.schedules for flow in flows.values())
    instances = {instance.id for instance in await client.instances()}
    assert {called for flow in flows.values() for called in flow.instance_ids} <= instances
    assert {member for pool in await client.pools() for member in pool.instance_ids} <= instances
    assert (await client.allowances())["concurrent_flows.limit"] == 10

    queue = await client.queue(recent=timedelta(hours=1))
    assert queue.at == MORNING
    assert queue.recent_since == MORNING - timedelta(hours=1)
    assert {run.flow_id for run in queue.recent} <= set(flows)
    assert {run.flow_name for run in queue.recent} <= {flow.name for flow in flows.values()}
    assert RunStatus.SUCCESS in {run.status for run in queue.recent}
    assert RunStatus.UNKNOWN not in {run.status for run in queue.recent}
    assert list(queue.recent) == sorted(queue.recent, key=lambda r: r.started_at, reverse=True)
    assert all(run.finished_at is None for run in queue.running)

    latest = queue.recent[0]
    assert await client.run(latest.id) == latest
    log = await client.run_log(latest.id)
    assert log
    assert [line.at for line in log if line.at] == sorted(line.at for line in log if line.at)


async def test_a_stalled_queue_is_seen_with_the_run_that_blocks_it(estate: Estate) -> None:
    estate.server.play("stuck_queue")
    estate.clock.advance(timedelta(minutes=3))
    queue = await estate.client().queue(recent=timedelta(minutes=15))
    assert queue.waiting_total == len(queue.waiting) > 3
    assert timedelta(minutes=1) < queue.oldest_age < timedelta(minutes=3)
    assert "Orders to NetSuite" in {run.flow_name for run in queue.running}


async def test_a_user_is_let_in_and_let_in_again_when_the_token_ends(estate: Estate) -> None:
    login = Login(estate.server.username, SecretStr(estate.server.password))
    client = estate.client(login)
    await client.check_access()
    estate.clock.advance(timedelta(hours=30))
    await client.check_access()


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param(ApiKey(SecretStr("wrong-key")), id="wrong key"),
        pytest.param(Login("nobody", SecretStr("wrong-word")), id="wrong password"),
    ],
)
async def test_whoever_is_not_let_in_is_told_what_to_do(
    estate: Estate, credentials: Credentials
) -> None:
    with pytest.raises(Refused, match=r"check .*\[patchworks\]") as caught:
        await estate.client(credentials).check_access()
    assert "wrong-" not in caught.value.what


@pytest.mark.parametrize(
    "body",
    ["html", "truncated", "empty", "wrong_types", "missing_fields", "bare_list", "loop"],
)
async def test_a_spoilt_answer_is_unavailable_and_the_next_honest_one_is_read(
    estate: Estate, body: str
) -> None:
    client = estate.client()
    await estate.spoil("/api/v1/flow-runs", body=body)
    with pytest.raises(Unavailable):
        await client.runs_since(MORNING - timedelta(hours=2), max_pages=5)
    await estate.http.post(f"{estate.server.url}/control/fault", json={})
    assert (await client.runs_since(MORNING - timedelta(hours=2), max_pages=20))[0]


async def test_unknown_statuses_are_read_as_unknown(estate: Estate) -> None:
    await estate.spoil("/api/v1/flow-runs", body="unknown_enum")
    runs, _ = await estate.client().runs_since(MORNING - timedelta(hours=1), max_pages=5)
    assert {run.status for run in runs} == {RunStatus.UNKNOWN}


async def test_rows_that_vanish_between_pages_are_noticed(estate: Estate) -> None:
    await estate.spoil("/api/v1/flow-runs", body="shrinking_total")
    with pytest.raises(Unavailable, match="changed while we were reading"):
        await estate.client().runs_since(MORNING - timedelta(hours=2), max_pages=20)


async def test_a_server_that_stumbles_once_is_asked_again(estate: Estate) -> None:
    await estate.spoil("/api/v1/flows", status=502, times=1)
    await estate.client().check_access()


@pytest.mark.parametrize(
    "estate",
    [replace(SMALL, calls_per_minute=3, retry_after=told) for told in (True, False)],
    ids=["with Retry-After", "without Retry-After"],
    indirect=True,
)
async def test_a_call_limit_that_is_used_up_ends_our_calling(estate: Estate) -> None:
    client = estate.client()
    for _ in range(3):
        await client.check_access()
    with pytest.raises(Unavailable, match=r"answered .* with 429") as caught:
        await client.check_access()
    assert caught.value.retry_after is not None


async def test_an_estate_that_is_gone_is_unavailable(estate: Estate) -> None:
    client = estate.client()
    await estate.server.stop()
    with pytest.raises(Unavailable, match="it takes no connection"):
        await client.check_access()


async def test_a_server_without_tls_is_no_secure_connection(estate: Estate) -> None:
    client = estate.client(core_url=estate.server.core_url.replace("http:", "https:"))
    with pytest.raises(Unavailable, match="no secure connection"):
        await client.check_access()
