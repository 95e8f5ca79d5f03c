"""A moved cron line is due exactly when the old one was, so much later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.cron import (
    dues,
    is_daily_or_rarer,
    later_by_days,
    later_by_hours,
    later_by_minutes,
    spacing,
)

SINCE = datetime(2026, 11, 16, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
WEEK = timedelta(days=7)
TWO_DAYS = timedelta(days=2)


@pytest.mark.parametrize(
    ("line", "minutes", "instead"),
    [
        pytest.param("0 * * * *", 20, "20 * * * *", id="hourly"),
        pytest.param("*/15 * * * *", 5, "5-59/15 * * * *", id="every quarter"),
        pytest.param("5-59/15 * * * *", 10, "*/15 * * * *", id="back to the full hour"),
        pytest.param("12,42 * * * *", 25, "7,37 * * * *", id="over the full hour"),
        pytest.param("50 2 * * *", 20, None, id="a fixed hour is not left"),
        pytest.param("50 * * * 1", 20, None, id="nor a weekday"),
        pytest.param("10 2 * * 1-5", 20, "30 2 * * 1-5", id="the other fields stay"),
        pytest.param("@hourly", 5, None, id="a nickname cannot be read"),
        pytest.param("0 0 * * * *", 5, None, id="nor can seconds"),
        pytest.param("99 * * * *", 5, None, id="nor what is wrong"),
    ],
)
def test_later_by_minutes(line: str, minutes: int, instead: str | None) -> None:
    assert later_by_minutes(line, minutes) == instead


@pytest.mark.parametrize(
    ("line", "hours", "instead"),
    [
        pytest.param("7 4 * * *", 9, "7 13 * * *", id="later"),
        pytest.param("7 14 * * 1", -12, "7 2 * * 1", id="earlier, a weekly one"),
        pytest.param("7 14 * * *", 10, None, id="not into another day"),
        pytest.param("7 4,16 * * *", 2, "7 6,18 * * *", id="each of several hours"),
        pytest.param("7 4,16 * * *", 8, None, id="none of them into another day"),
        pytest.param("7 */6 * * *", 2, "7 2-23/6 * * *", id="evenly apart as before"),
        pytest.param("7 9-17 * * 1-5", -6, "7 3-11 * * 1-5", id="office hours"),
        pytest.param("7 */2 * * *", 1, "7 1-23/2 * * *", id="every other hour"),
        pytest.param("7 6-18 * * *", 2, None, id="not what runs most of the day"),
        pytest.param("7,37 4 * * *", 2, None, id="nor twice an hour"),
    ],
)
def test_later_by_hours(line: str, hours: int, instead: str | None) -> None:
    assert later_by_hours(line, hours) == instead


def test_a_weekly_schedule_may_move_to_another_day_and_no_other_may() -> None:
    assert later_by_days("7 4 * * 6", 2) == "7 4 * * 1"
    assert later_by_days("7 4 * * *", 2) is None
    assert later_by_days("7 4 1 * 6", 2) is None
    assert later_by_days("7 4 * * SAT", 2) is None


def test_how_far_apart_a_schedule_is() -> None:
    assert [spacing(line) for line in ("0 * * * *", "*/5 * * * *", "12,42 * * * *", "?")] == [
        60,
        5,
        30,
        0,
    ]
    assert is_daily_or_rarer("7 4 * * 1")
    assert not is_daily_or_rarer("7 * * * *")


@settings(max_examples=30, deadline=None)
@given(
    minutes=st.sets(st.integers(0, 59), min_size=1, max_size=12),
    later=st.integers(0, 59),
    every_hour=st.booleans(),
)
def test_what_is_due_is_due_so_much_later(minutes: set[int], later: int, every_hour: bool) -> None:
    line = f"{','.join(map(str, sorted(minutes)))} {'*' if every_hour else '6,18'} * * *"
    instead = later_by_minutes(line, later)
    if instead is None:
        assert not every_hour
        return
    shift = timedelta(minutes=later)
    before = dues([line], SINCE - timedelta(days=1), SINCE + TWO_DAYS, ZONE)
    inside = {due + shift for due in before if SINCE <= due + shift < SINCE + TWO_DAYS}
    assert set(dues([instead], SINCE, SINCE + TWO_DAYS, ZONE)) == inside


@settings(max_examples=30, deadline=None)
@given(
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=12),
    later=st.integers(-23, 23),
    days=st.sampled_from(["* * *", "* * 1-5", "1 * *"]),
)
def test_what_moves_by_hours_stays_on_its_days(hours: set[int], later: int, days: str) -> None:
    line = f"7 {','.join(map(str, sorted(hours)))} {days}"
    instead = later_by_hours(line, later)
    moved = {hour + later for hour in hours}
    assert (instead is not None) == (moved <= set(range(24)))
    if instead is not None:
        shift, until = timedelta(hours=later), SINCE + 5 * WEEK
        assert dues([instead], SINCE, until, ZONE) == [
            due + shift for due in dues([line], SINCE, until, ZONE)
        ]


def test_a_line_that_cannot_be_read_is_never_due() -> None:
    assert dues(["whenever"], SINCE, SINCE + WEEK, ZONE) == []
