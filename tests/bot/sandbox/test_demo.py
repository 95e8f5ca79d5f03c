"""The demo as a real process: what it says, what it survives, and what it leaves behind."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.sandbox.demo import DemoFailed, ends_too_often, is_seen
from bot.sandbox.run import BotProcess, ending

PATIENCE_SECONDS = 100.0  # of a busy machine
pytestmark = pytest.mark.timeout(400)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux to end the child")


@dataclass(slots=True, kw_only=True)
class Running:
    """A demo under way, and the lines of its standard error so far."""

    process: asyncio.subprocess.Process
    heard: list[str] = field(default_factory=list)

    async def says(self, pattern: str) -> re.Match[str]:
        """The next line that matches; lines are heard once."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while line := (await self.process.stderr.readline()).decode():
                self.heard.append(line)
                if found := re.search(pattern, line):
                    return found
        raise AssertionError(f"never said {pattern!r}: {''.join(self.heard)}")

    async def bot_starts(self, pattern: str = r"The bot +process (\d+)") -> int:
        """The bot's process id, once it is connected."""
        return int((await self.says(pattern))[1])

    async def ends(self) -> tuple[int, str, str]:
        """Its exit status, and the rest of its standard output and error."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            out, err = await self.process.communicate()
        return self.process.returncode, out.decode(), err.decode()


Begin = Callable[..., Awaitable[Running]]


@pytest.fixture
async def begin(tmp_path: Path) -> AsyncIterator[Begin]:
    """Start a demo that keeps its folder in the test's own; killed afterwards if it still runs."""
    running: list[Running] = []

    async def started(*options: str) -> Running:
        command = [sys.executable, "-m", "bot", "demo", "--no-browser", "--json", *options]
        pipe = asyncio.subprocess.PIPE
        environment = os.environ | {"TMPDIR": str(tmp_path)}
        process = await asyncio.create_subprocess_exec(
            *command, stdout=pipe, stderr=pipe, env=environment
        )
        running.append(Running(process=process))
        return running[-1]

    yield started
    for demo in running:
        with suppress(ProcessLookupError):
            demo.process.kill()
        await demo.process.communicate()


def lives(pid: int) -> bool:
    """Whether the process runs; one that only waits to be buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


async def is_gone(pid: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while lives(pid):
            await asyncio.sleep(0.02)


def folders(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("seamwatch-demo-*"))


@on_linux
@pytest.mark.process
@pytest.mark.usefixtures("terminal_may_close")
async def test_a_closed_terminal_ends_the_bot_too_and_leaves_nothing(
    begin: Begin, tmp_path: Path
) -> None:
    demo = await begin()
    bot = await demo.bot_starts()
    steps = [line for line in demo.heard if " of 3)" in line]
    for told, step in zip(("servers (1", "call volumes", "bot (3"), steps, strict=True):
        assert told in step, "while it starts it says what it is doing"
    assert len(folders(tmp_path)) == 1
    demo.process.send_signal(signal.SIGHUP)
    demo.process.send_signal(signal.SIGHUP)  # as shells do
    status, out, _ = await demo.ends()
    assert status == 0
    assert set(json.loads(out)) >= {"page", "api_url", "bot_token"}  # and nothing else
    assert not lives(bot)
    assert folders(tmp_path) == []


@on_linux
@pytest.mark.process
async def test_a_killed_demo_takes_the_bot_along_and_the_next_demo_clears_up(
    begin: Begin, tmp_path: Path
) -> None:
    demo = await begin()
    bot = await demo.bot_starts()
    demo.process.kill()
    await is_gone(bot)
    (abandoned,) = folders(tmp_path)
    following = await begin()
    await following.bot_starts()
    (own,) = folders(tmp_path)
    assert own != abandoned


@on_linux
@pytest.mark.process
async def test_a_killed_bot_is_started_again_but_not_for_ever(begin: Begin) -> None:
    demo = await begin()
    settings = Path((await demo.says(r"The settings +(\S+)"))[1])
    bot = await demo.bot_starts()
    os.kill(bot, signal.SIGKILL)
    await demo.says(r"The bot has ended \(killed by SIGKILL\)\. It starts again in 2 s\.")
    bot = await demo.bot_starts(r"The bot is back, as process (\d+)")
    settings.write_text("[slak]", encoding="utf-8")
    os.kill(bot, signal.SIGKILL)
    await demo.says(r"The bot has ended \(killed by SIGKILL\)\. It starts again in 2 s\.")
    status, _, err = await demo.ends()
    assert status == 1
    assert re.fullmatch(
        r"Error: The bot has ended 3 times within a minute \(exit status 1: .*slak.*\): start the "
        r"demo again, with --keep to keep the bot's log\.\n",
        err,
    )


@pytest.mark.process
async def test_a_bot_that_cannot_start_says_why_in_its_own_words(tmp_path: Path) -> None:
    bot = BotProcess(tmp_path / "none.toml", tmp_path / "bot.log")
    await bot.start()
    await bot.wait()
    assert bot.has_ended
    assert re.fullmatch(r"exit status 1: .*none\.toml.*[^.]", bot.ending())


@pytest.mark.parametrize(
    ("status", "said", "told"),
    [
        pytest.param(-9, "INFO watching\n", "killed by SIGKILL", id="a signal"),
        pytest.param(-60, "", "killed by signal 60", id="a signal without a name"),
        pytest.param(1, "INFO x\nError: No token.\n", "exit status 1: No token", id="its sentence"),
        pytest.param(
            1,
            "Error: 2 faults:\n  a: x\n  b: y\n",
            "exit status 1: 2 faults: a: x b: y",
            id="a list",
        ),
        pytest.param(1, "Error: Old.\nINFO watching\n", "exit status 1", id="an innocent line"),
        pytest.param(0, "", "exit status 0", id="silence"),
    ],
)
def test_an_end_is_told_by_status_and_error_alone(status: int, said: str, told: str) -> None:
    assert ending(status, said) == told


@pytest.mark.parametrize(
    ("deaths", "is_hopeless"),
    [
        pytest.param([0.0, 1.0], False, id="two"),
        pytest.param([0.0, 30.0, 60.0], True, id="three within a minute"),
        pytest.param([0.0, 30.0, 60.1], False, id="three in more than a minute"),
    ],
)
def test_three_ends_within_a_minute_are_too_many(deaths: list[float], is_hopeless: bool) -> None:
    assert ends_too_often(deaths) is is_hopeless


@pytest.mark.parametrize(
    ("seen_at", "over_at", "is_connected", "late"),
    [
        pytest.param(1, 9, True, 0, id="at once"),
        pytest.param(4, 9, True, 3, id="late, and waited for"),
        pytest.param(9, 3, False, 2, id="ended or stopped meanwhile"),
    ],
)
async def test_a_slow_connection_is_waited_for_and_told(
    seen_at: int, over_at: int, is_connected: bool, late: int
) -> None:
    looks, told = iter(range(1, 10)), []
    looked = []

    def over() -> bool:
        looked.append(next(looks))
        return looked[-1] >= over_at

    found = await is_seen(
        lambda: looked[-1] >= seen_at, over, patience=0.0, late=lambda: told.append(1)
    )
    assert (found, len(told)) == (is_connected, late)


async def test_who_has_no_more_patience_gives_up_by_raising() -> None:
    def late() -> None:
        raise DemoFailed("Enough.")

    with pytest.raises(DemoFailed, match="Enough"):
        await is_seen(lambda: False, lambda: False, patience=0.0, late=late)
