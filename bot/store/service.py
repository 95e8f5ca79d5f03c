"""How flows served: their single runs and jobs of late, and before that what is kept by the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.store import Database
from bot.store.columns import read_json, write_json, write_time
from checks.promises.model import Served
from checks.promises.serving import BAD, Waited, Went
from checks.runs import RunStatus

DAY = timedelta(days=1)

EPOCH = "(julianday({}) - 2440587.5) * 86400"
STARTED, FINISHED, QUEUED, SEEN, LEFT = (
    EPOCH.format(name) for name in ("started_at", "finished_at", "queued_at", "seen_at", "left_at")
)
WENT = f"""
SELECT status, {STARTED}, {FINISHED} FROM runs
WHERE flow_id = ? AND started_at >= ? AND started_at < ?
"""  # noqa: S608 (made of constants)
WAITED = f"""
SELECT {QUEUED}, {SEEN}, {LEFT} FROM waits
WHERE flow_id = ? AND (left_at IS NULL OR left_at >= ?) AND queued_at < ?
"""  # noqa: S608 (made of constants)
TALLY = """
SELECT status, finished_at IS NULL, CASE
    WHEN finished_at IS NULL THEN CAST((julianday(?) - julianday(started_at)) * 86400 AS INT)
    WHEN status = 'success'
      THEN CAST((julianday(finished_at) - julianday(started_at)) * 86400 + 0.999 AS INT)
  END AS seconds, count(*)
FROM runs WHERE flow_id = ? AND started_at >= ? AND started_at < ? GROUP BY 1, 2, 3
"""
DAYS = """
SELECT status, runs, seconds FROM run_days
WHERE flow_id = ? AND day IN (SELECT value FROM json_each(?))
"""


def went(db: Database, flow_id: str, since: datetime, until: datetime) -> list[Went]:
    """A flow's runs that started in this time, those that run still included."""
    rows = db.execute(WENT, [flow_id, write_time(since), write_time(until)])
    return [
        Went(status=RunStatus(status), started=started, finished=finished)
        for status, started, finished in rows
    ]


def waited(db: Database, flow_id: str, since: datetime, until: datetime) -> list[Waited]:
    """A flow's jobs that were queued before `until` and waited after `since`, or wait still."""
    rows = db.execute(WAITED, [flow_id, write_time(since), write_time(until)])
    return [Waited(queued=queued, seen=seen, left=left) for queued, seen, left in rows]


def tally(db: Database, flow_id: str, since: datetime, until: datetime) -> Served:
    """How a flow's runs went that started in this time, without their wait; counted by the
    database, because a busy flow has ten thousand in a week."""
    good = bad = 0
    seconds: dict[int, int] = {}
    running: list[int] = []
    asked = [write_time(until), flow_id, write_time(since), write_time(until)]
    for status, runs_still, length, count in db.execute(TALLY, asked):
        if runs_still:
            running += [max(0, length)] * count
        elif status == RunStatus.SUCCESS:
            good += count
            seconds[max(0, length)] = seconds.get(max(0, length), 0) + count
        elif RunStatus(status) in BAD:
            bad += count
    return Served(good=good, bad=bad, seconds=seconds, waiting=tuple(running))


def days(db: Database, flow_id: str, since: datetime, until: datetime) -> Served | None:
    """How a flow's runs went on the days (UTC) that begin in this time, how long they took without
    their wait; None where none was counted."""
    good = bad = 0
    seconds: dict[int, int] = {}
    rows = db.execute(DAYS, [flow_id, write_json(_names(since, until))]).fetchall()
    for status, count, lengths in rows:
        bad += count if RunStatus(status) in BAD else 0
        if status == RunStatus.SUCCESS:
            good += count
            for length, number in read_json(lengths).items():
                seconds[int(length)] = seconds.get(int(length), 0) + number
    return Served(good=good, bad=bad, seconds=seconds) if rows else None


def _names(since: datetime, until: datetime) -> list[str]:
    """Such as "2026-11-21"."""
    day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while day < until:
        if day >= since:
            found.append(day.date().isoformat())
        day += DAY
    return found
