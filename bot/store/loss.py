"""What shows silent loss: what flows moved by the hour, errors on green runs, tracked values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlite_utils import Database

from bot.store.columns import read_optional_time, read_time, write_json, write_time
from bot.store.failures import read_failure_row
from bot.store.rows import read
from bot.store.runs import find_snapshot, read_run, save_snapshot
from checks.failures import Failure
from checks.loss.evidence import Recovered, Told
from checks.loss.usual import SPAN_HOURS, Block, Traffic
from checks.reconcile.showing import Keys, show_key
from checks.runs import Run

SCHEMA = """
CREATE TABLE flow_traffic (
  hour TEXT NOT NULL, flow_id TEXT NOT NULL, started INTEGER NOT NULL, told INTEGER NOT NULL,
  received INTEGER NOT NULL, sent INTEGER NOT NULL, fed INTEGER NOT NULL, unsent INTEGER NOT NULL,
  empty INTEGER NOT NULL, PRIMARY KEY (hour, flow_id)
) WITHOUT ROWID;
CREATE TABLE green_logs (
  run_id TEXT PRIMARY KEY, at TEXT NOT NULL, errors INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX green_logs_at ON green_logs (at);
CREATE TABLE tracked_values (
  entity TEXT NOT NULL, digest BLOB NOT NULL, flow_id TEXT NOT NULL, run_id TEXT NOT NULL,
  shown TEXT NOT NULL, received_at TEXT, sent_at TEXT, PRIMARY KEY (entity, digest)
) WITHOUT ROWID;
CREATE INDEX tracked_values_received ON tracked_values (received_at);
CREATE INDEX alerts_cleared ON alerts (cleared_at);
CREATE INDEX runs_partial ON runs (started_at) WHERE status = 'partial_success';
INSERT OR IGNORE INTO stale_hours
  SELECT DISTINCT substr(started_at, 1, 13) || ':00:00.000000+00:00' FROM runs;
"""
HOUR = timedelta(hours=1)
TRAFFIC_FOR = timedelta(days=30)
TRACKED_FOR = timedelta(days=8)
TRACKED_UNTIL = "tracked until"

# Manual runs and retries are a person's doing, and say nothing about how often a flow is called.
OF_RUNS = """
SELECT :since, flow_id, sum(lower(run_trigger) NOT IN ('manual', 'retry')), sum(tells),
  coalesce(sum(CASE WHEN tells THEN received END), 0),
  coalesce(sum(CASE WHEN tells THEN sent END), 0),
  sum(tells AND received > 0), sum(tells AND received > 0 AND sent = 0),
  sum(tells AND received = 0)
FROM (
  SELECT *, finished_at IS NOT NULL AND status = 'success' AND received IS NOT NULL
    AND sent IS NOT NULL AS tells
  FROM runs WHERE started_at >= :since AND started_at < :until
) GROUP BY flow_id
"""
ROLL_UP = f"INSERT INTO flow_traffic {OF_RUNS}"
MOVED = """
SELECT json_extract(span.value, '$[0]') AS ends, flow_id, sum(started), sum(told), sum(received),
  sum(sent), sum(fed), sum(unsent), sum(empty)
FROM json_each(?) AS span JOIN flow_traffic ON hour = json_extract(span.value, '$[1]')
GROUP BY ends, flow_id
"""
BLOCKS = """
SELECT flow_id, min(hour), sum(started), sum(received), sum(sent), sum(fed), sum(unsent)
FROM flow_traffic
WHERE hour IN (SELECT value FROM json_each(:hours))
  AND flow_id IN (SELECT value FROM json_each(:flows))
GROUP BY flow_id, substr(hour, 1, 10), CAST(substr(hour, 12, 2) AS INTEGER) / 3
"""
TOLD = """
SELECT check_name, subject_kind, subject_id, incident_id, NULL FROM alerts
WHERE cleared_at IS NULL AND check_name <> :ours
UNION
SELECT check_name, subject_kind, subject_id, incident_id, NULL
FROM watchpoints AS point JOIN alerts ON incident_id = quiet_incident AND alerts.key = point.key
WHERE quiet_since IS NOT NULL AND check_name <> :ours
UNION
SELECT check_name, subject_kind, subject_id, incident_id, max(cleared_at) FROM alerts
WHERE cleared_at >= :since AND check_name <> :ours GROUP BY 1, 2, 3, 4
"""
PARTIAL = """
SELECT * FROM runs WHERE status = 'partial_success' AND started_at >= ? AND finished_at IS NOT NULL
ORDER BY started_at DESC, id DESC
"""
GREEN = """
SELECT f.* FROM green_logs AS g JOIN failures AS f USING (run_id)
WHERE g.at >= ? AND g.errors > 0 ORDER BY f.at DESC, run_id DESC
"""
UNREAD = """
SELECT flow_id, count(*) FROM runs
WHERE started_at >= ? AND finished_at IS NOT NULL AND status = 'success' AND warned = 1
  AND id NOT IN (SELECT run_id FROM green_logs) GROUP BY flow_id
"""
TRACK = """
INSERT INTO tracked_values
VALUES (:entity, :digest, :flow_id, :run_id, :shown, :received_at, :sent_at)
ON CONFLICT (entity, digest) DO UPDATE SET
  flow_id = CASE WHEN excluded.received_at IS NULL THEN flow_id ELSE excluded.flow_id END,
  run_id = CASE WHEN excluded.received_at IS NULL THEN run_id ELSE excluded.run_id END,
  received_at = coalesce(min(received_at, excluded.received_at), received_at, excluded.received_at),
  sent_at = coalesce(max(sent_at, excluded.sent_at), sent_at, excluded.sent_at)
"""
STRIKE_SENT = """
UPDATE tracked_values SET digest = randomblob(16), shown = ''
WHERE digest = ? AND received_at IS NOT NULL AND sent_at IS NOT NULL
"""
MASKED_AT_ONCE = 2000
OPEN_VALUES = """
SELECT entity, digest, shown FROM tracked_values
WHERE shown <> '' AND (:none OR shown NOT GLOB '[*]*') LIMIT :most
"""
PASSAGES = """
SELECT t.flow_id, shown, received_at, sent_at FROM tracked_values AS t
LEFT JOIN runs AS r ON r.id = t.run_id
WHERE received_at >= ?
  AND (sent_at IS NOT NULL OR r.status IN ('success', 'partial_success'))
ORDER BY received_at, digest
"""
# By whole seconds: '/' stands after '.' and before any digit.
SENT_SINCE = """
SELECT id, sum(late), max(sent_at) FROM (
  SELECT r.id, sent_at, 86400 * (julianday(sent_at) - julianday(received_at)) > lag AS late
  FROM (SELECT json_extract(value, '$[0]') AS asked, json_extract(value, '$[1]') AS lag
        FROM json_each(?)) JOIN runs AS r ON r.id = asked
  JOIN tracked_values AS t
    ON received_at >= substr(r.started_at, 1, 19)
    AND received_at < substr(r.finished_at, 1, 19) || '/' AND +t.flow_id = r.flow_id
) GROUP BY id HAVING count(*) = count(sent_at) AND max(late)
"""
SETTLED = """
SELECT a.subject_id, max(i.resolved_at) FROM alerts AS a JOIN incidents AS i ON i.id = a.incident_id
WHERE a.check_name = ? AND a.subject_kind = 'flow' AND i.state = 'resolved'
  AND i.resolved_via NOT IN ('check', 'timer') AND i.resolved_at >= ?
GROUP BY a.subject_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedRow:
    """A value seen by a track-data step; `key` is matched and not stored, `shown` may be shown."""

    entity: str
    key: str
    flow_id: str
    run_id: str
    shown: str
    received_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """When a value was received, and sent on if it was; UTC."""

    flow_id: str
    shown: str
    received_at: datetime
    sent_at: datetime | None


def roll_up(db: Database, hour: datetime) -> None:
    """What each flow moved in the hour that starts then; again, when more is known of it."""
    db.execute("DELETE FROM flow_traffic WHERE hour = ?", [write_time(hour)])
    db.execute(ROLL_UP, {"since": write_time(hour), "until": write_time(hour + HOUR)})


def moved_lately(db: Database, since: datetime, until: datetime) -> dict[str, Traffic]:
    """By flow id: what the runs moved that started in this time (UTC), rolled up or not."""
    bounds = {"since": write_time(since), "until": write_time(until)}
    return {row[1]: _traffic(row[2:]) for row in db.execute(OF_RUNS, bounds)}


def stale_hours(db: Database) -> set[datetime]:
    """The hours (UTC) that wait to be rolled up, for the first time or again."""
    return {read_time(hour) for (hour,) in db.execute("SELECT hour FROM stale_hours")}


def moved(db: Database, ends: Iterable[datetime]) -> dict[str, dict[datetime, Traffic]]:
    """By flow id: what it moved in each span of three hours that ends then (UTC), if anything, as
    far as it has been rolled up."""
    spans = [
        (int(end.timestamp()), write_time(end - back * HOUR))
        for end in ends
        for back in range(1, SPAN_HOURS + 1)
    ]
    times = {int(end.timestamp()): end for end in ends}
    found: dict[str, dict[datetime, Traffic]] = {}
    for row in db.execute(MOVED, [write_json(spans)]):
        end, flow_id, *amounts = row
        found.setdefault(flow_id, {})[times[end]] = _traffic(amounts)
    return found


def _traffic(amounts: Sequence[int]) -> Traffic:
    started, told, received, sent, fed, unsent, empty = amounts
    return Traffic(
        started=started,
        told=told,
        received=received,
        sent=sent,
        fed=fed,
        unsent=unsent,
        empty=empty,
    )


def blocks(
    db: Database, flow_ids: Iterable[str], hours: Iterable[datetime]
) -> dict[str, list[Block]]:
    """What these flows moved in these hours (UTC), by flow id; three hours of the clock are one."""
    asked = {"flows": write_json(list(flow_ids)), "hours": write_json(list(map(write_time, hours)))}
    found: dict[str, list[Block]] = {}
    for flow_id, first, started, received, sent, fed, unsent in db.execute(BLOCKS, asked):
        found.setdefault(flow_id, []).append(
            Block(
                first=read_time(first),
                started=started,
                received=received,
                sent=sent,
                fed=fed,
                unsent=unsent,
            )
        )
    return found


def save_green_logs(db: Database, logs: Iterable[tuple[Run, int]]) -> None:
    """Of runs that ended well and whose log was read: how many lines of it tell of an error."""
    rows = [(run.id, write_time(run.finished_at or run.started_at), errors) for run, errors in logs]
    db.conn.executemany("INSERT OR REPLACE INTO green_logs VALUES (?, ?, ?)", rows)


def partial_runs(db: Database, since: datetime) -> dict[str, tuple[Run, ...]]:
    """Runs that started since and ended as partial success, by flow id, newest first."""
    found: dict[str, list[Run]] = {}
    for row in read(db, PARTIAL, [write_time(since)]):
        found.setdefault(row["flow_id"], []).append(read_run(row))
    return {flow_id: tuple(runs) for flow_id, runs in found.items()}


def green_errors(db: Database, since: datetime) -> dict[str, tuple[Failure, ...]]:
    """What the logs of runs that ended well since then told as errors, by flow id, newest first."""
    found: dict[str, list[Failure]] = {}
    for row in read(db, GREEN, [write_time(since)]):
        found.setdefault(row["flow_id"], []).append(read_failure_row(row))
    return {flow_id: tuple(told) for flow_id, told in found.items()}


def unread_logs(db: Database, since: datetime) -> dict[str, int]:
    """By flow id: how many runs that started since ended well with warnings, their log unread."""
    return dict(db.execute(UNREAD, [write_time(since)]).fetchall())


def save_tracked(db: Database, rows: Iterable[TrackedRow], until: datetime) -> None:
    """Remember what was tracked; all of it is known until then."""
    told = [
        {
            "entity": row.entity,
            "digest": tracked_digest(row.key),
            "flow_id": row.flow_id,
            "run_id": row.run_id,
            "shown": row.shown,
            "received_at": write_time(row.received_at) if row.received_at else None,
            "sent_at": write_time(row.sent_at) if row.sent_at else None,
        }
        for row in rows
    ]
    db.conn.executemany(TRACK, told)
    save_snapshot(db, TRACKED_UNTIL, until, {})


def tracked_digest(key: str) -> bytes:
    """What a tracked value is matched by."""
    return blake2b(key.encode(), digest_size=16).digest()


def forget_tracked(db: Database, keys: Iterable[str]) -> tuple[int, int]:
    """How many values were deleted, and of how many only the key was: that something was received
    and sent on has to stay, or its run would seem to have lost it. What takes the place of the
    digest is random, so that nobody can match it with a key. Inside a write transaction."""
    digests = [(tracked_digest(key),) for key in keys]
    struck = sum(db.execute(STRIKE_SENT, each).rowcount for each in digests)
    deleted = sum(
        db.execute("DELETE FROM tracked_values WHERE digest = ?", each).rowcount for each in digests
    )
    return deleted, struck


def mask_tracked(db: Database, how: Keys) -> int:
    """Have some values stand there only as they may be shown; how many that were."""
    asked = {"none": how is Keys.NONE, "most": MASKED_AT_ONCE}
    rows = db.execute(OPEN_VALUES, asked).fetchall() if how is not Keys.FULL else []
    sql = "UPDATE tracked_values SET shown = ? WHERE entity = ? AND digest = ?"
    for entity, digest, shown in rows:
        db.execute(sql, [show_key(shown, how), entity, digest])
    return len(rows)


def tracked_until(db: Database) -> datetime | None:
    """Until when all tracked values are known; None before the first look."""
    found = find_snapshot(db, TRACKED_UNTIL)
    return found[0] if found else None


def passages(db: Database, since: datetime) -> Iterator[Passage]:
    """The values received since then, oldest first. An unsent one counts only where its run is
    known to have ended well or in part: what a failed run carried is told as failing."""
    for flow_id, shown, received_at, sent_at in db.execute(PASSAGES, [write_time(since)]):
        yield Passage(
            flow_id=flow_id,
            shown=shown,
            received_at=read_time(received_at),
            sent_at=read_optional_time(sent_at),
        )


def sent_since(db: Database, lags: Mapping[str, timedelta]) -> dict[str, Recovered]:
    """Of these runs, with how long a value of each may take, those during which all values that
    their flow tracked as received were sent, some of them later than that. A value that a later run
    received again and sent is one of the first run."""
    asked = write_json([(run_id, lag.total_seconds()) for run_id, lag in lags.items()])
    rows = db.execute(SENT_SINCE, [asked]).fetchall() if lags else []
    return {run_id: Recovered(late=late, at=read_time(at)) for run_id, late, at in rows}


def told_by_others(db: Database, ours: str, since: datetime) -> Iterator[Told]:
    """What other checks than `ours` tell: what stands, also where a person resolved it meanwhile,
    and what cleared since then (UTC)."""
    asked = {"ours": ours, "since": write_time(since)}
    for check, kind, subject_id, incident, until in db.execute(TOLD, asked):
        yield Told(
            check=check,
            kind=kind,
            id=subject_id,
            incident=incident,
            until=read_optional_time(until),
        )


def settled_by_people(db: Database, check: str, since: datetime) -> Mapping[str, datetime]:
    """When a person last resolved an incident of this check, by the flow that it was about."""
    rows = db.execute(SETTLED, [check, write_time(since)])
    return {flow_id: read_time(at) for flow_id, at in rows}


def prune(db: Database, now: datetime) -> int:
    """Forget the hours nobody compares with, and values whose passage tells nothing any more."""
    gone = 0
    for sql, kept in (
        ("DELETE FROM flow_traffic WHERE hour < ?", TRAFFIC_FOR),
        ("DELETE FROM green_logs WHERE at < ?", TRACKED_FOR),
        ("DELETE FROM tracked_values WHERE coalesce(received_at, sent_at) < ?", TRACKED_FOR),
    ):
        gone += db.execute(sql, [write_time(now - kept)]).rowcount
    return gone
