"""How long things took, and how well runs went."""

from __future__ import annotations

from datetime import timedelta
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest import phrases
from bot.digest.measures import Went, is_poor, times, together, went_of
from checks.runs import RunStatus

S = timedelta(seconds=1)


def test_of_nothing_there_is_no_figure():
    assert times([]) is None
    assert went_of({}, {}).share is None


@given(st.lists(st.integers(0, 100_000), min_size=1))
def test_half_and_nine_in_ten_are_durations_that_occurred(seconds):
    told = times(second * S for second in seconds)
    assert told.of == len(seconds)
    assert told.median == median_low(seconds) * S
    assert sum(each * S <= told.p90 for each in seconds) >= 0.9 * len(seconds)
    assert sum(each * S < told.p90 for each in seconds) < 0.9 * len(seconds)


def test_what_a_person_stopped_proves_nothing_and_what_is_not_known_is_not_well():
    ended = {
        RunStatus.SUCCESS: 96,
        RunStatus.FAILURE: 3,
        RunStatus.PARTIAL_SUCCESS: 1,
        RunStatus.STOPPED: 7,
        RunStatus.UNKNOWN: 2,
    }
    went = went_of(ended, {10: 96})
    assert (went.runs, went.share, went.unsure) == (102, 0.96, 2)
    assert went.took.of == 96


def test_groups_together_are_the_runs_of_all():
    parts = [Went(well=2, failed=1, seconds={3: 2}), Went(well=1, unsure=1, seconds={3: 1})]
    assert together(parts) == Went(well=3, failed=1, unsure=1, seconds={3: 3})


@pytest.mark.parametrize(
    ("now", "before", "poor"),
    [
        pytest.param(Went(well=98, failed=2), Went(well=100), True, id="two in a hundred less"),
        pytest.param(Went(well=995, failed=5), Went(well=1000), False, id="half a hundredth less"),
        pytest.param(Went(well=50, failed=50), Went(well=50, failed=50), True, id="as bad as ever"),
        pytest.param(Went(well=90, failed=10), None, True, id="bad, with nothing to compare"),
        pytest.param(Went(well=99, failed=1), None, False, id="good, with nothing to compare"),
        pytest.param(Went(unsure=5), Went(well=5), False, id="not known is not worse"),
    ],
)
def test_what_is_worth_a_mark(now, before, poor):
    assert is_poor(now, before) is poor


@pytest.mark.parametrize(
    ("value", "said"),
    [(1.0, "100 %"), (0.0, "0 %"), (0.99999, "99.9 %"), (0.00001, "0.1 %"), (0.998, "99.8 %")],
)
def test_a_share_is_whole_only_when_it_is(value, said):
    assert phrases.share(value) == said
