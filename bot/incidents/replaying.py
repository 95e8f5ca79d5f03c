"""What the entries of a timeline add up to; the stored incident is never anything else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.incidents.model import Entry, Incident, Kind, Severity, State


def replay(incident_id: int, entries: Iterable[Entry]) -> Incident:
    """The incident that a whole timeline, in order, adds up to."""
    first, *later = entries
    incident = begin(incident_id, first)
    for entry in later:
        incident = apply(incident, entry)
    return incident


def begin(incident_id: int, entry: Entry) -> Incident:
    """The incident after its first entry."""
    previous = entry.data.get("previous_id")
    return Incident(
        id=incident_id,
        state=entry.to_state,
        severity=Severity(int(entry.data["severity"])),
        worst=Severity(int(entry.data["severity"])),
        opened_at=entry.at,
        version=entry.seq,
        previous_id=int(previous) if previous is not None else None,
        standing=bool(entry.data.get("standing", 0)),
    )


def apply(incident: Incident, entry: Entry) -> Incident:
    """The incident after one more entry."""
    if not incident.is_open:
        return incident  # what is said after the end is kept beside it
    after = _noted(replace(incident, state=entry.to_state, version=entry.seq), entry)
    if after.state is not State.ACKNOWLEDGED and after.is_open:
        after = replace(
            after,
            holder=None,
            acknowledged_at=None,
            confirmed_at=None,
            reminded_at=None,
            held_since=None,
        )
    if after.state is not State.SNOOZED:
        after = replace(after, snoozed_until=None, snoozed_by=None)
    return after


def _noted(after: Incident, entry: Entry) -> Incident:
    """With what the entry itself says."""
    match entry.kind:
        case Kind.WORSENED | Kind.CAME_TRUE | Kind.EASED:
            severity = Severity(int(entry.data["severity"]))
            return replace(after, severity=severity, worst=max(after.worst, severity))
        case Kind.ACKNOWLEDGED | Kind.TAKEN:
            return replace(
                after,
                holder=entry.actor.who,
                assignee=None,
                acknowledged_at=entry.at,
                confirmed_at=None,
                reminded_at=None,
                held_since=entry.seq,
                first_acknowledged_at=after.first_acknowledged_at or entry.at,
            )
        case Kind.CONFIRMED:
            return replace(after, confirmed_at=entry.at, reminded_at=None, held_since=entry.seq)
        case Kind.REMINDED:
            return replace(after, reminded_at=entry.at)
        case Kind.ASSIGNED:
            return replace(after, assignee=str(entry.data["to"]))
        case Kind.SNOOZED:
            until = datetime.fromisoformat(str(entry.data["until"]))
            return replace(after, snoozed_until=until, snoozed_by=entry.actor.who, assignee=None)
        case Kind.RESOLVED | Kind.CLEARED:
            return replace(
                after, resolved_at=entry.at, resolved_by=entry.actor, resolution=entry.reason
            )
        case _:
            return after
