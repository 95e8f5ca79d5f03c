"""`seamwatch whatif`, from its words to what stands in the terminal."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.store import open_store
from tests.bot.peak_scene import ENVIRONMENT, NOON, learn, make_estate


@pytest.fixture
def run(tmp_path, monkeypatch, time_machine):
    """The command beside a bot that has learned."""
    time_machine.move_to(NOON + timedelta(minutes=20))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    store = open_store(tmp_path / "seamwatch.db")
    learn(make_estate(tmp_path, store))
    store.close()

    def whatif(*words):
        told = ["whatif", "--config", str(tmp_path / "seamwatch.toml"), *words]
        return CliRunner().invoke(main, told)

    return whatif


def test_the_terminal_tells_what_breaks_and_what_would_hold(run):
    found = run("netsuite", "volume", "x3", "on", "2026-11-27")
    assert found.exit_code == 0, found.output
    assert found.output.startswith("         With 3 times the usual volume of NetSuite on Friday")
    assert "breach   NetSuite rate limit in Patchworks" in found.output
    assert "most likely Fri 27 Nov" in found.output
    assert "Move `Stock sync`" in found.output


def test_a_machine_reads_one_line_of_json(run):
    found = run("--json", "netsuite", "+200%", "on", "2026-11-27")
    (line,) = found.output.splitlines()
    told = json.loads(line)
    assert told["times"] == 3
    first = told["limits"][0]
    assert first["limit"] == "instance/702/rate"
    assert first["breaks"] is True
    assert first["headroom"] < 0
    assert first["advice"][0]["sentence"].startswith("Move `Stock sync`")


def test_a_sale_of_these_days_is_told(run):
    found = run("netsuite", "x1.5", "on", "2026-12-05")
    said = "of NetSuite on Saturday 5 December, Winter sale (2 times) included:"
    assert said in found.output
    told = json.loads(run("--json", "netsuite", "x3", "on", "winter", "sale").output)
    assert told["promotions"] == [{"name": "Winter sale", "times": 2, "included": False}]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        pytest.param(["netsuite"], '"netsuite" names no multiple', id="no multiple"),
        pytest.param(["nobody", "x3"], "No system is called", id="no such system"),
    ],
)
def test_what_is_misspelt_ends_with_one_sentence(run, words, part):
    found = run(*words)
    assert found.exit_code == 1
    assert found.output.startswith("Error: ")
    assert part in found.output
