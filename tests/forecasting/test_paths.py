"""Replayed windows of the past: whose they are, at what level, and never from the future."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.paths import MOST_MEMORY, Recipe, memory, places, replay

PLAIN = Recipe(paths=200, weekday=8.0, level=1 / 3, spread=0.0)
EVEN = Recipe(paths=200, weekday=1.0, level=1.0, spread=0.0, decay=1.0)
FOUR_WEEKS = 28 * 24


def random():
    return np.random.default_rng(5)


def drawn(residuals, ahead=72, recipe=PLAIN, span=8):
    expected = np.zeros((len(residuals), ahead))
    return replay(random(), residuals, expected, 24, span, recipe)


@given(bins=st.integers(24, 1000), ahead=st.integers(1, 200), per_day=st.sampled_from([6, 12, 24]))
def test_windows_lie_in_the_past_at_the_right_hour(bins, ahead, per_day):
    begins = bins - per_day * np.arange(1, bins // per_day + 1)
    found = places(begins, bins, ahead, per_day)
    assert found.shape == (len(begins), ahead)
    assert found.min() >= 0
    assert found.max() < bins
    if bins > 7 * per_day:
        apart = (begins[:, None] + np.arange(ahead) - found) % (7 * per_day)
        assert not apart.any()  # what is too young is taken from whole weeks before
    assert not ((begins[:, None] + np.arange(ahead) - found) % per_day)[found > 0].any()


def test_a_window_is_replayed_whole():
    """Residuals that repeat with the day look ahead as they looked back, on every path."""
    daily = np.sin(2 * np.pi * np.arange(FOUR_WEEKS) / 24)
    found = drawn(daily[None], 48, span=24)
    np.testing.assert_allclose(found[0], np.broadcast_to(daily[:48], (200, 48)), atol=1e-9)


def test_windows_of_the_same_weekday_are_drawn_more_often():
    days = np.repeat(np.arange(28) % 7 == 0, 24).astype(float)  # today's weekday is day 0
    often = drawn(days[None], 24, PLAIN, span=24)[0].mean()
    evenly = drawn(days[None], 24, Recipe(paths=200, weekday=1.0, level=1, spread=0.0), 24)[
        0
    ].mean()
    assert often > evenly + 0.2


def test_todays_level_replaces_that_of_the_window_and_fades():
    """A level that has lasted for days is carried on; it is less of it with every hour."""
    values = np.zeros(FOUR_WEEKS)
    values[-300:] = 10.0
    found = drawn(values[None], 72)[0]
    assert (found[:, 0] > 9).all()
    assert found[:, -1].mean() > 2.0
    noise = random().normal(size=(1, FOUR_WEEKS))
    noise[:, -8:] += 10
    assert drawn(noise, 72)[0][:, -1].mean() < 1.0


def test_memory_tells_lasting_levels_from_passing_ones():
    slow = np.repeat(random().normal(size=20), 48)
    quick = random().normal(size=960)
    found = memory(np.stack([slow, quick, np.zeros(960), np.full(960, 3.0)]), 8)
    assert found[0] > 0.7
    assert found[1] < 0.3
    assert found[2] == 0.0
    assert found[3] == MOST_MEMORY


def test_spread_stretches_whole_paths():
    values = random().normal(size=(1, FOUR_WEEKS))
    wide = Recipe(paths=200, weekday=8.0, level=1 / 3, spread=0.5)
    stretched, plain = drawn(values, recipe=wide)[0], drawn(values)[0]
    ratio = (stretched / np.where(plain == 0, 1, plain)).round(6)
    assert all(len(np.unique(row[row != 0])) == 1 for row in ratio)
    assert ratio[:, 0].std() == pytest.approx(0.5, rel=0.2)


def test_days_like_today_count_for_more():
    """Yesterday was busy in the morning: after such days the evening was, after others never."""
    random_days = np.random.default_rng(8).random(28) < 0.5
    random_days[-1] = True
    values = np.zeros((28, 24))
    values[random_days, 8:12] = 5.0
    values[1:][random_days[:-1], 18:20] += 9.0
    evenings = drawn(values.reshape(1, -1), 24, recipe=EVEN, span=24)[0][:, 18:20].mean(axis=1)
    assert (evenings > 6).mean() > random_days[:-1].mean() + 0.1


@pytest.mark.parametrize("bins", [24, 30, 48, 100, 168, 169, 400])
def test_short_pasts_have_paths_too(bins):
    recipe = Recipe(paths=20, weekday=20.0, level=1.0, spread=0.3)
    for values in (np.zeros((2, bins)), random().normal(size=(2, bins))):
        assert np.isfinite(drawn(values, 72, recipe, 24)).all()


def test_every_series_draws_the_same_numbers_whatever_is_drawn_along():
    values = random().normal(size=(5, FOUR_WEEKS))
    far = Recipe(paths=50, weekday=20.0, level=1.0, spread=0.4)
    for recipe in (PLAIN, far):
        together = drawn(values, recipe=recipe)
        for place in range(5):
            alone = drawn(values[place : place + 1], recipe=recipe)
            np.testing.assert_array_equal(alone[0], together[place])
