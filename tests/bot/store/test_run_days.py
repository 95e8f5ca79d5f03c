"""Runs by the day: what is counted is what the runs say, and it outlives them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store import failures, open_store, readings, run_days, runs
from bot.store.covered import cover
from bot.store.failed_records import Failed
from checks.declare import Cause
from checks.failures import Failure
from checks.runs import Run, RunStatus

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NOW = MONDAY + 3 * DAY + 8 * HOUR


@pytest.fixture
def db(tmp_path):
    store = open_store(tmp_path / "runs.db")
    yield store.db
    store.close()


def ran(db, *told):
    """Runs as (flow, start, how it ended, seconds)."""
    found = runs.count_started(db, MONDAY - 100 * DAY, MONDAY + 100 * DAY)
    runs.save_runs(
        db,
        [
            Run(
                id=f"r{found + number}",
                flow_id=flow,
                flow_name=flow,
                status=status,
                started_at=at,
                finished_at=at + timedelta(seconds=seconds),
            )
            for number, (flow, at, status, seconds) in enumerate(told)
        ],
    )


def lost(run_id, at, records):
    return Failure(
        run_id=run_id, flow_id="f1", at=at + MINUTE, status=RunStatus.FAILURE,
        cause=Cause.LASTING, line="", records=records,
    )  # fmt: skip


def count(db, now=NOW):
    days = run_days.stale_days(db, now)
    for day in days:
        run_days.save_day(db, run_days.count_day(db, day))
    return days


def ended(db, since, until):
    """How many runs of each flow ended how, and how long all good ones took."""
    found, took = Counter(), Counter()
    for flow, status, seconds, number in run_days.ended_runs(db, since, until):
        found[flow, status] += number
        took[seconds] += number if status is RunStatus.SUCCESS else 0
    return found, +took


SOME = (
    ("f1", MONDAY + HOUR, RunStatus.SUCCESS, 60),
    ("f1", MONDAY + 2 * HOUR, RunStatus.SUCCESS, 60),
    ("f1", MONDAY + 3 * HOUR, RunStatus.FAILURE, 5),
    ("f2", MONDAY + DAY, RunStatus.SUCCESS, 90),
    ("f2", MONDAY + 3 * DAY, RunStatus.SUCCESS, 90),
)


def test_days_that_are_over_are_counted_once(db):
    cover(db, MONDAY, NOW)
    ran(db, *SOME)
    assert count(db) == [date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)]
    assert count(db) == []


def test_what_is_counted_outlives_the_runs(db):
    cover(db, MONDAY, NOW)
    ran(db, *SOME)
    count(db)
    before = ended(db, MONDAY, NOW)
    readings.prune(db, MONDAY + 2 * DAY, MONDAY)
    assert runs.count_started(db, MONDAY, MONDAY + 2 * DAY) == 0
    assert ended(db, MONDAY, NOW) == before
    assert run_days.share_known(db, MONDAY, NOW) == 1.0
    assert count(db) == [], "what is left of a day is counted as if it were all"


def test_what_is_read_later_is_in_it(db):
    cover(db, MONDAY, MONDAY + 3 * HOUR)
    ran(db, SOME[0])
    assert count(db) == [MONDAY.date()]
    ran(db, ("f1", MONDAY + HOUR, RunStatus.FAILURE, 7))
    assert count(db) == [MONDAY.date()]
    assert ended(db, MONDAY, MONDAY + DAY)[0]["f1", RunStatus.FAILURE] == 1
    cover(db, MONDAY + 3 * HOUR, MONDAY + DAY)
    assert count(db) == [MONDAY.date()]
    assert run_days.share_known(db, MONDAY, MONDAY + DAY) == 1.0


def test_a_day_that_is_hardly_over_waits(db):
    cover(db, MONDAY, MONDAY + DAY)
    ran(db, SOME[0])
    assert count(db, MONDAY + DAY + HOUR / 2) == []
    assert count(db, MONDAY + DAY + HOUR) == [MONDAY.date()]


def test_a_day_of_which_nothing_was_seen_is_not_known(db):
    assert count(db) == []
    assert run_days.share_known(db, MONDAY, MONDAY + DAY) == 0.0


def test_old_days_are_forgotten(db):
    cover(db, MONDAY, NOW)
    ran(db, *SOME)
    count(db)
    assert (
        run_days.prune(db, MONDAY + 2 * DAY) == 6
    )  # three rows of runs, one of failed ones, two days
    readings.prune(db, MONDAY + 2 * DAY, MONDAY)
    assert ended(db, MONDAY, MONDAY + 2 * DAY) == (Counter(), Counter())


def test_failed_records_outlive_their_runs(db):
    cover(db, MONDAY, NOW)
    at = MONDAY + 9 * HOUR
    ran(db, ("f1", at, RunStatus.FAILURE, 60), ("f1", at + HOUR, RunStatus.FAILURE, 60))
    failures.save_failures(db, [lost("r0", at, 12)])
    count(db)
    whole = MONDAY, MONDAY + DAY
    assert run_days.failed_between(db, ["f1"], *whole) == {
        "f1": Failed(records=12, told=1, untold=1)
    }
    readings.prune(db, MONDAY + 2 * DAY, MONDAY)
    assert run_days.failed_between(db, ["f1"], *whole) == {
        "f1": Failed(records=12, told=1, untold=1)
    }
    assert run_days.failed_between(db, ["f2"], *whole) == {}


def test_failed_records_of_half_a_day_are_those_of_its_runs(db):
    cover(db, MONDAY, NOW)
    ran(db, *(("f1", MONDAY + hours * HOUR, RunStatus.FAILURE, 60) for hours in (1, 13, 25)))
    count(db)
    found = run_days.failed_between(db, ["f1"], MONDAY + 12 * HOUR, MONDAY + 2 * DAY)
    assert found == {"f1": Failed(untold=2)}


STARTS = st.lists(
    st.tuples(
        st.sampled_from(["f1", "f2"]),
        st.integers(0, 72 * 60 - 1).map(lambda minutes: MONDAY + minutes * HOUR / 60),
        st.sampled_from(RunStatus).filter(lambda status: status is not RunStatus.STARTED),
        st.integers(0, 5000),
    ),
    max_size=12,
)
BOUNDS = st.tuples(st.integers(0, 72 * 60), st.integers(0, 72 * 60)).map(sorted)


@settings(max_examples=40, deadline=None)
@given(told=STARTS, bounds=BOUNDS, counted=st.sets(st.integers(0, 2)))
def test_by_the_day_or_one_by_one_it_is_the_same(tmp_path_factory, told, bounds, counted):
    store = open_store(tmp_path_factory.mktemp("days") / "runs.db")
    since, until = (MONDAY + minutes * HOUR / 60 for minutes in bounds)
    cover(store.db, MONDAY, NOW)
    ran(store.db, *told)
    before = ended(store.db, since, until), run_days.share_known(store.db, since, until)
    for number in counted:
        day = (MONDAY + number * DAY).date()
        run_days.save_day(store.db, run_days.count_day(store.db, day))
    after = ended(store.db, since, until), run_days.share_known(store.db, since, until)
    store.close()
    assert after[0] == before[0]
    assert after[1] == pytest.approx(before[1])
