"""kill -9 while digests are being sent: each stands exactly once, in each place."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.digest.period import Timetable
from bot.digest.telling import LOOKED, tell_digests
from bot.sandbox.run import start_bot, stop_bot
from bot.sandbox.sandbox import Choice, Sandbox
from bot.slack.manifest import load
from bot.store import open_store, runs
from tests.loopback import NO_TLS_HERE
from tests.process.test_kill import everything_said, until_claimed, until_nothing_waits

KILLS = 8
SEED = 20261122
DAY = timedelta(days=1)
TIMETABLE = Timetable(at=time(8, 30), zone=ZoneInfo("Europe/London"))


def intend_digest(database: Path, place: str, number: int) -> list[str]:
    """While no bot runs: the digest of one more morning falls due, whenever a bot looked last."""
    morning = datetime.now(UTC).replace(hour=9, minute=0) - (KILLS - number) * DAY
    with closing(open_store(database)) as store, store.writing() as db:
        runs.save_snapshot(db, LOOKED, morning - DAY / 2, {})
        return tell_digests(db, TIMETABLE, [place], morning)


@pytest.mark.process
@pytest.mark.timeout(300)
async def test_each_digest_stands_once_after_as_many_kills(tmp_path):
    chance = random.Random(SEED)
    sandbox = Sandbox(load(), Choice(scenario="quiet_day"))
    await sandbox.start()
    settings = sandbox.write_settings(tmp_path)
    database = tmp_path / "seamwatch.db"
    place = f"slack/{sandbox.workspace.channels['integrations']}"
    slow_answers = {"method": "chat.postMessage", "delay": 0.03, "after": True, "times": 10_000}
    told: list[str] = []
    try:
        async with httpx.AsyncClient(verify=NO_TLS_HERE) as client:
            await client.post(f"{sandbox.workspace.control_url}/fault", json=slow_answers)
        for kill in range(KILLS):
            told += intend_digest(database, place, kill)
            bot = await start_bot(settings, tmp_path / "bot.log")
            await until_claimed(database, seconds=20.0)
            await asyncio.sleep(chance.uniform(0.0, 0.15))
            bot.kill()
            await bot.wait()
        bot = await start_bot(settings, tmp_path / "bot.log")
        await until_nothing_waits(database, seconds=60.0)
        await stop_bot(bot)
        said = await everything_said(sandbox)
    finally:
        await sandbox.stop()
    rows = sqlite3.connect(database).execute("SELECT id FROM outbox WHERE topic LIKE 'digest/%'")
    wanted = {row[0] for row in rows}
    stands = Counter(
        message["metadata"]["event_payload"]["id"]
        for message in said
        if message["metadata"]["event_payload"]["id"] in wanted
    )
    assert len(told) == len(set(told)) == len(wanted)
    assert len(wanted) == KILLS
    assert stands == Counter(wanted), "a digest is missing, or stands twice"
