"""The door as the bot opens it by its settings file, over the bot's own desk."""

from __future__ import annotations

import logging
import socket

import httpx
import pytest

from bot.build_door import make_door
from bot.not_started import NotStarted
from bot.settings import load_settings
from tests.bot.export import scene
from tests.bot.foresight.test_forecast_command import SETTINGS
from tests.bot.slack.scene import desk_over
from tests.loopback import NO_TLS_HERE

TOKEN = "0123456789abcdef"
ENVIRON = {"BOT_TOKEN": "xoxb-1", "SECRET": "s3cret", "API_KEY": "k3y", "WEB": TOKEN}
ALL = 'dashboard = true\nmetrics = true\nfeeds = true\ntoken = "env:WEB"\n'


@pytest.fixture
def by(tmp_path):
    """The settings with this `[web]`, and the desk over a filled database."""
    store = scene.filled(tmp_path / "filled.db")

    def make(web: str):
        text = SETTINGS.replace("seamwatch.db", store.path.name) + f"[web]\n{web}"
        (tmp_path / "seamwatch.toml").write_text(text)
        return load_settings(tmp_path / "seamwatch.toml", ENVIRON), desk_over(store)

    yield make
    store.close()


async def test_everything_that_is_offered_is_served_to_who_shows_the_token(by, caplog):
    settings, desk = by(f'{ALL}listen = "127.0.0.1:0"\n')
    with caplog.at_level(logging.INFO):
        async with make_door(settings, desk, lambda: ""):
            url = caplog.records[-1].message.removeprefix("listening at ")
            headers = {"Authorization": f"Bearer {TOKEN}"}
            async with httpx.AsyncClient(verify=NO_TLS_HERE, headers=headers) as http:
                page = await http.get(url)
                assert '<section id="incidents"' in page.text
                digest = await http.get(f"{url}/digest")
                assert "<h1>Digest " in digest.text
                assert "'sha256-" in digest.headers["Content-Security-Policy"]
                assert "seamwatch_incidents_open" in (await http.get(f"{url}/metrics")).text
                rows = (await http.get(f"{url}/feeds/differences")).json()["value"]
                assert rows[0]["key"] == "1000423", "by default keys are shown in full"
    assert TOKEN not in caplog.text


async def test_without_anything_to_offer_there_is_no_door(by, caplog):
    settings, desk = by("")
    with caplog.at_level(logging.INFO):
        async with make_door(settings, desk, lambda: ""):
            assert "listening" not in caplog.text


async def test_a_port_that_is_taken_stops_the_start_in_one_sentence(by):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings, desk = by(f'metrics = true\nlisten = "127.0.0.1:{port}"\n')
        with pytest.raises(NotStarted, match=r"Nothing can listen at .*\[web\] listen\.$"):
            async with make_door(settings, desk, lambda: ""):
                pass
