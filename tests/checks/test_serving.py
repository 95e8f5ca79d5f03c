"""From runs and waits to how a flow served: which run a job became, and how long that took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from checks.promises.model import Served
from checks.promises.serving import Waited, Went, served, together
from checks.runs import RunStatus

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
T = NOW.timestamp()
GOOD, BAD = RunStatus.SUCCESS, RunStatus.FAILURE


def went(start: float, took: float | None = 30.0, status: RunStatus = GOOD) -> Went:
    begun = T + start
    return Went(status=status, started=begun, finished=None if took is None else begun + took)


def waited(queued: float, seen: float, left: float | None) -> Waited:
    return Waited(queued=T + queued, seen=T + seen, left=None if left is None else T + left)


def test_partial_success_is_bad_and_what_was_stopped_is_neither() -> None:
    statuses = (GOOD, BAD, RunStatus.PARTIAL_SUCCESS, RunStatus.STOPPED, RunStatus.UNKNOWN)
    found = served([went(-900 + n, status=each) for n, each in enumerate(statuses)], (), NOW)
    assert (found.good, found.bad) == (1, 2)
    assert found.seconds == {30: 1}


def test_a_run_counts_from_when_its_job_was_queued() -> None:
    found = served([went(-600)], [waited(-800, -605, -545)], NOW)
    assert found.seconds == {230: 1}


def test_a_run_whose_job_was_never_seen_counts_from_its_start() -> None:
    found = served([went(-600)], [waited(-5000, -4000, -3940)], NOW)
    assert found.seconds == {30: 1}


def test_jobs_become_runs_in_their_order() -> None:
    waits = [waited(-1000, -610, -550), waited(-900, -610, -550)]
    found = served([went(-600), went(-590)], waits, NOW)
    assert found.seconds == {430: 1, 340: 1}


def test_a_job_that_became_no_run_takes_nobody_elses() -> None:
    waits = [waited(-2000, -1500, -1440), waited(-700, -610, -550)]
    assert served([went(-600)], waits, NOW).seconds == {130: 1}


def test_what_runs_or_waits_still_has_its_age() -> None:
    found = served([went(-600, None)], [waited(-300, -5, None)], NOW)
    assert sorted(found.waiting) == [300, 600]
    assert found.timed(timedelta(seconds=400)) == (1, 1)


def test_a_part_of_a_second_is_a_whole_one() -> None:
    assert served([went(-600, 10.2)], (), NOW).timed(timedelta(seconds=10)) == (1, 1)


def test_nineteen_in_twenty_is_by_nearest_rank() -> None:
    found = Served(good=20, seconds={10: 18, 50: 1, 900: 1})
    assert found.quantile(0.5) == timedelta(seconds=10)
    assert found.quantile(0.95) == timedelta(seconds=50)
    assert Served().quantile(0.5) is None


runs = st.lists(
    st.builds(
        went,
        st.integers(-5000, -100),
        st.integers(0, 90) | st.none(),
        st.sampled_from([GOOD, BAD]),
    ),
    max_size=30,
)
waits = st.lists(
    st.builds(
        lambda queued, seen, left: waited(queued, queued + seen, queued + seen + left),
        st.integers(-6000, -200),
        st.integers(0, 900),
        st.integers(0, 60),
    ),
    max_size=30,
)


@given(runs, waits)
def test_waits_only_ever_lengthen_and_lose_no_run(told: list[Went], jobs: list[Waited]) -> None:
    alone, queued = served(told, (), NOW), served(told, jobs, NOW)
    assert (alone.good, alone.bad) == (queued.good, queued.bad)
    assert sum(queued.seconds.values()) == queued.good
    for share in (0.5, 0.95):
        without, with_wait = alone.quantile(share), queued.quantile(share)
        assert (without is None) == (with_wait is None)
        assert without is None or with_wait is None or with_wait >= without


def test_times_are_put_together() -> None:
    both = together([Served(good=2, bad=1, seconds={5: 2}), Served(good=1, seconds={5: 1})])
    assert both == Served(good=3, bad=1, seconds={5: 3})
