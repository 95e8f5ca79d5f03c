"""Times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.moments import FAR, HOW, PAST, NotAMoment, read_span

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 7, 15, 18, 30, tzinfo=UTC)  # a Wednesday, 19:30 in London


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def until(typed, now):
    """The moment that all of the words tell, as the end of a span that begins now."""
    span = read_span(typed, now, LONDON)
    assert (span.since, span.rest) == (now, "")
    return span.until


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("20:00", "2026-07-15 20:00"),
        ("18:00", "2026-07-16 18:00"),
        ("19:30", "2026-07-16 19:30"),
        ("until 09:00", "2026-07-16 09:00"),
        ("9.15", "2026-07-16 09:15"),
        ("9am", "2026-07-16 09:00"),
        ("9:30 PM", "2026-07-15 21:30"),
        ("12am", "2026-07-16 00:00"),
        ("12 pm", "2026-07-16 12:00"),
        ("noon", "2026-07-16 12:00"),
        ("at 9", "2026-07-16 09:00"),
        ("tomorrow 9:00", "2026-07-16 09:00"),
        ("tomorrow at 9", "2026-07-16 09:00"),
        ("tomorrow", "2026-07-16 00:00"),
        ("today 22:00", "2026-07-15 22:00"),
        ("tonight 11pm", "2026-07-15 23:00"),
        ("Friday 9:00", "2026-07-17 09:00"),
        ("on fri, 9:00", "2026-07-17 09:00"),
        ("until next Monday", "2026-07-20 00:00"),
        ("wed 20:00", "2026-07-15 20:00"),
        ("Wednesday 09:00", "2026-07-22 09:00"),
        ("2026-11-27 18:00", "2026-11-27 18:00"),
        ("2026-11-27T18:00", "2026-11-27 18:00"),
        ("2026-11-27", "2026-11-27 00:00"),
        ("27 Nov 18:00", "2026-11-27 18:00"),
        ("27th November 2026 at 18:00", "2026-11-27 18:00"),
        ("Nov 27 6pm", "2026-11-27 18:00"),
        ("2 Jan 9:00", "2027-01-02 09:00"),
        ("2h", "2026-07-15 21:30"),
        ("in 90 minutes", "2026-07-15 21:00"),
        ("1h30m", "2026-07-15 21:00"),
        ("1 hour and 30 min", "2026-07-15 21:00"),
        ("1.5 hours", "2026-07-15 21:00"),
        ("for 2 days", "2026-07-17 19:30"),
        ("1w", "2026-07-22 19:30"),
    ],
)
def test_a_moment_is_read_by_the_readers_clock(typed, meant):
    assert until(typed, NOW) == local(meant)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", HOW),
        ("soon", HOW),
        ("25:00", HOW),
        ("18:61", HOW),
        ("13pm", HOW),
        ("9", HOW),
        ("2026-02-30", HOW),
        ("31 Feb 9:00", HOW),
        ("0h", HOW),
        ("-2h", HOW),
        ("until", HOW),
        ("ma 5 9:00", HOW),
        ("2026-07-14", PAST),
        ("today 9:00", PAST),
        ("500d", FAR),
        ("99999w", FAR),
        ("2030-01-01", FAR),
    ],
)
def test_what_tells_no_time_to_come_is_refused_in_a_sentence(typed, why):
    with pytest.raises(NotAMoment) as refused:
        read_span(typed, NOW, LONDON)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("typed", "since", "until", "rest"),
    [
        ("from 20:00 to 22:00", "2026-07-15 20:00", "2026-07-15 22:00", ""),
        ("from 18:00 to 22:00 dentist", "2026-07-15 19:30", "2026-07-15 22:00", "dentist"),
        ("from 09:00 to 17:00", "2026-07-16 09:00", "2026-07-16 17:00", ""),
        ("from 22:00 until 06:00 Away", "2026-07-15 22:00", "2026-07-16 06:00", "Away"),
        ("22:00-06:00 night", "2026-07-15 22:00", "2026-07-16 06:00", "night"),
        ("from 22:00 \u2013 23:00", "2026-07-15 22:00", "2026-07-15 23:00", ""),
        ("tomorrow 18:00 to 22:00", "2026-07-16 18:00", "2026-07-16 22:00", ""),
        ("from tomorrow 18:00 to tomorrow 22:00", "2026-07-16 18:00", "2026-07-16 22:00", ""),
        ("from Friday 17:00 to Monday 9:00", "2026-07-17 17:00", "2026-07-20 09:00", ""),
        ("from 20:00 for 4h on the train", "2026-07-15 20:00", "2026-07-16 00:00", "on the train"),
        ("from now until 21:00", "2026-07-15 19:30", "2026-07-15 21:00", ""),
        ("from today to Friday", "2026-07-15 19:30", "2026-07-17 00:00", ""),
        ("until 09:00 3 runs stuck", "2026-07-15 19:30", "2026-07-16 09:00", "3 runs stuck"),
        ("until tomorrow 3 runs", "2026-07-15 19:30", "2026-07-16 00:00", "3 runs"),
        ("2h to fix the token", "2026-07-15 19:30", "2026-07-15 21:30", "to fix the token"),
        ("2h", "2026-07-15 19:30", "2026-07-15 21:30", ""),
        ("for 2h 30m Lunch, then home", "2026-07-15 19:30", "2026-07-15 22:00", "Lunch, then home"),
        ("22:00 dinner", "2026-07-15 19:30", "2026-07-15 22:00", "dinner"),
    ],
)
def test_a_span_is_read_and_the_reason_is_left(typed, since, until, rest):
    span = read_span(typed, NOW, LONDON)
    assert (span.since, span.until, span.rest) == (local(since), local(until), rest)


@pytest.mark.parametrize(
    "typed", ["", "from", "from 18:00", "from 18:00 to lunch", "away", "until"]
)
def test_a_span_without_an_end_is_refused(typed):
    with pytest.raises(NotAMoment):
        read_span(typed, NOW, LONDON)


def test_a_time_that_the_clocks_skip_is_the_first_after_the_gap():
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert until("tomorrow 1:30", before) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_time_that_the_clocks_show_twice_is_the_first():
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert until("tomorrow 1:30", before) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_days_are_those_of_the_calendar_and_hours_are_hours():
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)  # the next day has 23 hours
    assert until("1d", before) == before + timedelta(hours=23)
    assert until("24h", before) == before + timedelta(hours=24)


@given(st.text(max_size=80) | st.from_regex(r"[0-9a-z :.,-]{1,40}", fullmatch=True))
def test_nothing_that_is_typed_breaks_it_and_what_is_read_lies_ahead(typed):
    try:
        found = read_span(typed, NOW, LONDON)
    except NotAMoment:
        return
    assert found.until >= found.since >= NOW


@pytest.mark.parametrize("typed", ["from 18:00 to 17:00", "18:00-17:00 works", "18:00 to 10:01"])
def test_an_end_before_its_beginning_is_doubted_and_not_taken_for_nearly_a_day(typed):
    with pytest.raises(NotAMoment, match="say `to Thursday 1"):
        read_span(typed, NOW, LONDON)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("from 18:00 to Thursday 17:00", 23),
        ("from 20:00 to 09:00", 13),
        ("from 20:00 for 23h", 23),
        ("from Friday 18:00 to Saturday 17:00", 23),
    ],
)
def test_a_night_and_what_names_its_day_are_taken_as_they_are_said(typed, hours):
    morning = local("2026-07-15 07:00")
    span = read_span(typed, morning, LONDON)
    assert span.until - span.since == timedelta(hours=hours)
