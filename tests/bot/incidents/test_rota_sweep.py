"""Every thirty seconds across both changes of the clock: exactly the people who are configured.

That is two and a half hours to either side of a change; the day before and the day after every
quarter of an hour, on which every hand-over falls.

The oracle knows no arithmetic of turns. It looks at what a clock on the wall shows at each instant,
writes down when it first and last shows each hand-over, and marks everything between.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot.incidents.rota import Every, Layer, Rota, gaps, on_call, shifts

FINE, NEAR = timedelta(seconds=30), timedelta(hours=2, minutes=30)
COARSE, FAR = timedelta(minutes=15), timedelta(hours=30)
# Where the clocks are put forward or back, as a moment of UTC near it.
CHANGES = {
    "London forward": ("Europe/London", datetime(2027, 3, 28, 1, tzinfo=UTC)),
    "London back": ("Europe/London", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "New York forward": ("America/New_York", datetime(2027, 3, 14, 7, tzinfo=UTC)),
    "New York back": ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    "Lord Howe forward, by half an hour": (
        "Australia/Lord_Howe",
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    ),
    "Lord Howe back, by half an hour": (
        "Australia/Lord_Howe",
        datetime(2027, 4, 3, 15, tzinfo=UTC),
    ),
    "Santiago forward, at midnight": ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
    "Santiago back, at midnight": ("America/Santiago", datetime(2027, 4, 4, 3, tzinfo=UTC)),
    "Beirut forward, at midnight": ("Asia/Beirut", datetime(2027, 3, 27, 22, tzinfo=UTC)),
    "Beirut back, at midnight": ("Asia/Beirut", datetime(2026, 10, 24, 21, tzinfo=UTC)),
    "Troll, by two hours": ("Antarctica/Troll", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "Kolkata, never": ("Asia/Kolkata", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "UTC, never": ("UTC", datetime(2026, 10, 25, 1, tzinfo=UTC)),
}
PEOPLE = ("Priya", "Alex", "Sam")
WEEKEND = frozenset({5, 6})


def layer(every, start, handover, **more):
    first = date.fromisoformat(start)
    wall = time.fromisoformat(handover)
    told = {"name": "first", "members": PEOPLE} | more
    return Layer(every=every, start=first, handover=wall, **told)


LAYERS = {
    "hourly": [layer(Every.HOURLY, "2026-08-01", "00:00")],
    "hourly, at the half": [layer(Every.HOURLY, "2026-08-01", "00:30")],
    "every five hours": [layer(Every.HOURLY, "2026-08-01", "08:15", length=5)],
    "daily at 09:00": [layer(Every.DAILY, "2026-08-01", "09:00")],
    "daily at midnight": [layer(Every.DAILY, "2026-08-01", "00:00")],
    "daily at 01:30, which is skipped or shown twice": [layer(Every.DAILY, "2026-08-01", "01:30")],
    "daily at 02:00": [layer(Every.DAILY, "2026-08-01", "02:00")],
    "daily at 23:30": [layer(Every.DAILY, "2026-08-01", "23:30")],
    "weekly on Sunday": [layer(Every.WEEKLY, "2026-08-02", "01:15")],
    "monthly on the last day": [layer(Every.MONTHLY, "2026-08-31", "01:45")],
    "days of the weekend over a week": [
        layer(Every.WEEKLY, "2026-08-03", "09:00", members=("Robin", "Kim")),
        layer(
            Every.DAILY, "2026-08-01", "12:00", name="day", hours=(time(9), time(18)), days=WEEKEND
        ),
    ],
    "nights, through the change, with nobody by day": [
        layer(Every.DAILY, "2026-08-01", "22:00", hours=(time(22), time(1, 30)))
    ],
    "weekends only": [layer(Every.DAILY, "2026-08-01", "12:00", days=frozenset({5, 6}))],
}


@cache
def clock(change):
    """The instants of the sweep, and what the wall clock shows at each, in whole seconds."""
    name, near = CHANGES[change]
    zone = ZoneInfo(name)
    change = near
    far = [change + number * COARSE for number in range(-FAR // COARSE, FAR // COARSE)]
    fine = {change + number * FINE for number in range(-NEAR // FINE, NEAR // FINE)}
    instants = sorted(fine.union(far))
    shown = [at.astimezone(zone).replace(tzinfo=None) for at in instants]
    return zone, instants, np.array(shown, dtype="datetime64[s]")


def marked(shown, begin, end):
    """Where a time lies from the first showing of `begin` until the last showing of `end`."""
    begun = np.maximum.accumulate(shown) >= np.datetime64(begin)
    to_come = np.minimum.accumulate(shown[::-1])[::-1]
    late = np.datetime64(end)
    last = np.flatnonzero(shown == late)
    if len(last) > 0:
        return begun & (np.arange(len(shown)) < last[-1])
    return begun & (to_come < late)


def days_around(shown, back):
    first = shown.min().astype("datetime64[D]").astype(date) - timedelta(days=back)
    last = shown.max().astype("datetime64[D]").astype(date) + timedelta(days=2)
    return [first + timedelta(days=number) for number in range((last - first).days)]


def handovers(each):
    """Every hand-over there is from the start of the rotation on, one after the other."""
    wall, months = datetime.combine(each.start, each.handover), 0
    while wall.year < 2028:
        yield wall
        if each.every is Every.MONTHLY:
            months += each.length
            year, month = divmod(each.start.month - 1 + months, 12)
            year, month = each.start.year + year, month + 1
            day = min(each.start.day, calendar.monthrange(year, month)[1])
            wall = datetime.combine(date(year, month, day), each.handover)
        else:
            for _ in range(each.length):
                wall += {
                    Every.HOURLY: timedelta(hours=1),
                    Every.DAILY: timedelta(days=1),
                    Every.WEEKLY: timedelta(days=7),
                }[each.every]


@cache
def every_handover(each):
    """All of them, once for every change of a clock."""
    return tuple(handovers(each))


def open_at(each, shown):
    """Where its restriction lets a layer be on call."""
    if each.hours is None and each.days is None:
        return np.ones(len(shown), dtype=bool)
    begin, end = each.hours or (time(0), time(0))
    on = np.zeros(len(shown), dtype=bool)
    for day in days_around(shown, 2):
        if each.days is None or day.weekday() in each.days:
            closing = day if end > begin else day + timedelta(days=1)
            on |= marked(shown, datetime.combine(day, begin), datetime.combine(closing, end))
    return on


@cache
def expected(change, name):
    """The set of people at each instant, by reading the clock."""
    _, _, shown = clock(change)
    low = shown.min().item() - timedelta(days=3)
    high = shown.max().item() + timedelta(days=3)
    result = [frozenset()] * len(shown)
    for each in LAYERS[name]:
        on, walls = open_at(each, shown), every_handover(each)
        masks = {member: np.zeros(len(shown), dtype=bool) for member in each.members}
        for number, (begin, end) in enumerate(pairwise(walls)):
            if end > low and begin < high:
                member = each.members[number % len(each.members)]
                masks[member] |= marked(shown, begin, end) & on
        for place in np.flatnonzero(np.any(list(masks.values()), axis=0)):
            result[place] = frozenset(member for member in masks if masks[member][place])
    return result


def rota_of(change, name):
    return Rota(name="integrations", zone=clock(change)[0], layers=tuple(LAYERS[name]))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("change", CHANGES)
def test_every_thirty_seconds_exactly_the_configured_people_are_on_call(change, name):
    rota, (_, instants, _) = rota_of(change, name), clock(change)
    for at, people in zip(instants, expected(change, name), strict=True):
        found = on_call(rota, (), at)
        assert (at, frozenset(found)) == (at, people)
        assert len(found) == len(people)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("change", CHANGES)
def test_the_list_of_shifts_says_the_same_and_its_gaps_are_those(change, name):
    rota, (_, instants, _) = rota_of(change, name), clock(change)
    since, until = instants[0], instants[-1] + FINE
    moments = np_times(instants)

    def within(spans):
        mask = np.zeros(len(moments), dtype=bool)
        for span in spans:
            begin, end = (np.datetime64(at.replace(tzinfo=None)) for at in span)
            mask |= (begin <= moments) & (moments < end)
        return mask.tolist()

    people = expected(change, name)
    told = shifts(rota, (), since, until)
    for person in {shift.person for shift in told}.union(*people):
        mine = [(shift.since, shift.until) for shift in told if shift.person == person]
        assert within(mine) == [person in each for each in people]
    assert within(gaps(rota, (), since, until)) == [not each for each in people]


@pytest.mark.parametrize("change", CHANGES)
def test_around_the_clock_means_overlap_and_never_a_gap(change):
    for name, layers in LAYERS.items():
        if not any(each.restricted for each in layers):
            at_once = {len(people) for people in expected(change, name)}
            assert 0 not in at_once
            assert at_once == {1} or "back" in change or "two hours" in change


@pytest.mark.parametrize("change", CHANGES)
def test_the_sweep_goes_over_a_change(change):
    """Or it would show nothing."""
    _, instants, shown = clock(change)
    offsets = {wall - at for at, wall in zip(np_times(instants), shown, strict=True)}
    assert len(offsets) == (1 if "never" in change else 2)


def test_an_hour_shown_twice_has_two_people_on_call():
    people = expected("London back", "hourly")
    assert {len(each) for each in people} == {1, 2}


def np_times(instants):
    return np.array([at.replace(tzinfo=None) for at in instants], dtype="datetime64[s]")
