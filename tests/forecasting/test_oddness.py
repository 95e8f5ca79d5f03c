"""Oddness: what the z and the CUSUM find in made-up hours, what they leave alone, and at what rate.

The noise is of the kinds that hourly medians of runs have: a daily swing, an error of a few to a
few dozen per cent, sometimes with a memory. Rates are of 100 series with fixed seeds.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting.oddness import DAY, LARGEST, PAST_DAYS, Table, drift, middle, oddness

SERIES = 100
PAST = PAST_DAYS * DAY
WEEK = 7 * DAY
LOOKS = 4  # hours between two looks at the slow, to be quick
SPREADS, DRIFT, TIMES = 5.0, 8.0, 1.25  # the defaults of the check
NOISES = {
    "steady": (0.05, 0.0),
    "a dozen runs an hour": (0.12, 0.0),
    "the same, with a memory": (0.12, 0.5),
    "few runs an hour": (0.25, 0.0),
    "one run an hour": (0.35, 0.0),
}
every_noise = pytest.mark.parametrize(("error", "memory"), NOISES.values(), ids=NOISES.keys())


def hours(error: float, memory: float, judged: int, seed: int = 1) -> Table:
    """Seconds of a run by the hour: half a minute, with a daily swing and this much error."""
    draw = np.random.default_rng(seed)
    errors = draw.normal(0, error, (SERIES, PAST + judged))
    for place in range(1, errors.shape[1]):
        errors[:, place] *= np.sqrt(1 - memory**2)
        errors[:, place] += memory * errors[:, place - 1]
    swing = 0.3 * np.sin(2 * np.pi * np.arange(errors.shape[1]) / DAY)
    return 30 * np.exp(errors + swing)


def ramp(judged: int, starts: int, lasts: int, to: float) -> Table:
    """Factors of the hours: 1 until a judged hour, then rising to `to`."""
    since = np.arange(PAST + judged) - PAST - starts
    return 1 + np.clip(since / lasts, 0, 1) * (to - 1)


def two_of_three(z: Table) -> Table:
    odd = (z >= SPREADS).astype(float)
    return np.asarray((odd[:, 2:] + odd[:, 1:-1] + odd[:, :-2]) * odd[:, 2:] >= 2)


def slow_hours(values: Table, judged: int) -> Table:
    """In which judged hours each series counts as slow: what has added up in the week before it,
    and the past half day, as the check looks at them; a look holds until the next one."""
    found = oddness(values, judged)
    ratios = values[:, -judged:] / found.usual
    slow = np.zeros((len(values), judged), dtype=bool)
    for place in range(12, judged, LOOKS):
        total = drift(found.z[:, max(0, place + 1 - WEEK) : place + 1]).total
        recent = middle(ratios[:, place - 11 : place + 1])
        odd = (total >= DRIFT) & (recent >= TIMES)
        slow[:, place : place + LOOKS] = odd[:, None]
    return slow


@every_noise
def test_noise_alone_is_hardly_ever_told(error, memory):
    judged = 2 * WEEK
    values = hours(error, memory, judged)
    sudden = two_of_three(oddness(values, judged).z)
    slow = slow_hours(values, judged)
    began = np.sum(slow[:, 1:] & ~slow[:, :-1])
    assert np.sum(sudden) / SERIES <= 0.01  # a series in two weeks
    assert began / SERIES <= 0.05


@every_noise
def test_a_ramp_to_half_as_much_again_over_two_days_is_found_within_four(error, memory):
    judged = WEEK
    values = hours(error, memory, judged, seed=2) * ramp(judged, starts=24, lasts=48, to=1.5)
    slow = slow_hours(values, judged)[:, 24 : 24 + 96]
    found = np.any(slow, axis=1)
    assert np.mean(found) >= 0.95
    assert np.median(np.argmax(slow[found], axis=1)) <= 54
    if error > 0.05:  # a plain z finds hardly any of them
        sudden = np.any(two_of_three(oddness(values, judged).z), axis=1)
        assert np.mean(sudden) <= 0.6


def test_a_sudden_tripling_is_seen_in_its_second_hour():
    values = hours(0.12, 0.0, DAY)
    values[:, -2:] *= 3
    sudden = two_of_three(oddness(values, DAY).z)
    assert np.mean(sudden[:, -1]) >= 0.99
    assert not np.any(sudden[:, :-1])


def test_one_bad_hour_is_no_drift():
    values = np.full((1, PAST + WEEK), 30.0)
    values[0, -3] = 3000.0
    added = drift(oddness(values, WEEK).z)
    assert added.total[0] < DRIFT


def test_a_drift_is_dated_to_when_it_began():
    """Within half a day for a step, within a day for a ramp over two: no library does better at
    this amount of noise, and none is needed for it."""
    for kind, lasts, within in (("step", 1, 12), ("ramp", 48, 24)):
        values = hours(0.12, 0.0, WEEK, seed=3) * ramp(WEEK, starts=80, lasts=lasts, to=1.5)
        began = drift(oddness(values, WEEK).z).began
        assert abs(np.median(began) - 80) <= within, kind
        assert np.mean(np.abs(began - 80) <= within) >= 0.8, kind


def test_the_floor_keeps_quiet_series_from_shouting():
    values = np.full((1, PAST + 3), 30.0)
    values[0, : PAST - 10] += np.tile([0.0, 0.0001], PAST)[: PAST - 10]
    values[0, -3:] = 31.0  # 3 % more, of a series that never moved
    z = oddness(values, 3).z
    assert np.all(z < 1)
    assert np.all(z > 0)


def test_the_usual_is_that_of_the_same_hour_of_day():
    day = np.where(np.arange(DAY) < 8, 60.0, 20.0)  # nights are slow
    values = np.tile(day, PAST_DAYS + 1)[None, :]
    usual = oddness(values, DAY).usual[0]
    assert usual[3] == pytest.approx(60.0)
    assert usual[15] == pytest.approx(20.0)
    assert np.all(oddness(values, DAY).z < SPREADS)


def test_before_seven_days_nothing_is_known():
    values = np.full((1, 8 * DAY), 30.0)
    z = oddness(values, 8 * DAY).z[0]
    assert np.all(np.isnan(z[: 7 * DAY - 1]))
    assert np.all(z[7 * DAY + 1 :] == 0)


def test_a_nightly_flow_is_known_by_its_nights():
    values = np.full((1, PAST + DAY), np.nan)
    values[0, 4::DAY] = 260.0
    values[0, PAST + 4] = 900.0
    z = oddness(values, DAY).z[0]
    assert z[4] > SPREADS
    assert np.all(np.isnan(z[6:]))


def test_after_two_weeks_the_new_has_become_usual():
    values = np.full((1, PAST + 20 * DAY), 30.0)
    values[0, PAST:] = 60.0
    z = oddness(values, 20 * DAY).z[0]
    assert z[DAY] > SPREADS
    assert z[-1] == 0


LENGTH = PAST + 5
anything = arrays(
    np.float64,
    st.tuples(st.integers(1, 3), st.just(LENGTH)),
    elements=st.one_of(
        st.floats(0, 1e9),
        st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e300, -1.0]),
    ),
    fill=st.sampled_from([np.nan, 0.0, 12.0]),
)


@settings(max_examples=40)
@given(values=anything, unit=st.sampled_from([None, 1.0]))
def test_gaps_and_nonsense_never_crash_and_never_read_as_known(values, unit):
    found = oddness(values, 5, unit)
    added = drift(found.z)
    assert not np.any(np.isinf(found.z))
    assert np.all(np.isfinite(added.total))
    judged = values[:, -5:]
    assert np.all(np.isnan(found.z[~((judged >= 0) & (judged <= LARGEST))]))


@given(value=st.floats(0, 1e12), gap=st.integers(1, 50))
def test_a_constant_series_is_never_odd(value, gap):
    values = np.full((1, LENGTH), value)
    values[0, ::gap] = np.nan
    found = oddness(values, 5)
    assert not np.any(np.abs(found.z) > 1e-6)
    assert drift(found.z).total[0] == 0


@given(factor=st.floats(1e-6, 1e6), seed=st.integers(0, 50))
def test_another_unit_of_measure_changes_nothing(factor, seed):
    values = hours(0.2, 0.3, 5, seed)[:3]
    before, after = oddness(values, 5), oddness(values * factor, 5)
    np.testing.assert_allclose(after.z, before.z, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(after.usual, before.usual * factor, rtol=1e-9)


@given(seed=st.integers(0, 50), places=st.permutations(range(4)))
def test_each_series_is_judged_by_itself(seed, places):
    values = hours(0.2, 0.0, 5, seed)[:4]
    np.testing.assert_array_equal(oddness(values[places], 5).z, oddness(values, 5).z[places])


@given(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(np.nan)), min_size=1, max_size=60).map(
        lambda row: np.array([row])
    )
)
def test_the_middle_is_the_median_of_what_is_known(row):
    known = row[np.isfinite(row)]
    expected = np.median(known) if len(known) else np.nan
    np.testing.assert_allclose(middle(row)[0], expected)
