"""Why runs failed, as their logs told: read once, kept as long as raw readings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.store.columns import read_time, write_json, write_time
from bot.store.readings import mark_stale
from bot.store.rows import read
from checks.declare import Cause
from checks.failures import Failure
from checks.runs import RunStatus

SAYS_OF = timedelta(hours=1)
"""So far a log's word reaches (see bot.store.flow_hours): over the runs of its flow so near."""


def save_failures(db: Database, failures: Iterable[Failure]) -> None:
    """Keep them; one that is known already is brought up to date. The hours around each are rolled
    up again: what one log tells says something of the runs whose logs were not read."""
    told = tuple(failures)
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
        for failure in told
    ]
    db.table("failures").upsert_all(rows, pk="run_id")
    mark_stale(db, {each.at + gap for each in told for gap in (-SAYS_OF, timedelta(0), SAYS_OF)})


def failures_since(db: Database, since: datetime) -> dict[str, list[Failure]]:
    """By flow id, newest first."""
    sql = "SELECT * FROM failures WHERE at >= ? ORDER BY at DESC, run_id DESC"
    found: dict[str, list[Failure]] = {}
    for row in read(db, sql, [write_time(since)]):
        found.setdefault(row["flow_id"], []).append(read_failure_row(row))
    return found


def newest_failure(db: Database, flow_id: str) -> Failure | None:
    """What the log of a flow's newest failed run told, or of one that succeeded in part."""
    sql = (
        "SELECT * FROM failures WHERE flow_id = ? AND status IN ('failure', 'partial_success')"
        " ORDER BY at DESC, run_id DESC LIMIT 1"
    )
    return next(map(read_failure_row, read(db, sql, [flow_id])), None)


def failure_of(db: Database, run_id: str) -> Failure | None:
    """What the log of one run told; None where it was not read, or told of no trouble."""
    sql = "SELECT * FROM failures WHERE run_id = ?"
    return next(map(read_failure_row, read(db, sql, [run_id])), None)


def flows_failed_by(
    db: Database, cause: Cause, instance_ids: Iterable[str], since: datetime, until: datetime
) -> set[tuple[str, str]]:
    """The flows of which runs that ended then failed by this cause at one of these instances, or
    at one that their log did not name: flow id and instance id, "" where not named."""
    sql = (
        "SELECT DISTINCT flow_id, instance_id FROM failures WHERE status = 'failure' AND cause = ?"
        " AND at >= ? AND at <= ? AND instance_id IN (SELECT value FROM json_each(?))"
    )
    named = write_json(["", *instance_ids])
    bounds = [cause.value, write_time(since), write_time(until), named]
    return {(row[0], row[1]) for row in db.execute(sql, bounds)}


def known_failures(db: Database, run_ids: Iterable[str]) -> set[str]:
    """Which of these runs have been read already."""
    sql = "SELECT run_id FROM failures WHERE run_id IN (SELECT value FROM json_each(?))"
    return {row[0] for row in db.execute(sql, [write_json(list(run_ids))])}


def read_failure_row(row: dict[str, Any]) -> Failure:
    """A row of the table `failures`."""
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
