"""What the database refuses by itself, whoever writes to it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from bot.incidents.events import Acknowledge, Open, Resolve
from bot.incidents.lifecycle import Change, advance, open_incident
from bot.incidents.model import Actor, Incident, Severity
from bot.store import StoreRefused, incidents, lease, open_store

PRIYA = Actor(who="UPRIYA", via="button")
CHECK = Actor(who="stalled_queue", via="check")


def opened(store, now) -> Incident:
    change = open_incident(1, Open(severity=Severity.HIGH), CHECK, now)
    with store.writing() as db:
        incidents.record(db, change)
    return change.incident


def resolved(store, now) -> Incident:
    outcome = advance(opened(store, now), Resolve(), PRIYA, now)
    assert isinstance(outcome, Change)
    with store.writing() as db:
        incidents.record(db, outcome)
    return outcome.incident


def refused(store, sql, *arguments):
    with pytest.raises(sqlite3.IntegrityError) as caught, store.writing() as db:
        db.execute(sql, arguments)
    return str(caught.value)


def test_what_was_recorded_is_read_back_as_it_was(store, noon):
    incident = resolved(store, noon)
    assert incidents.find_incident(store.db, 1) == incident
    kinds = [entry.kind.value for entry in incidents.timeline(store.db, 1)]
    assert kinds == ["opened", "resolved"]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE incidents SET state = 'triggered', resolved_at = NULL, version = 3 WHERE id = 1",
        "UPDATE incidents SET severity = 1 WHERE id = 1",
        "DELETE FROM incidents WHERE id = 1",
        "UPDATE timeline SET reason = 'nothing happened' WHERE incident_id = 1",
        "DELETE FROM timeline WHERE incident_id = 1",
    ],
)
def test_a_resolved_incident_and_its_timeline_cannot_be_changed(store, noon, sql):
    resolved(store, noon)
    refused(store, sql)


def test_a_state_cannot_change_without_a_timeline_entry(store, noon):
    opened(store, noon)
    sql = "UPDATE incidents SET state='acknowledged', holder='U', acknowledged_at='x', version=2"
    assert "timeline" in refused(store, sql)


def test_two_open_alerts_of_one_key_are_refused(store, noon, verdict):
    opened(store, noon)
    with store.writing() as db:
        incidents.open_alert(db, 1, verdict(), noon)
    with pytest.raises(sqlite3.IntegrityError), store.writing() as db:
        incidents.open_alert(db, 1, verdict(), noon)
    with store.writing() as db:
        incidents.clear_alert(db, 1, noon)
        incidents.open_alert(db, 1, verdict(), noon)
    assert "never changes" in refused(store, "UPDATE alerts SET count = 9 WHERE id = 1")


def test_a_sent_message_cannot_be_sent_again(store, noon):
    opened(store, noon)
    with store.writing() as db:
        db.execute(
            "INSERT INTO outbox (id, topic, incident_id, destination, purpose, step, created_at,"
            " due, state, ts) VALUES ('a', 'incident/1', 1, 'slack/C1', 'root', 0, 'x', 0,"
            " 'sent', '1.2')"
        )
    assert "never sent again" in refused(store, "UPDATE outbox SET state = 'pending', ts = NULL")
    repeated = (
        "INSERT INTO outbox (id, topic, incident_id, destination, purpose, step, created_at, due)"
        " VALUES ('b', 'incident/1', 1, 'slack/C1', 'root', 0, 'x', 0)"
    )
    assert "UNIQUE" in refused(store, repeated)


def test_a_failed_transaction_leaves_nothing_behind(store, noon):
    change = open_incident(1, Open(severity=Severity.HIGH), CHECK, noon)

    def stop_halfway():
        with store.writing() as db:
            incidents.record(db, change)
            raise RuntimeError("the process stops here")

    with pytest.raises(RuntimeError):
        stop_halfway()
    assert incidents.find_incident(store.db, 1) is None


def test_a_newer_schema_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "seamwatch.db"
    store = open_store(path)
    store.db.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('seamwatch', 'm999_from_the_future', '')"
    )
    store.close()
    with pytest.raises(StoreRefused, match=r"newer Seamwatch .*m999_from_the_future.*install"):
        open_store(path)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "seamwatch.db"
    path.write_text("the shopping list, and quite a long one at that: " * 20)
    before = path.read_bytes()
    with pytest.raises(StoreRefused, match="cannot be used"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreRefused, match="cannot be used"):
        open_store(tmp_path / "file" / "seamwatch.db")


HOLDER = """
    import sys, pathlib
    from bot.store import open_store, lease
    store = open_store(pathlib.Path(sys.argv[1]))
    lease.take_lease(store, lease.this_process())
    print("holding", flush=True)
    sys.stdin.read()
