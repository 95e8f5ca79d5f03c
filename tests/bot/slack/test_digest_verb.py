"""`/seam digest`: up to now, of a date, by the week."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.digest.telling import tell_digests
from bot.permissions import Right
from bot.slack.digesting import digest_of
from bot.slack.verbs import by_word
from bot.store.outbox import Purpose, Row
from tests.bot.digest.scene import EIGHT, TIMETABLE, opened
from tests.bot.slack.scene import (
    StillClock,
    ask,
    assert_slack_takes,
    desk_over,
    stall,
    words_of,
)


@pytest.fixture
def desk(store):
    return desk_over(store)


def test_it_tells_how_things_are_now(desk):
    stall(desk)
    desk.clock.at += timedelta(minutes=3)
    said = ask(desk, "digest")
    assert_slack_takes(said)
    assert "1 incident is open and in nobody's hand" in said.text
    assert "Fri 20 Nov 12:03 to Sat 21 Nov 12:03 (Europe/London)" in words_of(said)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("digest weekly", "Weekly digest of Saturday 21 November"),
        ("digest 2026-11-20", "Digest of Friday 20 November"),
        ("digest weekly 2026-11-16", "Weekly digest of Monday 16 November"),
        ("summary", "Digest of Saturday 21 November"),
    ],
)
def test_what_may_be_asked_for(desk, typed, title):
    assert title in ask(desk, typed).text


@pytest.mark.parametrize("typed", ["digest <!here>", "digest 2026-13-01", "digest for ever"])
def test_anything_else_says_how_to_ask(desk, typed):
    said = ask(desk, typed)
    assert said.text.startswith("Say `/seam digest`")
    assert_slack_takes(said)


def test_of_the_future_nothing_is_told(desk):
    assert "ask for an earlier date" in ask(desk, "digest 2027-01-01").text


def test_it_needs_the_right_to_read_and_works_beside_the_loop():
    verb = by_word()["digest"]
    assert (verb.right, verb.slow, verb.changes) == (Right.READ, True, False)


def test_a_row_of_the_outbox_is_said_when_it_is_sent(store):
    desk = desk_over(store, clock=StillClock(EIGHT + timedelta(minutes=1)))
    for now in (EIGHT - timedelta(hours=1), EIGHT):
        with store.writing() as db:
            tell_digests(db, TIMETABLE, ["slack/C1"], now)
    number = opened(store, EIGHT - timedelta(hours=2))
    row = Row(
        number=1, id="x", topic="digest/2026-11-21", incident_id=None, destination="slack/C1",
        purpose=Purpose.ROOT, step=0, created_at=EIGHT, body="", claim=1, ambiguous=False,
        possible_repeat=False, attempts=0, problem="",
    )  # fmt: skip
    said = digest_of(desk, row, TIMETABLE)
    assert f"#{number} high, 2 h" in words_of(said)
