"""How each flow's runs went, hour by hour: their length, their time an operation, their failures.

Kept beside the other roll-ups, under `flow/ID`, and not for as long: of a thousand flows two years
would be many millions of rows, of which only the last weeks are ever read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from bot.store import Database
from bot.store.columns import read_time, write_time

DURATION = "run.duration_s"
OPERATION = "run.operation_s"
FAILED = "runs.failed"
METRICS = (DURATION, OPERATION, FAILED)
KEPT = timedelta(days=35)
HOUR = timedelta(hours=1)

# Of runs that a person stopped nothing is learned, and what an allowance or a credential refused is
# not the flow's own doing. In a storm some logs are read late or never: a failed run of which none
# was read counts as refused where the log of another run of its flow tells of a refusal within an
# hour of it.
RUNS = """
SELECT r.flow_id, r.status = 'failure',
  (julianday(r.finished_at) - julianday(r.started_at)) * 86400, coalesce(r.received + r.sent, 0)
FROM runs AS r LEFT JOIN failures AS f ON f.run_id = r.id
WHERE r.started_at >= ? AND r.started_at < ? AND r.finished_at IS NOT NULL
  AND r.status IN ('success', 'partial_success', 'failure')
  AND NOT (r.status = 'failure' AND coalesce(f.cause, '') IN ('limit', 'credential'))
  AND NOT (r.status = 'failure' AND f.run_id IS NULL AND EXISTS (
    SELECT 1 FROM failures AS n WHERE n.flow_id = r.flow_id AND n.status = 'failure'
      AND n.cause IN ('limit', 'credential')
      AND n.at >= strftime('%Y-%m-%dT%H:%M:%S', r.finished_at, '-1 hour')
      AND n.at <= strftime('%Y-%m-%dT%H:%M:%S', r.finished_at, '+1 hour')))
"""
SAVE = """
INSERT INTO rollups (subject, metric, hour, count, total, busiest, observed)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
OURS = "metric IN ('run.duration_s', 'run.operation_s', 'runs.failed')"
FORGET = f"DELETE FROM rollups WHERE hour = ? AND {OURS}"  # noqa: S608 (made of constants)
FORGET_OLD = f"DELETE FROM rollups WHERE hour < ? AND {OURS}"  # noqa: S608 (made of constants)
SUBJECTS = "SELECT DISTINCT subject FROM rollups WHERE subject >= 'flow/' AND subject < 'flow0'"
SINCE = """
SELECT subject, hour, count, total FROM rollups
WHERE subject >= 'flow/' AND subject < 'flow0' AND metric = ? AND hour >= ? AND hour < ?
"""


@dataclass(slots=True)
class _Went:
    """How one flow's runs of an hour went, while they are being read."""

    durations: list[float] = field(default_factory=list)
    operations: list[float] = field(default_factory=list)
    failed: int = 0


def roll_up(db: Database, hour: datetime, observed: float) -> None:
    """Roll up the hour that starts then; doing it again, when more is known, replaces it."""
    db.execute(FORGET, [write_time(hour)])
    flows: dict[str, _Went] = {}
    for flow_id, failed, seconds, operations in db.execute(
        RUNS, [write_time(hour), write_time(hour + HOUR)]
    ):
        flow = flows.setdefault(flow_id, _Went())
        if failed:
            flow.failed += 1
            continue
        flow.durations.append(max(0.0, seconds))
        if operations:
            flow.operations.append(max(0.0, seconds) / operations)
    rows = _rows(flows, write_time(hour), observed)
    db.conn.executemany(SAVE, rows)


def prune(db: Database, now: datetime) -> int:
    """Forget the hours that nobody compares with any more; says how many rows went."""
    gone: int = db.execute(FORGET_OLD, [write_time(now - KEPT)]).rowcount
    return gone


def flow_ids(db: Database) -> list[str]:
    """All flows of which any hour is known, sorted."""
    return sorted(row[0][len("flow/") :] for row in db.execute(SUBJECTS))


def flow_hours(
    db: Database, metric: str, since: datetime, until: datetime
) -> Iterator[tuple[str, int, int, float]]:
    """One metric of all flows: flow id, how many hours after `since`, count, total.

    `since` and `until` (UTC) are whole hours. Of times, total / count is the median of the hour's
    good runs, in seconds, and count how many these were; of failures, total is how many of the
    hour's runs failed and count how many ended; an hour in which none failed is not there.
    """
    places: dict[str, int] = {}
    bounds = [metric, write_time(since), write_time(until)]
    for subject, hour, count, total in db.execute(SINCE, bounds):
        place = places.get(hour)
        if place is None:
            place = places[hour] = (read_time(hour) - since) // HOUR
        yield subject[len("flow/") :], place, count, total


def _rows(
    flows: Mapping[str, _Went], hour: str, observed: float
) -> Iterator[tuple[str, str, str, int, float, float, float]]:
    for flow_id, flow in flows.items():
        subject = f"flow/{flow_id}"
        for metric, values in ((DURATION, flow.durations), (OPERATION, flow.operations)):
            if values:
                count = len(values)
                total = median(values) * count
                yield subject, metric, hour, count, total, max(values), observed
        if flow.failed:
            ended = flow.failed + len(flow.durations)
            yield subject, FAILED, hour, ended, flow.failed, flow.failed, observed
