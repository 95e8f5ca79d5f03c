"""How far forecasts of one series are trusted: bold and shy chances, skill, widths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.combine import NO_TRUST, SLOPES, Calibration, Trust, calibrate, skill
from forecasting.model import Skill

CHANCES = st.floats(0.0, 1.0)


def odds(chance):
    return np.log(chance / (1 - chance))


def past(number, slope=1.0, offset=0.0, seed=1):
    """Chances told, and what happened when the truth was their log odds times a slope."""
    random = np.random.default_rng(seed)
    told = random.uniform(0.02, 0.98, number)
    true = 1 / (1 + np.exp(-(slope * odds(told) + offset)))
    return told, (random.random(number) < true).astype(float)


def found_of(told, happened):
    return calibrate(told, happened, np.ones(len(told)))


@pytest.mark.parametrize("slope", [0.4, 1.6], ids=["too bold", "too shy"])
def test_chances_that_are_too_bold_or_too_shy_are_seen_through(slope):
    found = found_of(*past(20_000, slope=slope))
    assert found.slope == pytest.approx(slope, abs=0.1)
    assert found.offset == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize("offset", [-1.5, 1.0], ids=["too high", "too low"])
def test_chances_that_are_always_too_high_or_low_are_moved(offset):
    found = found_of(*past(20_000, offset=offset))
    assert found.offset == pytest.approx(offset, abs=0.1)
    assert (found.calibrated(0.5) > 0.5) == (offset > 0)


def test_chances_that_were_right_stay():
    found = found_of(*past(20_000))
    for chance in (0.05, 0.3, 0.5, 0.9):
        assert found.calibrated(chance) == pytest.approx(chance, abs=0.03)


def test_little_evidence_changes_nothing():
    assert found_of(*past(29, slope=0.1)) == Calibration()
    assert calibrate(np.empty(0), np.empty(0), np.empty(0)) == Calibration()


def test_some_evidence_changes_a_little():
    some = found_of(*past(100, offset=-2.0))
    much = found_of(*past(5000, offset=-2.0))
    assert much.offset < some.offset < 0.0


@given(
    st.lists(st.tuples(CHANCES, st.booleans(), st.floats(0.0, 10.0)), min_size=30, max_size=80),
)
def test_a_likelier_thing_stays_likelier(told):
    chances, happened, weights = (np.array(each, dtype=float) for each in zip(*told, strict=True))
    found = calibrate(chances, happened, weights)
    assert SLOPES[0] <= found.slope <= SLOPES[1]
    ranked = [found.calibrated(each) for each in np.linspace(0, 0.999, 30)]
    assert ranked == sorted(ranked)
    assert all(0.0 < each < 1.0 for each in ranked)


@given(slope=st.floats(*SLOPES), offset=st.floats(-5, 5))
def test_certainty_stays_certain_and_is_never_made(slope, offset):
    found = Calibration(slope=slope, offset=offset)
    assert found.calibrated(1.0) == 1.0
    assert 0.0 < found.calibrated(0.0) < found.calibrated(0.999) < 1.0


def test_every_outcome_alike_is_no_catastrophe():
    for outcome in (0.0, 1.0):
        found = calibrate(np.full(500, 0.5), np.full(500, outcome), np.ones(500))
        assert np.isfinite([found.slope, found.offset]).all()


def test_the_nearest_rehearsed_horizon_speaks():
    near, far = Calibration(slope=0.5), Calibration(slope=2.0)
    trust = Trust(calibrations={24: near, 72: far})
    assert [trust.calibration(hours) for hours in (1, 24, 60, 500)] == [near, near, far, far]
    assert NO_TRUST.calibration(24) == Calibration()


@pytest.mark.parametrize(
    ("chances", "happened", "usual", "brier"),
    [
        ([1.0, 0.0], [1.0, 0.0], [0.5, 0.5], 1.0),
        ([0.5, 0.5], [1.0, 0.0], [0.5, 0.5], 0.0),
        ([0.0, 1.0], [1.0, 0.0], [0.5, 0.5], -3.0),
        ([0.1, 0.1], [0.0, 0.0], [0.0, 0.0], None),
        ([], [], [], None),
    ],
    ids=["perfect", "knows the frequency", "always wrong", "nothing ever happened", "none"],
)
def test_skill_is_told_beside_knowing_the_frequency(chances, happened, usual, brier):
    told = (np.array(each, dtype=float) for each in (chances, happened, usual))
    assert skill(*told, 7) == Skill(brier=brier, forecasts=7)
