"""The real, unmodified Bolt app over Socket Mode: commands, buttons, modals, events, reconnects."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace.server import WorkspaceServer
from bot.sandbox.workspace.socket_mode import REASONS
from tests.bot.sandbox.workspace.conftest import Start
from tests.bot.sandbox.workspace.joining import (
    Person,
    actions,
    app_of,
    button,
    joined,
    modal,
    until,
)


@pytest.fixture
def app(server: WorkspaceServer) -> AsyncApp:
    return app_of(server)


async def test_a_command_is_answered_in_the_acknowledgement_and_afterwards(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    @app.command("/seam")
    async def seam(ack: Any, respond: Any, command: dict[str, Any]) -> None:
        await ack(f"looking at {command['text']}")
        await respond("three wait")

    async with joined(app, server):
        did = await person.does(
            "command", user="priya", channel="#integrations", text="/seam queue"
        )

    assert did["ack"] == {"text": "looking at queue"}
    assert did["acked"]
    assert 0 < did["ack_ms"] < 3000
    assert {said["text"] for said in did["messages"]} == {"looking at queue", "three wait"}
    assert {said["kind"] for said in did["messages"]} == {"ephemeral"}


async def test_a_private_answer_is_seen_by_its_reader_alone(
    app: AsyncApp, server: WorkspaceServer, person: Person, web: AsyncWebClient
) -> None:
    @app.command("/seam")
    async def seam(ack: Any) -> None:
        await ack("only for you")

    async with joined(app, server):
        await person.does("command", user="priya", channel="integrations", text="/seam")

    assert [said["text"] for said in await person.sees("integrations", "priya")] == ["only for you"]
    assert await person.sees("integrations", "alex") == []
    history = await web.conversations_history(channel=server.channels["integrations"])
    assert history["messages"] == []


async def test_a_visible_answer_shows_the_typed_command_too(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    @app.command("/seam")
    async def seam(ack: Any) -> None:
        await ack({"response_type": "in_channel", "text": "for all"})

    async with joined(app, server):
        await person.does("command", user="priya", channel="integrations", text="/seam show #1")

    seen = [said["text"] for said in await person.sees("integrations", "alex")]
    assert seen == ["/seam show #1", "for all"]


@pytest.mark.parametrize(
    ("command", "text"),
    [
        pytest.param("/seam", "ask @priya in #integrations & go", id="plain without should_escape"),
        pytest.param(
            "/who", "ask <@{priya}|priya> in <#{channel}|integrations> & go", id="escaped"
        ),
    ],
)
async def test_names_in_a_command_arrive_as_the_manifest_asks(
    app: AsyncApp, server: WorkspaceServer, person: Person, command: str, text: str
) -> None:
    arrived: list[str] = []

    @app.command(command)
    async def take(ack: Any, command: dict[str, Any]) -> None:
        arrived.append(command["text"])
        await ack()

    async with joined(app, server):
        typed = f"{command} ask @priya in #integrations & go"
        await person.does("command", user="alex", channel="integrations", text=typed, wait=0)

    channel, priya = server.channels["integrations"], server.users["priya"]
    assert arrived == [text.format(priya=priya, channel=channel)]


async def test_a_button_opens_a_modal_whose_answer_is_checked_and_taken(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    given: list[str] = []

    @app.action("go")
    async def go(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal())

    @app.view("asking")
    async def asking(ack: Any, view: dict[str, Any]) -> None:
        reason = view["state"]["values"]["why"]["reason"]["value"]
        given.append(reason)
        if reason == "no":
            await ack(response_action="errors", errors={"why": "Say more"})
        else:
            await ack()

    async with joined(app, server):
        channel = server.channels["integrations"]
        posted = await app.client.chat_postMessage(
            channel=channel, text="Stalled", attachments=[{"blocks": [actions(button())]}]
        )
        pressed = await person.does(
            "action", user="priya", channel=channel, message_ts=posted["ts"], action_id="go"
        )
        view_id = pressed["view"]["id"]
        refused = await person.does("view", user="priya", view_id=view_id, values={"why": "no"})
        taken = await person.does(
            "view", user="priya", view_id=view_id, values={"why": {"reason": "It is mine"}}
        )

    assert pressed["view"]["title"]["text"] == "Asking"
    assert refused["ack"]["response_action"] == "errors"
    assert refused["view"]["errors"] == {"why": "Say more"}
    assert taken["acked"]
    assert taken["view"] is None
    assert given == ["no", "It is mine"]


async def test_a_button_edits_the_message_it_stands_on(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    @app.action("go")
    async def go(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        where = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(**where, text=f"{body['actions'][0]['value']} done", blocks=[])

    async with joined(app, server):
        posted = await app.client.chat_postMessage(
            channel=server.channels["integrations"], text="x", blocks=[actions(button(value="42"))]
        )
        did = await person.does(
            "action", user="alex", channel="integrations", message_ts=posted["ts"], action_id="go"
        )

    assert [(said["kind"], said["text"]) for said in did["messages"]] == [("updated", "42 done")]
    assert [said["text"] for said in await person.sees("integrations")] == ["42 done"]


async def test_a_mention_is_an_event_and_may_be_answered_in_the_thread(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    @app.event("app_mention")
    async def mentioned(event: dict[str, Any], say: Any) -> None:
        await say(text=f"heard: {event['text']}", thread_ts=event.get("thread_ts", event["ts"]))

    async with joined(app, server):
        root = await app.client.chat_postMessage(
            channel=server.channels["integrations"], text="Stalled"
        )
        did = await person.does(
            "message",
            user="priya",
            channel="integrations",
            thread_ts=root["ts"],
            text="@Seamwatch ack <now>",
        )

    assert did["acked"]
    (reply,) = did["messages"]
    assert reply["thread_ts"] == root["ts"]
    bot = server.users["seamwatch"]
    assert reply["text"] == f"heard: <@{bot}> ack &lt;now&gt;"


async def test_nobody_is_told_of_a_mention_where_the_app_is_no_member(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    async with joined(app, server):
        did = await person.does(
            "message", user="priya", channel="#random", text="@Seamwatch hello", wait=0
        )
    assert (did["acked"], did["messages"]) == (False, [])


async def test_a_direct_message_and_the_home_tab_are_events(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    @app.event("message")
    async def heard(event: dict[str, Any], say: Any) -> None:
        await say(f"you said {event['text']}")

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: Any) -> None:
        blocks = [{"type": "divider"}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    async with joined(app, server):
        direct = (await app.client.conversations_open(users=server.users["gina"]))["channel"]["id"]
        said = await person.does("message", user="gina", channel=direct, text="hello")
        home = await person.does("home", user="gina")

    assert [message["text"] for message in said["messages"]] == ["you said hello"]
    assert home["view"]["type"] == "home"


async def test_a_command_without_acknowledgement_times_out_with_a_private_notice(
    start: Start,
) -> None:
    server = await start(ack_within=timedelta(milliseconds=60))
    app, person = app_of(server), Person(server)

    @app.command("/seam")
    async def slow(ack: Any) -> None:
        await asyncio.sleep(0.2)
        await ack("too late")

    async with joined(app, server):
        did = await person.does(
            "command", user="priya", channel="integrations", text="/seam", wait=0
        )

    assert not did["acked"]
    assert did["ack_ms"] >= 60
    assert did["notice"] == '/seam failed with the error "operation_timeout"'
    (seen,) = await person.sees("integrations", "priya")
    assert seen["user"] == "USLACKBOT"
    assert seen["ephemeral"]
    await person.http.aclose()


async def test_a_button_without_acknowledgement_is_told_as_not_acked(start: Start) -> None:
    server = await start(ack_within=timedelta(milliseconds=60))
    app, person = app_of(server), Person(server)
    async with joined(app, server):
        posted = await app.client.chat_postMessage(
            channel=server.channels["integrations"], text="x", blocks=[actions(button())]
        )
        did = await person.does(
            "action",
            user="alex",
            channel="integrations",
            message_ts=posted["ts"],
            action_id="go",
            wait=0,
        )
    assert (did["ok"], did["acked"], did["ack"]) == (True, False, None)
    await person.http.aclose()


async def test_an_event_is_delivered_again_until_it_is_acknowledged(start: Start) -> None:
    server = await start(
        ack_within=timedelta(milliseconds=400),  # a busy machine takes its time
        redelivery=(timedelta(0), timedelta(milliseconds=20), timedelta(milliseconds=20)),
    )
    app, person = app_of(server), Person(server)
    seen: list[SocketModeRequest] = []

    @app.event("app_mention")
    async def mentioned() -> None:
        return None

    async with joined(app, server) as handler:

        async def deaf(client: Any, request: SocketModeRequest) -> None:
            seen.append(request)
            if len(seen) == 3:
                await handler.handle(client, request)

        handler.client.socket_mode_request_listeners[:] = [deaf]
        await person.does(
            "message", user="priya", channel="integrations", text="@Seamwatch hello", wait=0
        )
        await until(lambda: len(seen) == 3)
        await asyncio.sleep(0.6)

    assert [request.retry_attempt for request in seen] == [0, 1, 2]
    assert [request.retry_reason for request in seen] == ["", "timeout", "timeout"]
    assert len({request.payload["event_id"] for request in seen}) == 1
    assert len({request.envelope_id for request in seen}) == 3
    await person.http.aclose()


@pytest.mark.parametrize("reason", REASONS)
async def test_the_app_comes_back_after_a_disconnect(
    app: AsyncApp, server: WorkspaceServer, person: Person, reason: str
) -> None:
    @app.command("/seam")
    async def seam(ack: Any) -> None:
        await ack("here")

    async with joined(app, server) as handler:
        before = handler.client.current_session
        told = await person.does("fault", method=f"socket:disconnect:{reason}")
        await until(lambda: handler.client.current_session is not before and server.connected)
        did = await person.does("command", user="priya", channel="integrations", text="/seam")

    assert told["connections"] == 1
    assert did["ack"] == {"text": "here"}


async def test_the_app_comes_back_after_a_close_and_a_refused_handshake(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    async with joined(app, server) as handler:
        before = handler.client.current_session
        await person.does("fault", method="socket:close")
        await until(lambda: handler.client.current_session is not before and server.connected)


async def test_an_envelope_in_flight_goes_out_again_on_the_next_connection(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    lost: list[SocketModeRequest] = []
    async with joined(app, server) as handler:
        listeners = handler.client.socket_mode_request_listeners
        real = list(listeners)

        async def dropped(client: Any, request: SocketModeRequest) -> None:
            lost.append(request)
            listeners[:] = real

        listeners[:] = [dropped]

        @app.command("/seam")
        async def seam(ack: Any) -> None:
            await ack("second time")

        typed = person.does("command", user="priya", channel="integrations", text="/seam", wait=0)
        command = asyncio.create_task(typed)
        await until(lambda: bool(lost))
        await person.does("fault", method="socket:disconnect:warning")
        did = await command

    assert did["ack"] == {"text": "second time"}


async def test_each_envelope_goes_to_one_of_several_connections(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    calls = 0

    @app.command("/seam")
    async def seam(ack: Any) -> None:
        nonlocal calls
        calls += 1
        await ack("once")

    async with joined(app, server), joined(app, server):
        for _ in range(4):
            did = await person.does(
                "command", user="priya", channel="integrations", text="/seam", wait=0
            )
            assert did["acked"]
    assert calls == 4


async def test_a_duplicate_event_carries_the_same_event_id(
    app: AsyncApp, server: WorkspaceServer, person: Person
) -> None:
    heard: list[str] = []

    @app.event("app_mention")
    async def mentioned(body: dict[str, Any]) -> None:
        heard.append(body["event_id"])

    async with joined(app, server):
        await person.does("fault", method="socket:duplicate")
        for _ in range(2):
            await person.does(
                "message", user="priya", channel="integrations", text="@Seamwatch", wait=0
            )
        await until(lambda: len(heard) == 3)

    assert heard[0] == heard[1]
    assert heard[2] != heard[0]


async def test_an_event_whose_acknowledgement_is_lost_is_heard_twice(start: Start) -> None:
    server = await start(ack_within=timedelta(milliseconds=60))
    app, person = app_of(server), Person(server)
    heard: list[str] = []

    @app.event("app_mention")
    async def mentioned(body: dict[str, Any]) -> None:
        heard.append(body["event_id"])

    async with joined(app, server):
        await person.does("fault", method="socket:lose_ack")
        did = await person.does(
            "message", user="priya", channel="integrations", text="@Seamwatch", wait=0
        )
        await until(lambda: len(heard) == 2)

    assert not did["acked"]
    assert heard[0] == heard[1]
    await person.http.aclose()


async def test_a_ticket_opens_one_connection_and_only_once(
    server: WorkspaceServer, person: Person
) -> None:
    web = AsyncWebClient(token=server.app_token, base_url=server.api_url)
    url = (await web.apps_connections_open(app_token=server.app_token))["url"]
    async with ClientSession() as http:
        async with http.ws_connect(url) as socket:
            hello = await socket.receive_json()
        with pytest.raises(WSServerHandshakeError, match="403"):
            await http.ws_connect(url)
        fresh = (await web.apps_connections_open(app_token=server.app_token))["url"]
        await person.does("fault", method="socket:refuse")
        with pytest.raises(WSServerHandshakeError, match="403"):
            await http.ws_connect(fresh)
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)


async def test_the_eleventh_connection_is_one_too_many(server: WorkspaceServer) -> None:
    web = AsyncWebClient(token=server.app_token, base_url=server.api_url)
    async with ClientSession() as http:
        sockets = []
        for _ in range(11):
            url = (await web.apps_connections_open(app_token=server.app_token))["url"]
            sockets.append(await http.ws_connect(url))
        greetings = [await socket.receive_json() for socket in sockets]
    assert [greeting["type"] for greeting in greetings] == ["hello"] * 10 + ["disconnect"]
    assert greetings[-1]["reason"] == "too_many_websockets"
