"""A silence over an open incident that calls nobody, as one of low severity, is said of it too: its
message would promise all the while that those on call are told when it gets graver."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot import handling
from bot.circumstances import mute_of
from bot.incidents.events import Hold
from bot.rules import Rules
from bot.store import Database, incidents
from bot.store import handling as handlings


def hold_what_rests(db: Database, rules: Rules, now: datetime, *, held_only: bool) -> None:
    """What holds it back is said of it, in its thread and its message, and so is the end of that;
    `held_only` where nothing can have begun to hold it back. Inside a write transaction."""
    resting = handlings.resting(db, held_only=held_only)
    alerts = incidents.alerts_of(db, [each.incident_id for each in resting])
    for each in resting:
        incident = incidents.find_incident(db, each.incident_id)
        if incident is None:
            continue
        mute = mute_of(db, each, incident, alerts[incident.id], rules, now)
        if mute is None and each.held:
            handling.release(db, each, incident, now)
        elif mute is not None and mute.reason != each.held:
            handlings.save_handling(db, replace(each, held=mute.reason, held_until=mute.until))
            hold = Hold(reason=mute.reason, until=mute.until, who=mute.who)
            handling.record(db, incident, hold, handling.rule_of(each), now)
