"""kill -9 at any moment of sending, 50 times over: every message stands exactly once."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.incidents.events import Acknowledge
from bot.incidents.model import Actor
from bot.rules import Rules
from bot.sandbox.run import start_bot, stop_bot
from bot.sandbox.sandbox import Choice, Sandbox
from bot.slack.manifest import load
from bot.store import open_store
from bot.transitions import act, judge
from checks.model import Level, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from tests.loopback import NO_TLS_HERE

KILLS = 50
SEED = 20261121
PRIYA = Actor(who="UPRIYA", via="button")
CLAIMED = (
    "SELECT count(*) FROM outbox WHERE state = 'claimed' AND fence = (SELECT fence FROM lease)"
)
WAITING = "SELECT count(*) FROM outbox WHERE state IN ('pending', 'claimed')"


def intend_messages(database: Path, destination: str, number: int) -> None:
    """While no bot runs: a new incident, acknowledged, so a root and a line are to be sent."""
    store = open_store(database)
    rules = Rules(
        policies={"stalled_queue": CheckPolicy(opens_after=NofM(needed=1, of=1))},
        destination=destination,
    )
    verdict = Verdict(
        check="stalled_queue",
        condition="slot_hog",
        subject=Subject(kind="flow", id=f"test-{number}", name=f"Flow {number}"),
        level=Level.BREACH,
        signal="slot_hog",
        sentence=f"Flow {number} takes long.",
    )
    with store.writing() as db:
        judge(db, [verdict], rules, datetime.now(UTC))
    act(store, number, Acknowledge(), PRIYA, datetime.now(UTC), destination=destination)
    store.close()


async def until_claimed(database: Path, seconds: float) -> None:
    """Until the running bot has claimed a message (or the time is over: then kill it anyway)."""
    deadline = time.monotonic() + seconds
    reader = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        while time.monotonic() < deadline and not reader.execute(CLAIMED).fetchone()[0]:
            await asyncio.sleep(0.001)
    finally:
        reader.close()


async def until_nothing_waits(database: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    reader = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        while reader.execute(WAITING).fetchone()[0]:
            assert time.monotonic() < deadline, "messages still wait"
            await asyncio.sleep(0.1)
    finally:
        reader.close()


async def everything_said(sandbox: Sandbox) -> list[dict]:
    """Every message in the channel and its threads, read as any client would."""
    headers = {"Authorization": f"Bearer {sandbox.workspace.bot_token}"}
    channel = sandbox.workspace.channels["integrations"]
    async with httpx.AsyncClient(
        base_url=sandbox.workspace.api_url, headers=headers, verify=NO_TLS_HERE
    ) as client:

        async def read(method: str, **params: object) -> list[dict]:
            asked = {"channel": channel, "limit": 999, "include_all_metadata": "true", **params}
            return (await client.get(method, params=asked)).json()["messages"]

        roots = await read("conversations.history")
        threads = [await read("conversations.replies", ts=root["ts"]) for root in roots]
    return [message for thread in threads for message in thread]


@pytest.mark.process
@pytest.mark.timeout(400)
async def test_every_message_stands_exactly_once_after_fifty_kills(tmp_path):
    chance = random.Random(SEED)
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    settings = sandbox.write_settings(tmp_path)
    database = tmp_path / "seamwatch.db"
    destination = f"slack/{sandbox.workspace.channels['integrations']}"
    slow_answers = {"method": "chat.postMessage", "delay": 0.03, "after": True, "times": 10_000}
    try:
        async with httpx.AsyncClient(verify=NO_TLS_HERE) as client:
            await client.post(f"{sandbox.workspace.control_url}/fault", json=slow_answers)
        for kill in range(KILLS):
            if kill % 2 == 0:
                intend_messages(database, destination, kill // 2 + 1)
            bot = await start_bot(settings, tmp_path / "bot.log")
            await until_claimed(database, seconds=20.0)
            await asyncio.sleep(chance.uniform(0.0, 0.08))
            bot.kill()
            await bot.wait()
        bot = await start_bot(settings, tmp_path / "bot.log")
        await until_nothing_waits(database, seconds=120.0)
        await stop_bot(bot)
        said = await everything_said(sandbox)
    finally:
        await sandbox.stop()
    rows = sqlite3.connect(database).execute(
        "SELECT id FROM outbox WHERE purpose IN ('root', 'line')"
    )
    wanted = {row[0] for row in rows}
    stands = Counter(message["metadata"]["event_payload"]["id"] for message in said)
    assert len(wanted) == KILLS  # half of them roots, half of them lines
    assert set(stands) == wanted, "a message is missing"
    assert set(stands.values()) == {1}, "a message stands twice"
