"""A fresh database for each test, verdicts to judge with, and one Chromium for the whole run."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from bot.store import Store
from checks.model import Level, Subject, Verdict
from tests.databases import new_store


@pytest.fixture
def noon() -> datetime:
    return datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "seamwatch.db")
    yield opened
    opened.close()


@pytest.fixture
def verdict() -> Callable[..., Verdict]:
    """A verdict about the queue; anything may be set otherwise."""

    def make(level: Level = Level.BREACH, **changes: object) -> Verdict:
        told: dict[str, object] = {
            "check": "stalled_queue",
            "condition": "queue",
            "subject": Subject(kind="queue", id="main", name="the run queue"),
            "level": level,
            "signal": "stall",
            "sentence": "Nothing has started for 2 min.",
        }
        return Verdict(**(told | changes))  # type: ignore[arg-type]

    return make


CHROMIUM_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Starting one takes seconds; every page in it that `new_page` makes has nothing stored."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        give_up = pytest.fail if os.environ.get("SEAMWATCH_NEEDS_CHROMIUM") else pytest.skip
        give_up("no Chromium on this machine (looked for " + ", ".join(names) + ")")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_SWITCHES)
        yield launched
        await launched.close()
