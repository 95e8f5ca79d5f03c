"""Runs by the day: how those of each flow ended and how long the good ones took, kept when the runs
themselves have been forgotten.

Days are those of UTC. A day is counted again as long as more of it comes to be known, so that what
is read late, or ends late, is in it all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlite_utils import Database

from bot.store.columns import read_json, write_json, write_time
from bot.store.covered import Span, share_covered
from bot.store.failed_records import NONE_FAILED, Failed, failed_of_all, failed_records
from checks.runs import RunStatus

DAY = timedelta(days=1)
SETTLED_AFTER = timedelta(hours=1)
"""A day is counted when it has been over for so long."""
NOTICEABLE = 0.001
STATUSES = {each.value: each for each in RunStatus}

Ended = tuple[str, RunStatus, int, int]
"""The id of a flow, how its runs ended, after how many seconds (0 for all but good ones, where
runs are counted by the day), and how many."""

RUNS = """
SELECT flow_id, status,
  max(0, CAST(round((julianday(finished_at) - julianday(started_at)) * 86400) AS INT)) AS seconds,
  count(*) FROM runs
WHERE started_at >= ? AND started_at < ? AND finished_at IS NOT NULL
GROUP BY flow_id, status, seconds
"""
BY_DAY = """
SELECT substr(started_at, 1, 10), count(*) FROM runs
WHERE started_at >= ? AND started_at < ? AND finished_at IS NOT NULL GROUP BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One UTC day: how many runs that started in it have ended, the share of it of which every
    start is known, how its runs ended, and how many records those that failed in it concern, by
    flow id, as far as their logs told by then."""

    day: date
    runs: int
    observed: float
    ended: tuple[Ended, ...] = ()
    failed: Mapping[str, Failed] = field(default_factory=dict)


def stale_days(db: Database, now: datetime) -> list[date]:
    """The days that are over and of which more is known than was counted, oldest first."""
    first = db.execute("SELECT min(since) FROM covered").fetchone()[0]
    if first is None:
        return []
    since, until = _start(date.fromisoformat(first[:10])), _start((now - SETTLED_AFTER).date())
    runs = dict(db.execute(BY_DAY, _bounds(since, until)).fetchall())
    seen = _seen(db, since, until)
    found = []
    for span in _days(since, until):
        day = span.since.date().isoformat()
        known_runs, known_share = seen.get(day, (0, 0.0))
        observed = share_covered(db, span.since, span.until)
        if runs.get(day, 0) > known_runs or observed > known_share + NOTICEABLE:
            found.append(span.since.date())
    return found


def count_day(db: Database, day: date) -> Counted:
    """From the runs themselves; on a large estate that takes a second."""
    since, until = _start(day), _start(day) + DAY
    ended = tuple(_raw(db, since, until))
    observed = share_covered(db, since, until)
    return Counted(
        day=day,
        runs=sum(each[3] for each in ended),
        observed=observed,
        ended=ended,
        failed=failed_of_all(db, since, until),
    )


def save_day(db: Database, counted: Counted) -> None:
    """In the place of what was counted of it before."""
    day = counted.day.isoformat()
    lengths: dict[tuple[str, str], dict[int, int]] = {}
    for flow_id, status, seconds, count in counted.ended:
        told = seconds if status is RunStatus.SUCCESS else 0
        of = lengths.setdefault((flow_id, status.value), {})
        of[told] = of.get(told, 0) + count
    rows = [
        (day, flow_id, status, sum(of.values()), write_json(of))
        for (flow_id, status), of in lengths.items()
    ]
    db.execute("DELETE FROM run_days WHERE day = ?", [day])
    db.conn.executemany("INSERT INTO run_days VALUES (?, ?, ?, ?, ?)", rows)
    db.execute("DELETE FROM failed_days WHERE day = ?", [day])
    lost = [
        (day, flow_id, each.records, each.told, each.untold)
        for flow_id, each in counted.failed.items()
    ]
    db.conn.executemany("INSERT INTO failed_days VALUES (?, ?, ?, ?, ?)", lost)
    sql = "INSERT OR REPLACE INTO counted_days VALUES (?, ?, ?)"
    db.execute(sql, [day, counted.runs, counted.observed])


def prune(db: Database, before: datetime) -> int:
    """Forget the days before; how many rows went."""
    day = before.date().isoformat()
    tables = ("run_days", "failed_days", "counted_days")
    return sum(db.execute(f"DELETE FROM {name} WHERE day < ?", [day]).rowcount for name in tables)  # noqa: S608 (constants)


def ended_runs(db: Database, since: datetime, until: datetime) -> Iterator[Ended]:
    """Of the runs that started in this time and have ended: by the day where whole days of it have
    been counted, else one by one, as far as they are still kept."""
    whole = [span for span in _whole_days(since, until) if _is_counted(db, span)]
    for span in whole:
        yield from _by_day(db, span.since.date())
    for span in _rest(since, until, whole):
        yield from _raw(db, span.since, span.until)


def failed_between(
    db: Database, flow_ids: Collection[str], since: datetime, until: datetime
) -> dict[str, Failed]:
    """How many records of these flows failed in this time, by flow id: by the day where whole days
    of it have been counted, else run by run, as far as those are still kept."""
    whole = [span for span in _whole_days(since, until) if _is_counted(db, span)]
    found: dict[str, Failed] = {}
    sql = (
        "SELECT flow_id, records, told, untold FROM failed_days WHERE day = ?"
        " AND flow_id IN (SELECT value FROM json_each(?))"
    )
    flows = write_json(sorted(flow_ids))
    for span in whole:
        for flow_id, records, told, untold in db.execute(sql, [str(span.since.date()), flows]):
            more = Failed(records=records, told=told, untold=untold)
            found[flow_id] = found.get(flow_id, NONE_FAILED) + more
    for span in _rest(since, until, whole):
        for flow_id, more in failed_records(db, flow_ids, (), span.since, span.until).items():
            found[flow_id] = found.get(flow_id, NONE_FAILED) + more
    return found


def share_known(db: Database, since: datetime, until: datetime) -> float:
    """The share of this time (0 to 1) of which every start of a run is known, or was when it was
    counted."""
    if since >= until:
        return 0.0
    whole = [span for span in _whole_days(since, until) if _is_counted(db, span)]
    seen = _seen(db, since, until)
    known = sum((seen[span.since.date().isoformat()][1] * DAY for span in whole), timedelta(0))
    for span in _rest(since, until, whole):
        known += share_covered(db, span.since, span.until) * (span.until - span.since)
    return known / (until - since)


def _raw(db: Database, since: datetime, until: datetime) -> Iterator[Ended]:
    for flow_id, status, seconds, count in db.execute(RUNS, _bounds(since, until)):
        yield flow_id, STATUSES[status], seconds, count


def _by_day(db: Database, day: date) -> Iterator[Ended]:
    sql = "SELECT flow_id, status, seconds FROM run_days WHERE day = ?"
    for flow_id, status, lengths in db.execute(sql, [day.isoformat()]):
        for seconds, count in read_json(lengths).items():
            yield flow_id, STATUSES[status], int(seconds), count


def _is_counted(db: Database, span: Span) -> bool:
    sql = "SELECT 1 FROM counted_days WHERE day = ?"
    return db.execute(sql, [span.since.date().isoformat()]).fetchone() is not None


def _seen(db: Database, since: datetime, until: datetime) -> dict[str, tuple[int, float]]:
    sql = "SELECT day, runs, observed FROM counted_days WHERE day >= ? AND day < ?"
    rows = db.execute(sql, [since.date().isoformat(), (until + DAY).date().isoformat()])
    return {day: (runs, observed) for day, runs, observed in rows}


def _whole_days(since: datetime, until: datetime) -> Iterator[Span]:
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    first = _start(since.date())
    yield from _days(first if first == since else first + DAY, until)


def _days(since: datetime, until: datetime) -> Iterator[Span]:
    """The days that end by `until`; `since` is the start of one."""
    while since + DAY <= until:
        yield Span(since=since, until=since + DAY)
        since += DAY


def _rest(since: datetime, until: datetime, taken: list[Span]) -> Iterator[Span]:
    for span in taken:
        if since < span.since:
            yield Span(since=since, until=span.since)
        since = span.until
    if since < until:
        yield Span(since=since, until=until)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _bounds(since: datetime, until: datetime) -> list[Any]:
    return [write_time(since), write_time(until)]
