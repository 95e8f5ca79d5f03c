"""Calls of instances by the minute, from the operations of ended runs.

What still runs is not in it yet: the newest minutes grow until their runs have ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from bot.store import Database
from bot.store.columns import read_time, write_json, write_time
from bot.store.covered import HOUR, covered, hours_of
from bot.store.readings import hour_of, mark_stale
from bot.store.rows import read
from bot.store.runs import FLOWS, read_run
from checks.limits import Pace
from checks.runs import Flow
from checks.volume import Calls, spread
from forecasting.usual import spread as spread_of

DAY = timedelta(days=1)
LATELY = timedelta(minutes=15)
PRESENT = timedelta(hours=3)  # a slow hour must not become what is usual
DAYS = 7
MOST_COUNTED = 5_000  # a transaction of half a second; the next round goes on
OPERATIONS = ("platform/main", "operations")
"""Subject and metric of the platform's own count."""

# Conditions as in the partial index runs_uncounted.
UNCOUNTED = """
SELECT runs.* FROM json_each(?) AS flow JOIN runs ON runs.flow_id = flow.value
WHERE counted = 0 AND finished_at IS NOT NULL AND received IS NOT NULL AND sent IS NOT NULL
ORDER BY started_at DESC LIMIT ?
"""
ADD = """
INSERT INTO calls (instance_id, flow_id, minute, calls) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET calls = calls.calls + excluded.calls
"""
# One short look into the index for each instance, instead of a walk through the whole table.
INSTANCES = """
WITH RECURSIVE instances (id) AS (
  SELECT min(instance_id) FROM calls
  UNION ALL SELECT (SELECT min(instance_id) FROM calls WHERE instance_id > instances.id)
  FROM instances WHERE id IS NOT NULL
)
{query}
"""
KNOWN_INSTANCES = INSTANCES.format(query="SELECT id FROM instances")
PACES = """
SELECT r.flow_id, span.key = 0,
  (julianday(r.finished_at) - julianday(r.started_at)) * 86400 / (r.received + r.sent)
FROM flows JOIN json_each(?) AS span JOIN runs AS r ON r.rowid IN (
  SELECT rowid FROM runs WHERE flow_id = flows.flow_id
    AND started_at >= json_extract(span.value, '$[0]')
    AND started_at < json_extract(span.value, '$[1]')
    AND finished_at >= json_extract(span.value, '$[2]') AND status IN ('success', 'partial_success')
    AND received + sent > 0
  ORDER BY started_at DESC LIMIT 20)
"""


def count_runs_into_calls(db: Database, flows: Iterable[Flow]) -> int:
    """Add the calls of ended runs that were not counted yet, each run once; say how many runs.

    Inside a write transaction; the newest runs first, at most 5,000 at a time. A run whose
    operations are not known waits until they are, a run of a flow without known steps until it has
    some. Flows have the steps of today: a run from before a change is split as if it had run today.
    """
    steps = {flow.id: flow.steps for flow in flows if flow.steps}
    rows = list(read(db, UNCOUNTED, [write_json(list(steps)), MOST_COUNTED]))
    runs = [read_run(row) for row in rows]
    _add(db, [each for run in runs for each in spread(run, steps[run.flow_id])])
    counted = [[run.id] for run in runs]
    db.conn.executemany("UPDATE runs SET counted = 1 WHERE id = ?", counted)
    return len(runs)


def calls_per_minute(
    db: Database, instance_ids: Collection[str], since: datetime
) -> dict[datetime, int]:
    """Calls of some instances together, by the minute, oldest first; minutes without are not there.

    `since` counts from the start of its minute.
    """
    sql = (
        "SELECT minute, sum(calls) FROM calls WHERE minute >= ?"
        " AND instance_id IN (SELECT value FROM json_each(?)) GROUP BY minute ORDER BY minute"
    )
    rows = db.execute(sql, [_minute(since), write_json(list(instance_ids))])
    return {read_time(minute): calls for minute, calls in rows}


