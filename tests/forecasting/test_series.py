"""Amounts on a grid: what is added up, and what is a gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.series import HOUR, on_grid
from tests.forecasting.recorded import NOW, series_of

NAN = float("nan")
AMOUNTS = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(
    ("points", "values"),
    [
        ([(-3, 1.0), (-2, 2.0), (-1, 3.0)], [1, 2, 3]),
        ([(-3, 1.0), (-1, 3.0)], [1, NAN, 3]),
        ([(-2.0, 1.0), (-1.5, 4.0), (-1.0, 2.0)], [5, 2]),
        ([(-3, 1.0), (-1, NAN)], [1, NAN, NAN]),
        ([(-3, 1.0), (-2, float("inf")), (-1, -4.0)], [1, NAN, NAN]),
        ([(-2, 0.0), (-1, 1e300)], [0, NAN]),
        ([(-1, 7.0), (0, 8.0), (0.5, 9.0)], [7]),
        ([(3, 1.0)], []),
        ([], []),
    ],
    ids=[
        "hour by hour",
        "an hour that is missing is a gap and no zero",
        "amounts of one hour are added",
        "what is not a number is a gap",
        "infinite and negative amounts are gaps",
        "an absurd amount is a gap, a zero is a zero",
        "an hour that is not over does not count",
        "nothing but the future",
        "nothing at all",
    ],
)
def test_points_are_laid_on_a_grid(points, values):
    told = [(NOW + timedelta(hours=at), amount) for at, amount in points]
    series = on_grid(told, id="shop", until=NOW)
    np.testing.assert_array_equal(series.values, values)
    assert series.until == NOW


def test_points_of_another_zone_fall_into_their_utc_hour():
    at = datetime(2026, 10, 12, 1, 30, tzinfo=ZoneInfo("Europe/London"))
    series = on_grid([(at, 4.0)], id="shop", until=NOW + HOUR)
    assert series.start == datetime(2026, 10, 12, 0, tzinfo=UTC)


@given(
    st.lists(st.tuples(st.integers(-400, 10), AMOUNTS), max_size=60), st.sampled_from([5, 15, 60])
)
def test_a_grid_ends_at_its_moment_and_holds_only_amounts(points, minutes):
    step = timedelta(minutes=minutes)
    told = [(NOW + timedelta(minutes=at), amount) for at, amount in points]
    series = on_grid(told, id="shop", until=NOW, step=step)
    known = series.values[np.isfinite(series.values)]
    assert series.until == NOW
    assert (known >= 0).all()
    assert not len(series.values) or np.isfinite(series.values[0])


def test_the_values_of_a_series_that_are_no_amounts_are_gaps():
    series = series_of([1.0, -1.0, np.inf, 1e300, np.nan, 2.0])
    np.testing.assert_array_equal(series.amounts, [1.0, NAN, NAN, NAN, NAN, 2.0])
