"""The band of a chart, and why a forecast says what it says."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.bands import band, reasons
from forecasting.combine import NO_TRUST, Trust, Width
from forecasting.crossing import Paths
from forecasting.local import localise
from forecasting.model import Kind, Limit
from forecasting.trading_days import Occasion
from tests.forecasting.recorded import DAY, HOUR, NOW, series_of, wave

DAILY_RESETS = tuple(NOW + day * DAY for day in range(1, 5))
HOURLY_RESETS = tuple(NOW + hour * HOUR for hour in range(1, 80))
GRID, FULL = localise(series_of(np.tile(wave(168, noise=0.01), 8)))


def paths_of(amounts):
    return Paths(start=NOW, step=HOUR, amounts=np.atleast_2d(amounts), past=FULL)


def trust_of(wide80, wide95, hours=3.0, *more):
    return Trust(calibrations={}, widths=(Width(hours=hours, wide80=wide80, wide95=wide95), *more))


def why(kind=Kind.BIN, amounts=None, full=FULL, occasions=(), **more):
    told = np.tile(FULL[-168:][:72], (5, 1)) if amounts is None else amounts
    limit = Limit(id="shop", kind=kind, amount=1.0, **more)
    return reasons(paths_of(told), limit, full, GRID, occasions)


def test_a_band_holds_its_share_of_the_paths():
    amounts = np.random.default_rng(2).gamma(4.0, 25.0, (401, 72))
    for point, told in zip(band(paths_of(amounts), NO_TRUST), amounts.T, strict=True):
        wanted = np.quantile(told, (0.025, 0.1, 0.5, 0.9, 0.975))
        found = [point.lowest, point.low, point.middle, point.high, point.highest]
        np.testing.assert_allclose(found, wanted)


def test_a_band_begins_now_and_goes_bin_by_bin():
    points = band(paths_of(np.ones((3, 4))), NO_TRUST)
    assert [point.at for point in points] == [NOW + place * HOUR for place in range(4)]


@given(st.floats(0.5, 4.0), st.floats(0.5, 4.0), st.integers(0, 1000))
def test_a_widened_band_stays_in_order_and_above_zero(wide80, wide95, seed):
    amounts = np.random.default_rng(seed).gamma(0.3, 100.0, (50, 8))
    plain = band(paths_of(amounts), NO_TRUST)
    for point, was in zip(band(paths_of(amounts), trust_of(wide80, wide95)), plain, strict=True):
        told = [point.lowest, point.low, point.middle, point.high, point.highest]
        assert told == sorted(told)
        assert told[0] >= 0
        assert point.high - point.middle == pytest.approx(wide80 * (was.high - was.middle))


def test_a_band_is_as_wide_as_was_learned_for_so_many_hours_ahead():
    """Half as wide in the first hours, twice as wide from the second day on, and no step between
    them: neighbouring bins of equal paths differ by little."""
    amounts = np.repeat(np.random.default_rng(5).gamma(9.0, 10.0, (401, 1)), 72, axis=1)
    far = Width(hours=48.0, wide80=2.0, wide95=2.0)
    points = band(paths_of(amounts), trust_of(0.5, 0.5, 3.0, far))
    (plain,) = band(paths_of(amounts[:, :1]), NO_TRUST)
    wide = np.array([point.high - point.middle for point in points])
    wide = wide / (plain.high - plain.middle)
    assert wide[[0, 2]] == pytest.approx(0.5)
    assert wide[[48, 71]] == pytest.approx(2.0)
    assert wide[25] == pytest.approx(0.5 + 1.5 * (25.5 - 3.0) / 45.0)
    assert np.abs(np.diff(wide)).max() < 0.05


def test_so_many_hours_ahead_are_the_same_in_finer_bins():
    amounts = np.repeat(np.random.default_rng(5).gamma(9.0, 10.0, (401, 1)), 96, axis=1)
    trust = trust_of(0.5, 0.5, 3.0, Width(hours=15.0, wide80=2.0, wide95=2.0))
    quarters = Paths(start=NOW, step=HOUR / 4, amounts=amounts, past=FULL)
    told = [point.high for point in band(quarters, trust)]
    hourly = [point.high for point in band(paths_of(amounts[:, :24]), trust)]
    between = (np.array(told[1::4]) + np.array(told[2::4])) / 2
    np.testing.assert_allclose(between, hourly)


@pytest.mark.parametrize(
    ("kind", "more", "usual"),
    [
        (Kind.BIN, {}, "hour"),
        (Kind.ROLLING, {"window": DAY}, "day"),
        (Kind.ROLLING, {"window": 2 * HOUR}, "two hours"),
        (Kind.ROLLING, {"window": 7 * DAY}, None),
        (Kind.QUOTA, {"resets": DAILY_RESETS}, "day"),
        (Kind.QUOTA, {"resets": HOURLY_RESETS}, "hour"),
        (Kind.QUOTA, {"resets": (NOW + 20 * DAY, NOW + 50 * DAY)}, None),
        (Kind.QUOTA, {"resets": (NOW + 20 * DAY,)}, None),
        (Kind.BUCKET, {"drains": 10.0}, None),
    ],
    ids=[
        "an hour",
        "any 24 hours",
        "any two hours",
        "any week is longer than a day",
        "a day's quota",
        "an hour's quota",
        "a month's quota is longer than a day",
        "of one reset nobody knows how long the window is",
        "a level has no past",
    ],
)
def test_the_usual_peak_is_of_the_limits_own_window(kind, more, usual):
    """The days of the series repeat with the week; the peak lies on the first one, a Monday."""
    told = np.ones((5, 72))
    told[:, 12] = 1e6
    monday = FULL[-168:][:24]
    sums = {
        "hour": monday.max(),
        "two hours": monday.reshape(12, 2).sum(axis=1).max(),
        "day": monday.sum(),
        None: None,
    }
    resets_later = kind is Kind.QUOTA and usual == "day"
    found = why(kind, told, **more).usual_peak
    assert found == (pytest.approx(sums[usual]) if usual else None), resets_later


def test_the_peak_is_where_most_paths_have_it():
    told = np.ones((5, 72))
    told[:4, 30], told[4, 60] = 50.0, 90.0
    found = why(amounts=told)
    assert (found.peak_at, found.peak) == (NOW + 30 * HOUR, 50.0)


def test_steady_growth_is_told_by_the_week_and_one_odd_week_is_none():
    weeks = np.repeat(1.1 ** np.arange(8), 168)
    assert why(full=FULL * weeks).growth == pytest.approx(0.1, abs=0.01)
    odd = FULL.copy()
    odd[-168:] *= 5
    assert abs(why(full=odd).growth) < 0.1


def test_of_a_young_series_growth_is_not_known():
    assert why(full=FULL[-200:]).growth is None


def test_an_occasion_is_named_once():
    days = [Occasion(name="Sale", first=day, last=day) for day in (date(2026, 10, 12),) * 2]
    assert why(occasions=days).occasions == ("Sale",)
