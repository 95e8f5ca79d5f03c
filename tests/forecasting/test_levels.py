"""The band of what is set against a limit: sums, levels of buckets, places taken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forecasting.learning import foresee, learn
from forecasting.model import DAY, Kind, Limit
from forecasting.trading_days import Calendar
from tests.forecasting.recorded import series_of, wave

SERIES = series_of(wave(21 * 24))
RESETS = tuple(SERIES.until + n * DAY for n in range(1, 5))


@pytest.fixture(scope="module")
def learned():
    (found,) = learn([SERIES], Calendar())
    return found


def told(learned, kind, **limit):
    (found,) = foresee(learned, SERIES, [Limit(id="x", kind=kind, **limit)], Calendar())
    return found


def test_a_bins_own_amount_has_none_besides(learned):
    found = told(learned, Kind.BIN, amount=100.0)
    assert (found.levels, len(found.band)) == ((), 72)


def test_a_quota_adds_up_and_starts_anew(learned):
    found = told(learned, Kind.QUOTA, amount=1e5, used=50.0, resets=RESETS)
    middles = [each.middle for each in found.levels]
    assert middles[0] == pytest.approx(50.0 + found.band[0].middle, rel=0.05)
    assert middles[:24] == sorted(middles[:24])
    assert middles[24] < middles[23]


def test_its_band_is_that_of_whole_paths_and_no_sum_of_bands(learned):
    found = told(learned, Kind.QUOTA, amount=1e5, resets=RESETS)
    width = found.levels[23].high - found.levels[23].low
    assert 0 < width < sum(each.high - each.low for each in found.band[:24])


@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        (Kind.ROLLING, {"window": timedelta(hours=6)}),
        (Kind.BUCKET, {"drains": 20.0}),
        (Kind.PLACES, {"seconds": 60.0}),
    ],
    ids=str,
)
def test_what_is_set_against_the_limit_has_a_band(learned, kind, limit):
    found = told(learned, kind, amount=1e5, **limit)
    assert len(found.levels) == 72
    for each in found.levels:
        assert 0 <= each.lowest <= each.low <= each.middle <= each.high <= each.highest
