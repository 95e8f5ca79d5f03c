"""The rehearsal on a series' own past: it never looks ahead, and it tells good from bad."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from forecasting import rehearsal
from forecasting.combine import Calibration
from forecasting.local import filled, localise
from forecasting.model import HORIZONS
from forecasting.prophet_model import Fit
from forecasting.rehearsal import PRIOR_WIDTHS, WIDTHS, rehearse
from forecasting.trading_days import Calendar
from tests.forecasting.recorded import HOUR, recorded, series_of, wave

DAYS = 40
SPIKE = 30  # so many hours before the end amounts go wild


def trusts(rows, horizons=HORIZONS, step=HOUR):
    grid, _ = localise(series_of(rows[0], step=step))
    amounts = np.array(rows)
    full = np.array([filled(row, grid.per_day) for row in amounts])
    return rehearse(amounts, full, grid, Calendar(), horizons)


@pytest.fixture
def overheard(monkeypatch):
    """What is fitted and what is foreseen, by how many bins were known of it."""
    told = {}

    def listen(name):
        real = getattr(rehearsal, name)

        def heard(amounts, *more):
            found = real(amounts, *more)
            key = (name, amounts.shape[1])
            told[key] = found[0].coefficients if isinstance(found[0], Fit) else found
            return found

        monkeypatch.setattr(rehearsal, name, heard)

    listen("fit")
    listen("mixture")
    return told


@pytest.mark.parametrize("gappy", [False, True], ids=["whole", "gappy"])
def test_nothing_that_came_later_is_known_at_an_origin(overheard, gappy):
    amounts = wave(DAYS * 24)
    if gappy:
        amounts[50:300:7] = np.nan
    wild = amounts.copy()
    wild[-SPIKE:] *= 1000
    trusts([amounts])
    plain = dict(overheard)
    overheard.clear()
    trusts([wild])
    earlier = [key for key in plain if key[1] <= len(amounts) - SPIKE]
    assert len([key for key in earlier if key[0] == "mixture"]) > 10
    assert len([key for key in earlier if key[0] == "fit"]) > 3
    for key in earlier:
        bins = key[1]
        count = plain[key].shape[-1]
        np.testing.assert_array_equal(overheard[key], plain[key], err_msg=f"{bins} of {count}")


def test_every_origin_lies_a_fortnight_in_and_a_horizon_before_the_end(overheard):
    trusts([wave(DAYS * 24)])
    origins = {bins for name, bins in overheard if name == "mixture"}
    assert min(origins) >= 14 * 24
    assert max(origins) == DAYS * 24 - 24
    assert {origin % 24 // 6 for origin in origins} == {0, 1, 2, 3}


def test_a_series_that_can_be_foreseen_has_skill():
    """Every weekday has another height, week after week."""
    by_day = np.arange(DAYS * 24) // 24 % 7 + 1.0
    (regular,) = trusts([wave(DAYS * 24, noise=0.05) * by_day])
    assert regular.skill.brier > 0.3
    assert regular.skill.forecasts > 10
    assert set(regular.calibrations) == {24, 72}


def test_a_series_that_nobody_can_foresee_has_none():
    random = np.random.default_rng(3)
    (noise,) = trusts([random.gamma(0.2, 100.0, DAYS * 24)])
    assert noise.skill.brier < 0.15


def test_a_past_in_which_nothing_happens_is_no_skill():
    for values in (np.zeros(DAYS * 24), np.full(DAYS * 24, 7.0)):
        (found,) = trusts([values])
        assert found.skill.brier is None or found.skill.brier < 0.999
        for each in found.calibrations.values():
            assert each.slope > 0
            assert np.isfinite(each.offset)


def test_bands_that_held_too_little_are_widened():
    """Widths move from the prior towards what the past asks for, and stay within bounds."""
    recorded_one = recorded("shop_api_nov_dec").values[: DAYS * 24]
    for found in trusts([recorded_one, wave(DAYS * 24)]):
        assert [each.hours for each in found.widths] == [3.0, 15.0, 48.0]
        for each in found.widths:
            assert WIDTHS[0] <= each.wide80 <= WIDTHS[1]
            assert WIDTHS[0] <= each.wide95 <= WIDTHS[1]
    (steady,) = trusts([np.tile(wave(168, noise=0.01), 6)])
    assert all(each.wide80 < PRIOR_WIDTHS[0] for each in steady.widths)


def test_a_level_that_strays_needs_bands_that_widen_with_time():
    """A random walk lies further off the further ahead one looks; paths know only how far it lay
    off on average."""
    walk = np.cumsum(np.random.default_rng(8).normal(0.0, 3.0, DAYS * 24))
    (found,) = trusts([wave(DAYS * 24) * 10 + np.maximum(2000.0 + walk * 20, 0.0)])
    near, _, far = found.widths
    assert far.wide80 > near.wide80 + 0.2


def test_nothing_is_learned_of_hours_that_were_not_rehearsed():
    (found,) = trusts([wave(24 * 14).repeat(4)], (timedelta(hours=6),), timedelta(minutes=15))
    assert [each.hours for each in found.widths] == [3.0]


def test_what_was_mostly_missing_is_not_judged():
    amounts = wave(DAYS * 24)
    amounts[-25 * 24 :] = np.nan
    (found,) = trusts([amounts])
    assert found.skill.brier is None
    assert all(each == Calibration() for each in found.calibrations.values())


@pytest.mark.parametrize("hours", [72, 73, 96, 200, 336])
def test_a_short_past_is_rehearsed_as_far_as_it_goes(hours):
    (found,) = trusts([wave(hours)])
    assert all(np.isfinite([each.wide80, each.wide95]).all() for each in found.widths)


def test_a_horizon_beyond_the_past_is_not_rehearsed():
    (found,) = trusts([wave(100)], (timedelta(hours=24), timedelta(hours=168)))
    assert 168 not in found.calibrations


def test_finer_bins_are_rehearsed_over_shorter_horizons():
    quarter = timedelta(minutes=15)
    day = wave(24 * 14).repeat(4)
    (found,) = trusts([day], (timedelta(hours=6),), quarter)
    assert set(found.calibrations) == {6}


def test_series_are_rehearsed_each_for_itself():
    rows = [wave(DAYS * 24, seed=seed) for seed in (1, 2, 3)]
    together = trusts(rows)
    for row, found in zip(rows, together, strict=True):
        (alone,) = trusts([row])
        assert alone.skill.brier == pytest.approx(found.skill.brier, abs=1e-3)
        assert [each.wide80 for each in alone.widths] == pytest.approx(
            [each.wide80 for each in found.widths], abs=1e-3
        )
