"""What a digest looks up: incidents as they stood, runs by how they ended, silences, rounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low
from typing import Any

from sqlite_utils import Database

from bot.incidents.model import Entry, Incident
from bot.incidents.replaying import replay
from bot.store.columns import read_optional_time, read_time, write_time
from bot.store.incidents import timeline

# A drill says so in its first entry, and stands in no figure.
NO_DRILL = """
NOT EXISTS (SELECT 1 FROM timeline WHERE incident_id = i.id AND seq = 1
  AND coalesce(json_extract(data, '$.drill'), 0))
"""
STOOD = """
SELECT i.id FROM incidents AS i
WHERE opened_at < :until AND (state <> 'resolved' OR resolved_at >= :until) ORDER BY i.id
"""
HISTORY = f"""
SELECT opened_at, first_acknowledged_at, resolved_at FROM incidents AS i
WHERE (opened_at >= :since OR first_acknowledged_at >= :since OR resolved_at >= :since)
  AND opened_at < :until AND {NO_DRILL}
"""  # noqa: S608 (made of constants)
RESOLVED = f"""
SELECT i.id FROM incidents AS i WHERE resolved_at >= ? AND resolved_at < ? AND {NO_DRILL}
ORDER BY resolved_at DESC, i.id DESC
"""  # noqa: S608 (made of constants)
RESOLVED_EARLIER = f"""
SELECT i.id FROM incidents AS i
WHERE resolved_at < :since AND resolved_via NOT IN ('check', 'timer') AND {NO_DRILL}
  AND (i.id IN (SELECT quiet_incident FROM watchpoints) OR EXISTS (
    SELECT 1 FROM timeline AS t
    WHERE t.incident_id = i.id AND t.kind = 'settled' AND t.at >= :until))
ORDER BY resolved_at DESC, i.id DESC
"""  # noqa: S608 (made of constants)
FAILED = """
SELECT count(*) FROM runs WHERE started_at >= ? AND started_at < ? AND finished_at IS NOT NULL
  AND status IN ('failure', 'partial_success')
"""
CHECKS = f"""
SELECT DISTINCT check_name, i.id FROM incidents AS i JOIN alerts ON incident_id = i.id
WHERE i.opened_at >= ? AND i.opened_at < ? AND {NO_DRILL}
"""  # noqa: S608 (made of constants)
VOTES = """
SELECT (SELECT check_name FROM alerts WHERE incident_id = t.incident_id ORDER BY id LIMIT 1),
  reason, count(*)
FROM timeline AS t WHERE kind IN ('voted', 'revoted') AND at >= :since AND at < :until
  AND NOT EXISTS (SELECT 1 FROM timeline AS later WHERE later.incident_id = t.incident_id
    AND later.kind = 'revoted' AND later.who = t.who AND later.seq > t.seq AND later.at < :until)
GROUP BY 1, 2
"""
HELD = """
SELECT reason, incident_id, min(at) FROM timeline
WHERE kind = 'held' AND at >= ? AND at < ?
  AND (reason LIKE 'silence %' OR reason LIKE 'maintenance %')
