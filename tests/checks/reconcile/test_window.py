"""Which windows are compared when: once everything has had its time to arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from checks.reconcile.window import MOST_AT_ONCE, ripe_windows, start_of

LONDON = ZoneInfo("Europe/London")
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def ripe(now, *, every=HOUR, zone=UTC, done_until=None):
    found = ripe_windows(
        every=every,
        zone=zone,
        done_until=done_until,
        now=now,
        settle=28 * MINUTE,
        skew=2 * MINUTE,
    )
    return [(each.since, each.until) for each in found]


def at(day, hour=0, minute=0, month=11):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "done_until", "found"),
    [
        pytest.param(at(21, 12, 30), at(21, 11), [(at(21, 11), at(21, 12))], id="just ripe"),
        pytest.param(at(21, 12, 29), at(21, 11), [], id="not yet"),
        pytest.param(at(21, 12, 45), at(21, 12), [], id="done already"),
        pytest.param(at(21, 12, 29), None, [(at(21, 10), at(21, 11))], id="the first ever"),
        pytest.param(
            at(21, 12, 30),
            at(21, 10),
            [(at(21, 10), at(21, 11)), (at(21, 11), at(21, 12))],
            id="two missed",
        ),
    ],
)
def test_an_hour_is_compared_when_it_is_ripe(now, done_until, found):
    assert ripe(now, done_until=done_until) == found


def test_after_a_long_stop_the_latest_are_compared():
    found = ripe(at(21, 12, 30), done_until=at(1))
    assert len(found) == MOST_AT_ONCE
    assert found[-1] == (at(21, 11), at(21, 12))


@pytest.mark.parametrize(
    ("day", "month", "hours"),
    [
        pytest.param(29, 3, 23, id="spring"),
        pytest.param(25, 10, 25, id="autumn"),
        pytest.param(21, 11, 24, id="winter"),
    ],
)
def test_a_day_is_one_of_the_business_with_as_many_hours_as_it_has(day, month, hours):
    noon_after = at(day, 12, month=month) + DAY
    ((since, until),) = ripe(noon_after, every=DAY, zone=LONDON)
    assert until - since == hours * HOUR
    assert since.astimezone(LONDON).hour == 0


def test_days_side_by_side_leave_nothing_out():
    found = ripe(at(28, 12, month=10), every=DAY, zone=LONDON, done_until=at(1, month=10))
    assert all(before[1] == after[0] for before, after in pairwise(found))


def test_quarters_of_an_hour_begin_with_the_hour():
    assert start_of(at(21, 10, 44), 15 * MINUTE, UTC) == at(21, 10, 30)
