"""Recurring windows belong to the calendar of their zone, across every change of its clocks."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.incidents.hours import read_hours
from bot.incidents.windows import Once, Weekly, make_cron

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)
CHANGES = [
    ("Europe/London", datetime(2026, 3, 29, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 10, 25, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 4, 5, tzinfo=UTC)),
    ("America/Santiago", datetime(2026, 9, 6, tzinfo=UTC)),
    ("UTC", datetime(2026, 3, 29, tzinfo=UTC)),
]


def utc(*when):
    return datetime(*when, tzinfo=UTC)


def weekly(text, zone=LONDON):
    return Weekly(hours=read_hours(text, zone))


def test_once():
    window = Once(since=utc(2026, 11, 21, 12), until=utc(2026, 11, 21, 14))
    span = (window.since, window.until)
    assert window.under_way(window.since) == span
    assert window.under_way(window.until) is None
    assert window.coming(window.since - MINUTE) == span
    assert window.coming(window.since) is None


@pytest.mark.parametrize(
    ("text", "at", "span"),
    [
        ("Sun 01:00-05:00", utc(2026, 11, 22, 3), (utc(2026, 11, 22, 1), utc(2026, 11, 22, 5))),
        ("Sun 01:00-05:00", utc(2026, 11, 22, 5), None),
        ("Sun 01:00-05:00", utc(2026, 11, 23, 3), None),
        ("Sat 22:00-02:00", utc(2026, 11, 22, 1), (utc(2026, 11, 21, 22), utc(2026, 11, 22, 2))),
        ("Sun 22:00-02:00", utc(2026, 11, 22, 1), None),
        ("03:00-04:00", utc(2026, 7, 1, 2, 30), (utc(2026, 7, 1, 2), utc(2026, 7, 1, 3))),
        # 01:00 to 02:00 does not exist on 29 March: three hours of it are left
        ("01:00-05:00", utc(2026, 3, 29, 1), (utc(2026, 3, 29, 1), utc(2026, 3, 29, 4))),
        ("01:10-01:50", utc(2026, 3, 29, 1), None),
        # and there are two of it on 25 October: five
        ("01:00-05:00", utc(2026, 10, 25, 0), (utc(2026, 10, 25, 0), utc(2026, 10, 25, 5))),
        ("01:10-01:50", utc(2026, 10, 25, 1), (utc(2026, 10, 25, 0, 10), utc(2026, 10, 25, 1, 50))),
    ],
    ids=str,
)
def test_hours_of_the_week(text, at, span):
    assert weekly(text).under_way(at) == span


def test_what_comes_next():
    window = weekly("Sun 01:00-05:00")
    first = (utc(2026, 11, 22, 1), utc(2026, 11, 22, 5))
    assert window.coming(utc(2026, 11, 21, 12)) == first
    assert window.coming(first[0]) == (utc(2026, 11, 29, 1), utc(2026, 11, 29, 5))
    nightly = make_cron("0 1 * * *", timedelta(hours=2), LONDON)
    assert nightly.coming(utc(2026, 7, 1)) == (utc(2026, 7, 2), utc(2026, 7, 2, 2))


@pytest.mark.parametrize(("zone", "around"), CHANGES, ids=lambda value: str(value)[:19])
@pytest.mark.parametrize(
    ("since", "until"),
    [(time(1), time(5)), (time(22), time(3)), (time(0), time(0, 30)), (time(1, 45), time(2, 15))],
    ids=str,
)
def test_hours_are_on_whenever_the_clock_shows_them(zone, around, since, until):
    """Against the clock's own face, minute by minute; a time shown twice counts from its first
    showing to its last."""
    place = ZoneInfo(zone)
    window = weekly(f"{since:%H:%M}-{until:%H:%M}", place)
    for minute in range(-24 * 60, 48 * 60):
        at = around + minute * MINUTE
        shown = at.astimezone(place).time()
        shows = since <= shown < until if since < until else shown >= since or shown < until
        on = window.under_way(at)
        assert not shows or on is not None, at
        if on is not None and not shows:
            assert (
                at.astimezone(place).utcoffset()
                != (at - timedelta(days=1)).astimezone(place).utcoffset()
            ), at


@pytest.mark.parametrize(("zone", "around"), CHANGES, ids=lambda value: str(value)[:19])
@pytest.mark.parametrize(
    "expression", ["30 1 * * *", "0 */6 * * *", "15 0 * * SUN", "*/20 * * * *"]
)
def test_a_cron_window_is_on_for_its_length_after_each_beginning(zone, around, expression):
    """Against every minute that the clock's face shows for the first time."""
    place, length = ZoneInfo(zone), timedelta(minutes=100)
    window = make_cron(expression, length, place)
    wanted = {wall for wall in _walls(around) if _is_due(expression, wall)}
    begins, ahead = [], sorted(wanted)
    at = around - timedelta(days=8)
    while at < around + timedelta(days=2):
        shown = at.astimezone(place).replace(tzinfo=None)
        while ahead and ahead[0] <= shown:
            begins.append(at)
            ahead.pop(0)
        at += MINUTE
    begins = [begin for begin in begins if begin > around - timedelta(days=8)]
    for minute in range(-12 * 60, 36 * 60, 5):
        at = around + minute * MINUTE
        reached = bisect_right(begins, at)
        last = begins[reached - 1] if reached else None
        on = last is not None and at < last + length
        assert window.under_way(at) == ((last, last + length) if on else None), at
        following = begins[reached] if reached < len(begins) else None
        if following is not None:
            assert window.coming(at) == (following, following + length), at


def _walls(around):
    first = around.replace(tzinfo=None) - timedelta(days=9)
    return [first + minute * MINUTE for minute in range(12 * 24 * 60)]


def _is_due(expression, wall):
    """What the four expressions above say, in other words."""
    match expression:
        case "30 1 * * *":
            return (wall.hour, wall.minute) == (1, 30)
        case "0 */6 * * *":
            return wall.hour % 6 == 0 and wall.minute == 0
        case "15 0 * * SUN":
            return (wall.weekday(), wall.hour, wall.minute) == (6, 0, 15)
        case "*/20 * * * *":
            return wall.minute % 20 == 0
        case _:
            raise AssertionError(expression)


@pytest.mark.parametrize(
    ("expression", "hours", "sentence"),
    [
        ("0 1 * *", 1, "five fields"),
        ("0 0 1 * * *", 1, "five fields"),
        ("0 25 * * *", 1, "five fields"),
        ("0 0 30 2 *", 1, "five fields"),
        ("0 1 * * *", 25, "at most 24h"),
        ("0 1 * * *", 0, "at most 24h"),
    ],
)
def test_what_is_no_cron_window(expression, hours, sentence):
    with pytest.raises(ValueError, match=sentence):
        make_cron(expression, timedelta(hours=hours), LONDON)
