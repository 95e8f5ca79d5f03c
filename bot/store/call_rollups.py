"""Calls and operations by the hour: rolled up, and again when more becomes known."""

from __future__ import annotations

from datetime import datetime

from bot.store import Database, flow_hours, loss
from bot.store.calls import INSTANCES, OPERATIONS
from bot.store.columns import read_time, write_time
from bot.store.covered import HOUR, share_covered

ROLL_UP_CALLS = """
INSERT OR REPLACE INTO rollups (subject, metric, hour, count, total, busiest, observed, refusals)
SELECT 'instance/' || id, 'calls', :hour, :minutes, coalesce(sum(n), 0), coalesce(max(n), 0),
  :observed, (
    SELECT count(*) FROM failures
    WHERE at >= :hour AND at < :until AND instance_id = id AND cause = 'limit')
FROM instances LEFT JOIN (
  SELECT instance_id, sum(calls) AS n FROM calls
  WHERE minute >= :hour AND minute < :until GROUP BY instance_id, minute
) ON instance_id = id
WHERE id IS NOT NULL GROUP BY id
"""
ROLL_UP_OPERATIONS = """
INSERT OR REPLACE INTO rollups (subject, metric, hour, count, total, busiest, observed)
SELECT :platform, :operations, :hour, :minutes, coalesce(sum(n), 0), coalesce(max(n), 0), :observed
FROM (
  SELECT sum(received + sent) AS n FROM runs
  WHERE started_at >= :hour AND started_at < :until AND finished_at IS NOT NULL
  GROUP BY substr(started_at, 1, 16)
)
"""


def roll_up(db: Database, at_most: int = 24) -> int:
    """Roll up so many hours of which something new is known; say how many are left to do.

    For each instance: calls, busiest minute, runs refused for want of allowance; for the platform:
    operations. An hour that is not covered is left as it is: its raw calls may be gone.
    """
    sql = "SELECT hour FROM stale_hours ORDER BY hour DESC LIMIT ?"
    for (hour,) in db.execute(sql, [at_most]).fetchall():
        _roll_up_hour(db, read_time(hour))
        db.execute("DELETE FROM stale_hours WHERE hour = ?", [hour])
    left: int = db.execute("SELECT count(*) FROM stale_hours").fetchone()[0]
    return left


def _roll_up_hour(db: Database, hour: datetime) -> None:
    observed = share_covered(db, hour, hour + HOUR)
    if not observed:
        return
    arguments: dict[str, object] = {
        "hour": write_time(hour),
        "until": write_time(hour + HOUR),
        "minutes": round(observed * 60),
        "observed": observed,
    }
    db.execute(INSTANCES.format(query=ROLL_UP_CALLS), arguments)
    platform, operations = OPERATIONS
    arguments |= {"platform": platform, "operations": operations}
    db.execute(ROLL_UP_OPERATIONS, arguments)
    flow_hours.roll_up(db, hour, observed)
    loss.roll_up(db, hour)
