"""Commands that run once go by the clock of the settings, as the bot does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.clock import domain_now

LATER = datetime(2027, 3, 8, 9, tzinfo=UTC)
SOON = timedelta(minutes=1)


class Told(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        at = LATER.isoformat() if self.path == "/clock" else "noon"
        self.wfile.write(json.dumps({"now": at, "speed": 60, "version": 1}).encode())

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Told) as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


def test_without_a_clock_in_the_settings_it_is_the_machines():
    assert abs(domain_now(None) - datetime.now(UTC)) < SOON


def test_the_clock_of_the_settings_is_asked(server):
    assert domain_now(f"{server}/clock") == LATER


def test_a_clock_that_tells_no_time_leaves_the_machines(server, caplog):
    assert abs(domain_now(f"{server}/odd") - datetime.now(UTC)) < SOON
    assert "does not answer (ValueError)" in caplog.text


def test_a_clock_that_is_gone_leaves_the_machines(caplog):
    assert abs(domain_now("http://127.0.0.1:9/clock") - datetime.now(UTC)) < SOON
    assert "does not answer (ConnectError)" in caplog.text
