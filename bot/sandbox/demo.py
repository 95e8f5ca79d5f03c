"""The demo: the sandbox's servers, the real bot beside them, and a word about both."""

from __future__ import annotations

import asyncio
import sys
import time
import webbrowser
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bot.sandbox.folder import demo_folder
from bot.sandbox.history import WEEKS
from bot.sandbox.run import BotProcess
from bot.sandbox.sandbox import Choice, Sandbox
from bot.sandbox.scenarios import UnknownScenario, find

START_SECONDS = 90.0  # a busy machine takes its time
RESTART_SECONDS = 120.0
LOOK_SECONDS = 0.05
AGAIN_SECONDS = 2.0
MOST_DEATHS = 3
DEATHS_SECONDS = 60.0


class DemoFailed(Exception):
    """The demo cannot go on; one sentence that says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    scenario: str
    port: int
    speed: float
    open_browser: bool
    keep: bool
    as_json: bool


class Demo:
    """Starts everything, tells where, keeps the bot alive, and clears up when it is stopped.

    `manifest` is the bot's; `hints` says what its commands do (see WorkspaceServer).
    """

    def __init__(
        self, options: Options, manifest: Mapping[str, Any], hints: Mapping[str, str]
    ) -> None:
        self._options = options
        choice = Choice(
            scenario=options.scenario,
            port=options.port,
            speed=options.speed,
            systems=True,
            response=True,
            reconcile=True,
            owners=True,
            digest=True,
        )
        try:
            self._sandbox = Sandbox(manifest, choice, hints)
        except (UnknownScenario, ValueError) as error:
            raise DemoFailed(f"{error}.") from None

    async def run(self, stop: asyncio.Event) -> None:
        """Live until `stop` is set. Raises DemoFailed when the port is taken or the bot dies."""
        with demo_folder(keep=self._options.keep) as folder:
            try:
                await self._live(folder, stop)
            finally:
                await self._sandbox.stop()
                if self._options.keep:
                    click.echo(f"Kept in {folder}.", err=True)

    async def _live(self, folder: Path, stop: asyncio.Event) -> None:
        self._say("  Starting the servers (1 of 3); on a busy machine all three take a minute ...")
        try:
            await self._sandbox.start()
        except OSError as error:
            raise DemoFailed(
                f"The page cannot be served at port {self._options.port} ({error.strerror}): "
                "choose another --port, or leave it out."
            ) from None
        bot = BotProcess(self._sandbox.write_settings(folder), folder / "bot.log")
        try:
            await self._import_history(bot, folder, stop)
            if stop.is_set():
                return
            self._say("  Starting the bot (3 of 3) ...")
            await bot.start()
            if await self._is_connected(bot, stop, START_SECONDS, _give_up):
                self._tell(folder, bot)
            elif bot.has_ended:
                raise DemoFailed(f"The bot did not start: {bot.ending()}.")
            await self._look_after(bot, stop)
        finally:
            await bot.stop()

    async def _import_history(self, bot: BotProcess, folder: Path, stop: asyncio.Event) -> None:
        """Give the bot the company's older volumes; without them it learns as time goes by."""
        self._say(f"  Importing {WEEKS} weeks of call volumes, from which it foresees (2 of 3) ...")
        importing = asyncio.ensure_future(bot.import_history(self._sandbox.write_history(folder)))
        await _is_set_before(stop, _until_done(importing))
        if importing.done() and (why := importing.result()):
            self._say(f"  The older call volumes could not be imported ({why}).")

    async def _look_after(self, bot: BotProcess, stop: asyncio.Event) -> None:
        """Start the bot again whenever it ends, until `stop` is set or it ends too often."""
        deaths: deque[float] = deque(maxlen=MOST_DEATHS)
        while not await _is_set_before(stop, bot.wait()):
            deaths.append(time.monotonic())
            if ends_too_often(deaths):
                raise DemoFailed(
                    f"The bot has ended {MOST_DEATHS} times within a minute ({bot.ending()}): "
                    "start the demo again, with --keep to keep the bot's log."
                )
            self._say(
                f"  The bot has ended ({bot.ending()}). It starts again in {AGAIN_SECONDS:.0f} s."
            )
            if await _is_set_before(stop, asyncio.sleep(AGAIN_SECONDS)):
                return
            await bot.start()
            if await self._is_connected(bot, stop, RESTART_SECONDS, self._say_late):
                self._say(f"  The bot is back, as process {bot.pid}.")

    async def _is_connected(
        self, bot: BotProcess, stop: asyncio.Event, patience: float, late: Callable[[], None]
    ) -> bool:
        """Wait until the workspace sees the bot's connection, it has ended, or `stop` is set."""
        return await is_seen(
            lambda: self._sandbox.workspace.connected,
            lambda: bot.has_ended or stop.is_set(),
            patience,
            late,
        )

    def _say_late(self) -> None:
        minutes = RESTART_SECONDS / 60
        self._say(
            f"  The bot runs again but has not connected for another {minutes:.0f} min: is the "
            "machine very busy? Still waiting; Ctrl-C stops everything."
        )

    def _tell(self, folder: Path, bot: BotProcess) -> None:
        if self._options.as_json:
            click.echo(self._sandbox.as_json())
            sys.stdout.flush()
        page = self._sandbox.workspace.page_url
        scenario = find(self._options.scenario)
        for line in (
            "",
            f"  The page      {page}",
            f"  The dashboard {self._sandbox.dashboard_url} (figures at /metrics, data at /feeds/)",
            f"  The scenario  {scenario.title}",
            f"  The settings  {folder / 'seamwatch.toml'}",
            f"  The bot's log {folder / 'bot.log'}",
            f"  The bot       process {bot.pid}; kill it, and it is started again",
            "",
            "  Open the page, watch #integrations, type /seam help. Ctrl-C stops everything.",
            "",
        ):
            self._say(line)
        if self._options.open_browser:
            webbrowser.open(page)

    def _say(self, line: str) -> None:
        """On the terminal; standard output is left to the machine's line when that was asked."""
        click.echo(line, err=self._options.as_json)


async def is_seen(
    seen: Callable[[], bool], over: Callable[[], bool], patience: float, late: Callable[[], None]
) -> bool:
    """Wait for `seen` (True) or `over` (False); `late` is called whenever another `patience`
    (seconds) has gone by, and ends the waiting only by raising."""
    since = time.monotonic()
    while not over():
        if seen():
            return True
        if time.monotonic() - since >= patience:
            late()
            since = time.monotonic()
        await asyncio.sleep(LOOK_SECONDS)
    return False


def ends_too_often(deaths: Sequence[float]) -> bool:
    """Whether these moments (in seconds, the last MOST_DEATHS of them) leave no hope."""
    return len(deaths) == MOST_DEATHS and deaths[-1] - deaths[0] <= DEATHS_SECONDS


def _give_up() -> None:
    raise DemoFailed(
        f"The bot runs but has not connected within {START_SECONDS:.0f} s: is the machine very "
        "busy? Try again, with --keep to keep the bot's log."
    )


async def _until_done(task: asyncio.Future[str]) -> None:
    await asyncio.wait([task])


async def _is_set_before(stop: asyncio.Event, other: Coroutine[Any, Any, None]) -> bool:
    """Wait for the first of the two; whether `stop` is set by then."""
    tasks = [asyncio.ensure_future(wait) for wait in (stop.wait(), other)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    return stop.is_set()
