"""Calls by the minute and by the hour: each run counted once, and nothing forgotten by mistake."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from sqlite3 import IntegrityError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.keep import Keeper
from bot.settings import WatchSettings
from bot.store import Store, call_rollups, calls, covered, open_store, readings, runs
from bot.store.columns import write_time
from bot.store.failures import save_failures
from bot.store.migrations import MIGRATIONS
from checks.declare import Cause
from checks.failures import Failure
from checks.model import Reading
from checks.runs import Flow, Run, RunStatus, Step

SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)


def flow(flow_id: str, *instances: str) -> Flow:
    steps = (Step(id=str(n), name="", instance_id=each) for n, each in enumerate(instances))
    return Flow(id=flow_id, name=f"Flow {flow_id}", enabled=True, deployed=True, steps=tuple(steps))


ORDERS, STOCK = flow("1", "shop", "erp"), flow("2", "erp", "shop")
FLOWS = (ORDERS, STOCK)


@pytest.fixture
def run(noon):
    def make(run_id="7", flow_id="1", after=timedelta(0), lasts=30 * SECOND, **changes):
        told = {
            "id": run_id,
            "flow_id": flow_id,
            "flow_name": f"Flow {flow_id}",
            "status": RunStatus.SUCCESS,
            "started_at": noon + after,
            "finished_at": noon + after + lasts,
            "received": 2,
            "sent": 3,
        }
        return Run(**(told | changes))

    return make


def save(store, *told):
    with store.writing() as db:
        runs.save_runs(db, told)


def count(store, flows=FLOWS):
    with store.writing() as db:
        return calls.count_runs_into_calls(db, flows)


def cover(store, since, until):
    with store.writing() as db:
        covered.cover(db, since, until)


def roll_up(store):
    with store.writing() as db:
        assert call_rollups.roll_up(db, at_most=1_000) == 0


def rolled(store, since, subject="instance/shop", metric="calls"):
    return readings.rollups_since(store.db, subject, metric, since)


def all_calls(store):
    return store.db.execute("SELECT * FROM calls ORDER BY 1, 2, 3").fetchall()


def by_flow(store, instance_id, since):
    told = [each for each in calls.calls_since(store.db, since) if each.instance_id == instance_id]
    flows = {each.flow_id for each in told}
    return {flow: sum(each.calls for each in told if each.flow_id == flow) for flow in flows}


def test_ended_runs_are_counted_once_however_often_they_are_seen(store, noon, run):
    for _ in range(3):
        save(store, run(), run("8", "2", MINUTE))
        count(store)
    assert calls.calls_per_minute(store.db, ["shop"], noon) == {noon: 2, noon + MINUTE: 3}
    assert calls.calls_per_minute(store.db, ["shop", "erp"], noon) == {noon: 5, noon + MINUTE: 5}
    assert by_flow(store, "erp", noon) == {"1": 3, "2": 2}
    assert by_flow(store, "erp", noon + MINUTE) == {"2": 2}


def test_a_run_that_still_runs_is_counted_when_it_has_ended(store, noon, run):
    under_way = run(finished_at=None, status=RunStatus.STARTED, received=0, sent=0)
    save(store, under_way)
    assert count(store) == 0
    [remembered] = runs.unfinished_runs(store.db)
    assert remembered.received is None  # what a running run tells is not final
    save(store, run())
    assert count(store) == 1
    assert by_flow(store, "shop", noon) == {"1": 2}


def test_operations_told_later_are_counted_later(store, noon, run):
    save(store, run(received=None))
    assert count(store) == 0
    save(store, run())
    assert count(store) == 1
    assert by_flow(store, "shop", noon) == {"1": 2}


def test_a_flow_whose_steps_are_not_known_yet_waits(store, noon, run):
    save(store, run())
    assert count(store, [STOCK]) == 0
    assert count(store, [replace(ORDERS, steps=())]) == 0
    assert count(store) == 1
    assert by_flow(store, "shop", noon) == {"1": 2}


def test_what_is_left_of_a_large_backlog_is_counted_next_time(store, noon, run, monkeypatch):
    monkeypatch.setattr(calls, "MOST_COUNTED", 2)
    save(store, *(run(str(n), after=n * MINUTE) for n in range(5)))
    assert [count(store) for _ in range(4)] == [2, 2, 1, 0]
    assert sum(calls.calls_per_minute(store.db, ["shop"], noon).values()) == 10


def test_a_transaction_that_fails_leaves_its_runs_to_be_counted(store, run):
    save(store, run())

    def stop_halfway():
        with store.writing() as db:
            calls.count_runs_into_calls(db, FLOWS)
            raise RuntimeError("the process stops here")

    with pytest.raises(RuntimeError):
        stop_halfway()
    assert all_calls(store) == []
    assert count(store) == 1


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        pytest.param(
            {"status": RunStatus.STARTED, "finished_at": None},
            {"status": RunStatus.SUCCESS, "received": 2},
            id="an ended run does not run again",
        ),
        pytest.param(
            {"status": RunStatus.UNKNOWN, "received": None},
            {"status": RunStatus.SUCCESS, "received": 2},
            id="a known end does not become unknown",
        ),
        pytest.param(
            {"received": None, "warned": None},
            {"received": 2, "warned": True},
            id="what is not told this time is kept",
        ),
        pytest.param(
            {"status": RunStatus.FAILURE, "received": 9},
            {"status": RunStatus.FAILURE, "received": 9},
            id="what is told anew is taken",
        ),
    ],
)
def test_what_is_known_of_a_run_only_grows(store, run, later, kept):
    save(store, run(warned=True))
    save(store, run(**{"warned": True} | later))
    [row] = store.db.query("SELECT * FROM runs")
    found = runs.read_run(row)
    assert found.finished_at == run().finished_at
    assert {key: getattr(found, key) for key in kept} == kept


def test_the_end_of_a_run_that_nobody_could_tell_is_told_later(store, run):
    save(store, run(status=RunStatus.UNKNOWN, received=None, sent=None))
    save(store, run())
    [row] = store.db.query("SELECT * FROM runs")
    assert runs.read_run(row) == run()


def test_an_hour_of_calls_is_rolled_up_with_its_busiest_minute_and_refusals(store, noon, run):
    save(store, *(run(str(n), after=n % 3 * MINUTE) for n in range(7)))
    count(store)
    cover(store, noon, noon + 45 * MINUTE)
    refused = Failure(run_id="3", flow_id="1", at=noon + MINUTE, status=RunStatus.FAILURE,
                      cause=Cause.LIMIT, line="429", instance_id="shop")  # fmt: skip
    with store.writing() as db:
        save_failures(db, [refused, replace(refused, run_id="4", cause=Cause.PASSING),
                           replace(refused, run_id="5", instance_id="erp"),
                           replace(refused, run_id="6", at=noon + HOUR)])  # fmt: skip
    roll_up(store)
    [hour] = rolled(store, noon)
    assert (hour.hour, hour.count, hour.total, hour.busiest) == (noon, 45, 14, 6)
    assert (hour.observed, hour.refusals) == (0.75, 1)
    [hour] = rolled(store, noon, "platform/main", "operations")
    assert (hour.total, hour.busiest, hour.observed) == (35, 15, 0.75)


def test_what_becomes_known_late_changes_the_roll_up_of_its_hour(store, noon, run):
    cover(store, noon, noon + 3 * HOUR)
    save(store, run(lasts=90 * MINUTE, received=90, sent=0))
    count(store)
    roll_up(store)
    assert [hour.total for hour in rolled(store, noon)] == [60, 30, 0]
    save(store, run("8"))
    count(store)
    late = Failure(run_id="8", flow_id="1", at=noon + MINUTE, status=RunStatus.FAILURE,
                   cause=Cause.LIMIT, line="429", instance_id="shop")  # fmt: skip
    with store.writing() as db:
        save_failures(db, [late])
    roll_up(store)
    assert [(hour.total, hour.refusals) for hour in rolled(store, noon)] == [
        (62, 1),
        (30, 0),
        (0, 0),
    ]


def test_hours_that_nobody_watched_have_no_roll_up(store, noon, run):
    save(store, run(), run("8", after=5 * HOUR))
    count(store)
    cover(store, noon, noon + HOUR)
    roll_up(store)
    assert [hour.hour for hour in rolled(store, noon - DAY)] == [noon]


def test_a_quiet_watched_hour_is_zero_also_for_an_instance_first_seen_later(store, noon, run):
    cover(store, noon, noon + 2 * HOUR)
    save(store, run())
    count(store, [flow("1", "shop")])
    roll_up(store)
    save(store, run("8", after=HOUR))
    count(store)
    roll_up(store)
    assert [(h.hour, h.total) for h in rolled(store, noon, "instance/erp")] == [
        (noon, 0),
        (noon + HOUR, 3),
    ]


def test_rolling_up_again_changes_nothing(store, noon, run):
    save(store, run(), run("8", "2", HOUR))
    count(store)
    cover(store, noon, noon + 2 * HOUR)
    roll_up(store)
    before = store.db.execute("SELECT * FROM rollups").fetchall()
    cover(store, noon, noon + 2 * HOUR)
    save(store, run())
    roll_up(store)
    assert store.db.execute("SELECT * FROM rollups").fetchall() == before


def test_many_stale_hours_are_rolled_up_some_at_a_time(store, noon):
    cover(store, noon, noon + 50 * HOUR)
    left = []
    while not left or left[-1]:
        with store.writing() as db:
            left.append(call_rollups.roll_up(db, at_most=20))
    assert left == [30, 10, 0]


def test_raw_calls_go_by_whole_hours_and_their_roll_ups_stay(store, noon, run):
    save(store, *(run(str(n), after=n * 20 * MINUTE) for n in range(9)))
    count(store)
    cover(store, noon, noon + 3 * HOUR)
    roll_up(store)
    with store.writing() as db:
        readings.prune(db, noon + 90 * MINUTE, noon - DAY)
    assert min(calls.calls_per_minute(store.db, ["shop"], noon)) == noon + HOUR
    assert covered.known_since(store.db) == noon + HOUR
    with store.writing() as db:
        readings.mark_stale(db, [noon, noon + HOUR, noon + 2 * HOUR])
    roll_up(store)
    assert [(h.total, h.observed) for h in rolled(store, noon)] == [(6, 1), (6, 1), (6, 1)]


def test_roll_ups_of_calls_do_not_hide_readings_that_are_not_rolled_up(store, noon, run):
    reading = Reading(subject="queue/main", metric="queue.waiting", at=noon, value=1.0)
    with store.writing() as db:
        readings.add_readings(db, [reading])
        readings.roll_up(db, noon, noon + HOUR, MINUTE)
    save(store, run(after=5 * HOUR))
    count(store)
    cover(store, noon + 5 * HOUR, noon + 6 * HOUR)
    roll_up(store)
    assert readings.rolled_up_until(store.db) == noon


def test_operations_of_the_month_are_told_with_how_much_of_them_is_known(store, noon, run):
    month = noon.replace(day=1, hour=0)
    assert calls.operations_since(store.db, month) is None
    assert calls.operations_known(store.db, month, noon) == (None, 0.0)
    save(store, run(), run("8", after=HOUR, received=None), run("9", after=2 * HOUR))
    cover(store, noon, noon + HOUR)
    cover(store, noon + 2 * HOUR, noon + 3 * HOUR)
    roll_up(store)
    assert calls.operations_since(store.db, month) == 10
    since, share = calls.operations_known(store.db, month, noon + 4 * HOUR)
    assert (since, share) == (noon, 0.5)
    assert calls.operations_since(store.db, (noon + 2 * HOUR)) == 5


def test_the_pace_of_late_is_told_beside_the_usual_one(store, noon, run):
    slow = [run(f"s{n}", after=-n * 2 * MINUTE, lasts=50 * SECOND) for n in range(1, 6)]
    usual = [run(f"u{n}", after=-4 * HOUR - n * HOUR, lasts=10 * SECOND) for n in range(150)]
    failed = run("f", after=-2 * MINUTE, lasts=SECOND, status=RunStatus.FAILURE)
    idle = run("i", after=-2 * MINUTE, received=0, sent=0)
    young = run("y", "2", after=-3 * MINUTE)
    save(store, *slow, *usual, failed, idle, young)
    found = calls.paces(store.db, noon)
    assert set(found) == {"1"}  # of flow 2 nothing is known but of late
    assert (round(found["1"].lately, 2), found["1"].runs) == (10.0, 5)
    assert abs(found["1"].usual.p95.total_seconds() - 2) < 0.01


def test_an_hour_of_slowness_does_not_become_usual(store, noon, run):
    old = [run(f"o{n}", after=-DAY - n * MINUTE, lasts=10 * SECOND) for n in range(30)]
    slow = [run(f"s{n}", after=-n * MINUTE, lasts=100 * SECOND) for n in range(2, 170)]
    save(store, *old, *slow)
    pace = calls.paces(store.db, noon)["1"]
    assert (round(pace.lately), round(pace.usual.p99.total_seconds())) == (20, 2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    told=st.lists(
        st.tuples(
            st.sampled_from(["1", "2"]), st.integers(0, 300), st.integers(1, 9_000),
            st.none() | st.integers(0, 40), st.none() | st.integers(0, 40),
        ),
        max_size=12,
    ),
    batches=st.integers(1, 4),
)  # fmt: skip
def test_calls_and_roll_ups_add_up_to_the_operations_told(store, noon, run, told, batches):
    with store.writing() as db:
        for table in ("runs", "calls", "covered", "rollups", "stale_hours"):
            db.table(table).delete_where()
    cover(store, noon, noon + 9 * HOUR)
    ended = [
        run(str(n), flow_id, start * MINUTE, lasts * SECOND, received=received, sent=sent)
        for n, (flow_id, start, lasts, received, sent) in enumerate(told)
    ]
    for batch in range(batches):  # some runs come again and again
        save(store, *ended[: len(ended) * (batch + 1) // batches])
        count(store)
        roll_up(store)
    known = [each for each in ended if each.received is not None and each.sent is not None]
    expected = sum((each.received or 0) + (each.sent or 0) for each in known)
    assert sum(row[3] for row in all_calls(store)) == expected
    hours = [*rolled(store, noon), *rolled(store, noon, "instance/erp")]
    assert sum(hour.total for hour in hours) == expected
    assert sum(h.total for h in rolled(store, noon, "platform/main", "operations")) == expected
    assert all(hour.busiest * 60 >= hour.total for hour in hours)


def test_the_schema_refuses_calls_below_one(store, noon):
    with pytest.raises(IntegrityError), store.writing() as db:
        db.execute("INSERT INTO calls VALUES ('shop', '1', ?, 0)", [write_time(noon)])


def test_runs_of_an_older_database_stay_uncounted_until_they_are_read_again(tmp_path, run):
    older = Store(tmp_path / "older.db")
    MIGRATIONS.apply(older.db, stop_before="m004_calls")
    older.db.execute(
        "INSERT INTO runs VALUES ('7', '1', 'Flow 1', 'success', ?, ?, 'Webhook', '')",
        [write_time(run().started_at), write_time(run().finished_at)],
    )
    older.close()
    store = open_store(tmp_path / "older.db")
    assert count(store) == 0
    save(store, run())
    assert count(store) == 1
    store.close()


async def test_the_keeper_rolls_up_all_that_is_stale_and_then_forgets_the_raw(store, noon, run):
    class Noon:
        def now(self):
            return noon

    days = [run(str(n), after=-n * 12 * HOUR) for n in range(8)]
    save(store, *days)
    count(store)
    cover(store, noon - 4 * DAY, noon)
    keeper = Keeper(store, Noon(), WatchSettings(raw_for=timedelta(days=2)))
    await keeper.prune()
    assert store.db.execute("SELECT count(*) FROM stale_hours").fetchone() == (0,)
    assert min(calls.calls_per_minute(store.db, ["shop"], noon - 9 * DAY)) == noon - 2 * DAY
    assert len(rolled(store, noon - 9 * DAY)) == 96
    assert calls.operations_since(store.db, noon - 9 * DAY) == 7 * 5  # the last is of this hour
