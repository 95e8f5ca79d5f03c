"""Rotas from the settings and from calendars: fetched, kept, and honest about what failed."""

from __future__ import annotations

import json
import logging
from datetime import UTC, date, datetime, time, timedelta

import httpx
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from bot.cli import main
from bot.incidents.rota import Every, on_call
from bot.oncall.gaps import gap_sentences
from bot.oncall.ical_import import Person
from bot.oncall.rotas import Rotas
from bot.rota_settings import LayerSettings, RotaSettings
from tests.bot.slack.scene import NOON, StillClock
from tests.bot.test_settings import GOOD

SECRET = "https://calendar.example/private-7f3a/basic.ics"
PEOPLE = (Person(name="Alex"), Person(name="Priya", email="priya@example.com"))
HOUR = timedelta(hours=1)


def feed(who="Alex"):
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        "DTSTAMP:20261101T000000Z\r\nDTSTART:20261101T090000Z\r\nDTEND:20261101T210000Z\r\n"
        f"RRULE:FREQ=DAILY\r\nSUMMARY:{who}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


class Server:
    """Answers what it is told to."""

    def __init__(self):
        self.status, self.body, self.error = 200, feed(), None

    def __call__(self, request):
        if self.error:
            raise self.error
        return httpx.Response(self.status, text=self.body)


@pytest.fixture
def server():
    return Server()


@pytest.fixture
async def http(server):
    async with httpx.AsyncClient(transport=httpx.MockTransport(server)) as client:
        yield client


def rotas_over(store, ical=SECRET):
    return Rotas([RotaSettings(name="stores", ical=ical)], PEOPLE, store=store, clock=StillClock())


def holder(rotas):
    return on_call(rotas.all[0], (), NOON)


async def test_a_calendar_at_an_address_is_fetched(store, http):
    rotas = rotas_over(store)
    assert holder(rotas) == ()
    assert "has not been fetched yet" in rotas.trouble["stores"]
    await rotas.refresh(http)
    assert holder(rotas) == ("Alex",)
    assert rotas.trouble == {}


@pytest.mark.parametrize(
    ("failing", "why"),
    [
        ({"status": 404}, "answers HTTP 404"),
        ({"body": "<html>Sign in</html>"}, "no calendar that can be read"),
        ({"error": httpx.ConnectError("refused by 10.0.0.1")}, "does not answer (ConnectError)"),
        ({"body": "x" * 5_000_001}, "larger than 5 MB"),
    ],
)
async def test_what_was_last_read_holds_and_the_trouble_is_said(
    store, http, server, failing, why, caplog
):
    rotas = rotas_over(store)
    await rotas.refresh(http)
    vars(server).update(failing)
    caplog.clear()
    caplog.set_level(logging.INFO)
    await rotas.refresh(http)
    await rotas.refresh(http)
    assert holder(rotas) == ("Alex",)
    assert why in rotas.trouble["stores"]
    assert "what was last read of it holds" in rotas.trouble["stores"]
    told = [record.message for record in caplog.records if record.name == "bot.oncall.rotas"]
    assert told == [rotas.trouble["stores"]]
    assert "private-7f3a" not in "".join(told)
    server.__init__()
    server.body = feed("Priya")
    await rotas.refresh(http)
    assert (holder(rotas), rotas.trouble) == (("Priya",), {})


async def test_what_was_read_survives_a_restart(store, http):
    await rotas_over(store).refresh(http)
    assert holder(rotas_over(store)) == ("Alex",)


async def test_events_that_name_nobody_are_said(store, http, server):
    server.body = feed("Bob")
    rotas = rotas_over(store)
    await rotas.refresh(http)
    assert "events that name no [[person]]: 'Bob'" in rotas.trouble["stores"]


async def test_a_calendar_file_is_read_anew(store, http, tmp_path):
    file = tmp_path / "stores.ics"
    rotas = rotas_over(store, str(file))
    assert "its file cannot be read" in rotas.trouble["stores"]
    file.write_text(feed())
    await rotas.refresh(http)
    assert holder(rotas) == ("Alex",)
    file.write_text("nonsense")
    await rotas.refresh(http)
    assert holder(rotas) == ("Alex",)
    assert "what was last read of it holds" in rotas.trouble["stores"]


def layer(**more):
    told = {"members": ("Alex",), "every": "daily", "start": date(2026, 11, 2)}
    return LayerSettings(**(told | more))


