"""The demo: the sandbox's servers, and the real bot beside them as a process of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bot.sandbox.sandbox import Choice, Sandbox
from bot.sandbox.scenarios import UnknownScenario, find

START_SECONDS = 30.0
STOP_SECONDS = 10.0
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


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
    """Starts everything, tells where, and clears up when it is stopped."""

    def __init__(self, options: Options, manifest: Mapping[str, Any]) -> None:
        self._options = options
        choice = Choice(scenario=options.scenario, port=options.port, speed=options.speed)
        try:
            self._sandbox = Sandbox(manifest, choice)
        except (UnknownScenario, ValueError) as error:
            raise DemoFailed(f"{error}.") from None

    async def run(self, stop: asyncio.Event) -> None:
        """Live until `stop` is set. Raises DemoFailed when the port is taken or the bot dies."""
        folder = Path(tempfile.mkdtemp(prefix="seamwatch-demo-"))
        try:
            await self._live(folder, stop)
        finally:
            await self._sandbox.stop()
            if self._options.keep:
                click.echo(f"Kept in {folder}.", err=True)
            else:
                shutil.rmtree(folder, ignore_errors=True)

    async def _live(self, folder: Path, stop: asyncio.Event) -> None:
        try:
            await self._sandbox.start()
        except OSError as error:
            raise DemoFailed(
                f"The page cannot be served at port {self._options.port} ({error.strerror}): "
                "choose another --port, or leave it out."
            ) from None
        log_path = folder / "bot.log"
        bot = await start_bot(self._sandbox.write_settings(folder), log_path)
        try:
            await self._wait_for_bot(bot, log_path, stop)
            self._tell(folder)
            await _either(stop.wait(), bot.wait())
        finally:
            await stop_bot(bot)
        if not stop.is_set():
            raise DemoFailed(f"The bot has stopped: {_last_line(log_path)}")

    async def _wait_for_bot(
        self, bot: asyncio.subprocess.Process, log_path: Path, stop: asyncio.Event
    ) -> None:
        """Until the workspace sees the bot's connection."""
        async with asyncio.timeout(START_SECONDS):
            while not (self._sandbox.workspace.connected or stop.is_set()):
                if bot.returncode is not None:
                    raise DemoFailed(f"The bot did not start: {_last_line(log_path)}")
                await asyncio.sleep(0.05)

    def _tell(self, folder: Path) -> None:
        if self._options.as_json:
            click.echo(self._sandbox.as_json())
            sys.stdout.flush()
        page = self._sandbox.workspace.page_url
        scenario = find(self._options.scenario)
        for line in (
            "",
            f"  The page      {page}",
            f"  The scenario  {scenario.title}",
            f"  The settings  {folder / 'seamwatch.toml'}",
            f"  The bot's log {folder / 'bot.log'}",
            "",
            "  Open the page, watch #integrations, type /seam help. Ctrl-C stops everything.",
            "",
        ):
            click.echo(line, err=self._options.as_json)
        if self._options.open_browser:
            webbrowser.open(page)


async def start_bot(settings: Path, log_path: Path) -> asyncio.subprocess.Process:
    """Start the real bot, unmodified, in a process group of its own so that Ctrl-C is ours."""
    import bot

    root = Path(bot.__file__).resolve().parent.parent
    kept = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    path = os.pathsep.join(filter(None, [str(root), kept.get("PYTHONPATH", "")]))
    with log_path.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            "--config",
            str(settings),
            env=kept | {"PYTHONPATH": path},
            stdout=log,
            stderr=log,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )


async def stop_bot(bot: asyncio.subprocess.Process) -> None:
    """Ask it to stop; insist after some seconds."""
    if bot.returncode is not None:
        return
    bot.terminate()
    try:
        await asyncio.wait_for(bot.wait(), STOP_SECONDS)
    except TimeoutError:
        bot.kill()
        await bot.wait()


async def _either(*waits: Any) -> None:
    """Until the first of them is over."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


def _last_line(log_path: Path) -> str:
    lines = log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1].removeprefix("Error: ") if lines else "it said nothing"
