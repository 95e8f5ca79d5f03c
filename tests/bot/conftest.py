"""A fresh database for each test, and verdicts to judge with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

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
