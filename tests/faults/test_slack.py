"""What Slack may do that no story shows: odd limits, a thread without its root, a storm of ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx
import pytest

from bot.outbox import RootGone, TryLater
from bot.slack.connect import make_client, make_session
from bot.slack.connection import SocketMode
from bot.slack.render.message import answer
from bot.store.outbox import Purpose
from tests.bot.sandbox.workspace.joining import app_of
from tests.bot.slack.test_gateway import POST, row
from tests.loopback import NO_TLS_HERE
from tests.waiting import until

STORM = 4


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        pytest.param({"Retry-After": "1"}, 1.0, id="short"),
        pytest.param({"Retry-After": "3600"}, 3600.0, id="long"),
        pytest.param({"Retry-After": ""}, 30.0, id="without a time in its header"),
        pytest.param({"Retry-After": "soon"}, 30.0, id="with a header that is no number"),
    ],
)
async def test_it_waits_as_long_as_it_is_told_and_half_a_minute_when_it_is_not(
    desk, headers, waits
):
    await desk.fault(method=POST, status=429, error="ratelimited", headers=headers, times=1)
    with pytest.raises(TryLater) as caught:
        await desk.channel.deliver(row())
    assert caught.value.after == waits


async def test_a_line_whose_root_is_gone_has_the_root_posted_anew_first(desk):
    ts = await desk.channel.deliver(row())
    await desk.fault(method=POST, error="thread_not_found", times=1)
    desk.write(answer("Acknowledged."), root_ts=ts)
    with pytest.raises(RootGone):
        await desk.channel.deliver(row(Purpose.LINE, "b2"))


async def is_answered(desk, text: str) -> dict[str, object]:
    typed = {"user": "priya", "channel": "#integrations", "text": text}
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as person:
        url = f"{desk.workspace.control_url}/command"
        answered: dict[str, object] = (await person.post(url, json=typed)).json()
    return answered


async def test_after_a_storm_of_ends_it_is_connected_and_hears_each_command_once(desk, monkeypatch):
    monkeypatch.setattr("bot.slack.connection.WATCHDOG_SECONDS", 0.5)
    monkeypatch.setattr("bot.slack.connection.LOOK_SECONDS", 0.05)
    heard: list[str] = []
    workspace = desk.workspace
    app = app_of(workspace)

    async def hear(ack: Callable[[str], object], command: dict[str, str]) -> None:
        heard.append(command["text"])
        await ack("heard")  # type: ignore[misc]

    app.command("/seam")(hear)
    async with make_session() as session:
        client = make_client(workspace.bot_token, workspace.api_url, session)
        socket = SocketMode(workspace.app_token, client)
        task = asyncio.create_task(socket.run(app))
        await until(lambda: workspace.connected)
        for _ in range(STORM):
            await desk.fault(method="socket:close", times=1)
            await until(lambda: not workspace.connected)
            await until(lambda: workspace.connected)
        began = time.monotonic()
        assert (await is_answered(desk, "/seam status"))["acked"]
        assert time.monotonic() - began < 3
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert heard == ["status"]
