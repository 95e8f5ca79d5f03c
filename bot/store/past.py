"""How earlier incidents of the same conditions ended."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from bot.incidents.model import Incident
from bot.store.columns import write_time
from bot.store.incidents import find_incident


def ended_before(db: Database, incident_id: int, at_most: int) -> list[Incident]:
    """The resolved incidents that had a condition of this one before it, the newest first."""
    sql = (
        "SELECT DISTINCT before.incident_id FROM alerts AS own"
        " JOIN alerts AS before ON before.key = own.key AND before.incident_id < own.incident_id"
        " JOIN incidents AS i ON i.id = before.incident_id AND i.state = 'resolved'"
        " WHERE own.incident_id = ? ORDER BY before.incident_id DESC LIMIT ?"
    )
    rows = db.execute(sql, [incident_id, at_most]).fetchall()
    return [found for (each,) in rows if (found := find_incident(db, each)) is not None]


def has_cleared_since(db: Database, check: str, subject_id: str, since: datetime) -> bool:
    """Whether the check found its condition on this subject gone after a moment, and not there
    again; what a person resolved may stand all the same."""
    sql = (
        "SELECT a.cleared_at > ?"
        " AND (i.resolved_at IS NOT a.cleared_at OR i.resolved_via = 'check')"
        " FROM alerts AS a JOIN incidents AS i ON i.id = a.incident_id"
        " WHERE a.check_name = ? AND a.subject_id = ? ORDER BY a.id DESC LIMIT 1"
    )
    row = db.execute(sql, [write_time(since), check, subject_id]).fetchone()
    return bool(row and row[0])
