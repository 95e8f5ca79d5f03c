"""The analogue: what followed in past weeks, brought to today's level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.baseline import analogue
from tests.forecasting.recorded import wave


def foreseen(amounts, ahead=72, paths=200, per_day=24):
    random = np.random.default_rng(1)
    return analogue(random, np.atleast_2d(amounts), ahead, per_day, paths)


def test_a_week_that_repeats_is_foreseen_as_it_is():
    week = wave(168)
    found = foreseen(np.tile(week, 6), 168)[0]
    np.testing.assert_allclose(found, np.broadcast_to(week, (200, 168)))


def test_two_days_are_replayed_by_the_day():
    day = wave(24)
    np.testing.assert_allclose(foreseen(np.tile(day, 2), 48)[0, 0], np.tile(day, 2))


def test_growth_is_followed_by_its_root():
    """The last day has four times its usual level: past weeks are doubled."""
    amounts = np.tile(wave(168, noise=0.01), 6)
    grown = amounts.copy()
    grown[-24:] *= 4
    ratio = foreseen(grown, 24).mean() / foreseen(amounts, 24).mean()
    assert ratio == pytest.approx(2.0, rel=0.1)


def test_a_surge_from_nothing_is_held_back():
    amounts = np.zeros(28 * 24)
    amounts[-24:] = 1e6
    assert foreseen(amounts).max() <= 1e6 * 10


@given(
    hours=st.integers(48, 700),
    ahead=st.integers(1, 100),
    level=st.sampled_from([0.0, 1e-9, 1.0, 1e9]),
)
def test_it_always_answers_with_amounts(hours, ahead, level):
    found = foreseen(wave(hours, level=level), ahead, paths=10)
    assert found.shape == (1, 10, ahead)
    assert np.isfinite(found).all()
    assert (found >= 0).all()


def test_nothing_foreseen_depends_on_what_is_asked_along():
    several = np.stack([wave(700, seed=seed) for seed in range(4)])
    together = foreseen(several)
    for place, row in enumerate(several):
        np.testing.assert_array_equal(foreseen(row)[0], together[place])
