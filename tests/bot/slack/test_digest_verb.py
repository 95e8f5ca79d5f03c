"""`/seam digest`: up to now, of a date, by the week."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.digest.rules import DigestRules
from bot.digest.telling import tell_digests
from bot.permissions import Right
from bot.slack.digesting import digest_mail, digest_of
from bot.slack.letters import composed
from bot.slack.verbs import by_word
from bot.store import outbox
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
        ("digest monthly", "Monthly digest of Saturday 21 November"),
        ("digest yesterday", "Digest of Friday 20 November"),
        ("digest today", "Digest of Saturday 21 November"),
        ("summary", "Digest of Saturday 21 November"),
    ],
)
def test_what_may_be_asked_for(desk, typed, title):
    assert title in ask(desk, typed).text


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("digest <!here>", "is neither a form of the digest nor a date."),
        ("digest for ever", "`for ever` is neither a form of the digest nor a date."),
        ("digest 2026-02-30", "`2026-02-30` is no day of the calendar"),
        ("digest weekly bananas", "`bananas` is neither"),
    ],
)
def test_anything_else_says_why_not_and_how_to_ask(desk, typed, why):
    said = ask(desk, typed)
    assert why in said.text
    assert "Say `/seam digest`" in said.text
    assert "`/seam digest monthly`" in said.text
    assert_slack_takes(said)


def test_of_the_future_nothing_is_told(desk):
    said = ask(desk, "digest 2027-01-01").text
    assert "The digest of 2027-01-01 lies in the future" in said
    assert "Ask for an earlier date" in said


def test_it_needs_the_right_to_read_and_works_beside_the_loop():
    verb = by_word()["digest"]
    assert (verb.right, verb.slow, verb.changes) == (Right.READ, True, False)


def row_of(store, now):
    """A digest that is due at half past eight, told at `now`."""
    for at in (EIGHT - timedelta(hours=1), now):
        with store.writing() as db:
            tell_digests(db, TIMETABLE, ["slack/C1"], at)
    (row,) = outbox.due_rows(store.db, time.time() + 1, ())
    desk = desk_over(store, clock=StillClock(now), digest=DigestRules(timetable=TIMETABLE))
    return desk, row


def test_a_row_of_the_outbox_is_said_when_it_is_sent(store):
    desk, row = row_of(store, EIGHT + timedelta(minutes=1))
    number = opened(store, EIGHT - timedelta(hours=2))
    words = words_of(digest_of(desk, row))
    assert f"#{number} high, 2 h" in words
    assert "late" not in words


def test_one_that_comes_hours_late_says_so(store):
    desk, row = row_of(store, EIGHT + timedelta(hours=3))
    assert "08:30 (Europe/London); sent 3 h late" in words_of(digest_of(desk, row))


async def test_it_is_put_together_beside_the_loop(store):
    desk, row = row_of(store, EIGHT)
    here = threading.get_ident()
    seen = []

    class Clock(StillClock):
        def now(self):
            seen.append(threading.get_ident())
            return super().now()

    letter = await composed(replace(desk, clock=Clock(EIGHT)), row)
    assert "Digest of Saturday" in letter.message.text
    assert here not in seen


def test_the_mail_holds_the_same_as_text_and_as_a_page(store):
    desk, row = row_of(store, EIGHT)
    number = opened(store, EIGHT - timedelta(hours=2))
    mail = digest_mail(desk, replace(row, possible_repeat=True))
    assert mail.subject == "Digest of Saturday 21 November 2026 · Seamwatch"
    assert mail.name == "digest-2026-11-21.html"
    assert mail.text.startswith("(This mail may be a repeat.)\n")
    assert f"#{number} high, 2 h" in mail.text
    assert f"#{number} high, 2 h" in mail.page
    assert mail.row_id == row.id
