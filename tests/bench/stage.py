"""What a benchmark plays on: a timed Slack, an estate, the programs between them, a table."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from bot.sandbox.clock import SandboxClock
from bot.sandbox.declared import secrets_of, settings_text, used_shops
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.server import EstateServer
from bot.sandbox.history import write_history
from bot.sandbox.run import PROXIES, BotProcess, start_bot, stop_bot
from bot.sandbox.sandbox import SETTINGS
from tests.bench.stopwatch_slack import CHANNELS

HERE = Path(__file__).resolve().parent
DESTINATION = f"slack/{CHANNELS['integrations']}"
STALLED = timedelta(minutes=2)
"""So long after its start the scenario `stuck_queue` has a queue that stands still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of a benchmark's table; what there is none of stays empty."""

    what: str
    measured: str
    reference: str = ""
    ratio: str = ""
    hold: str = ""


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a benchmark's table."""
    table = Table("what", "measured", "reference", "ratio", "hold", title=title)
    table.title_justify = "left"
    for figure in figures:
        cells = (figure.what, figure.measured, figure.reference, figure.ratio, figure.hold)
        table.add_row(*cells)
    console = Console(width=110)
    console.print()
    console.print(table)


@asynccontextmanager
async def program(script: str, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program of this folder as a process of its own, with a pipe from its output."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / script),
        *arguments,
        env=kept | {"PYTHONPATH": str(HERE.parent.parent)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        await stop_bot(process)


class Slack:
    """The timed Slack in its own process."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url, self._client = url, client

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    async def ask(self, text: str, patience: float = 60.0) -> dict[str, Any]:
        """Type one command as soon as an app is connected."""
        (told,) = await self.load([text], rate=100, number=1, patience=patience)
        return told

    async def load(
        self, texts: Sequence[str], *, rate: float, number: int, patience: float = 60.0
    ) -> list[dict[str, Any]]:
        """Type so many commands, `rate` a second; how each fared, in seconds."""
        load = {"texts": texts, "rate": rate, "number": number}
        body = {"load": load, "patience": patience}
        answer = await self._client.post(f"{self.url}/orders", json=body)
        answer.raise_for_status()
        return list(answer.json())


@asynccontextmanager
async def timed_slack() -> AsyncIterator[Slack]:
    async with program("stopwatch_slack.py") as process:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(trust_env=False, timeout=120.0) as client:
            yield Slack(url, client)


@asynccontextmanager
async def estate(scenario: str, *, speed: float = 1.0) -> AsyncIterator[EstateServer]:
    """An estate without a limit on calls, `STALLED` into its scenario."""
    clock = SandboxClock()
    options = EstateOptions(calls_per_minute=100_000, history_days=1)
    server = EstateServer(clock=clock, scenario=scenario, options=options)
    await server.start()
    try:
        clock.advance(STALLED)
        clock.set_speed(speed)
        yield server
    finally:
        await server.stop()


def write_settings(folder: Path, slack: Slack, watched: EstateServer, past: Path) -> Path:
    """The sandbox's own settings, for these two servers and a database with a past."""
    shutil.copy(past, folder / "seamwatch.db")
    secrets = {"bot_token": "xoxb-bench", "app_token": "xapp-bench", "api_key": watched.api_key}
    for name, secret in secrets.items():
        (folder / name).write_text(secret, encoding="utf-8")
    path = folder / "seamwatch.toml"
    settings = SETTINGS.format(
        api_url=slack.api_url,
        core_url=watched.core_url,
        start_url=watched.start_url,
        login_url=watched.login_url,
        clock_url=watched.clock_url,
    )
    path.write_text(settings, encoding="utf-8")
    return path


async def with_systems(settings: Path, watched: EstateServer) -> None:
    """Let the bot look at the company's systems too, and know eight weeks of their volumes: then it
    has forecasts to fit as soon as its first round is over."""
    folder = settings.parent
    for shop in used_shops():
        for name, secret in secrets_of(shop).items():
            (folder / name).write_text(secret, encoding="utf-8")
    with settings.open("a", encoding="utf-8") as file:
        file.write("\n" + settings_text(watched.url, datetime.now(UTC).date()))
    history = folder / "history.csv"
    write_history(watched.company, history)
    importing = BotProcess(settings, settings.with_name("import.log"))
    said = await importing.import_history(history)
    assert said == "", said


def fitted(database: Path) -> int:
    """How many series have been learned, and forecasts made, by now."""
    with _reading(database) as db:
        counts = (
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 (our own names)
            for table in ("learned", "forecasts")
        )
        return sum(counts)


@asynccontextmanager
async def running_bot(settings: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real bot; its log stands beside its settings."""
    process = await start_bot(settings, settings.with_name("bot.log"))
    try:
        yield process
    finally:
        await stop_bot(process)


def newest_round(database: Path) -> str | None:
    """When the newest round was, as the bot has noted it; None before the first."""
    with _reading(database) as db:
        row = db.execute("SELECT at FROM snapshots WHERE name = 'round'").fetchone()
    return row[0] if row else None


async def until_rounds_run(database: Path, seconds: float = 60.0) -> None:
    """Until the first round, which reads a whole day back, is over."""
    deadline = time.monotonic() + seconds
    while newest_round(database) is None:
        assert time.monotonic() < deadline, "the bot has not finished a round"
        await asyncio.sleep(0.1)


def resident_mb(pid: int) -> float:
    """Resident memory of a process, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


async def lines_of(process: asyncio.subprocess.Process) -> AsyncIterator[dict[str, Any]]:
    """What a program prints, one JSON object a line."""
    assert process.stdout is not None
    async for line in process.stdout:
        yield json.loads(line)


@contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        yield db
    finally:
        db.close()