"""


@pytest.mark.process
def test_a_second_process_refuses_until_the_first_is_dead(tmp_path):
    path = tmp_path / "seamwatch.db"
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    try:
        assert holder.stdout.readline().strip() == b"holding"
        store = open_store(path)
        with pytest.raises(StoreRefused, match=rf"process {holder.pid}\) already runs"):
            lease.take_lease(store, lease.this_process())
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()
    assert lease.take_lease(store, lease.this_process()) == 2
    store.close()


def test_a_lease_of_another_machine_is_taken_only_when_it_has_run_out(tmp_path):
    path = tmp_path / "seamwatch.db"
    first, second = open_store(path), open_store(path)
    elsewhere = lease.Process(host="far-away", pid=1, started="1")
    assert lease.take_lease(first, elsewhere, now=1000.0) == 1
    with pytest.raises(StoreRefused, match=r"far-away .*process 1"):
        lease.take_lease(second, lease.this_process(), now=1014.0)
    assert lease.take_lease(second, lease.this_process(), now=1015.0) == 2
    with pytest.raises(StoreRefused, match="taken over"), first.writing() as db:
        db.execute("DELETE FROM readings")
    first.close()
    second.close()


def test_a_lease_survives_a_transaction_that_is_held_open_for_longer_than_it_lasts(
    tmp_path, monkeypatch
):
    """Another engine that waits for the lock finds it renewed, though nobody could renew it."""
    monkeypatch.setattr("bot.store.LEASE_RENEWED_SECONDS", 0.05)
    first, second = open_store(tmp_path / "a.db"), open_store(tmp_path / "a.db")
    far = lease.Process(host="far-away", pid=1, started="1")
    lease.take_lease(first, far, now=time.time() - 14.9)
    with ThreadPoolExecutor(1) as thread:
        with first.writing() as db:
            rival = thread.submit(lease.take_lease, second, lease.this_process(), time.time() + 1)
            db.execute("DELETE FROM readings")
            assert wait([rival], timeout=0.2).not_done, "it waits for the lock"
        with pytest.raises(StoreRefused, match="far-away"):
            rival.result()
    first.close()
    second.close()


def test_a_lease_given_up_is_free_at_once(tmp_path):
    first, second = open_store(tmp_path / "a.db"), open_store(tmp_path / "a.db")
    me = lease.this_process()
    lease.take_lease(first, me)
    lease.renew_lease(first)
    lease.give_up_lease(first)
    assert lease.take_lease(second, lease.Process(host=me.host, pid=me.pid, started="x")) == 2
    first.close()
    second.close()


def test_acknowledging_is_refused_by_the_schema_without_a_holder(store, noon):
    outcome = advance(opened(store, noon), Acknowledge(), PRIYA, noon)
    assert isinstance(outcome, Change)
    with store.writing() as db:
        incidents.record(db, outcome)
    found = incidents.find_incident(store.db, 1)
    assert found is not None
    assert found.holder == "UPRIYA"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such rights")
def test_a_new_database_is_for_its_owner_alone_and_one_that_is_there_keeps_its_rights(tmp_path):
    path = tmp_path / "new.db"
    open_store(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    store = open_store(path)
    with store.writing() as db:
        db.execute("CREATE TABLE more (n INTEGER)")
    assert path.stat().st_mode & 0o777 == 0o640
    store.close()
