"""The control API: names, mistakes, menus, the clock, and faults ordered and survived."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.control import duration
from bot.sandbox.workspace.server import WorkspaceServer
from tests.bot.sandbox.workspace.conftest import Start
from tests.bot.sandbox.workspace.joining import Person, actions, app_of, button, joined, section

Json = dict[str, Any]

PRIYA = {"user": "priya", "channel": "#integrations"}

MISTAKES: dict[str, tuple[str, Json, str]] = {
    "unknown user": (
        "command",
        PRIYA | {"user": "zed", "text": "/seam"},
        'there is no user "zed" in this workspace; it has priya, alex, marcus, gina, otto, nora',
    ),
    "unknown channel": (
        "message",
        PRIYA | {"channel": "#shop", "text": "x"},
        (
            'there is no channel "shop" in this workspace; it has #integrations, #retail-managers,'
            " #random"
        ),
    ),
    "no text": ("command", PRIYA, 'the request has no "text"; give it as a string'),
    "no slash": (
        "command",
        PRIYA | {"text": "seam"},
        'a command starts with a slash, for example "/seam help", not "seam"',
    ),
    "empty message": (
        "message",
        PRIYA | {"text": "  "},
        "an empty message cannot be sent; give it some text",
    ),
    "no such thread": (
        "message",
        PRIYA | {"text": "x", "thread_ts": "1700000000.000001"},
        "there is no message 1700000000.000001 in #integrations to reply to",
    ),
    "not a member": (
        "message",
        {"user": "otto", "channel": "#random", "text": "x"},
        "otto is not a member of #random",
    ),
    "no such message": (
        "action",
        PRIYA | {"message_ts": "1700000000.000001", "action_id": "go"},
        "priya sees no message 1700000000.000001 in #integrations",
    ),
    "no such view": (
        "view",
        {"user": "priya", "view_id": "V0", "values": {}},
        "priya has no view V0 open",
    ),
    "bad duration": (
        "clock",
        {"advance": "soon"},
        '"soon" is no duration; write it like 90s, 15m, 2h or 7d',
    ),
    "bad speed": ("clock", {"speed": "fast"}, '"speed" is a number, not "fast"'),
    "backwards": (
        "clock",
        {"speed": -1},
        "the sandbox clock does not run backwards; give a speed of 0 or more",
    ),
    "fault without method": (
        "fault",
        {"status": 500},
        'a fault needs a "method", for example "chat.postMessage"',
    ),
    "fault with a typo": (
        "fault",
        {"method": "chat.update", "stauts": 500},
        "a fault has no stauts; it has after, delay, error, headers, lost, method, status, times",
    ),
    "fault of a method with a typo": (
        "fault",
        {"method": "chat.postMesage", "status": 500},
        (
            'a fault meets no method "chat.postMesage";'
            " did you mean chat.postMessage or chat.postEphemeral?"
        ),
    ),
    "fault of a method unlike any": (
        "fault",
        {"method": "xyzzy"},
        (
            'a fault meets no method "xyzzy"; it is one of the Web API\'s, such as'
            " chat.postMessage, or *, response_url, upload, socket:refuse, socket:duplicate,"
            " socket:lose_ack, socket:close, socket:disconnect:REASON"
        ),
    ),
    "unknown reason": (
        "fault",
        {"method": "socket:disconnect:bored"},
        (
            '"bored" is no reason; Slack gives warning, refresh_requested, link_disabled,'
            " too_many_websockets"
        ),
    ),
}


@pytest.mark.parametrize(("what", "body", "sentence"), MISTAKES.values(), ids=MISTAKES.keys())
async def test_a_mistake_gets_one_clear_sentence(
    person: Person, what: str, body: Json, sentence: str
) -> None:
    answer = await person.tries(what, **body)
    assert answer.status_code == 400
    assert answer.json() == {"ok": False, "error": sentence}


async def test_a_body_that_is_no_json_object_is_a_mistake_too(
    person: Person, server: WorkspaceServer
) -> None:
    url = server.control_url + "/home"
    assert (await person.http.post(url, content="[1]")).status_code == 400
    assert "not JSON" in (await person.http.post(url, content="{")).json()["error"]
    assert (await person.tries("dance")).status_code == 404


async def test_a_foreign_web_page_cannot_use_it(person: Person, server: WorkspaceServer) -> None:
    url = server.control_url + "/clock"
    for origin in ("https://evil.example", "null"):
        answer = await person.http.post(url, headers={"Origin": origin}, json={"speed": 60})
        assert answer.status_code == 403
    rebound = {"Origin": "http://evil.example:80", "Host": "evil.example:80"}
    assert (await person.http.post(url, headers=rebound, json={})).status_code == 403
    own = await person.http.post(url, headers={"Origin": server.url}, json={})
    assert own.status_code == 200


@pytest.mark.parametrize(
    ("user", "text"),
    [
        pytest.param("priya", "/nope now", id="a command that no app has"),
        pytest.param("otto", "/seam queue", id="an outsider"),
    ],
)
async def test_a_command_that_is_not_there_for_them_is_told_privately(
    person: Person, user: str, text: str
) -> None:
    did = await person.does("command", user=user, channel="integrations", text=text)
    notice = f"{text.split()[0]} is not a valid command."
    assert (did["acked"], did["messages"], did["notice"]) == (False, [], notice)
    assert [said["text"] for said in await person.sees("integrations", user)] == [notice]
    assert await person.sees("integrations", "alex") == []


async def test_a_guest_may_type_commands_in_slack(server: WorkspaceServer, person: Person) -> None:
    app = app_of(server)

    @app.command("/seam")
    async def seam(ack: Any, command: Json) -> None:
        await ack(command["user_id"])

    async with joined(app, server):
        did = await person.does("command", user="gina", channel="integrations", text="/seam")
    assert did["ack"] == {"text": server.users["gina"]}


async def test_an_acknowledgement_that_slack_would_not_show_is_told(
    server: WorkspaceServer, person: Person
) -> None:
    app = app_of(server)

    @app.command("/seam")
    async def seam(ack: Any) -> None:
        await ack(blocks=[{"type": "chart"}])

    async with joined(app, server):
        did = await person.does("command", **PRIYA, text="/seam", wait=0)
    assert did["notice"] == '/seam failed with the error "invalid_blocks"'


MENU = {
    "type": "overflow",
    "action_id": "more",
    "options": [
        {"text": {"type": "plain_text", "text": "Silence"}, "value": "silence"},
        {"text": {"type": "plain_text", "text": "Details"}, "value": "details"},
    ],
}


async def test_a_menu_of_an_attachment_sends_the_option_that_was_chosen(
    server: WorkspaceServer, person: Person
) -> None:
    app, bodies = app_of(server), []

    @app.action("more")
    async def more(ack: Any, body: Json) -> None:
        bodies.append(body)
        await ack()

    async with joined(app, server):
        posted = await app.client.chat_postMessage(
            channel=server.channels["integrations"],
            text="x",
            attachments=[{"color": "#a30200", "blocks": [section(accessory=MENU)]}],
        )
        where = PRIYA | {"message_ts": posted["ts"]}
        await person.does("action", **where, action_id="more", value="details", wait=0)
        wrong = await person.tries("action", **where, action_id="more", value="delete")
        missing = await person.tries("action", **where, action_id="ack")

    (action,) = bodies[0]["actions"]
    assert action["selected_option"]["value"] == "details"
    assert action["block_id"]
    assert bodies[0]["user"]["team_id"] == server.team_id
    assert bodies[0]["message"]["ts"] == posted["ts"]
    assert wrong.json()["error"] == '"delete" is not an option of more; it offers silence, details'
    assert missing.json()["error"] == f'message {posted["ts"]} has no element "ack"; it has more'


async def test_nobody_presses_a_button_that_only_another_sees(
    web: AsyncWebClient, server: WorkspaceServer, person: Person
) -> None:
    posted = await web.chat_postEphemeral(
        channel=server.channels["integrations"],
        user=server.users["priya"],
        text="x",
        blocks=[actions(button())],
    )
    pressed = PRIYA | {"message_ts": posted["message_ts"], "action_id": "go", "user": "alex"}
    assert (await person.tries("action", **pressed)).status_code == 400


async def test_an_answer_tells_only_what_that_person_caused_and_can_see(
    server: WorkspaceServer, person: Person
) -> None:
    app = app_of(server)

    @app.command("/seam")
    async def seam(ack: Any, respond: Any, command: Json) -> None:
        await ack()
        await respond(f"for {command['user_id']}")

    async with joined(app, server):
        both = await asyncio.gather(
            *(
                person.does("command", user=user, channel="integrations", text="/seam")
                for user in ("priya", "alex", "priya")
            )
        )
    users = server.users
    texts = [[message["text"] for message in did["messages"]] for did in both]
    assert texts == [[f"for {users[name]}"] for name in ("priya", "alex", "priya")]


async def test_the_answer_comes_when_the_app_is_quiet_or_when_it_was_asked_to(
    server: WorkspaceServer, person: Person
) -> None:
    app, last = app_of(server), asyncio.Event()

    @app.command("/seam")
    async def seam(ack: Any, respond: Any) -> None:
        await ack()
        await respond("at once")
        await last.wait()
        await respond("at last")

    async def texts(**patience: float) -> list[str]:
        did = await person.does("command", **PRIYA, text="/seam", **patience)
        return [message["text"] for message in did["messages"]]

    async with joined(app, server):
        usual = await texts()
        asyncio.get_running_loop().call_later(0.3, last.set)
        patient = await texts(wait=2)
    assert usual == ["at once"]
    assert patient == ["at once", "at last"]


async def test_the_clock_is_moved_and_shown(person: Person, clock: SandboxClock) -> None:
    before = clock.now()
    moved = await person.does("clock", advance="2h", speed=60)
    assert moved["clock"]["speed"] == 60
    assert clock.now() - before >= timedelta(hours=2)
    assert (await person.does("clock"))["clock"]["version"] == clock.version


async def test_the_demo_adds_controls_of_its_own(start: Start) -> None:
    async def scenario(body: Json) -> Json:
        if body.get("name") != "quiet_day":
            raise ValueError("there is no such scenario; there is quiet_day")
        return {"scenario": body["name"]}

    server = await start(controls={"scenario": scenario})
    person = Person(server)
    assert await person.does("scenario", name="quiet_day") == {"ok": True, "scenario": "quiet_day"}
    refused = await person.tries("scenario", name="storm")
    assert refused.json()["error"] == "there is no such scenario; there is quiet_day"
    await person.http.aclose()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        ("1.5h", timedelta(minutes=90)),
    ],
)
def test_a_duration_is_read(written: str, meant: timedelta) -> None:
    assert duration(written) == meant


FAULTS: dict[str, tuple[Json, int, str]] = {
    "an error of its own": ({"error": "is_archived"}, 200, "is_archived"),
    "a server error": ({"status": 503}, 503, "internal_error"),
    "a rate limit": ({"status": 429, "headers": {"Retry-After": "7"}}, 429, "ratelimited"),
}


@pytest.mark.parametrize(("order", "status", "error"), FAULTS.values(), ids=FAULTS.keys())
async def test_an_ordered_fault_meets_the_call_as_often_as_ordered(
    web: AsyncWebClient,
    server: WorkspaceServer,
    person: Person,
    order: Json,
    status: int,
    error: str,
) -> None:
    channel = server.channels["integrations"]
    await person.does("fault", method="chat.postMessage", times=2, **order)
    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            await web.chat_postMessage(channel=channel, text="x")
        assert refused.value.response.status_code == status
        assert refused.value.response["error"] == error
        if status == 429:
            assert refused.value.response.headers["Retry-After"] == "7"
    assert (await web.chat_postMessage(channel=channel, text="through"))["ok"]
    assert [said["text"] for said in await person.sees("integrations")] == ["through"]


@pytest.mark.parametrize(
    ("order", "stands"),
    [
        pytest.param({"lost": True}, False, id="lost before it is carried out"),
        pytest.param({"after": True}, True, id="lost after it is carried out"),
        pytest.param({"after": True, "status": 500}, True, id="carried out, answered with 500"),
        pytest.param({"after": True, "delay": 0.5}, True, id="carried out, answered too late"),
    ],
)
async def test_a_call_with_no_good_answer_was_carried_out_or_not(
    server: WorkspaceServer, person: Person, order: Json, stands: bool
) -> None:
    web = AsyncWebClient(
        token=server.bot_token, base_url=server.api_url, retry_handlers=[], timeout=0.2
    )
    await person.does("fault", method="chat.postMessage", **order)
    with pytest.raises((SlackApiError, ClientError, TimeoutError)):
        await web.chat_postMessage(channel=server.channels["integrations"], text="x")
    assert len(await person.sees("integrations")) == (1 if stands else 0)


async def test_no_order_clears_all_faults(
    web: AsyncWebClient, server: WorkspaceServer, person: Person
) -> None:
    await person.does("fault", method="*", status=500, times=99)
    await person.does("fault")
    assert (await web.auth_test())["ok"]
