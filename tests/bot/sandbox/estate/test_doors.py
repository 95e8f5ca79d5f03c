"""Who is let in, how often, how answers are spoilt, and what the sandbox adds."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.sandbox.clock import SandboxClock
from bot.sandbox.estate.credentials import Credentials
from bot.sandbox.estate.faults import SPOILERS
from bot.sandbox.estate.limiter import TokenBucket
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.server import EstateServer
from bot.sandbox.scenarios import UnknownScenario
from tests.bot.sandbox.estate.visit import Visit, Visiting
from tests.waiting import PATIENCE

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


# --- who is let in ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="nothing"),
        pytest.param("", id="an empty header"),
        pytest.param("wrong", id="a wrong key"),
        pytest.param("Bearer wrong", id="no token"),
        pytest.param("Bearer a.b.c", id="a forged token"),
        pytest.param("Bearer {key}", id="the key as a bearer token"),
        pytest.param("Bearer {token}x", id="a token with a letter too many"),
        pytest.param(b"caf\xe9", id="bytes that are no text"),
    ],
)
async def test_others_are_not_let_in(visit: Visit, header: str | bytes | None) -> None:
    login = {"username": visit.server.username, "password": visit.server.password}
    token = (await visit.tell(visit.server.login_url, login)).json()["token"]
    if isinstance(header, str):
        header = header.format(key=visit.server.api_key, token=token)
    del visit.client.headers["Authorization"]
    headers = {} if header is None else {"Authorization": header}
    answer = await visit.client.get("/api/v1/flows", headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"message": "Unauthenticated."}


@pytest.mark.parametrize("field", ["username", "email"])
async def test_both_forms_of_login_give_a_token_that_expires(
    visiting: Visiting, field: str
) -> None:
    visit = await visiting(token_lifetime=timedelta(minutes=5))
    body = {field: visit.server.username, "password": visit.server.password}
    answer = (await visit.tell(visit.server.login_url, body)).json()
    assert answer["message"] == "You have successfully logged in."
    assert answer["expires_in"] == 300
    visit.client.headers["Authorization"] = f"Bearer {answer['token']}"
    assert (await visit.ask("/flows")).status_code == 200
    visit.pass_time(minutes=4, seconds=58)
    assert (await visit.ask("/flows")).status_code == 200
    visit.pass_time(seconds=3)
    assert (await visit.ask("/flows")).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"username": "x", "password": "y"}, 401, id="wrong"),
        pytest.param({"username": "x"}, 422, id="incomplete"),
        pytest.param(["x"], 422, id="not an object"),
    ],
)
async def test_bad_logins_are_refused(visit: Visit, body: object, status: int) -> None:
    answer = await visit.tell(visit.server.login_url, body)
    assert answer.status_code == status
    assert "message" in answer.json()


def test_secrets_do_not_show_in_a_printed_credential() -> None:
    credentials = Credentials(token_lifetime=timedelta(hours=24))
    shown = repr(credentials)
    assert credentials.api_key not in shown
    assert credentials.password not in shown


# --- how often --------------------------------------------------------------------------------


def test_the_bucket_empties_and_refills_evenly() -> None:
    moment = 0.0
    bucket = TokenBucket(240, now=lambda: moment)
    assert [bucket.admit() for _ in range(240)] == [0.0] * 240
    assert bucket.admit() == pytest.approx(0.25)
    moment = 0.25
    assert bucket.admit() == 0.0
    assert bucket.admit() > 0
    moment = 3600.0
    assert [bucket.admit() for _ in range(240)] == [0.0] * 240
    assert bucket.admit() > 0


@pytest.mark.parametrize("tells", [True, False], ids=["says when", "does not say when"])
async def test_over_the_limit_is_429(visiting: Visiting, tells: bool) -> None:
    visit = await visiting(calls_per_minute=3, retry_after=tells)
    answers = [await visit.ask("/systems") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[3].json() == {"message": "Too Many Attempts."}
    assert ("Retry-After" in answers[3].headers) is tells


async def test_clock_and_control_are_free_of_key_and_limit(visiting: Visiting) -> None:
    visit = await visiting(calls_per_minute=1)
    del visit.client.headers["Authorization"]
    for _ in range(3):
        assert (await visit.client.get(visit.server.clock_url)).status_code == 200
        assert (await visit.tell("/control/fault", {})).status_code == 200


# --- spoilt answers ---------------------------------------------------------------------------


async def spoil(visit: Visit, **fault: object) -> None:
    answer = await visit.tell("/control/fault", {"path_prefix": "/api/v1/flow-runs", **fault})
    assert answer.json() == {"ok": True}


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_a_fault_can_be_a_status(visit: Visit, status: int) -> None:
    await spoil(visit, status=status, headers={"Retry-After": "7"})
    answer = await visit.ask("/flow-runs")
    assert answer.status_code == status
    assert answer.json()["message"]
    assert answer.headers["Retry-After"] == "7"
    assert (await visit.ask("/flows")).status_code == 200


async def test_a_fault_wears_off_and_can_be_cleared(visit: Visit) -> None:
    await spoil(visit, status=500, times=2)
    statuses = [(await visit.ask("/flow-runs")).status_code for _ in range(3)]
    assert statuses == [500, 500, 200]
    await spoil(visit, status=500)
    await visit.tell("/control/fault", {})
    assert (await visit.ask("/flow-runs")).status_code == 200


async def test_a_page_can_come_with_200(visit: Visit) -> None:
    await spoil(visit, body="html")
    answer = await visit.ask("/flow-runs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("body", ["truncated", "empty"])
async def test_an_answer_can_be_no_json(visit: Visit, body: str) -> None:
    await spoil(visit, body=body)
    answer = await visit.ask("/flow-runs")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("shape", ["flat", "attributes"])
async def test_fields_can_be_strange_or_missing(visiting: Visiting, shape: str) -> None:
    visit = await visiting(object_shape=shape)

    async def first(body: str) -> dict[str, object]:
        await visit.tell("/control/fault", {})
        await spoil(visit, body=body)
        row: dict[str, object] = (await visit.ask("/flow-runs")).json()["data"][0]
        return row if shape == "flat" else row["attributes"]  # type: ignore[return-value]

    assert (await first("unknown_enum"))["status"] == 97
    assert (await first("unknown_enum"))["trigger"] == "Telepathy"
    assert "status" not in await first("missing_fields")
    assert isinstance((await first("wrong_types"))["status"], list)
    assert (await first("wrong_types"))["started_at"] == 17


async def test_a_loop_offers_the_first_page_for_ever(visit: Visit) -> None:
    await spoil(visit, body="loop")
    first = (await visit.ask("/flow-runs", per_page=5)).json()
    second = (await visit.client.get(first["links"]["next"])).json()
    assert second["data"] == first["data"]
    assert second["meta"]["last_page"] > second["meta"]["current_page"] == 2
    assert second["links"]["next"] is not None


async def test_a_list_can_shrink_between_pages(visit: Visit) -> None:
    await spoil(visit, body="shrinking_total")
    first = (await visit.ask("/flow-runs", per_page=5)).json()
    second = (await visit.ask("/flow-runs", per_page=5, page=2)).json()
    assert second["meta"]["total"] < first["meta"]["total"]
    assert len(second["data"]) < 5


@pytest.mark.parametrize("body", sorted(SPOILERS))
@pytest.mark.parametrize("path", ["/flow-runs", "/allowances", "/nowhere", "/flow-runs/1"])
async def test_every_fault_can_spoil_every_kind_of_answer(
    visit: Visit, body: str, path: str
) -> None:
    honest = await visit.ask(path)
    await visit.tell("/control/fault", {"path_prefix": "/api/v1/", "body": body})
    for accept in ("application/json", "*/*"):
        answer = await visit.client.get("/api/v1" + path, headers={"Accept": accept})
        assert answer.status_code == honest.status_code


async def test_a_fault_can_be_slow(visit: Visit) -> None:
    await spoil(visit, delay=30)
    with pytest.raises(httpx.ReadTimeout):
        await visit.client.get("/api/v1/flow-runs", timeout=0.05)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        pytest.param({"path": "/api"}, "path_prefix", id="no prefix"),
        pytest.param({"path_prefix": "/api", "body": "soup"}, "soup", id="unknown body"),
        pytest.param({"path_prefix": "/api", "colour": 1}, "colour", id="unknown field"),
        pytest.param({"path_prefix": "/api", "times": "two"}, "times", id="not a number"),
    ],
)
async def test_a_bad_fault_is_refused_in_one_sentence(
    visit: Visit, fault: dict[str, object], says: str
) -> None:
    answer = await visit.tell("/control/fault", fault)
    assert answer.status_code == 400
    assert answer.json()["ok"] is False
    assert says in answer.json()["error"]


# --- clock and scenarios ----------------------------------------------------------------------


async def test_the_clock_is_told_and_can_be_waited_for(visit: Visit) -> None:
    before = (await visit.client.get("/clock")).json()
    assert before == {"now": visit.clock.now().isoformat(), "speed": 0, "version": 1}
    waiting = asyncio.create_task(visit.client.get("/clock", params={"after": 1}))
    await asyncio.sleep(0.03)
    assert not waiting.done()
    visit.clock.set_speed(60)
    assert (await waiting).json()["version"] == 2


async def test_a_server_stops_although_somebody_waits_for_its_clock(visit: Visit) -> None:
    waiting = asyncio.create_task(visit.client.get("/clock", params={"after": 1}))
    await asyncio.sleep(0.03)
    async with asyncio.timeout(PATIENCE / 4):
        await visit.server.stop()
        with pytest.raises(httpx.HTTPError):
            await waiting


async def test_a_scenario_is_played_from_now(visit: Visit) -> None:
    visit.pass_time(minutes=10)
    answer = await visit.tell("/control/scenario", {"name": "stuck_queue"})
    assert answer.json()["ok"] is True
    visit.pass_time(seconds=25)
    assert await visit.rows("/scheduled-flows") == []
    visit.pass_time(seconds=20)
    assert len(await visit.rows("/scheduled-flows")) >= 4


async def test_control_answers_a_body_that_is_no_json(visit: Visit) -> None:
    for path in ("/control/fault", "/control/scenario"):
        answer = await visit.client.post(path, content=b"{not json")
        assert answer.status_code == 400
        assert answer.json()["error"]


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_open(visit: Visit) -> None:
    port = int(visit.server.url.rsplit(":", 1)[1])
    second = EstateServer(clock=visit.clock, port=port, options=EstateOptions(history_days=0))
    with pytest.raises(OSError, match=str(port)):
        await second.start()


async def test_an_unknown_scenario_is_refused(visit: Visit) -> None:
    answer = await visit.tell("/control/scenario", {"name": "party"})
    assert answer.status_code == 400
    assert "quiet_day" in answer.json()["error"]
    with pytest.raises(UnknownScenario):
        visit.server.play("party")
    with pytest.raises(UnknownScenario):
        EstateServer(clock=SandboxClock(), scenario="party")


async def test_two_estates_live_side_by_side(visiting: Visiting) -> None:
    one, other = await visiting(), await visiting()
    assert one.server.url != other.server.url
    assert one.server.api_key != other.server.api_key
    assert (await other.client.get(one.server.core_url + "/api/v1/flows")).status_code == 401


async def test_a_fault_spoils_the_answer_or_stands_instead_of_the_deed(visit: Visit) -> None:
    flow = next(iter(visit.server.company.flows))
    path = f"/start/api/v1/flows/{flow}/start"

    def queued() -> int:
        return len(visit.server.company.queue.waiting)

    before = queued()
    for fault, joins in (({"instead": True}, 0), ({}, 1)):
        await visit.tell("/control/fault", {})
        await visit.tell("/control/fault", {"path_prefix": "/start/", "status": 504} | fault)
        assert (await visit.tell(path, {})).status_code == 504
        assert queued() == before + joins
