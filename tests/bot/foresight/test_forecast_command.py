"""`seamwatch forecast` in the terminal, over the database of a bot that may be running."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from bot import inventory
from bot.cli import main
from bot.inventory import Limits
from bot.store.forecasts import save_forecasts
from tests.bot.slack import forecasts
from tests.bot.slack.forecasts import BAND, NOON

SETTINGS = """
[estate]
name = "Acme Outdoors"
timezone = "Europe/London"
[slack]
token = "env:BOT_TOKEN"
signing_secret = "env:SECRET"
channel = "#integrations"
[patchworks]
api_key = "env:API_KEY"
[watch]
database = "seamwatch.db"
"""


@pytest.fixture
def told(tmp_path, monkeypatch):
    """The command over this database, with so many words after it."""
    for name, value in (("BOT_TOKEN", "xoxb-1"), ("SECRET", "s3cret"), ("API_KEY", "k3y")):
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seamwatch.toml").write_text(SETTINGS)
    return lambda *words: CliRunner().invoke(main, ["forecast", *words])


@pytest.fixture
def foreseen(store):
    """What a running bot has foreseen; its database stays open."""
    with store.writing() as db:
        inventory.save_limits(db, forecasts.LIMITS)
        save_forecasts(db, [replace(forecasts.LIKELY.allowance.forecast, band=BAND)])


def test_a_line_a_limit_the_likeliest_first(told, foreseen):
    said = told()
    assert said.exit_code == 0, said.output
    first, *_, last = said.output.splitlines()
    assert first == (
        "early    dispatch calls: 83 % within 72 h, most likely Sun 22 Nov 15:00 (between Sun 22 "
        "Nov 12:00 and Mon 23 Nov 16:00), peak 2,540, usually 2,100, limit 2,400 calls an hour, "
        "made Sat 21 Nov 12:00"
    )
    assert last == "unknown  fluent <!here> calls: too little history: 20 h"


def test_one_system_alone(told, foreseen):
    said = told("shop")
    assert [line.split()[1] for line in said.output.splitlines()] == ["shop"]


def test_json_holds_the_numbers(told, foreseen):
    first, *_ = (json.loads(line) for line in told("--json").output.splitlines())
    assert first["limit"] == "system/dispatch/calls"
    assert [(each["hours"], each["chance"]) for each in first["within"]] == [(24, 0.41), (72, 0.83)]
    assert first["made_at"] == NOON.isoformat()


def test_a_picture_is_drawn_into_a_file(told, foreseen, tmp_path):
    said = told("dispatch", "--png", "chart.png")
    assert said.exit_code == 0, said.output
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


FAILURES = {
    "a system that is not known": (["nobody"], 'Nothing is foreseen of "nobody"; known are'),
    "nothing to draw": (["fluent", "--png", "x.png"], "too little history: 20 h"),
    "far from its limit": (["pim", "--png", "x.png"], "only that it is far away"),
    "a file that cannot be written": (["dispatch", "--png", "no/where.png"], "no/where.png"),
}


@pytest.mark.parametrize(("words", "why"), FAILURES.values(), ids=FAILURES.keys())
def test_one_sentence_for(told, foreseen, words, why):
    said = told(*words)
    assert said.exit_code == 1
    assert said.output.count("Error: ") == 1
    assert why in said.output


def test_before_anything_was_foreseen(told):
    said = told()
    assert said.exit_code == 1
    assert "the first forecasts follow the first rounds" in said.output


def test_the_newest_round_is_what_counts(told, foreseen, store):
    with store.writing() as db:
        inventory.save_limits(db, Limits(at=NOON, allowances=(forecasts.QUIET,)))
    assert "dispatch" not in told().output
