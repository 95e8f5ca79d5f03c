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
from bot.settings import Charts
from bot.slack.charting import Charting
from bot.slack.digesting import digest_mail, digest_of
from bot.slack.letters import composed
from bot.slack.verbs import by_word
from bot.store import covered, outbox
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
    assert "and nobody has it." in said.text
    lines = words_of(said).splitlines()
    assert lines[1] == "Fri 20 Nov 12:03 to now, Sat 21 Nov 12:03 (Europe/London)"
    assert words_of(ask(desk, "digest today")) == words_of(said)
    weekly = words_of(ask(desk, "digest weekly today")).splitlines()
    assert weekly[1] == "Sat 14 Nov 12:03 to now, Sat 21 Nov 12:03 (Europe/London)"


def test_what_was_told_this_morning_says_that_it_is_of_the_morning(desk):
    stall(desk)
    desk.clock.at += timedelta(minutes=3)
    said = ask(desk, "digest 2026-11-21")
    assert "At Sat 21 Nov 08:30: Nothing is open." in said.text or "Nothing is known" in said.text


def test_a_week_that_is_not_over_ends_now_and_says_so(desk):
    stall(desk)
    desk.clock.at += timedelta(minutes=3)
    said = ask(desk, "digest weekly 2026-11-23")
    assert "1 incident has been open for 3 min" in said.text
    covered_time = words_of(said).splitlines()[1]
    assert covered_time == (
        "Mon 16 Nov 08:30 to Sat 21 Nov 12:03 (Europe/London); made before it was over "
        "(it ends Mon 23 Nov 08:30)"
    )


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


def charts_of(said):
    types = [block["type"] for block in said.blocks]
    return types.count("data_visualization"), said.picture is not None, "▁" in words_of(said)


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (Charts.AUTO, (1, True, False)),
        (Charts.NATIVE, (1, True, False)),
        (Charts.PICTURE, (0, True, False)),
        (Charts.NONE, (0, False, True)),
    ],
    ids=lambda each: each.value if isinstance(each, Charts) else "",
)
def test_it_has_one_chart_as_the_workspace_takes_it(store, wanted, shown):
    desk, row = row_of(store, EIGHT)
    opened(store, EIGHT - timedelta(hours=2))
    with store.writing() as db:
        covered.cover(db, EIGHT - timedelta(days=20), EIGHT)
    desk = replace(desk, charting=Charting(wanted, store, desk.clock))
    assert charts_of(digest_of(desk, row)) == shown
    desk.clock.at = EIGHT
    assert charts_of(ask(desk, "digest")) == shown


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
