"""Why runs failed, as their logs told: read once, kept as long as raw readings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.store.columns import read_time, write_json, write_time
from checks.declare import Cause
from checks.failures import Failure
from checks.runs import RunStatus


def save_failures(db: Database, failures: Iterable[Failure]) -> None:
    """Keep them; one that is known already is brought up to date."""
    rows = [
        {
            "run_id": failure.run_id,
            "flow_id": failure.flow_id,
            "instance_id": failure.instance_id,
            "at": write_time(failure.at),
            "status": failure.status.value,
            "cause": failure.cause.value,
            "line": failure.line,
            "step": failure.step,
            "records": failure.records,
        }
        for failure in failures
    ]
    db.table("failures").upsert_all(rows, pk="run_id")


def failures_since(db: Database, since: datetime) -> dict[str, list[Failure]]:
    """By flow id, newest first."""
    sql = "SELECT * FROM failures WHERE at >= ? ORDER BY at DESC, run_id DESC"
    found: dict[str, list[Failure]] = {}
    for row in db.query(sql, [write_time(since)]):
        found.setdefault(row["flow_id"], []).append(_failure(row))
    return found


def newest_failure(db: Database, flow_id: str) -> Failure | None:
    """What the log of a flow's newest failed run told, or of one that succeeded in part."""
    sql = (
        "SELECT * FROM failures WHERE flow_id = ? AND status IN ('failure', 'partial_success')"
        " ORDER BY at DESC, run_id DESC LIMIT 1"
    )
    return next(map(_failure, db.query(sql, [flow_id])), None)


def known_failures(db: Database, run_ids: Iterable[str]) -> set[str]:
    """Which of these runs have been read already."""
    sql = "SELECT run_id FROM failures WHERE run_id IN (SELECT value FROM json_each(?))"
    return {row[0] for row in db.execute(sql, [write_json(list(run_ids))])}


def _failure(row: dict[str, Any]) -> Failure:
    return Failure(
        run_id=row["run_id"],
        flow_id=row["flow_id"],
        at=read_time(row["at"]),
        status=RunStatus(row["status"]),
        cause=Cause(row["cause"]),
        line=row["line"],
        step=row["step"],
        instance_id=row["instance_id"],
        records=row["records"],
    )
