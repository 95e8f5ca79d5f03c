"""Begins stories and ends them: no message and no warning that a story does not expect."""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import backfill, outbox, schedule
from bot.acting import executing
from bot.console import set_up_logging
from bot.foresight import workers
from bot.sandbox.clock import SandboxClock
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.sandbox import Choice, Sandbox
from bot.sandbox.workspace.options import WorkspaceOptions
from bot.slack import connection, gateway
from bot.slack.manifest import load
from bot.store import outbox as rows
from checks import budget, fetch
from tests.stories.past import Pasts, is_shared
from tests.stories.story import PATIENCE, WEDNESDAY, Story

Begin = Callable[..., Awaitable[Story]]
PATIENT = {"trigger_life": timedelta(minutes=1)}
"""For stories that open modals and are not about how soon: Slack's three seconds would test how
busy the machine is."""
HUNG_UP = r"aiohttp\.server: Error handling request.*Connection lost"
"""Of the look-alikes: a story may end while the bot reads a system."""
NO_TLS_HERE = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading certificates takes long

SHORTER = (
    (schedule, "TICK_SECONDS", 0.02),
    (budget, "MINUTE", 1.0),
    (gateway, "SECONDS_BETWEEN_MESSAGES", 0.02),
    (outbox, "FIRST_BACK_OFF", 0.05),
    (outbox, "PERSON_BACK_OFF", 0.1),
    (outbox, "SETTLE_SECONDS", 0.1),
    (rows, "REFRESH_SECONDS", 3600.0),
    (connection, "LOOK_SECONDS", 0.1),
    (backfill, "PAUSE_SECONDS", 0.1),
    (executing, "SETTLE_SECONDS", 0.1),
    (workers, "NICENESS", 0),
)
"""Transport times, which do not follow the sandbox's clock, made short: a story takes seconds. Its
workers do not give way to whatever else the machine is busy with. Edits that only bring numbers up
to date never come, so that how many edits there are does not depend on the machine."""
IMPATIENT = partial(fetch.Patience, first_retry=timedelta(milliseconds=5))


class Heard(logging.Handler):
    """Every warning and worse, and which of them a story expects."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self.expected: list[str] = []
        self.tolerated: list[str] = [HUNG_UP]

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {self.format(record)}")

    def expects(self, *patterns: str) -> None:
        """Lines that match are no surprise; each pattern must match at least one."""
        self.expected += patterns

    def tolerates(self, *patterns: str) -> None:
        """Lines that match may come or not: what is logged depends on who is quicker."""
        self.tolerated += patterns

    def says(self, phrase: str) -> bool:
        return any(phrase in line for line in self.lines)

    def surprises(self) -> list[str]:
        strange = [line for line in self.lines if not self._expected(line)]
        missed = [p for p in self.expected if not any(re.search(p, line) for line in self.lines)]
        return strange + [f"never logged: {pattern}" for pattern in missed]

    def _expected(self, line: str) -> bool:
        patterns = (*self.expected, *self.tolerated)
        return any(re.search(pattern, line, re.DOTALL) for pattern in patterns)


@pytest.fixture
def log() -> Iterator[Heard]:
    """What is logged; a story says on it which warnings it expects."""
    heard = Heard()
    set_up_logging(verbose=False)
    logging.getLogger().addHandler(heard)
    yield heard
    logging.getLogger().removeHandler(heard)
    assert heard.surprises() == []


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients would take even loopback through a proxy named in the environment."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, seconds in SHORTER:
        monkeypatch.setattr(module, name, seconds)
    monkeypatch.setattr(fetch, "Patience", IMPATIENT)


@pytest.fixture
async def prepare(tmp_path: Path, log: Heard) -> AsyncIterator[Begin]:
    """Makes stories whose bot has not been started yet, in real transport times."""
    async with AsyncExitStack() as stack:

        async def make(
            scenario: str = "quiet_day",
            *,
            settings: dict[str, str] | None = None,
            workspace: dict[str, Any] | None = None,
            systems: bool = False,
            response: bool = False,
            data: bool = False,
            **estate: Any,
        ) -> Story:
            """`settings` replaces texts in the settings file, which names the company's systems
            if `systems` and its people, rota and policy if `response`; with `data` they say what is
            compared, whose flows are, and who gets the digest. The rest are the servers' options.
            """
            choice = _choice(scenario, workspace or {}, estate)
            choice = replace(choice, systems=systems, response=response)
            choice = replace(choice, reconcile=data, owners=data, digest=data)
            sandbox = Sandbox(load(), choice)
            sandbox.clock.advance(WEDNESDAY - sandbox.clock.now())
            await sandbox.start()
            stack.push_async_callback(sandbox.stop)
            path = sandbox.write_settings(tmp_path)
            edit(path, {"budget_per_minute = 200": "budget_per_minute = 240"} | (settings or {}))
            client = httpx.AsyncClient(verify=NO_TLS_HERE, timeout=PATIENCE)
            await stack.enter_async_context(client)
            story = Story(sandbox, path, client)
            stack.push_async_callback(story.ends)
            return story

        yield make


@pytest.fixture(scope="session")
def pasts(tmp_path_factory: pytest.TempPathFactory) -> Pasts:
    """What a bot knows that has watched for a day."""
    return Pasts(tmp_path_factory.mktemp("past"), SandboxClock(start=WEDNESDAY, speed=0))


@pytest.fixture
async def begin(prepare: Begin, shorter: None, pasts: Pasts) -> Begin:
    """Begins stories: everything stands, the bot has finished its first round.

    It knows the runs of the day before, unless it `reads_the_past` or the company has one of its
    own: then it reads them beside its rounds.
    """

    async def started(
        scenario: str = "quiet_day", *, reads_the_past: bool = False, **options: Any
    ) -> Story:
        story = await prepare(scenario, **options)
        if is_shared(scenario) and not reads_the_past:
            await pasts.give(story.database, story.sandbox.estate._options)
        await story.start_bot()
        return story

    return started


def edit(path: Path, settings: Mapping[str, str]) -> None:
    """Replace texts in a settings file; each must be there."""
    text = path.read_text(encoding="utf-8")
    for before, after in settings.items():
        assert before in text, f"the settings have no {before!r}"
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def _choice(scenario: str, workspace: dict[str, Any], estate: dict[str, Any]) -> Choice:
    quick: dict[str, Any] = {"quiet": timedelta(milliseconds=80)}
    roomy: dict[str, Any] = {"history_days": 1, "calls_per_minute": 100_000}
    return Choice(
        scenario=scenario,
        speed=0,
        workspace=WorkspaceOptions(**(quick | workspace)),
        estate=EstateOptions(**(roomy | estate)),
    )
