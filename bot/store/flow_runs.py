"""One flow's runs: its newest, its last good one, and how often it failed before."""

from __future__ import annotations

from sqlite_utils import Database

from bot.store.ended_runs import Tally
from bot.store.rows import read
from bot.store.runs import read_run
from checks.runs import Run

NEWEST = "SELECT * FROM runs WHERE flow_id = ? ORDER BY started_at DESC LIMIT ?"
LAST_GOOD = """
SELECT * FROM runs WHERE flow_id = ? AND status = 'success' AND finished_at IS NOT NULL
ORDER BY started_at DESC LIMIT 1
"""
TALLY = """
SELECT count(*), coalesce(sum(status = 'failure'), 0) FROM (
  SELECT status FROM runs WHERE flow_id = ? AND finished_at IS NOT NULL AND status <> 'stopped'
  ORDER BY started_at DESC LIMIT ? OFFSET ?)
"""


def newest_runs(db: Database, flow_id: str, at_most: int) -> list[Run]:
    """Newest first, running ones included."""
    return [read_run(row) for row in read(db, NEWEST, [flow_id, at_most])]


def last_good_run(db: Database, flow_id: str) -> Run | None:
    """The newest success that is known."""
    return next(map(read_run, read(db, LAST_GOOD, [flow_id])), None)


def tally_of(db: Database, flow_id: str, at_most: int, skipped: int = 0) -> Tally:
    """Over its newest ended runs but for the newest `skipped`; those that were stopped by hand
    prove nothing and do not count."""
    ended, failed = db.execute(TALLY, [flow_id, at_most, skipped]).fetchone()
    return Tally(ended=ended, failed=failed)
