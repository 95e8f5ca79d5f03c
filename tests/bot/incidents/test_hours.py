"""Hours of the day: what is on, what begins next, swept over the changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.incidents.hours import EVERY_DAY, Hours, read_hours

LONDON = ZoneInfo("Europe/London")
STEP = timedelta(minutes=15)

READ = {
    "09:00-17:30": (time(9), time(17, 30), EVERY_DAY),
    "9:00 - 17:30": (time(9), time(17, 30), EVERY_DAY),
    "22:00-07:00": (time(22), time(7), EVERY_DAY),
    "Mon-Fri 09:00-17:00": (time(9), time(17), frozenset(range(5))),
    "00:00-24:00": (time(0), time(0), EVERY_DAY),
    "Sat,Sun 18:00-24:00": (time(18), time(0), frozenset({5, 6})),
    "Sat,Sun 10:00-16:00": (time(10), time(16), frozenset({5, 6})),
    "Fri-Mon 10:00-16:00": (time(10), time(16), frozenset({4, 5, 6, 0})),
    "Tues,thurs 10:00-16:00": (time(10), time(16), frozenset({1, 3})),
    "Mondays 10:00-16:00": (time(10), time(16), frozenset({0})),
    "monday-Wednesday,fri 10:00-16:00": (time(10), time(16), frozenset({0, 1, 2, 4})),
}


@pytest.mark.parametrize("text", READ)
def test_hours_are_read(text):
    since, until, days = READ[text]
    assert read_hours(text, LONDON) == Hours(zone=LONDON, since=since, until=until, days=days)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9-17",
        "24:00-07:00",
        "9:00-24:30",
        "09:00-09:00",
        "Mon-Foo 09:00-17:00",
        "Mon 9:60-10:00",
        "-",
    ],
)
def test_hours_that_cannot_be_read_say_what_is_expected(text):
    with pytest.raises(ValueError, match="expected hours such as"):
        read_hours(text, LONDON)


@pytest.mark.parametrize("word", ["Sunn", "Monthly", "Monday-Frisbee", "Tue-We", "Satur-Sunn"])
def test_what_only_begins_like_a_day_is_no_day(word):
    told = word.rpartition("-")[2].lower()
    with pytest.raises(ValueError, match=f'"{told}" is no day of the week'):
        read_hours(f"{word} 01:00-05:00", LONDON)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OFFICE = read_hours("Mon-Fri 09:00-17:00", LONDON)
NIGHT = read_hours("Fri 22:00-07:00", LONDON)
BEGINS = {
    "while they are on: now": (OFFICE, "2026-11-23 12:00", "2026-11-23 12:00"),
    "before they begin": (OFFICE, "2026-11-23 08:59", "2026-11-23 09:00"),
    "the moment they end": (OFFICE, "2026-11-23 17:00", "2026-11-24 09:00"),
    "over the week end": (OFFICE, "2026-11-27 17:00", "2026-11-30 09:00"),
    "over the week end of the change": (OFFICE, "2026-03-27 18:00", "2026-03-30 08:00"),
    "over midnight: the morning after is still on": (NIGHT, "2026-11-28 06:59", "2026-11-28 06:59"),
    "over midnight: the next of its days": (NIGHT, "2026-11-28 07:00", "2026-12-04 22:00"),
}  # fmt: skip


@pytest.mark.parametrize("name", BEGINS)
def test_they_begin(name):
    hours, after, expected = BEGINS[name]
    assert hours.begin(utc(after)) == utc(expected)


MORNINGS = {
    "early on a working day": ("2026-11-23 03:00", "2026-11-23 09:00"),
    "while work is on: tomorrow": ("2026-11-23 12:00", "2026-11-24 09:00"),
    "on a Friday at work: Monday": ("2026-11-27 12:00", "2026-11-30 09:00"),
}


@pytest.mark.parametrize("name", MORNINGS)
def test_the_next_working_morning(name):
    after, expected = MORNINGS[name]
    assert OFFICE.next_morning(utc(after)) == utc(expected)


CHANGES = [
    ("Europe/London", "2026-03-28", "2026-10-24"),
    ("America/New_York", "2026-03-07", "2026-10-31"),
    ("Australia/Lord_Howe", "2026-10-03", "2026-04-04"),
    ("America/Santiago", "2026-09-05", "2026-04-04"),
    ("UTC", "2026-03-28", "2026-10-24"),
]
SPANS = ["09:00-17:00", "22:00-07:00", "01:30-05:00", "22:00-01:30", "02:15-02:45",
         "00:30-08:00", "23:30-00:30", "Sun 00:00-23:30"]  # fmt: skip


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize(
    ("zone", "day"),
    [(zone, day) for zone, *days in CHANGES for day in days],
    ids=[f"{zone} {kind}" for zone, *_ in CHANGES for kind in ("forward", "back")],
)
def test_over_a_change_of_the_clock_they_begin_at_the_first_moment_they_are_on(zone, day, span):
    hours = read_hours(span, ZoneInfo(zone))
    moments = [utc(day) - timedelta(days=1) + STEP * step for step in range(3 * 96)]
    on = [hours.hold(at) for at in moments]
    first_on = None
    for at, holds in reversed(list(zip(moments, on, strict=True))):
        first_on = at if holds else first_on
        if first_on is not None:
            assert hours.begin(at) == first_on, f"{at} begins {first_on}"
            assert hours.next_morning(at) > at


def by_the_wall(hours: Hours, at: datetime) -> bool:
    """On by what the clock shows and nothing else, as anybody would say on an ordinary day."""
    local = at.astimezone(hours.zone)
    clock, today = local.time(), local.weekday()
    if hours.since < hours.until:
        return today in hours.days and hours.since <= clock < hours.until
    began_today = today in hours.days and clock >= hours.since
    return began_today or ((today - 1) % 7 in hours.days and clock < hours.until)


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize(("zone", "day"), [(zone, day) for zone, *days in CHANGES for day in days])
def test_they_are_on_by_the_clock_on_the_wall_and_all_of_an_hour_that_comes_twice(zone, day, span):
    hours = read_hours(span, ZoneInfo(zone))
    moments = [utc(day) - timedelta(days=2) + STEP * step for step in range(5 * 96)]
    differ = [at for at in moments if hours.hold(at) != by_the_wall(hours, at)]
    assert all(hours.hold(at) for at in differ), "never off while the clock says that they are on"
    assert not differ or differ[-1] - differ[0] < timedelta(hours=1)
