"""Runs that have ended, flow by flow: the newest ones, and how those before them went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.store.columns import write_time
from bot.store.rows import read
from bot.store.runs import FLOWS, read_run
from checks.runs import Run

NEWEST = """
SELECT r.* FROM flows JOIN runs AS r ON r.rowid IN (
  SELECT rowid FROM runs WHERE flow_id = flows.flow_id AND finished_at IS NOT NULL
    AND started_at >= ? ORDER BY started_at DESC LIMIT ?)
ORDER BY r.flow_id, r.started_at DESC
"""
TALLIES = """
SELECT flow_id, count(*), sum(status = 'failure') FROM runs
WHERE finished_at IS NOT NULL AND started_at < ? GROUP BY flow_id
"""
LAST_GOOD = """
SELECT r.* FROM flows JOIN runs AS r ON r.rowid = (
  SELECT rowid FROM runs WHERE flow_id = flows.flow_id AND status = 'success'
    AND finished_at IS NOT NULL ORDER BY started_at DESC LIMIT 1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many runs of a flow have ended, and how many of these failed."""

    ended: int
    failed: int


def newest_ended(db: Database, since: datetime, at_most: int) -> dict[str, list[Run]]:
    """By flow id, newest first, at most so many a flow."""
    sql = FLOWS.format(table="runs") + NEWEST
    found: dict[str, list[Run]] = {}
    for row in read(db, sql, [write_time(since), at_most]):
        found.setdefault(row["flow_id"], []).append(read_run(row))
    return found


def tallies(db: Database, before: datetime) -> dict[str, Tally]:
    """By flow id, over all runs known that started before a moment; looks at every run."""
    rows = db.execute(TALLIES, [write_time(before)])
    return {flow_id: Tally(ended=ended, failed=failed) for flow_id, ended, failed in rows}


def last_good(db: Database) -> dict[str, Run]:
    """The newest success of each flow that had one."""
    rows = read(db, FLOWS.format(table="runs") + LAST_GOOD)
    return {row["flow_id"]: read_run(row) for row in rows}
