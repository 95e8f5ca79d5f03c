"""Commands that run once go by the clock of the settings, as the bot does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import domain_now
from tests.bot.clock_server import LATER, clock_server

SOON = timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[str]:
    with clock_server() as url:
        yield url


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
