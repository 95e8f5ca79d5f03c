"""A database of its own for each case, and pauses of transport shortened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Store, open_store
from tests.bot.slack.test_gateway import desk as desk  # a channel of a server that speaks Slack
from tests.bot.test_response_settings import load as load  # settings with these sections besides
from tests.faults.scene import Folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "seamwatch.db")
    yield opened
    opened.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SETTLE_SECONDS", "FIRST_BACK_OFF", "STORE_BACK_OFF"):
        monkeypatch.setattr(f"bot.outbox.{name}", 0.02)


@pytest.fixture
def outside(tmp_path: Path) -> Folder:
    (tmp_path / "outside").mkdir()
    return Folder(tmp_path / "outside")
