"""Runs and waits as they were seen, and the last snapshot of each source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.store.columns import (
    read_json,
    read_optional_time,
    read_time,
    write_json,
    write_optional_time,
    write_time,
)
from bot.store.readings import mark_stale
from bot.store.rows import read
from checks.runs import Run, RunStatus, Waiting

# One short look into an index per flow; ranking or grouping whole tables takes ten times as long.
FLOWS = """
WITH RECURSIVE flows (flow_id) AS (
  SELECT min(flow_id) FROM {table}
  UNION ALL SELECT (SELECT min(flow_id) FROM {table} WHERE flow_id > flows.flow_id)
  FROM flows WHERE flow_id IS NOT NULL
)
"""
DURATIONS = """
SELECT r.flow_id, (julianday(r.finished_at) - julianday(r.started_at)) * 86400
FROM flows JOIN runs AS r ON r.rowid IN (
  SELECT rowid FROM runs WHERE flow_id = flows.flow_id AND finished_at IS NOT NULL
    AND status IN ('success', 'partial_success') ORDER BY started_at DESC LIMIT ?)
"""
WAITS = """
SELECT w.flow_id, (julianday(w.left_at) - julianday(w.queued_at)) * 86400
FROM flows JOIN waits AS w ON w.rowid IN (
  SELECT rowid FROM waits WHERE flow_id = flows.flow_id AND left_at IS NOT NULL
    ORDER BY left_at DESC LIMIT ?)
"""
SAVE = """
INSERT INTO runs (id, flow_id, flow_name, status, started_at, finished_at, run_trigger, summary,
  received, sent, warned)
VALUES (:id, :flow_id, :flow_name, :status, :started_at, :finished_at, :run_trigger, :summary,
  :received, :sent, :warned)
ON CONFLICT (id) DO UPDATE SET
  flow_id = excluded.flow_id, flow_name = excluded.flow_name, status = excluded.status,
  started_at = excluded.started_at, finished_at = excluded.finished_at,
  run_trigger = excluded.run_trigger, summary = excluded.summary,
  received = coalesce(excluded.received, received), sent = coalesce(excluded.sent, sent),
  warned = coalesce(excluded.warned, warned)
WHERE finished_at IS NULL
  OR (excluded.finished_at IS NOT NULL AND (excluded.status <> 'unknown' OR status = 'unknown'))
"""
LAST_STARTS = """
SELECT flow_id, (SELECT max(started_at) FROM runs WHERE flow_id = flows.flow_id)
FROM flows WHERE flow_id IS NOT NULL
"""


def save_runs(db: Database, runs: Iterable[Run]) -> None:
    """Insert runs, or bring those already known up to date; what is known better stays.

    An ended run never runs again, a known end does not become unknown, and a count that is not
    told this time is kept. Of a run that still runs no counts are kept: they are not final.
    """
    told = list(runs)
    db.conn.executemany(SAVE, [_row(run) for run in told])
    mark_stale(db, (run.started_at for run in told if run.finished_at))


def unfinished_runs(db: Database) -> list[Run]:
    """Runs that were still running when last seen, oldest first."""
    rows = read(db, "SELECT * FROM runs WHERE finished_at IS NULL ORDER BY started_at")
    return [read_run(row) for row in rows]


def count_started(db: Database, since: datetime, until: datetime) -> int:
    """How many stored runs started in this span."""
    sql = "SELECT count(*) FROM runs WHERE started_at >= ? AND started_at < ?"
    found: int = db.execute(sql, [write_time(since), write_time(until)]).fetchone()[0]
    return found


def last_starts(db: Database) -> dict[str, datetime]:
    """The newest known start of each flow."""
    rows = db.execute(FLOWS.format(table="runs") + LAST_STARTS)
    return {flow_id: read_time(at) for flow_id, at in rows}


def durations(db: Database, at_most: int) -> dict[str, list[float]]:
    """Seconds that the newest good runs of each flow took, at most so many a flow."""
    return _grouped(db, FLOWS.format(table="runs") + DURATIONS, at_most)


def waits(db: Database, at_most: int) -> dict[str, list[float]]:
    """Seconds that the newest jobs of each flow waited in the queue, at most so many a flow."""
    return _grouped(db, FLOWS.format(table="waits") + WAITS, at_most)


def save_waiting(db: Database, waiting: Sequence[Waiting], complete: bool, now: datetime) -> None:
    """Remember who waits now; whoever waited before and is gone has left by now.

    So a wait is never told shorter than it was. `complete` is False when a part of the queue was
    not read: then nobody is said to have left.
    """
    rows = [(job.id, job.flow_id, write_time(job.queued_at), write_time(now)) for job in waiting]
    db.conn.executemany(
        "INSERT INTO waits (job_id, flow_id, queued_at, seen_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (job_id) DO UPDATE SET seen_at = excluded.seen_at, left_at = NULL",
        rows,
    )
    if complete:
        sql = "UPDATE waits SET left_at = ? WHERE left_at IS NULL AND seen_at < ?"
        db.execute(sql, [write_time(now), write_time(now)])


def save_snapshot(db: Database, name: str, at: datetime, body: Any) -> None:
    row = {"name": name, "at": write_time(at), "body": write_json(body)}
    db.table("snapshots").upsert(row, pk="name")


def find_snapshot(db: Database, name: str) -> tuple[datetime, Any] | None:
    """When it was taken, and what it says."""
    row = db.execute("SELECT at, body FROM snapshots WHERE name = ?", [name]).fetchone()
    return (read_time(row[0]), read_json(row[1])) if row else None


def find_snapshot_text(db: Database, name: str) -> str | None:
    """What it says, as JSON, for those who remember what they have read."""
    row = db.execute("SELECT body FROM snapshots WHERE name = ?", [name]).fetchone()
    return row[0] if row else None


def _grouped(db: Database, sql: str, at_most: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for flow_id, seconds in db.execute(sql, [at_most]):
        found.setdefault(flow_id, []).append(max(0.0, seconds))
    return found


def _row(run: Run) -> dict[str, Any]:
    ended = run.finished_at is not None
    return {
        "id": run.id,
        "flow_id": run.flow_id,
        "flow_name": run.flow_name,
        "status": run.status.value,
        "started_at": write_time(run.started_at),
        "finished_at": write_optional_time(run.finished_at),
        "run_trigger": run.trigger,
        "summary": run.summary,
        "received": run.received if ended else None,
        "sent": run.sent if ended else None,
        "warned": run.warned if ended else None,
    }


def read_run(row: dict[str, Any]) -> Run:
    """A row of the table `runs`."""
    return Run(
        id=row["id"],
        flow_id=row["flow_id"],
        flow_name=row["flow_name"],
        status=RunStatus(row["status"]),
        started_at=read_time(row["started_at"]),
        finished_at=read_optional_time(row["finished_at"]),
        trigger=row["run_trigger"],
        summary=row["summary"],
        received=row["received"],
        sent=row["sent"],
        warned=None if row["warned"] is None else bool(row["warned"]),
    )
