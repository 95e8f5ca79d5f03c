"""What the doctor says of who is told: rotas, pagers, and where pagers call back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.doctor_response import say_response
from bot.finding import State
from bot.saying import intend
from bot.settings import load_settings
from bot.store.outbox import Purpose
from bot.transitions import judge
from tests.bot.paging.test_pager_settings import GOOD_KEY
from tests.bot.response_scene import rules, verdict
from tests.bot.test_settings import GOOD

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOLD = """
[[person]]
name = "Alex"
slack = "U0ALEX"
[[rota]]
name = "day"
timezone = "Europe/London"
[[rota.layer]]
members = ["Alex"]
every = "weekly"
start = 2026-01-05
hours = "Mon-Fri 09:00-18:00"
[[rota]]
name = "ended"
ical = "none.ics"
[[pager]]
kind = "webhook"
name = "night"
url = "https://pager.example/x"
signing_secret = "env:HOOK"
inbound_secret = "env:HOOK"
[[policy]]
name = "normal"
fallback = ["pager:night"]
[[policy.step]]
tell = ["rota:day"]
"""


@pytest.fixture
def settings(tmp_path, monkeypatch):
    (tmp_path / "app_token").write_text("xapp-very-secret\n")
    for name, secret in {"BOT_TOKEN": "xoxb-x", "API_KEY": "pw-x", "HOOK": GOOD_KEY}.items():
        monkeypatch.setenv(name, secret)
    path = tmp_path / "seamwatch.toml"
    path.write_text(GOOD + TOLD)
    return load_settings(path)


def told(settings, store, now=MONDAY):
    return {each.about: each for each in say_response(settings, store, now)}


def test_who_is_on_call_is_told_with_what_comes_next(settings, store):
    found = told(settings, store)["On call: day"]
    assert (found.state, found.sentence) == (
        State.WELL,
        "Alex until Mon 23 Nov 18:00 (Europe/London), then nobody.",
    )
    night = told(settings, store, MONDAY + timedelta(hours=9))["On call: day"]
    assert night.sentence == "Nobody now; from Tue 24 Nov 09:00 (Europe/London) on Alex."


def test_a_calendar_that_cannot_be_read_is_trouble(settings, store):
    assert told(settings, store)["On call: ended"].state is State.TROUBLE


def test_a_pager_is_known_by_whether_its_newest_message_arrived(settings, store):
    about = "Pager: night (webhook)"
    assert told(settings, store)[about].state is State.UNKNOWN
    with store.writing() as db:
        judge(db, [verdict()], rules(), MONDAY)
        intend(db, "incident/1", "pager/night", Purpose.PAGE, MONDAY)
    later = MONDAY + timedelta(minutes=5)
    assert "is on its way" in told(settings, store, later)[about].sentence
    pending = "UPDATE outbox SET problem = 'it answers 500' WHERE destination = 'pager/night'"
    store.db.execute(pending)
    missed = told(settings, store, later)[about]
    assert missed.state is State.TROUBLE
    assert missed.sentence == "A message of 5 min ago has not arrived: it answers 500."
    store.db.execute("UPDATE outbox SET state = 'sent', ts = '1' WHERE destination = 'pager/night'")
    assert told(settings, store, later)[about].sentence == "It took what it was told 5 min ago."


def test_it_says_where_pagers_call_back(settings, store):
    found = told(settings, store)["Inbound"].sentence
    assert "http://127.0.0.1:8321/inbound/night" in found
    assert "web.url" in found


def test_without_a_database_all_that_the_settings_say_is_told(settings):
    assert set(told(settings, None)) == {
        "On call: day",
        "On call: ended",
        "Pager: night (webhook)",
        "Inbound",
    }


def test_config_check_tells_of_a_broken_calendar_once(settings, tmp_path, caplog):
    found = CliRunner().invoke(main, ["config", "check", "-c", str(tmp_path / "seamwatch.toml")])
    assert found.output.count("The calendar of rota ended cannot be used") == 1
    assert found.exit_code == 0
    assert "cannot be used" not in caplog.text, "it would stand on standard error as well"
