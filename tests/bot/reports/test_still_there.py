"""How long it lasted, in the report on what a person resolved while it stood."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.incidents.events import Resolve
from bot.incidents.model import Actor
from bot.reports.facts import Around, gather
from bot.reports.report import write
from bot.transitions import act
from checks.model import Level
from runbooks.book import Book
from tests.bot.slack.scene import ALEX, MINUTE, TITLES, desk_over, stall

AROUND = Around(zone=ZoneInfo("Europe/London"), estate="Acme", titles=TITLES, book=Book())
SECONDS = timedelta(seconds=23)


@pytest.fixture
def desk(store):
    """Alex resolved it after 23 s; a minute later it was seen again."""
    made = desk_over(store)
    stall(made, "Orders")
    made.clock.at += SECONDS
    by = Actor(who=ALEX, via="button")
    act(store, 1, Resolve(), by, made.clock.at, destination="slack/C1")
    looks(made, Level.BREACH, MINUTE)
    return made


def looks(desk, level, later):
    desk.clock.at += later
    stall(desk, "Orders", level=level)


def report(desk):
    desk.clock.at += MINUTE
    return write(gather(desk.store.db, 1, AROUND, {ALEX: "Alex"}, desk.clock.at))


def test_what_stands_has_no_end(desk):
    said = report(desk)
    assert "- Duration: still there, 1 min 23 s so far (resolved after 23 s)" in said
    found = "It was still there when last looked at, 21 Nov 2026 12:01:23 GMT."
    assert f"Alex resolved it after 23 s. {found}" in said
    assert f"resolved 21 Nov 2026 12:00:23 GMT. {found.removesuffix('.')}\n" in said
    assert "gone 21 Nov" not in said


def test_what_went_later_lasted_until_then(desk):
    for _ in range(2):
        looks(desk, Level.OK, MINUTE)
    said = report(desk)
    assert "- Duration: 3 min 23 s (resolved after 23 s)" in said
    assert "resolved 21 Nov 2026 12:00:23 GMT. It was gone 21 Nov 2026 12:03:23 GMT\n" in said
    assert "Alex resolved it after 23 s. It was gone 21 Nov 2026 12:03:23 GMT." in said
    assert ", gone 21 Nov" not in said


def test_what_goes_on_as_another_incident_says_so(desk):
    looks(desk, Level.BREACH, timedelta(hours=2))
    said = report(desk)
    assert "- Duration: resolved after 23 s, but #2 goes on with it" in said
    assert "Alex resolved it after 23 s. It did not go away: #2 goes on with it." in said
    assert ", gone 21 Nov" not in said
