"""Alerts, incidents, timelines and watchpoints: the queries of what people handle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.incidents.lifecycle import Change
from bot.incidents.model import Actor, Alert, Entry, Incident, Kind, Severity, State
from bot.incidents.watchpoint import Watchpoint
from bot.store.columns import (
    read_json,
    read_optional_time,
    read_time,
    write_json,
    write_optional_time,
    write_time,
)
from bot.store.rows import insert, read, update
from checks.model import Level, Measure, Subject, Verdict


def next_incident_id(db: Database) -> int:
    """The number the next incident will get; call it inside the transaction that opens it."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'incidents'").fetchone()
    return (row[0] if row else 0) + 1


def record(db: Database, change: Change) -> None:
    """Write one change: its timeline entry and the incident after it, in the open transaction."""
    incident = change.incident
    if change.entry.seq == 1:
        insert(db, "incidents", _incident_row(incident))
        _insert_entry(db, incident.id, change.entry)
        return
    _insert_entry(db, incident.id, change.entry)
    if incident.version == change.entry.seq:  # not so for what is said after the end
        update(db, "incidents", incident.id, _incident_row(incident))


def find_incident(db: Database, incident_id: int) -> Incident | None:
    rows = _incidents(db, "id = ?", [incident_id])
    return rows[0] if rows else None


def open_incidents(db: Database) -> list[Incident]:
    """Open ones, the gravest and then the oldest first."""
    return _incidents(db, "state <> 'resolved'", [], "severity DESC, id")


def lately_resolved(db: Database, since: datetime, at_most: int) -> list[Incident]:
    """Resolved ones, newest first."""
    where = "resolved_at >= ? ORDER BY resolved_at DESC LIMIT ?"
    return _incidents(db, where, [write_time(since), at_most], None)


def timeline(db: Database, incident_id: int) -> list[Entry]:
    """Every entry, oldest first."""
    sql = "SELECT * FROM timeline WHERE incident_id = ? ORDER BY seq"
    return [_entry(row) for row in read(db, sql, [incident_id])]


def alerts_of(db: Database, incident_ids: Iterable[int]) -> dict[int, list[Alert]]:
    """The alerts of each incident, oldest first."""
    wanted = list(incident_ids)
    sql = "SELECT * FROM alerts WHERE incident_id IN (SELECT value FROM json_each(?)) ORDER BY id"
    found: dict[int, list[Alert]] = {incident_id: [] for incident_id in wanted}
    for row in read(db, sql, [write_json(wanted)]):
        found[row["incident_id"]].append(_alert(row))
    return found


def open_alerts(db: Database) -> dict[str, Alert]:
    """Open alerts by dedup key."""
    rows = read(db, "SELECT * FROM alerts WHERE cleared_at IS NULL", [])
    return {row["key"]: _alert(row) for row in rows}


def last_incident_of(db: Database, key: str) -> int | None:
    """The newest incident that this dedup key ever had."""
    sql = "SELECT incident_id FROM alerts WHERE key = ? ORDER BY id DESC LIMIT 1"
    row = db.execute(sql, [key]).fetchone()
    return row[0] if row else None


def incident_at(db: Database, key: str, at: datetime) -> int | None:
    """The incident that this dedup key had at a moment, or last before it."""
    sql = "SELECT incident_id FROM alerts WHERE key = ? AND opened_at <= ? ORDER BY id DESC LIMIT 1"
    row = db.execute(sql, [key, write_time(at)]).fetchone()
    return row[0] if row else None


def times_before(db: Database, key: str, since: datetime) -> int:
    """How many episodes of this key began at or after `since`."""
    sql = "SELECT count(*) FROM alerts WHERE key = ? AND opened_at >= ?"
    return int(db.execute(sql, [key, write_time(since)]).fetchone()[0])


def seen_since(db: Database, incident_id: int, since: datetime) -> int:
    """How often the conditions of an incident came up at or after `since`: by their episodes, and
    for one that lasts at least once."""
    sql = (
        "SELECT count(*) FROM alerts WHERE opened_at >= ? AND key IN"
        " (SELECT key FROM alerts WHERE incident_id = ?)"
    )
    return max(1, int(db.execute(sql, [write_time(since), incident_id]).fetchone()[0]))


