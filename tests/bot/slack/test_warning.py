"""A warning on its way from the round to the channel: sender, gateway and a workspace together."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import httpx
import pytest

from bot import inventory
from bot.outbox import Outbox
from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.server import WorkspaceServer
from bot.slack.connect import make_client, make_session
from bot.slack.gateway import Channel, Sketching
from bot.slack.letters import composed, remember_file
from bot.slack.manifest import load
from bot.slack.render.chart import NATIVE
from bot.store.forecasts import save_forecasts
from checks.policy import CheckPolicy, NofM
from tests.bot.slack import forecasts
from tests.bot.slack.scene import NOON, desk_over, pictures_of
from tests.bot.slack.test_forecast import TITLES, warn
from tests.loopback import NO_TLS_HERE
from tests.waiting import PATIENCE

COMPLETE = "files.completeUploadExternal"


class Office:
    """A bot that warns, and the channel that it warns in."""

    def __init__(self, desk, server, client):
        self.desk, self.server = desk, server
        self.channel = server.channels["integrations"]
        pictures = pictures_of(client)
        remember = partial(remember_file, desk.store)
        self.sketching = Sketching(
            pictures=pictures, remember=remember, refused=desk.charting.refused
        )
        self.client = client

    def destination(self, name):
        composing = partial(composed, self.desk)
        return Channel(self.client, name.removeprefix("slack/"), composing, self.sketching)

    async def sends(self):
        """A bot that is started, sends what waits, and ends."""
        sender = Outbox(self.desk.store, self.desk.clock, self.destination, asyncio.Event())
        task = asyncio.create_task(sender.run())
        await asyncio.sleep(0)
        await sender.flush(10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def fault(self, **order):
        async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
            answered = await http.post(f"{self.server.control_url}/fault", json=order)
            assert answered.json()["ok"], answered.text

    async def standing(self):
        """The root, and the lines of its thread."""
        history = await self.client.conversations_history(channel=self.channel)
        [root] = history["messages"]
        replies = await self.client.conversations_replies(channel=self.channel, ts=root["ts"])
        return root, replies["messages"][1:]

    def states(self):
        return dict(self.desk.store.db.execute("SELECT purpose, state FROM outbox").fetchall())


@asynccontextmanager
async def office_over(store):
    server = WorkspaceServer(clock=SandboxClock(start=NOON), manifest=load())
    await server.start()
    async with make_session() as session:
        client = make_client(server.bot_token, server.api_url, session)
        desk = desk_over(store, check_titles=TITLES)
        policy = CheckPolicy(opens_after=NofM(needed=1, of=1), stay_clear=forecasts.HOUR)
        destination = f"slack/{server.channels['integrations']}"
        rules = replace(desk.rules, policies={"rate_limit": policy}, destination=destination)
        with store.writing() as db:
            inventory.save_limits(db, forecasts.LIMITS)
            ahead = forecasts.LIKELY.allowance.forecast
            save_forecasts(db, [replace(ahead, band=forecasts.BAND)])
        yield Office(replace(desk, rules=rules), server, client)
    await server.stop()


@pytest.fixture
async def office(store, monkeypatch):
    monkeypatch.setattr("bot.slack.gateway.SECONDS_BETWEEN_MESSAGES", 0.01)
    monkeypatch.setattr("bot.outbox.SETTLE_SECONDS", 0.1)
    monkeypatch.setattr("bot.outbox.FIRST_BACK_OFF", 0.05)
    async with office_over(store) as opened:
        yield opened


async def test_a_workspace_that_takes_charts_gets_one_message(office):
    warn(office.desk)
    await office.sends()
    root, lines = await office.standing()
    assert NATIVE in [block["type"] for block in root["blocks"]]
    assert lines == []
    assert office.states() == {"root": "sent", "line": "superseded"}


async def test_a_workspace_that_refuses_charts_gets_a_picture_in_the_thread(office, caplog):
    await office.fault(method="chat.postMessage", error="invalid_blocks", times=1)
    warn(office.desk)
    await office.sends()
    root, [line] = await office.standing()
    assert NATIVE not in [block["type"] for block in root["blocks"]]
    assert "limit 2,400" in line["text"]
    assert len(line["files"]) == 1
    assert office.states() == {"root": "sent", "line": "sent"}


TROUBLES = {
    "the answer to the last step is lost": {"method": COMPLETE, "after": True, "lost": True},
    "the last step is lost": {"method": COMPLETE, "lost": True},
    "the last step is answered by an error": {"method": COMPLETE, "status": 503},
    "the bytes are lost": {"method": "upload", "lost": True},
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
async def test_a_picture_stands_exactly_once_when(office, trouble, caplog):
    office.desk.charting.refused()
    await office.fault(**trouble, times=1)
    warn(office.desk)
    await until_sent(office)
    _, lines = await office.standing()
    assert [len(line["files"]) for line in lines] == [1]
    assert office.states() == {"root": "sent", "line": "sent"}


async def until_sent(office):
    """Send until the line has gone out; what went wrong is tried again a moment later."""
    async with asyncio.timeout(PATIENCE):
        while office.states().get("line") != "sent":
            await office.sends()
            await asyncio.sleep(0.05)


async def test_a_picture_that_was_shown_as_the_bot_was_killed_is_not_shown_again(office, caplog):
    office.desk.charting.refused()
    await office.fault(method=COMPLETE, after=True, delay=5)
    warn(office.desk)
    sender = Outbox(office.desk.store, office.desk.clock, office.destination, asyncio.Event())
    task = asyncio.create_task(sender.run())
    while "line" not in office.states() or office.states()["line"] != "claimed":
        await asyncio.sleep(0.02)
    while not office.desk.store.db.execute("SELECT body FROM outbox WHERE body <> ''").fetchall():
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with office.desk.store.writing() as db:
        db.execute("UPDATE outbox SET fence = 99 WHERE state = 'claimed'")
    await until_sent(office)
    _, lines = await office.standing()
    assert [len(line["files"]) for line in lines] == [1]
