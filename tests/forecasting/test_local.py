"""Series by the customer's clock, on the days on which it is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.local import MOST, ahead, filled, localise
from tests.forecasting.recorded import DAY, HOUR, NOW, series_of, wave

QUARTER = timedelta(minutes=15)
ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
CLOCK_CHANGES = {
    "London, forward": ("Europe/London", datetime(2026, 3, 29, 1, tzinfo=UTC), 1),
    "London, back": ("Europe/London", datetime(2026, 10, 25, 1, tzinfo=UTC), -1),
    "New York, forward": ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC), 1),
    "New York, back": ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC), -1),
}


def clock_of(grid, place):
    """What the local clock shows at the start of a bin, as if it were UTC."""
    return datetime.fromtimestamp(grid.start + place * grid.step.total_seconds(), UTC)


@pytest.mark.parametrize("case", CLOCK_CHANGES, ids=list(CLOCK_CHANGES))
def test_a_day_on_which_the_clock_is_changed_has_24_local_hours(case):
    zone, changed, by = CLOCK_CHANGES[case]
    series = series_of(np.arange(96.0), until=changed + 48 * HOUR, zone=zone)
    grid, amounts = localise(series)
    assert grid.bins == len(amounts) == 96 + by
    assert int(np.isnan(amounts).sum()) == max(0, by)
    offset = changed.astimezone(series.zone).utcoffset()
    assert clock_of(grid, grid.bins - 1) == series.until - HOUR + offset


def test_an_hour_that_never_comes_is_a_gap_at_its_place():
    series = series_of(np.ones(48), until=datetime(2026, 3, 30, tzinfo=UTC), zone="Europe/London")
    grid, amounts = localise(series)
    (gap,) = np.flatnonzero(np.isnan(amounts))
    assert clock_of(grid, gap) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_hour_that_comes_twice_holds_the_mean_of_both():
    until = datetime(2026, 10, 25, 3, tzinfo=UTC)
    _, amounts = localise(series_of([1.0, 4.0, 6.0, 2.0], until=until, zone="Europe/London"))
    np.testing.assert_array_equal(amounts, [1.0, 5.0, 2.0])


@pytest.mark.parametrize("minutes", range(0, 180, 15))
def test_a_series_may_end_within_the_hour_that_comes_twice(minutes):
    """By quarters of an hour the local clock goes back by four bins."""
    until = datetime(2026, 10, 25, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    series = series_of(np.arange(40.0), until=until, step=QUARTER, zone="Europe/London")
    grid, amounts = localise(series)
    assert len(amounts) == grid.bins
    assert not np.isnan(amounts).any()
    for place, at in zip(ahead(series, 12).tolist(), range(12), strict=True):
        clock = (until + at * QUARTER).astimezone(series.zone).replace(tzinfo=UTC)
        newest = clock_of(grid, grid.bins - 1)
        assert clock_of(grid, grid.bins + place) == max(clock, newest + QUARTER)


def test_half_an_hour_of_summer_time_does_no_harm():
    """At 2:00 on 4 October 2026 it becomes 2:30 on Lord Howe, on 5 April it goes back."""
    for day in (datetime(2026, 10, 3, tzinfo=UTC), datetime(2026, 4, 4, tzinfo=UTC)):
        until = day + 45 * HOUR
        series = series_of(np.arange(60.0), until=until, zone="Australia/Lord_Howe")
        grid, amounts = localise(series)
        assert len(amounts) == grid.bins
        assert abs(grid.bins - 60) <= 1


@pytest.mark.parametrize("zone", ZONES)
@given(
    hours=st.integers(0, 24 * 365), bins=st.integers(1, 100), minutes=st.sampled_from([15, 30, 60])
)
def test_what_lies_ahead_is_found_again_when_it_has_come(zone, hours, bins, minutes):
    step = timedelta(minutes=minutes)
    now = series_of(np.ones(30), until=NOW + hours * HOUR, step=step, zone=zone)
    then = series_of(np.ones(30 + bins), until=now.until + bins * step, step=step, zone=zone)
    grid, _ = localise(now)
    later, amounts = localise(then)
    places = ahead(now, bins)
    assert later.start == grid.start
    assert (np.diff(places) >= 0).sum() >= bins - 2  # but for one change of the clock
    assert places.min() >= 0
    reached = max(grid.bins, grid.bins + int(places.max()) + 1)
    assert later.bins in (reached, reached - 1)  # the very last may come twice
    assert len(amounts) == later.bins


def test_without_anything_known_there_is_no_grid():
    for values in ([], [np.nan] * 30):
        grid, amounts = localise(series_of(values))
        assert (grid.bins, len(amounts)) == (0, 0)


def test_a_grid_begins_where_something_is_known():
    grid, amounts = localise(series_of([np.nan] * 24 + [1.0] * 24))
    assert grid.bins == len(amounts) == 24
    assert grid.day() == date(2026, 10, 11)


def test_only_the_newest_eleven_weeks_count():
    grid, amounts = localise(series_of(np.arange(100 * 24.0)))
    assert grid.bins * HOUR == MOST
    assert amounts[-1] == 100 * 24 - 1


def test_a_gap_is_filled_with_what_is_usual_then():
    amounts = wave(28 * 24, noise=0.01)
    gappy = amounts.copy()
    gappy[300:330] = np.nan
    found = filled(gappy, 24)
    np.testing.assert_allclose(found[300:330], amounts[300:330], rtol=0.1)
    np.testing.assert_array_equal(found[:300], amounts[:300])


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({0: 4.0}, [4.0] * 48),
        ({}, [0.0] * 48),
        ({3: 5.0, 10: 1.0, 34: 3.0}, {3: 5.0, 10: 1.0, 27: 5.0, 34: 3.0, 40: 3.0}),
    ],
    ids=[
        "one amount stands for all",
        "nothing known is nothing",
        "what is known of an hour stands for it, the median of all for the others",
    ],
)
def test_what_is_never_known_of_an_hour_is_taken_from_others(known, expected):
    amounts = np.full(48, np.nan)
    for place, amount in known.items():
        amounts[place] = amount
    found = filled(amounts, 24)
    told = expected if isinstance(expected, dict) else dict(enumerate(expected))
    assert {place: found[place] for place in told} == told


def test_the_days_of_a_grid_are_local():
    series = series_of(
        np.ones(48), until=datetime(2026, 7, 2, 23, tzinfo=UTC), zone="Europe/London"
    )
    grid, _ = localise(series)
    assert (grid.day(), grid.day(23), grid.day(24)) == (
        date(2026, 7, 1),
        date(2026, 7, 1),
        date(2026, 7, 2),
    )
    assert grid.day(24) - grid.day() == DAY
