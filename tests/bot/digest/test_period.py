"""Which time a digest covers by local clocks, and which digests are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.digest import phrases
from bot.digest.period import Form, Timetable, due_digests, ending_now, period_of

LONDON, LORD_HOWE = ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAILY = Timetable(at=time(8, 30), zone=LONDON)
OFFICE = replace(DAILY, days=frozenset(range(5)))
ALL = replace(DAILY, weekly=0, monthly=1)


def utc(*told: int) -> datetime:
    return datetime(*told, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2026, 11, 21), 24, id="a day as any other"),
        pytest.param(date(2026, 10, 25), 25, id="the clocks were put back"),
        pytest.param(date(2026, 3, 29), 23, id="the clocks were put forward"),
    ],
)
def test_a_day_has_the_hours_of_its_clocks(day, hours):
    period = period_of(DAILY, Form.DAILY, day)
    assert period.length == hours * HOUR
    assert period.until.astimezone(LONDON).time() == time(8, 30)
    said = phrases.covers(period, period.until)
    assert (f"; {hours} h, as the clocks went" in said) == (hours != 24)


def test_half_an_hour_is_said_too():
    timetable = replace(DAILY, zone=LORD_HOWE)
    period = period_of(timetable, Form.DAILY, date(2026, 4, 5))
    assert "24.5 h, as the clocks went back in it" in phrases.covers(period, period.until)


def test_a_time_that_the_clocks_skip_is_the_end_of_the_gap():
    timetable = replace(DAILY, at=time(1, 30))
    assert timetable.moment(date(2026, 3, 29)) == utc(2026, 3, 29, 1)


def test_mondays_digest_covers_the_weekend_that_nobody_was_told_of():
    period = period_of(OFFICE, Form.DAILY, date(2026, 11, 23))
    assert period.since == utc(2026, 11, 20, 8, 30)
    assert period.until == utc(2026, 11, 23, 8, 30)


def test_a_digest_covers_all_since_the_one_that_was_told():
    told = utc(2026, 11, 18, 8, 30)
    assert period_of(DAILY, Form.DAILY, date(2026, 11, 21), told=told).since == told


@pytest.mark.parametrize(
    ("form", "day", "since"),
    [
        pytest.param(
            Form.WEEKLY, date(2026, 10, 26), utc(2026, 10, 19, 7, 30), id="a week, over DST"
        ),
        pytest.param(Form.MONTHLY, date(2026, 3, 1), utc(2026, 2, 1, 8, 30), id="a short month"),
        pytest.param(Form.MONTHLY, date(2026, 1, 1), utc(2025, 12, 1, 8, 30), id="over new year"),
    ],
)
def test_longer_forms_go_by_the_calendar(form, day, since):
    assert period_of(ALL, form, day).since == since


@pytest.mark.parametrize(
    ("day", "since", "until"),
    [
        pytest.param(
            date(2026, 11, 21), utc(2026, 11, 13, 8, 30), utc(2026, 11, 14, 8, 30), id="a week ago"
        ),
        pytest.param(
            date(2026, 10, 26), utc(2026, 10, 18, 7, 30), utc(2026, 10, 19, 7, 30), id="in summer"
        ),
    ],
)
def test_a_day_is_compared_with_the_same_clocks_a_week_before(day, since, until):
    assert period_of(DAILY, Form.DAILY, day).before() == (since, until)


def test_a_month_is_compared_with_as_many_days_before_it():
    since, until = period_of(ALL, Form.MONTHLY, date(2026, 11, 1)).before()
    assert until == utc(2026, 10, 1, 7, 30)
    assert since == utc(2026, 8, 31, 7, 30)


def test_whoever_asks_is_told_of_the_last_day_by_the_clocks():
    period = ending_now(DAILY, Form.DAILY, utc(2026, 10, 25, 15))
    assert period.length == 25 * HOUR
    assert period.date == date(2026, 10, 25)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        pytest.param(utc(2026, 11, 21, 8, 29), utc(2026, 11, 21, 8, 30), ["daily 21"], id="now"),
        pytest.param(utc(2026, 11, 21, 8, 30), utc(2026, 11, 21, 23), [], id="told already"),
        pytest.param(utc(2026, 11, 19), utc(2026, 11, 21, 23), ["daily 21"], id="the newest alone"),
        pytest.param(
            utc(2026, 11, 30, 12),
            utc(2026, 12, 1, 9),
            ["daily 1", "monthly 1"],
            id="several forms at once",
        ),
        pytest.param(
            utc(2026, 11, 20, 12), utc(2026, 11, 23, 12), ["daily 23", "weekly 23"], id="a Monday"
        ),
        pytest.param(
            utc(2020, 1, 1),
            utc(2026, 11, 21, 23),
            ["monthly 1", "weekly 16", "daily 21"],
            id="after years",
        ),
    ],
)
def test_what_is_due(last, now, due):
    found = due_digests(ALL, last, now)
    assert [f"{each.form.value} {each.date.day}" for each in found] == due
    assert all(last < each.at <= now for each in found)


zones = st.sampled_from([LONDON, LORD_HOWE, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")])
tables = st.builds(
    Timetable,
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    zone=zones,
    days=st.frozensets(st.integers(0, 6), min_size=1),
)


@settings(max_examples=40, deadline=None)
@given(tables, st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_the_days_follow_each_other_without_a_gap(table, first):
    days = [first + n * DAY for n in range(20) if table.falls_on(Form.DAILY, first + n * DAY)]
    periods = [period_of(table, Form.DAILY, day) for day in days]
    assert all(one.until == other.since for one, other in pairwise(periods))
    assert all(period.since < period.until for period in periods)


@given(
    tables,
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.lists(st.integers(1, 5000), max_size=30),
)
def test_however_often_somebody_looks_each_is_due_once(table, first, steps):
    at = table.moment(first)
    told = []
    for minutes in steps:
        later = at + timedelta(minutes=minutes)
        told += [each.date for each in due_digests(table, at, later)]
        at = later
    assert len(told) == len(set(told))
