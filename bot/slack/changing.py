"""What acknowledging, un-acknowledging and resolving have in common: which incident, then do it."""

from __future__ import annotations

from bot.incidents.lifecycle import Change, Event, Resolve
from bot.incidents.model import Actor, Incident
from bot.slack.desk import Desk
from bot.slack.letters import reopen_after
from bot.slack.render.answers import none_open, outcome, resolved, which
from bot.slack.render.message import Message
from bot.slack.verbs import Ask
from bot.store import incidents
from bot.transitions import act


def change(desk: Desk, ask: Ask, event: Event, verb: str) -> Message:
    """Do it to the incident that was meant, and say privately what came of it.

    Without a number the only open incident is meant; when there are several, they are offered.
    """
    incident_id = ask.incident_id
    if incident_id is None:
        standing = incidents.open_incidents(desk.store.db)
        if not standing:
            return none_open()
        if len(standing) > 1:
            alerts = incidents.alerts_of(desk.store.db, [each.id for each in standing])
            return which(verb, standing, alerts)
        incident_id = standing[0].id
    done = act(
        desk.store,
        incident_id,
        event,
        Actor(who=ask.user_id, via=ask.via),
        desk.clock.now(),
        destination=desk.rules.destination,
        seen_version=ask.seen_version,
    )
    if isinstance(done, Change) and isinstance(event, Resolve):
        return _resolved(desk, done.incident)
    return outcome(incident_id, done, ask.user_id)


def _resolved(desk: Desk, incident: Incident) -> Message:
    """Says as plainly as the button asks, when the problem is still there."""
    db = desk.store.db
    alerts = incidents.alerts_of(db, [incident.id])[incident.id]
    stands = bool(incidents.still_there(db, [incident.id]))
    return resolved(incident, stands, reopen_after(desk, alerts))