def open_alert(db: Database, incident_id: int, verdict: Verdict, now: datetime) -> Alert:
    """A new episode of its condition."""
    row = _verdict_columns(verdict) | {
        "key": verdict.key,
        "incident_id": incident_id,
        "opened_at": write_time(now),
        "last_seen_at": write_time(now),
        "count": 1,
    }
    number = insert(db, "alerts", row)
    (found,) = read(db, "SELECT * FROM alerts WHERE id = ?", [number])
    return _alert(found)


def see_alert(db: Database, alert: Alert, verdict: Verdict, now: datetime) -> None:
    """The same key again: count it, keep what the check says now."""
    row = _verdict_columns(verdict) | {"last_seen_at": write_time(now), "count": alert.count + 1}
    update(db, "alerts", alert.id, row)


def clear_alert(db: Database, alert_id: int, now: datetime) -> None:
    """Close an alert for good; its key is free again."""
    update(db, "alerts", alert_id, {"cleared_at": write_time(now)})


def watchpoints(db: Database) -> dict[str, Watchpoint]:
    return {row["key"]: _watchpoint(row) for row in read(db, "SELECT * FROM watchpoints", [])}


def still_there(
    db: Database, incident_ids: Iterable[int] | None = None, since: datetime | None = None
) -> dict[int, datetime]:
    """Of incidents that a person resolved (None: of all): those whose condition was there at the
    last look that could tell, with the time of that look, which was not before `since`."""
    asked = None if incident_ids is None else write_json(list(incident_ids))
    told = {"ids": asked, "since": write_optional_time(since)}
    sql = """
        SELECT point.quiet_incident AS id, max(point.seen_at) AS seen_at
        FROM watchpoints point
        JOIN alerts ON alerts.key = point.key AND alerts.incident_id = point.quiet_incident
        WHERE (:ids IS NULL OR point.quiet_incident IN (SELECT value FROM json_each(:ids))) AND (
            point.recent LIKE '%t'
            OR (point.recent = '' AND point.seen_at <= alerts.last_seen_at)
        ) AND (:since IS NULL OR point.seen_at >= :since)
        GROUP BY point.quiet_incident"""
    return {row["id"]: read_time(row["seen_at"]) for row in read(db, sql, told)}


def left_standing(db: Database, since: datetime) -> list[Incident]:
    """The incidents that a person resolved and whose condition was still there at the last look,
    which was not before `since`; the gravest and then the oldest first."""
    still = still_there(db, since=since)
    found = [each for number in still if (each := find_incident(db, number)) is not None]
    return sorted(found, key=lambda each: (-each.worst, each.opened_at, each.id))


def save_watchpoints(db: Database, points: Sequence[Watchpoint]) -> None:
    rows = [
        {
            "key": point.key,
            "recent": point.recent,
            "seen_at": write_optional_time(point.seen_at),
            "clear_since": write_optional_time(point.clear_since),
            "quiet_since": write_optional_time(point.quiet_since),
            "quiet_incident": point.quiet_incident,
        }
        for point in points
    ]
    db.table("watchpoints").upsert_all(rows, pk="key")


def _incidents(
    db: Database, where: str, arguments: Sequence[Any], order: str | None = "id"
) -> list[Incident]:
    tail = f" ORDER BY {order}" if order else ""
    sql = f"SELECT * FROM incidents WHERE {where}{tail}"  # noqa: S608 (constant texts of this file)
    return [_incident(row) for row in read(db, sql, arguments)]


def _insert_entry(db: Database, incident_id: int, entry: Entry) -> None:
    insert(
        db,
        "timeline",
        {
            "incident_id": incident_id,
            "seq": entry.seq,
            "at": write_time(entry.at),
            "kind": entry.kind.value,
            "who": entry.actor.who,
            "via": entry.actor.via,
            "from_state": entry.from_state.value if entry.from_state else None,
            "to_state": entry.to_state.value,
            "reason": entry.reason,
            "data": write_json(dict(entry.data)),
        },
    )


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        seq=row["seq"],
        at=read_time(row["at"]),
        kind=Kind(row["kind"]),
        actor=Actor(who=row["who"], via=row["via"]),
        from_state=State(row["from_state"]) if row["from_state"] else None,
        to_state=State(row["to_state"]),
        reason=row["reason"],
        data=read_json(row["data"]),
    )


