"""Raw readings, hourly roll-ups, and what is forgotten when."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.incidents.events import Acknowledge
from bot.incidents.model import Actor
from bot.rules import Rules
from bot.store import readings, runs
from bot.store.columns import write_time
from bot.transitions import act, judge
from checks.model import Reading
from checks.policy import CheckPolicy, NofM
from checks.runs import Run, RunStatus, Waiting

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def waiting_at(moments, value=1.0):
    return [Reading(subject="queue/main", metric="queue.waiting", at=at, value=value)
            for at in moments]  # fmt: skip


def test_an_hour_is_rolled_up_to_count_sum_busiest_minute_and_share_observed(store, noon):
    with store.writing() as db:
        moments = [noon + n * 10 * timedelta(seconds=1) for n in range(180)]
        readings.add_readings(db, waiting_at(moments, 2.0))
        readings.add_readings(db, waiting_at([noon + 5 * MINUTE + timedelta(seconds=1)], 9.0))
        readings.roll_up(db, noon, noon + HOUR, MINUTE)
    [hour] = readings.rollups_since(store.db, "queue/main", "queue.waiting", noon)
    assert (hour.hour, hour.count, hour.total) == (noon, 181, 180 * 2 + 9)
    assert (hour.busiest, hour.observed) == (9.0, 0.5)


def test_rolling_up_again_changes_nothing(store, noon):
    with store.writing() as db:
        readings.add_readings(db, waiting_at([noon, noon + HOUR, noon + HOUR + MINUTE]))
        for _ in range(2):
            readings.roll_up(db, noon, noon + 2 * HOUR, MINUTE)
    hours = readings.rollups_since(store.db, "queue/main", "queue.waiting", noon)
    assert [(hour.hour, hour.count) for hour in hours] == [(noon, 1), (noon + HOUR, 2)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(minutes=st.lists(st.integers(0, 600), max_size=40))
def test_roll_ups_hold_every_reading_once(store, noon, minutes):
    with store.writing() as db:
        db.execute("DELETE FROM readings")
        db.execute("DELETE FROM rollups")
        readings.add_readings(db, waiting_at([noon + n * MINUTE for n in minutes]))
        readings.roll_up(db, noon, noon + 11 * HOUR, MINUTE)
    hours = readings.rollups_since(store.db, "queue/main", "queue.waiting", noon)
    assert sum(hour.count for hour in hours) == len(set(minutes))
    assert all(0 < hour.observed <= 1 for hour in hours)


def test_raw_readings_go_after_their_days_and_roll_ups_after_their_years(store, noon):
    old, older = noon - timedelta(days=20), noon - timedelta(days=800)
    with store.writing() as db:
        readings.add_readings(db, waiting_at([older, old, noon]))
        readings.roll_up(db, older, noon + HOUR, MINUTE)
        readings.prune(db, noon - timedelta(days=14), noon - timedelta(days=730))
    raw = readings.readings_since(store.db, "queue/main", ["queue.waiting"], older)
    assert list(raw) == [noon]
    hours = readings.rollups_since(store.db, "queue/main", "queue.waiting", older)
    assert [hour.hour for hour in hours] == [old, noon]


def test_a_run_seen_again_is_brought_up_to_date(store, noon):
    run = Run(id="7", flow_id="1", flow_name="Orders", status=RunStatus.STARTED, started_at=noon)
    done = Run(id="7", flow_id="1", flow_name="Orders", status=RunStatus.SUCCESS,
               started_at=noon, finished_at=noon + MINUTE)  # fmt: skip
    with store.writing() as db:
        runs.save_runs(db, [run])
    assert runs.unfinished_runs(store.db) == [run]
    with store.writing() as db:
        runs.save_runs(db, [done, done])
    assert runs.unfinished_runs(store.db) == []
    [stored] = store.db.query("SELECT status, finished_at FROM runs WHERE id = '7'")
    assert stored == {"status": "success", "finished_at": write_time(noon + MINUTE)}
    [seconds] = runs.durations(store.db, 10)["1"]
    assert abs(seconds - 60) < 0.01


def test_a_job_has_waited_until_it_was_found_gone(store, noon):
    job = Waiting(id="9", flow_id="1", flow_name="Orders", queued_at=noon)
    with store.writing() as db:
        runs.save_waiting(db, [job], True, noon + MINUTE)
        runs.save_waiting(db, [], False, noon + 2 * MINUTE)
    assert runs.waits(store.db, 10) == {}
    with store.writing() as db:
        runs.save_waiting(db, [], True, noon + 3 * MINUTE)
    [seconds] = runs.waits(store.db, 10)["1"]
    assert abs(seconds - 180) < 0.01


def test_done_edits_are_forgotten_and_roots_and_lines_stay(store, noon, verdict):
    rules = Rules(policies={"stalled_queue": CheckPolicy(opens_after=NofM(needed=1, of=1))},
                  destination="slack/C1")  # fmt: skip
    with store.writing() as db:
        judge(db, [verdict()], rules, noon)
    act(store, 1, Acknowledge(), Actor(who="U1", via="button"), noon, destination="slack/C1")
    with store.writing() as db:
        db.execute("UPDATE outbox SET state = 'sent', ts = '1.0'")
        readings.prune(db, noon + timedelta(days=1), noon)
    left = [row[0] for row in store.db.execute("SELECT purpose FROM outbox ORDER BY number")]
    assert left == ["root", "line"]
