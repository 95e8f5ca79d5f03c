"""What an answer to an act means: done, certainly not, or perhaps; and which payload is meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from bot.acting.looking import settle
from bot.acting.proposal import Came, Deed
from bot.acting.routes import read_route
from bot.acting.transport import Begun, Lost, Rejected, Starter, as_text, run_id_of
from checks.fetch import Budget, Patience
from checks.patchworks import ApiKey, Login
from checks.runs import Run, RunStatus, Waiting

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = "key-that-nobody-may-see"
QUICK = Patience(first_retry=timedelta(milliseconds=1))


def starter(handler, **changes):
    told = {
        "core_url": "https://core.example/api/v1",
        "start_url": "https://start.example/api/v1",
        "login_url": "https://login.example/login",
        "credentials": ApiKey(SecretStr(KEY)),
        "budget": Budget(240),
        "now": lambda: NOON,
        "patience": QUICK,
    }
    http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return Starter(http, **(told | changes))


def answering(*answers):
    """A handler that gives these one after the other, and keeps what it was asked."""
    waiting, asked = list(answers), []

    def handle(request):
        asked.append(request)
        answer = waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    handle.asked = asked
    return handle


async def test_a_start_sends_the_payload_as_a_string_once():
    handler = answering(httpx.Response(200, json={"data": {"flow_run_id": 90}}))
    assert await starter(handler).start("7/../8", '[{"id": 1}]') == Begun(run_id="90")
    [request] = handler.asked
    assert request.method == "POST"
    assert request.url.raw_path == b"/api/v1/flows/7%2F..%2F8/start"
    assert request.read() == b'{"payload":"[{\\"id\\": 1}]"}'
    assert request.headers["Authorization"] == KEY


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("x"),
        httpx.RemoteProtocolError("x"),
        httpx.Response(500),
        httpx.Response(502, text="<html>"),
        httpx.Response(504, json={"message": "Gateway Timeout"}),
        httpx.Response(408),
        httpx.Response(200, text="<html>log in</html>"),
        httpx.Response(200, text=""),
        httpx.Response(200, json=["flow initialised"]),
    ],
    ids=lambda answer: type(answer).__name__ + str(getattr(answer, "status_code", "")),
)
async def test_what_may_have_been_done_is_lost_and_not_asked_again(answer):
    handler = answering(answer)
    with pytest.raises(Lost) as lost:
        await starter(handler).start("7")
    assert len(handler.asked) == 1
    assert KEY not in lost.value.what


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 405, 413, 422, 429])
async def test_what_was_turned_down_is_rejected_with_its_reason(status):
    handler = answering(httpx.Response(status, json={"message": f"No: {KEY}"}))
    with pytest.raises(Rejected) as rejected:
        await starter(handler).start("7")
    assert str(status) in rejected.value.what
    assert KEY not in rejected.value.what


async def test_while_patchworks_wants_rest_nothing_is_sent():
    budget, handler = Budget(240), answering()
    budget.hold(timedelta(minutes=5))
    with pytest.raises(Rejected):
        await starter(handler, budget=budget).start("7")
    assert handler.asked == []


async def test_a_token_that_ended_is_renewed_once_because_a_401_was_not_done():
    login = {"token": "t" * 20, "expires_in": 86400}
    handler = answering(
        httpx.Response(200, json=login),
        httpx.Response(401, json={"message": "Unauthenticated."}),
        httpx.Response(200, json=login),
        httpx.Response(200, json={"message": "Flow initialised."}),
    )
    who = Login("bot", SecretStr("hunter22"))
    assert await starter(handler, credentials=who).start("7") == Begun(run_id="")
    assert [request.url.path for request in handler.asked].count("/api/v1/flows/7/start") == 2


async def test_a_login_that_is_refused_sends_nothing():
    handler = answering(httpx.Response(401, json={}))
    who = Login("bot", SecretStr("hunter22"))
    with pytest.raises(Rejected):
        await starter(handler, credentials=who).start("7")


async def test_a_route_of_the_settings_is_asked_below_the_core_api():
    handler = answering(httpx.Response(200, json={"data": {"id": 7}}))
    route = read_route(Deed.PRIORITY, 'PATCH /api/v1/flows/{id} {"priority": {value}}')
    await starter(handler).call(route, "7", "1")
    [request] = handler.asked
    assert (request.method, str(request.url)) == ("PATCH", "https://core.example/api/v1/flows/7")
    assert request.read() == b'{"priority":1}'


@pytest.mark.parametrize(
    ("answer", "run_id"),
    [
        ({"flow_run_id": 90}, "90"),
        ({"run_id": "r-90"}, "r-90"),
        ({"data": {"id": 90}}, "90"),
        ({"message": "Flow initialised."}, ""),
        ({"data": [], "id": True}, ""),
        ({"data": {"flow_run_id": None}, "id": "<!channel>"}, ""),
    ],
    ids=str,
)
def test_the_runs_id_under_the_names_it_may_have(answer, run_id):
    assert run_id_of(answer) == run_id


def rows(*told):
    data = [{"id": number, "flow_run_id": 81, "flow_step_id": step} for number, step in told]
    meta = {"current_page": 1, "last_page": 1, "per_page": 100, "total": len(data)}
    return httpx.Response(200, json={"data": data, "meta": meta, "links": {}})


async def test_the_payload_of_the_first_step_is_the_one_a_run_began_with():
    handler = answering(rows((12, 3), (9, 1), (10, 2)), httpx.Response(200, text="a;b\n"))
    assert await starter(handler).payload_of("81") == "a;b\n"
    assert handler.asked[1].url.path == "/api/v1/payload-metadata/9/download"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([rows()], "has no payload of run 81"),
        ([rows((9, 1), (10, 1))], "2 payloads (pages)"),
        ([rows((9, 1)), httpx.Response(404)], "72 hours"),
        ([rows((9, 1)), httpx.Response(403)], "403"),
        ([rows((9, 1)), httpx.Response(200, content=b"\xff\xfe\x00")], "is no text"),
        ([httpx.Response(403, json={})], "could not be read"),
        ([rows((9, 1)), *[httpx.ReadTimeout("x")] * 3], "could not be read"),
    ],
    ids=["none", "pages", "gone", "forbidden", "binary", "list forbidden", "time-out"],
)
async def test_a_payload_that_cannot_be_had_whole_is_not_replayed(answers, said):
    with pytest.raises(Rejected) as rejected:
        await starter(answering(*answers)).payload_of("81")
    assert said in rejected.value.what


def test_a_payload_over_eight_megabytes_is_not_sent():
    assert as_text(b"x" * 8_000_000, "81")
    with pytest.raises(Rejected):
        as_text(b"x" * 8_000_001, "81")


RUN = Run(
    id="90",
    flow_id="7",
    flow_name="Orders",
    status=RunStatus.STARTED,
    started_at=NOON,
    trigger="API",
)
JOB = Waiting(id="1", flow_id="7", flow_name="Orders", queued_at=NOON, trigger="API")


@pytest.mark.parametrize(
    ("runs", "jobs", "whole", "came", "run_id"),
    [
        ([RUN], [], True, Came.DONE, "90"),
        ([RUN], [], False, Came.DONE, "90"),
        ([], [JOB], True, Came.DONE, ""),
        ([RUN], [JOB], True, Came.UNKNOWN, ""),
        ([], [], True, Came.FAILED, ""),
        ([], [], False, Came.UNKNOWN, ""),
    ],
    ids=["a run", "a run, partly read", "a job", "both", "nothing", "nothing, partly read"],
)
def test_what_a_look_may_conclude(runs, jobs, whole, came, run_id):
    found = settle(runs, jobs, whole=whole)
    assert (found.came, found.run_id) == (came, run_id)