def calls_since(db: Database, since: datetime) -> list[Calls]:
    """All calls from the minute of a moment on, in one read."""
    sql = "SELECT instance_id, flow_id, minute, calls FROM calls WHERE minute >= ?"
    rows = db.execute(sql, [_minute(since)]).fetchall()
    minutes = {text: read_time(text) for text in {row[2] for row in rows}}
    return [
        Calls(instance_id=instance_id, flow_id=flow_id, minute=minutes[minute], calls=number)
        for instance_id, flow_id, minute, number in rows
    ]


def operations_since(db: Database, since: datetime) -> float | None:
    """The platform's own count, which the subscription limits, as last rolled up.

    None when nothing is known; `operations_known` says how much of it is.
    """
    sql = "SELECT sum(total) FROM rollups WHERE subject = ? AND metric = ? AND hour >= ?"
    found: float | None = db.execute(sql, [*OPERATIONS, write_time(hour_of(since))]).fetchone()[0]
    return found


def operations_known(
    db: Database, since: datetime, until: datetime
) -> tuple[datetime | None, float]:
    """From which hour on operations are known, and for what share of the time since then."""
    sql = (
        "SELECT min(hour), sum(observed) FROM rollups"
        " WHERE subject = ? AND metric = ? AND hour >= ?"
    )
    first, hours = db.execute(sql, [*OPERATIONS, write_time(hour_of(since))]).fetchone()
    if first is None:
        return None, 0.0
    gone = max(until - read_time(first), timedelta(minutes=1))
    return read_time(first), min(1.0, hours * HOUR / gone)


def paces(db: Database, now: datetime) -> dict[str, Pace]:
    """How long one operation takes in the runs of each flow that ended well, in seconds.

    Lately: the median of the newest 20 that ended in the last 15 minutes. Usual: of up to 20 runs
    of each of the last seven days, those before this time of day. Flows without either are left
    out. Runs that ended well only: how long a failure takes says nothing of requests held back.
    """
    seconds: dict[tuple[str, int], list[timedelta]] = {}
    sql = FLOWS.format(table="runs") + PACES
    for flow_id, late, took in db.execute(sql, [write_json(_spans(now))]):
        seconds.setdefault((flow_id, late), []).append(timedelta(seconds=max(0.0, took)))
    found = {}
    for flow_id in {flow_id for flow_id, late in seconds if late}:
        lately, usual = (spread_of(seconds.get((flow_id, late), ())) for late in (1, 0))
        if lately and usual:
            found[flow_id] = Pace(lately=lately.p50.total_seconds(), runs=lately.count, usual=usual)
    return found


def _add(db: Database, new: list[Calls]) -> None:
    known = {row[0] for row in db.execute(KNOWN_INSTANCES)}
    rows = [(each.instance_id, each.flow_id, write_time(each.minute), each.calls) for each in new]
    db.conn.executemany(ADD, rows)
    mark_stale(db, {each.minute for each in new})
    if {each.instance_id for each in new} - known:
        _make_all_stale(db)


def _make_all_stale(db: Database) -> None:
    """A new instance: the hours in which it was not called are zero for it, not unknown."""
    first, last = db.execute("SELECT min(since), max(until) FROM covered").fetchone()
    if first:
        for span in covered(db, read_time(first), read_time(last)):
            mark_stale(db, hours_of(span))


def _minute(at: datetime) -> str:
    return write_time(at.replace(second=0, microsecond=0))


def _spans(now: datetime) -> list[list[str]]:
    """Started from, started before, ended from: lately first, then day by day."""
    present = now - PRESENT
    spans = [(present, now + DAY, now - LATELY)]
    spans += [
        (present - (n + 1) * DAY, present - n * DAY, present - DAYS * DAY) for n in range(DAYS)
    ]
    return [[write_time(at) for at in span] for span in spans]