GROUP BY reason, incident_id ORDER BY reason, incident_id
"""
MUTES = """
SELECT kind || ' ' || id AS label, creator, reason, coalesce(ended_at, until) AS until FROM silences
"""


def stood(db: Database, at: datetime) -> list[Incident]:
    """The incidents that were open then, as they stood then: the gravest and then the oldest first.

    An incident is what its timeline adds up to, so that this can be told of any moment.
    """
    ids = [row[0] for row in db.execute(STOOD, {"until": write_time(at)}).fetchall()]
    found = (replay(each, _until(timeline(db, each), at)) for each in ids)
    return sorted(found, key=lambda each: (-each.severity, each.opened_at, each.id))


def resolved_ids(db: Database, since: datetime, until: datetime) -> list[int]:
    """Those resolved in this time but for drills, the newest first."""
    return [row[0] for row in db.execute(RESOLVED, _bounds(since, until)).fetchall()]


def maybe_left_ids(db: Database, since: datetime, until: datetime) -> list[int]:
    """Those that people resolved before this time and whose fault may have stood at its end, but
    for drills, the newest first."""
    asked = {"since": write_time(since), "until": write_time(until)}
    return [row[0] for row in db.execute(RESOLVED_EARLIER, asked).fetchall()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """When an incident was opened, first acknowledged and resolved (UTC)."""

    opened_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None


def courses(db: Database, since: datetime, until: datetime) -> list[Course]:
    """Of every incident, but for drills, to which any of this happened in this time."""
    rows = db.execute(HISTORY, {"since": write_time(since), "until": write_time(until)})
    return [
        Course(
            opened_at=read_time(opened),
            acknowledged_at=read_optional_time(acknowledged),
            resolved_at=read_optional_time(resolved),
        )
        for opened, acknowledged, resolved in rows
    ]


def failed_runs(db: Database, since: datetime, until: datetime) -> int:
    """How many runs that started in this time failed, or succeeded in part only."""
    return int(db.execute(FAILED, _bounds(since, until)).fetchone()[0])


def opened_by_check(db: Database, since: datetime, until: datetime) -> dict[str, set[int]]:
    """The incidents that each check opened, but for drills."""
    found: dict[str, set[int]] = {}
    for check, number in db.execute(CHECKS, _bounds(since, until)):
        found.setdefault(check, set()).add(number)
    return found


def votes(db: Database, since: datetime, until: datetime) -> dict[tuple[str, str], int]:
    """How often the incidents of a check were called "wrong" or "noisy", by check and word; of who
    changed their mind by then, the newest word."""
    began, ended = _bounds(since, until)
    rows = db.execute(VOTES, {"since": began, "until": ended}).fetchall()
    return {(check or "", word): count for check, word, count in rows}


def held_back(db: Database, since: datetime, until: datetime) -> dict[str, list[int]]:
    """The incidents that silences and maintenance held back, by the reason: "silence 7: works"."""
    found: dict[str, list[int]] = {}
    for reason, incident_id, _ in db.execute(HELD, _bounds(since, until)):
        found.setdefault(reason, []).append(incident_id)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Muting:
    """A silence or maintenance that a person began, over or not: "silence 7", by whom, why, and
    until when (UTC) it holds or held."""

    label: str
    by: str
    reason: str
    until: datetime


def mutings(db: Database) -> dict[str, Muting]:
    """By label."""
    rows = db.execute(MUTES).fetchall()
    return {
        label: Muting(label=label, by=by, reason=reason, until=read_time(until))
        for label, by, reason, until in rows
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How often the queue was looked at, and the longest time without a look, from when on. `pace`
    is the usual time between two looks, nothing where there were not two."""

    count: int
    pace: timedelta
    longest: timedelta
    longest_from: datetime | None


def looks(db: Database, subject: str, metric: str, since: datetime, until: datetime) -> Looks:
    """By the raw readings of one metric that every round takes."""
    sql = (
        "SELECT at FROM readings WHERE subject = ? AND metric = ? AND at >= ? AND at < ?"
        " ORDER BY at"
    )
    rows = db.execute(sql, [subject, metric, *_bounds(since, until)]).fetchall()
    looked = [read_time(row[0]) for row in rows]
    gaps = [after - before for before, after in pairwise(looked)]
    longest, start = max(
        (after - before, before) for before, after in pairwise([since, *looked, until])
    )
    pace = median_low(gaps) if gaps else timedelta(0)
    return Looks(count=len(looked), pace=pace, longest=longest, longest_from=start)


def first_reading(db: Database, subject: str, metric: str) -> datetime | None:
    """The oldest that is still kept."""
    sql = "SELECT min(at) FROM readings WHERE subject = ? AND metric = ?"
    return read_optional_time(db.execute(sql, [subject, metric]).fetchone()[0])


def first_hour(db: Database, subject: str, metric: str) -> datetime | None:
    """The oldest roll-up of it that is still kept."""
    sql = "SELECT min(hour) FROM rollups WHERE subject = ? AND metric = ?"
    return read_optional_time(db.execute(sql, [subject, metric]).fetchone()[0])


def waiting_since(db: Database) -> datetime | None:
    """When the oldest message that has not gone out was intended."""
    sql = "SELECT min(created_at) FROM outbox WHERE state IN ('pending', 'claimed')"
    return read_optional_time(db.execute(sql).fetchone()[0])


def _until(entries: list[Entry], at: datetime) -> list[Entry]:
    return [entry for entry in entries if entry.at < at]


def _bounds(since: datetime, until: datetime) -> list[Any]:
    return [write_time(since), write_time(until)]
