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
LAST_STARTS = """
SELECT flow_id, (SELECT max(started_at) FROM runs WHERE flow_id = flows.flow_id)
FROM flows WHERE flow_id IS NOT NULL
"""


def save_runs(db: Database, runs: Iterable[Run]) -> None:
    """Insert runs, or bring those already known up to date."""
    rows = [
        {
            "id": run.id,
            "flow_id": run.flow_id,
            "flow_name": run.flow_name,
            "status": run.status.value,
            "started_at": write_time(run.started_at),
            "finished_at": write_optional_time(run.finished_at),
            "run_trigger": run.trigger,
            "summary": run.summary,
        }
        for run in runs
    ]
    db.table("runs").upsert_all(rows, pk="id")


def unfinished_runs(db: Database) -> list[Run]:
    """Runs that were still running when last seen, oldest first."""
    rows = db.query("SELECT * FROM runs WHERE finished_at IS NULL ORDER BY started_at")
    return [_run(row) for row in rows]


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


def _grouped(db: Database, sql: str, at_most: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for flow_id, seconds in db.execute(sql, [at_most]):
        found.setdefault(flow_id, []).append(max(0.0, seconds))
    return found


def _run(row: dict[str, Any]) -> Run:
    return Run(
        id=row["id"],
        flow_id=row["flow_id"],
        flow_name=row["flow_name"],
        status=RunStatus(row["status"]),
        started_at=read_time(row["started_at"]),
        finished_at=read_optional_time(row["finished_at"]),
        trigger=row["run_trigger"],
        summary=row["summary"],
    )
