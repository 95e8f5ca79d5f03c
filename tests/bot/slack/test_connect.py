"""Starting against a Slack that is not as it must be: one sentence that says what to do."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import cast

import httpx
import pytest
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.server import WorkspaceServer
from bot.settings import SlackSettings
from bot.slack.app import make_app
from bot.slack.connect import Slack, make_client, make_session, reach_slack
from bot.slack.connection import HttpMode, SlackRefused, SocketMode
from bot.slack.desk import Desk
from bot.slack.manifest import load
from tests.bot.slack.scene import pictures_of
from tests.loopback import NO_TLS_HERE
from tests.waiting import until


@pytest.fixture
async def workspace():
    made = WorkspaceServer(clock=SandboxClock(), manifest=load())
    await made.start()
    yield made
    await made.stop()


async def reach(workspace: WorkspaceServer, **changes: object) -> Slack:
    told: dict[str, object] = {
        "token": SecretStr(workspace.bot_token),
        "app_token": SecretStr(workspace.app_token),
        "signing_secret": None,
        "channel": "#integrations",
        "fallback_channel": None,
        "api_url": workspace.api_url,
        "listen": "127.0.0.1:0",
    }
    settings = SlackSettings.model_construct(**(told | changes))  # type: ignore[arg-type]
    async with make_session() as session:
        return await reach_slack(settings, session)


async def test_all_is_well(workspace):
    slack = await reach(workspace, fallback_channel="retail-managers")
    assert slack.channel == f"slack/{workspace.channels['integrations']}"
    assert slack.fallback == f"slack/{workspace.channels['retail-managers']}"
    assert slack.identity.team_id == workspace.team_id
    assert isinstance(slack.connection, SocketMode)


WRONG = {
    "bot token": ({"token": SecretStr("xoxb-wrong-1234")}, "refuses the bot token .*xoxb-"),
    "app token": ({"app_token": SecretStr("xapp-wrong-1234")}, "refuses the app-level token"),
    "channel": ({"channel": "#nowhere"}, "no channel #nowhere"),
    "channel without the bot": ({"channel": "#random"}, "not in #random .*invite"),
    "address": ({"api_url": "http://127.0.0.1:9/api/"}, "cannot be reached at http://127"),
    "path": ({"api_url": "/"}, "not Slack's Web API: correct .*api_url"),
}


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong(workspace, changes, said):
    if changes.get("api_url") == "/":
        changes = {"api_url": workspace.page_url}
    with pytest.raises(SlackRefused, match=said) as caught:
        await reach(workspace, **changes)
    assert "wrong-1234" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_missing_scope_is_named():
    manifest = load()
    manifest["oauth_config"]["scopes"]["bot"].remove("users:read")
    poorer = WorkspaceServer(clock=SandboxClock(), manifest=manifest)
    await poorer.start()
    try:
        with pytest.raises(SlackRefused, match="lacks the scopes users:read"):
            await reach(poorer)
    finally:
        await poorer.stop()


async def test_a_socket_that_does_not_come_back_is_replaced(workspace, monkeypatch, caplog):
    monkeypatch.setattr("bot.slack.connection.WATCHDOG_SECONDS", 0.3)
    monkeypatch.setattr("bot.slack.connection.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("bot.slack.connection.CALL_SECONDS", 0.5)
    app = AsyncApp(token=workspace.bot_token, signing_secret="x")
    async with make_session() as session:
        client = make_client(workspace.bot_token, workspace.api_url, session)
        socket = SocketMode(workspace.app_token, client)
        task = asyncio.create_task(socket.run(app))
        await until(lambda: workspace.connected and "connected (" in socket.say())
        async with httpx.AsyncClient(verify=NO_TLS_HERE) as control:
            for method in ("socket:refuse", "socket:close"):
                fault = {"method": method, "times": 3}
                await control.post(f"{workspace.control_url}/fault", json=fault)
        await until(lambda: "not connected" in socket.say())
        await until(lambda: workspace.connected and socket.say().startswith("connected"))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert "the connection to Slack is lost" in caplog.text


BODY = "command=%2Fseam&text=help&team_id=T1&user_id=U1&channel_id=C1&trigger_id=1.2.3"
SECRET = "signing-secret"


async def post(url: str, stamp: str | None, secret: str = SECRET) -> int:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if stamp is not None:
        signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=BODY)
        headers |= {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature)}
    sent = {name: value.encode() for name, value in headers.items()}
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as client:
        return (await client.post(url, content=BODY, headers=sent)).status_code


async def test_http_mode_takes_what_is_signed_and_refuses_the_rest():
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1")

    app = AsyncApp(signing_secret=SECRET, authorize=authorize)

    async def take(ack):
        await ack("heard")

    app.command("/seam")(take)
    mode = HttpMode("127.0.0.1:0")
    task = asyncio.create_task(mode.run(app))
    await until(lambda: mode.url is not None)
    now = int(time.time())
    url = str(mode.url)
    assert await post(url, str(now)) == 200
    assert await post(url, str(now), secret="another") == 401
    assert await post(url, str(now - 301)) == 401
    for malformed in ("yesterday", "-1", "1e9", "", "\u0663", "9" * 400):
        assert await post(url, malformed) == 401, malformed
    assert await post(url, None) == 401
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as client:
        assert (await client.post(url, content=b"\xff\xfe")).status_code == 400
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert mode.say() == "not listening (HTTP mode)"


async def test_a_request_that_is_not_signed_by_slack_leaves_no_trace_of_its_body(workspace, caplog):
    slack = await reach(workspace)
    desk = cast(Desk, None)  # no request gets as far as that
    with caplog.at_level(logging.INFO):
        app = make_app(
            desk,
            client=slack.client,
            identity=slack.identity,
            pictures=pictures_of(slack.client),
            signing_secret=SECRET,
        )
        mode = HttpMode("127.0.0.1:0")
        task = asyncio.create_task(mode.run(app))
        await until(lambda: mode.url is not None)
        assert await post(str(mode.url), str(int(time.time())), secret="another") == 401
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert "trigger_id" not in caplog.text


async def test_http_mode_says_when_its_port_is_taken(workspace):
    taken = workspace.url.removeprefix("http://")
    with pytest.raises(SlackRefused, match="choose another"):
        await HttpMode(taken).run(AsyncApp(token="xoxb-1", signing_secret=SECRET))