def _incident_row(incident: Incident) -> dict[str, Any]:
    by = incident.resolved_by
    return {
        "id": incident.id,
        "state": incident.state.value,
        "severity": int(incident.severity),
        "worst": int(incident.worst),
        "opened_at": write_time(incident.opened_at),
        "version": incident.version,
        "holder": incident.holder,
        "acknowledged_at": write_optional_time(incident.acknowledged_at),
        "first_acknowledged_at": write_optional_time(incident.first_acknowledged_at),
        "confirmed_at": write_optional_time(incident.confirmed_at),
        "reminded_at": write_optional_time(incident.reminded_at),
        "held_since": incident.held_since,
        "assignee": incident.assignee,
        "snoozed_until": write_optional_time(incident.snoozed_until),
        "snoozed_by": incident.snoozed_by,
        "resolved_at": write_optional_time(incident.resolved_at),
        "resolved_by": by.who if by else None,
        "resolved_via": by.via if by else None,
        "resolution": incident.resolution,
        "previous_id": incident.previous_id,
        "standing": int(incident.standing),
    }


def _incident(row: dict[str, Any]) -> Incident:
    by = row["resolved_by"]
    return Incident(
        id=row["id"],
        state=State(row["state"]),
        severity=Severity(row["severity"]),
        worst=Severity(row["worst"]),
        opened_at=read_time(row["opened_at"]),
        version=row["version"],
        holder=row["holder"],
        acknowledged_at=read_optional_time(row["acknowledged_at"]),
        first_acknowledged_at=read_optional_time(row["first_acknowledged_at"]),
        confirmed_at=read_optional_time(row["confirmed_at"]),
        reminded_at=read_optional_time(row["reminded_at"]),
        held_since=row["held_since"],
        assignee=row["assignee"],
        snoozed_until=read_optional_time(row["snoozed_until"]),
        snoozed_by=row["snoozed_by"],
        resolved_at=read_optional_time(row["resolved_at"]),
        resolved_by=Actor(who=by, via=row["resolved_via"]) if by else None,
        resolution=row["resolution"],
        previous_id=row["previous_id"],
        standing=bool(row["standing"]),
    )


def _verdict_columns(verdict: Verdict) -> dict[str, Any]:
    return {
        "check_name": verdict.check,
        "subject_kind": verdict.subject.kind,
        "subject_id": verdict.subject.id,
        "subject_name": verdict.subject.name,
        "level": verdict.level.value,
        "signal": verdict.signal,
        "sentence": verdict.sentence,
        "measures": write_json([[m.label, m.measured, m.usual] for m in verdict.measures]),
        "facts": write_json(dict(verdict.facts)),
        "expected_at": write_optional_time(verdict.expected_at),
    }


def _alert(row: dict[str, Any]) -> Alert:
    subject = Subject(kind=row["subject_kind"], id=row["subject_id"], name=row["subject_name"])
    measures = tuple(
        Measure(label=label, measured=measured, usual=usual)
        for label, measured, usual in read_json(row["measures"])
    )
    return Alert(
        id=row["id"],
        key=row["key"],
        incident_id=row["incident_id"],
        opened_at=read_time(row["opened_at"]),
        last_seen_at=read_time(row["last_seen_at"]),
        cleared_at=read_optional_time(row["cleared_at"]),
        count=row["count"],
        check=row["check_name"],
        subject=subject,
        level=Level(row["level"]),
        signal=row["signal"],
        sentence=row["sentence"],
        measures=measures,
        facts=read_json(row["facts"]),
        expected_at=read_optional_time(row["expected_at"]),
    )


def _watchpoint(row: dict[str, Any]) -> Watchpoint:
    return Watchpoint(
        key=row["key"],
        recent=row["recent"],
        seen_at=read_optional_time(row["seen_at"]),
        clear_since=read_optional_time(row["clear_since"]),
        quiet_since=read_optional_time(row["quiet_since"]),
        quiet_incident=row["quiet_incident"],
    )