def test_a_layer_is_what_the_settings_say():
    made = layer(handover="08:30", hours="Mon-Fri 22:00-06:00", length=2).as_layer(3)
    assert (made.name, made.every, made.length) == ("layer 3", Every.DAILY, 2)
    assert (made.handover, made.hours) == (time(8, 30), (time(22), time(6)))
    assert made.days == frozenset(range(5))
    assert layer(hours="Sat,Sun").as_layer(1).hours is None
    assert layer(hours="Sat,Sun").as_layer(1).days == frozenset({5, 6})


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"every": "yearly"}, "'hourly', 'daily', 'weekly' or 'monthly'"),
        ({"hours": "nine to five"}, "expected hours"),
        ({"handover": "9"}, "expected a time of day"),
        ({"members": ()}, "at least 1 item"),
        ({"length": 0}, "greater than or equal to 1"),
    ],
)
def test_a_wrong_layer_is_refused(wrong, why):
    with pytest.raises(ValidationError, match=why):
        layer(**wrong)


def test_a_private_address_is_never_shown():
    made = RotaSettings(name="stores", ical=SECRET)
    assert "private" not in repr(made)
    with pytest.raises(ValidationError) as refused:
        RotaSettings(name="stores", ical="http://calendar.example/private-7f3a")
    assert "expected a file or an https:// address" in str(refused.value)


def test_gaps_of_four_weeks_are_told_by_the_clocks_of_the_rota():
    office = RotaSettings(
        name="office", timezone="America/New_York", layer=(layer(hours="Mon-Fri 09:00-18:00"),)
    )
    always = RotaSettings(name="always", layer=(layer(),))
    later = RotaSettings(name="later", layer=(layer(start=date(2027, 6, 1)),))
    rotas = Rotas([office, always, later]).all
    now = datetime(2026, 11, 23, 20, tzinfo=UTC)
    assert gap_sentences(rotas, (), now) == [
        (
            "Rota office: nobody is on call for 20 d 12 h of the next four weeks: "
            "Mon 23 Nov 18:00 to Tue 24 Nov 09:00, Tue 24 Nov 18:00 to Wed 25 Nov 09:00, "
            "Wed 25 Nov 18:00 to Thu 26 Nov 09:00, Thu 26 Nov 18:00 to Fri 27 Nov 09:00, "
            "Fri 27 Nov 18:00 to Mon 30 Nov 09:00 and 15 more (America/New_York)."
        ),
        "Rota later: nobody is on call from Mon 23 Nov 20:00 on.",
    ]


TOLD = """
[[person]]
name = "Alex"
slack = "U0ALEX"
[[rota]]
name = "integrations"
[[rota.layer]]
members = ["Alex"]
every = "weekly"
start = 2026-01-05
hours = "Mon-Fri 09:00-18:00"
"""


@pytest.fixture
def typed(tmp_path, monkeypatch):
    """What `seamwatch` says to these words, over these settings."""
    (tmp_path / "app_token").write_text("xapp-very-secret\n")
    monkeypatch.setenv("BOT_TOKEN", "xoxb-very-secret")
    monkeypatch.setenv("API_KEY", "pw-very-secret")

    def typed(settings, *words):
        path = tmp_path / "seamwatch.toml"
        path.write_text(GOOD + settings)
        return CliRunner().invoke(main, [*words, "-c", str(path)])

    return typed


def test_config_check_warns_of_gaps_and_ends_well(typed):
    found = typed(TOLD, "config", "check")
    assert found.exit_code == 0
    assert "Warning: Rota integrations: nobody is on call for " in found.output


def test_config_check_refuses_members_who_are_nobody(typed):
    found = typed(TOLD.replace('["Alex"]', '["Alex", "Bob"]'), "config", "check")
    assert found.exit_code == 1
    assert "[[rota]] 'integrations' names 'Bob'; expected a [[person]] of that name" in found.output


def test_either_layers_or_a_calendar(typed):
    found = typed('[[rota]]\nname = "x"\n', "config", "check")
    assert "expected either [[rota.layer]] sections or ical" in found.output


def test_the_command_prints_sentences_a_calendar_or_json(typed):
    said = typed(TOLD, "oncall")
    assert "integrations (Europe/London): " in said.output
    assert "Alex  (layer 1)" in said.output
    feed = typed(TOLD, "oncall", "--ical").output
    assert feed.startswith("BEGIN:VCALENDAR")
    assert "SUMMARY:Alex on call: integrations" in feed
    rows = [json.loads(line) for line in typed(TOLD, "oncall", "--json").output.splitlines()]
    assert {row["person"] for row in rows} == {"Alex"}


@pytest.mark.parametrize(
    ("settings", "words", "why"),
    [
        ("", ["oncall"], "There is no [[rota]] in the settings."),
        (TOLD, ["oncall", "stores"], "There is no rota 'stores'; there are integrations."),
        (
            TOLD + TOLD.split("[[rota]]")[1].join(["[[rota]]", ""]).replace("integ", "immig"),
            ["oncall", "--ical"],
            "A calendar is of one rota; name one of integrations, immigrations.",
        ),
    ],
)
def test_the_command_fails_in_a_sentence(typed, settings, words, why):
    found = typed(settings, *words)
    assert found.exit_code == 1
    assert why in found.output
