"""A filled store, with a settings file beside it."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.bot.export import scene
from tests.bot.foresight.test_forecast_command import SETTINGS


@pytest.fixture
def filled(tmp_path):
    with closing(scene.filled(tmp_path / "filled.db")) as store:
        yield store


@pytest.fixture
def settings_file(filled, tmp_path, monkeypatch):
    """Where the commands look for it; returns what writes more into it."""
    for name, value in (("BOT_TOKEN", "xoxb-1"), ("SECRET", "s3cret"), ("API_KEY", "k3y")):
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def write(more: str = "") -> None:
        text = SETTINGS.replace("seamwatch.db", filled.path.name) + more
        (tmp_path / "seamwatch.toml").write_text(text)

    write()
    return write
