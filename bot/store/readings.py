"""Readings and their hourly roll-ups: raw for days, by the hour for two years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database

from bot.store.columns import read_time, write_json, write_time
from checks.model import Reading

ROLL_UP = """
INSERT OR REPLACE INTO rollups (subject, metric, hour, count, total, busiest, observed)
SELECT subject, metric, hour, sum(n), sum(total), max(top), min(1.0, count(*) * :share)
FROM (
  SELECT subject, metric, substr(at, 1, 13) || ':00:00.000000+00:00' AS hour,
    substr(at, 1, 16) AS minute, count(*) AS n, sum(value) AS total, max(value) AS top
  FROM readings WHERE at >= :since AND at < :until GROUP BY subject, metric, minute
) GROUP BY subject, metric, hour
"""

DONE_EDITS = """
DELETE FROM outbox
WHERE purpose = 'edit' AND state IN ('sent', 'superseded') AND created_at < ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """One metric of one subject over one hour (UTC, from `hour`).

    `busiest` is the highest value of a minute; `observed` the share of the hour that was watched.
    `refusals` counts the runs that failed for want of allowance: demand is what was attempted.
    """

    hour: datetime
    count: int
    total: float
    busiest: float
    observed: float
    refusals: int = 0


def add_readings(db: Database, readings: Iterable[Reading]) -> None:
    """Store readings; one that is already there (same subject, metric, instant) is kept once."""
    rows = ((r.subject, r.metric, write_time(r.at), r.value) for r in readings)
    db.conn.executemany("INSERT OR IGNORE INTO readings VALUES (?, ?, ?, ?)", rows)


def readings_since(
    db: Database, subject: str, metrics: Sequence[str], since: datetime
) -> dict[datetime, dict[str, float]]:
    """Values by moment and metric, oldest first."""
    found: dict[datetime, dict[str, float]] = {}
    sql = (
        "SELECT at, metric, value FROM readings WHERE subject = ? AND at >= ?"
        " AND metric IN (SELECT value FROM json_each(?)) ORDER BY at"
    )
    arguments = [subject, write_time(since), write_json(list(metrics))]
    for at, metric, value in db.execute(sql, arguments):
        found.setdefault(read_time(at), {})[metric] = value
    return found


def rollups_since(db: Database, subject: str, metric: str, since: datetime) -> list[Rollup]:
    """Oldest first."""
    sql = (
        "SELECT hour, count, total, busiest, observed, refusals FROM rollups"
        " WHERE subject = ? AND metric = ? AND hour >= ? ORDER BY hour"
    )
    rows = db.execute(sql, [subject, metric, write_time(since)])
    return [
        Rollup(
            hour=read_time(hour),
            count=count,
            total=total,
            busiest=busiest,
            observed=observed,
            refusals=refusals,
        )
        for hour, count, total, busiest, observed, refusals in rows
    ]


def roll_up(db: Database, since: datetime, until: datetime, interval: timedelta) -> None:
    """Roll up the hours from the one of `since` up to `until`; doing it again changes nothing.

    `interval` is the time between rounds: with one round every five minutes, twelve observed
    minutes are a fully observed hour.
    """
    share = max(1.0, interval / timedelta(minutes=1)) / 60
    start = since.replace(minute=0, second=0, microsecond=0)
    bounds = {"since": write_time(start), "until": write_time(until), "share": share}
    db.execute(ROLL_UP, bounds)


def rolled_up_until(db: Database) -> datetime | None:
    """Start of the newest hour of readings that has a roll-up."""
    sql = (
        "SELECT hour FROM rollups WHERE metric NOT IN ('calls', 'operations')"
        " AND NOT (subject >= 'flow/' AND subject < 'flow0')"
        " ORDER BY hour DESC LIMIT 1"
    )
    row = db.execute(sql).fetchone()
    return read_time(row[0]) if row else None


def mark_stale(db: Database, moments: Iterable[datetime]) -> None:
    """Something new is known of these moments, so that calls are rolled up again for their hours.

    Runs end, and are read, long after the hour of their calls; readings come in order and need
    no such mark.
    """
    hours = {hour_of(at) for at in moments}
    rows = [[write_time(hour)] for hour in hours]
    db.conn.executemany("INSERT OR IGNORE INTO stale_hours VALUES (?)", rows)


def hour_of(at: datetime) -> datetime:
    """The start of its hour, UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def prune(db: Database, raw_before: datetime, rollups_before: datetime) -> int:
    """Forget raw readings, runs, calls, waits and done edits before the hour of one moment,
    roll-ups before another.

    Whole hours only: what is left of an hour must not be rolled up again as if it were all.
    Returns how many rows went.
    """
    raw, rollups = write_time(hour_of(raw_before)), write_time(rollups_before)
    gone = 0
    for sql, before in (
        ("DELETE FROM readings WHERE at < ?", raw),
        ("DELETE FROM runs WHERE started_at < ? AND finished_at IS NOT NULL", raw),
        ("DELETE FROM calls WHERE minute < ?", raw),
        ("DELETE FROM failures WHERE at < ?", raw),
        ("DELETE FROM covered WHERE until <= ?", raw),
        ("DELETE FROM waits WHERE left_at < ?", raw),
        (DONE_EDITS, raw),
        ("DELETE FROM rollups WHERE hour < ?", rollups),
    ):
        gone += db.execute(sql, [before]).rowcount
    db.execute("UPDATE covered SET since = ?1 WHERE since < ?1", [raw])
    return gone
