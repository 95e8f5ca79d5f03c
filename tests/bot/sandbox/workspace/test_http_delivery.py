"""HTTP mode: the same real Bolt app behind a request URL, with Slack's signatures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace.server import WorkspaceServer
from bot.sandbox.workspace.signed_http import signature
from tests.bot.sandbox.workspace.conftest import Start
from tests.bot.sandbox.workspace.joining import Person, actions, app_of, button
from tests.waiting import until

Json = dict[str, Any]


class Endpoint:
    """The request URL of an app. `app` answers; without one every request gets `status`."""

    def __init__(self) -> None:
        self.app: AsyncApp | None = None
        self.status = 200
        self.headers: list[dict[str, str]] = []
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(dict(request.headers))
        if self.app is None:
            return web.Response(status=self.status)
        answer: web.StreamResponse = await self.app.server(
            path="/slack/events"
        ).handle_post_requests(request)
        return answer


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    served = Endpoint()
    application = web.Application()
    application.router.add_post("/slack/events", served.serve)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield served
    await runner.cleanup()


@pytest.fixture
async def server(start: Start, endpoint: Endpoint) -> WorkspaceServer:
    return await start(
        request_url=endpoint.url,
        redelivery=(timedelta(0), timedelta(milliseconds=10), timedelta(milliseconds=10)),
    )


def test_the_signature_is_the_one_that_slack_documents() -> None:
    """The example of https://docs.slack.dev/authentication/verifying-requests-from-slack ."""
    body = (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        "%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121"
        ".803a0bc887a14d10d2c447fce8b6703c"
    )
    secret = "8f742231b10e8888abcd99yyyzzz85a5"
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature(secret, "1531420618", body) == expected


async def test_commands_buttons_and_events_arrive_signed_and_are_answered(
    server: WorkspaceServer, endpoint: Endpoint, person: Person
) -> None:
    app = app_of(server)

    @app.command("/seam")
    async def seam(ack: Any, command: Json) -> None:
        await ack(f"heard {command['text']} & more")

    @app.action("go")
    async def go(ack: Any, respond: Any, action: Json) -> None:
        await ack()
        await respond(f"pressed {action['value']}")

    @app.event("app_mention")
    async def mentioned(say: Any) -> None:
        await say("mentioned")

    endpoint.app = app
    channel = server.channels["integrations"]
    posted = await app.client.chat_postMessage(
        channel=channel, text="x", blocks=[actions(button(value="7"))]
    )
    where = {"user": "priya", "channel": channel}
    command = await person.does("command", **where, text="/seam a=b&c ü")
    pressed = await person.does("action", **where, message_ts=posted["ts"], action_id="go")
    said = await person.does("message", **where, text="@Seamwatch hello")

    assert command["ack"] == {"text": "heard a=b&c ü & more"}
    assert [message["text"] for message in pressed["messages"]] == ["pressed 7"]
    assert [message["text"] for message in said["messages"]] == ["mentioned"]
    assert server.connected


async def test_a_failed_event_is_sent_three_times_more(
    server: WorkspaceServer, endpoint: Endpoint, person: Person
) -> None:
    endpoint.status = 500
    did = await person.does(
        "message", user="priya", channel="integrations", text="@Seamwatch hello", wait=0
    )
    await until(lambda: len(endpoint.headers) == 4)
    numbers = [headers.get("X-Slack-Retry-Num") for headers in endpoint.headers]
    assert not did["acked"]
    assert numbers == [None, "1", "2", "3"]
    assert endpoint.headers[1]["X-Slack-Retry-Reason"] == "http_error"


async def test_an_unreachable_app_is_an_operation_timeout(start: Start) -> None:
    server = await start(request_url="http://127.0.0.1:9/slack/events")
    person = Person(server)
    did = await person.does("command", user="priya", channel="integrations", text="/seam", wait=0)
    assert (did["acked"], did["ack"]) == (False, None)
    await person.http.aclose()


async def test_a_workspace_in_http_mode_still_takes_web_api_calls(
    server: WorkspaceServer, web_client: AsyncWebClient
) -> None:
    assert (await web_client.auth_test())["ok"]


@pytest.fixture
def web_client(server: WorkspaceServer) -> AsyncWebClient:
    return AsyncWebClient(token=server.bot_token, base_url=server.api_url)
