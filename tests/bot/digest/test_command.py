"""`seamwatch digest` in the terminal and as a page, over a bot's database."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bot.digest.commands import digest
from tests.bot.digest import scene
from tests.bot.foresight.test_forecast_command import SETTINGS


@pytest.fixture
def told(store, tmp_path, monkeypatch):
    """The command over this database, with so many words after it."""
    for name, value in (("BOT_TOKEN", "xoxb-1"), ("SECRET", "s3cret"), ("API_KEY", "k3y")):
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    people = '[[person]]\nname = "Priya"\nslack = "U0PRIYA"\n'
    text = SETTINGS.replace("seamwatch.db", store.path.name) + people
    (tmp_path / "seamwatch.toml").write_text(text)
    return lambda *words: CliRunner().invoke(digest, words)


def test_a_past_date_in_the_terminal(told, store):
    scene.bad_day(store)
    said = told("--date", "2026-11-21")
    assert said.exit_code == 0, said.output
    assert said.output.startswith("Digest of Saturday 21 November 2026 · Acme Outdoors\n")
    assert "· Priya has it" in said.output


def test_the_same_as_a_page(told, store, tmp_path):
    scene.bad_day(store)
    said = told("--date", "2026-11-21", "--html", "out.html")
    assert (said.exit_code, said.output) == (0, "Written to out.html.\n")
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "<h1>Digest of Saturday 21 November 2026 · Acme Outdoors</h1>" in page


def test_without_a_date_it_is_up_to_now(told, store):
    said = told("--form", "weekly")
    assert said.exit_code == 0, said.output
    assert said.output.startswith("Weekly digest of ")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        pytest.param(["--date", "2999-01-01"], 1, "lies in the future", id="in the future"),
        pytest.param(["--date", "yesterday"], 2, "does not match the format", id="no date"),
        pytest.param(["-c", "none.toml"], 1, "there is no such file", id="no settings"),
        pytest.param(["--html", "no/such/folder.html"], 1, "No such file", id="no folder"),
    ],
)
def test_what_cannot_be_told_says_why(told, words, code, sentence):
    said = told(*words)
    assert said.exit_code == code
    assert sentence in said.output
    assert "Traceback" not in said.output


def test_nothing_is_written_to_the_database(told, store):
    scene.quiet_day(store)
    before = store.db.execute("PRAGMA data_version").fetchone()
    assert told("--date", "2026-11-21").exit_code == 0
    assert store.db.execute("PRAGMA data_version").fetchone() == before
