"""Who is left out of a step of the policy though they can be reached, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.incidents.escalation import Address
from bot.incidents.model import Actor, Entry, Incident, Kind
from bot.store import Database, incidents

A_MOMENT = timedelta(minutes=3)
"""Who was called is not called for the same by the next step within this time."""


def left_out(
    db: Database, incident: Incident, by: Actor | None, now: datetime
) -> Callable[[Address], str]:
    """Why one is not told. Who asks wants somebody else than themselves and than who has it; time
    does not call again who was called for the same a moment ago, as its owner and on call."""
    why: dict[str, str] = {}
    if by is None:
        why = dict.fromkeys(_just_told(db, incident, now), "who was already told")
    else:
        why[by.who] = "who asked for it"
        if incident.holder:
            why[incident.holder] = "who has it in hand"
    return lambda each: why.get(each.id, "") if each.kind == "slack" else ""


def _just_told(db: Database, incident: Incident, now: datetime) -> set[str]:
    """Whom the steps of the last moments named, since the policy began."""
    named: set[str] = set()
    for entry in reversed(incidents.timeline(db, incident.id)):
        if begins_anew(entry) or now - entry.at >= A_MOMENT:
            break
        if entry.kind is Kind.ESCALATED:
            named |= set(str(entry.data.get("mentions", "")).split())
    return named


def begins_anew(entry: Entry) -> bool:
    """Whether the policy begins anew with what is said here, while nobody has it."""
    unsaid = entry.kind is Kind.HELD and bool(entry.data.get("unsaid"))
    return (
        unsaid
        or entry.kind in (Kind.WORSENED, Kind.CAME_TRUE, Kind.ASSIGNED)
        or (entry.changes_state and entry.kind is not Kind.ESCALATED)
    )
