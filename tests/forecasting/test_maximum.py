"""The maximum a posteriori: nothing near it is better, whoever is fitted along."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.design import Design, columns
from forecasting.maximum import NOISE_SD, TREND_SD, Priors, maximise
from tests.forecasting.recorded import HOUR, wave

PRIORS = Priors(seasons=10.0, changes=0.01)
CHANGES = 10


def objective(row, table, found, noise):
    """What Prophet minimises, written out (its Stan model, without constants); gaps are NaN."""
    known = np.isfinite(row)
    missed = row[known] - table[known] @ found
    trend, changes, seasons = np.split(found, [2, 2 + CHANGES])
    return (
        (missed**2).sum() / (2 * noise**2)
        + known.sum() * np.log(noise)
        + (trend**2).sum() / (2 * TREND_SD**2)
        + np.abs(changes).sum() / PRIORS.changes
        + (seasons**2).sum() / (2 * PRIORS.seasons**2)
        + noise**2 / (2 * NOISE_SD**2)
    )


def rows_of(number, bins, seed=1, bend=0.5):
    """Roots of waves that bend once, each scaled to a largest of 1."""
    random = np.random.default_rng(seed)
    at = np.linspace(0, 1, bins)
    found = []
    for each in range(number):
        growth = 1 + bend * random.normal() * np.maximum(at - random.uniform(0.1, 0.7), 0)
        root = np.sqrt(wave(bins, seed=seed + each) * np.maximum(growth, 0.1))
        found.append(root / root.max())
    return np.array(found)


def table_of(bins, **more):
    return columns(Design(**({"start": 0, "step": HOUR, "bins": bins, "weekly": 6} | more)))


@settings(max_examples=25)
@given(
    seed=st.integers(0, 1000),
    days=st.sampled_from([3, 8, 20, 40]),
    gaps=st.booleans(),
    bend=st.sampled_from([0.0, 1.0, 8.0]),
)
def test_nothing_near_the_maximum_is_better(seed, days, gaps, bend):
    bins = days * 24
    rows, table = rows_of(3, bins, seed, bend), table_of(bins)
    random = np.random.default_rng(seed)
    if gaps:
        rows[:, random.integers(0, bins, bins // 5)] = np.nan
    found = maximise(table, rows, CHANGES, PRIORS)
    assert found.settled.all()
    for row, best, noise in zip(rows, found.coefficients, found.noise, strict=True):
        least = objective(row, table, best, noise)
        for size in (1e-4, 1e-2):
            for _ in range(10):
                near = best + size * random.normal(size=len(best))
                assert objective(row, table, near, noise) >= least - 1e-6
            one = best.copy()
            one[2 + random.integers(CHANGES)] = random.choice([-size, 0.0, size])
            assert objective(row, table, one, noise) >= least - 1e-6
        for times in (0.99, 1.01):
            assert objective(row, table, best, noise * times) >= least - 1e-6


def test_a_bend_is_found_and_noise_makes_none():
    bins = 1200
    at = np.linspace(0, 1, bins)
    straight, bent = 0.5 + 0.1 * at, 0.5 + np.maximum(at - 0.4, 0)
    noise = np.random.default_rng(3).normal(0, 0.02, bins)
    rows = np.stack([straight, bent]) + noise
    changes = maximise(table_of(bins), rows / rows.max(), CHANGES, PRIORS).coefficients[:, 2:12]
    assert np.abs(changes[0]).sum() < 0.02
    assert changes[1].sum() > 0.5
    assert np.abs(changes[1][:3]).sum() < 0.01


@pytest.mark.parametrize("gaps", [False, True], ids=["whole", "gappy"])
def test_a_fit_does_not_depend_on_what_is_fitted_along(gaps):
    rows, table = rows_of(12, 480, bend=4.0), table_of(480)
    if gaps:
        rows[np.random.default_rng(4).random(rows.shape) < 0.1] = np.nan
    together = maximise(table, rows, CHANGES, PRIORS)
    for place in (0, 5, 11):
        alone = maximise(table, rows[place : place + 1], CHANGES, PRIORS)
        np.testing.assert_allclose(
            alone.coefficients[0], together.coefficients[place], rtol=1e-6, atol=1e-9
        )


def test_a_gap_says_nothing():
    """What is fitted to the known bins alone is fitted to a row with gaps."""
    rows, table = rows_of(1, 480), table_of(480)
    gappy = rows.copy()
    gappy[0, 100:160] = np.nan
    known = np.isfinite(gappy[0])
    one = maximise(table, gappy, CHANGES, PRIORS)
    other = maximise(table[known], rows[:, known], CHANGES, PRIORS)
    np.testing.assert_allclose(one.coefficients, other.coefficients, rtol=1e-6, atol=1e-8)
    assert one.noise == pytest.approx(other.noise)


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("bins", [1, 2, 30, 480])
def test_what_never_changes_is_fitted_as_it_is(value, bins):
    table = table_of(bins)
    found = maximise(table, np.full((2, bins), value), CHANGES, PRIORS)
    assert found.settled.all()
    np.testing.assert_allclose(found.coefficients @ table.T, value, atol=0.02)


def test_without_changes_of_slope_there_is_a_straight_line():
    table = table_of(480, changepoints=0)
    assert maximise(table, rows_of(2, 480), 0, PRIORS).settled.all()
