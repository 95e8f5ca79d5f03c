"""The real process reads its settings anew: on SIGHUP, on a change, and not when they are bad."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.run import start_bot, stop_bot
from bot.sandbox.sandbox import Choice, Sandbox
from bot.slack.manifest import load
from tests.loopback import NO_TLS_HERE

STANDING = "SELECT json_extract(body, '$.refused_at') FROM snapshots WHERE name = 'settings'"
PATIENCE = 150.0  # of a busy machine
pytestmark = [
    pytest.mark.process,
    pytest.mark.timeout(500),
    pytest.mark.usefixtures("terminal_may_close"),
]


@dataclass
class Scene:
    sandbox: Sandbox
    settings: Path
    bot: asyncio.subprocess.Process
    client: httpx.AsyncClient

    @property
    def log(self) -> str:
        return (self.settings.parent / "bot.log").read_text()

    def rewrite(self, before: str, after: str) -> None:
        text = self.settings.read_text()
        assert before in text
        self.settings.write_text(text.replace(before, after))

    def hang_up(self) -> None:
        self.bot.send_signal(signal.SIGHUP)

    async def until(self, holds: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert self.bot.returncode is None, f"the bot has ended:\n{self.log}"
            assert time.monotonic() < deadline, f"{what}:\n{self.log}"
            await asyncio.sleep(0.05)

    async def lives_again(self, lives: int) -> None:
        """Wait until so many lives of the bot have begun, and the newest is connected."""
        await self.until(lambda: self.log.count(": watching ") == lives, f"life {lives}")
        await self.until(lambda: self.log.count(": connected to Slack") >= lives, "connected")

    def is_refused(self) -> bool:
        reader = sqlite3.connect(f"file:{self.settings.parent / 'seamwatch.db'}?mode=ro", uri=True)
        try:
            row = reader.execute(STANDING).fetchone()
        finally:
            reader.close()
        return row is not None and row[0] is not None

    async def does(self, control: str, **body: Any) -> dict[str, Any]:
        url = f"{self.sandbox.workspace.control_url}/{control}"
        answer = await self.client.post(url, json=body)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    async def gets_stuck(self) -> None:
        """The queue stands still now, and for two minutes of anybody's clock."""
        await self.does("scenario", name="stuck_queue")
        await self.does("clock", speed=2)
        await self.does("clock", advance="35s")

    async def status(self) -> str:
        """What `/seam status` answers."""
        done = await self.does("command", user="priya", channel="integrations", text="/seam status")
        return str(done["messages"])

    def said_in(self, channel: str) -> list[Any]:
        """The bot's own messages there."""
        slack = self.sandbox.workspace._site.workspace
        where = self.sandbox.workspace.channels[channel]
        return [each for each in slack.history(where) if each.user == slack.bot.id]


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    sandbox = Sandbox(load(), Choice(scenario="quiet_day", speed=12.0))
    await sandbox.start()
    try:
        settings = sandbox.write_settings(folder)
        bot = await start_bot(settings, folder / "bot.log")
        async with httpx.AsyncClient(verify=NO_TLS_HERE) as client:
            made = Scene(sandbox, settings, bot, client)
            try:
                await made.lives_again(1)
                yield made
            finally:
                await stop_bot(bot)
    finally:
        await sandbox.stop()


async def test_on_sighup_the_bot_acts_by_its_new_settings_in_the_same_process(tmp_path):
    async with scene(tmp_path) as now:
        now.rewrite('channel = "#integrations"', 'channel = "#retail-managers"')
        now.hang_up()
        await now.lives_again(2)
        await now.gets_stuck()
        await now.until(lambda: now.said_in("retail-managers"), "the incident in its new channel")
        assert not now.said_in("integrations")
        assert now.bot.returncode is None


async def test_nonsense_changes_nothing_and_status_says_so_until_it_is_mended(tmp_path):
    async with scene(tmp_path) as now:
        now.rewrite('every = "5s"', 'every = "often"')
        await now.until(now.is_refused, "the change is seen without being told")
        said = await now.status()
        assert "newer ones were refused" in said
        assert "watch.every" in said
        assert now.log.count(": watching ") == 1
        now.rewrite('every = "often"', 'every = "2s"')
        await now.lives_again(2)
        assert not now.is_refused()
        assert "newer ones" not in await now.status()


async def test_settings_no_bot_can_live_by_bring_back_the_others_and_may_be_tried_again(tmp_path):
    async with scene(tmp_path) as now:
        now.rewrite('channel = "#integrations"', 'channel = "#nowhere"')
        now.hang_up()
        await now.lives_again(2)
        await now.until(now.is_refused, "the refusal is told")
        said = await now.status()
        assert "There is no channel #nowhere" in said
        now.hang_up()  # nothing has changed in the file, but perhaps in the world
        await now.lives_again(3)


async def test_what_slack_has_not_taken_before_a_reload_stands_once_after_it(tmp_path):
    async with scene(tmp_path) as now:
        await now.does("fault", method="chat.postMessage", status=500, times=1000)
        await now.gets_stuck()
        await now.until(lambda: "cannot be posted to" in now.log, "the first attempt fails")
        now.rewrite('opens_after = "3 of 5"', 'opens_after = "2 of 5"')
        now.hang_up()
        await now.until(lambda: now.log.count(": watching ") == 2, "the second life")
        await now.does("fault")
        await now.until(lambda: now.said_in("integrations"), "the message arrives")
        assert len(now.said_in("integrations")) == 1
