"""What every change of an incident has in common: which one is meant, and what came of it."""

from __future__ import annotations

from bot.incidents.events import Event, Resolve
from bot.incidents.lifecycle import Change, Refusal, Why
from bot.incidents.model import Actor, Incident
from bot.slack.desk import Desk
from bot.slack.letters import reopen_after, view_of
from bot.slack.render.answers import no_such, none_open, outcome, resolved, which
from bot.slack.render.incident import IncidentView
from bot.slack.render.message import Message
from bot.slack.verbs import Ask
from bot.store import incidents
from bot.transitions import act


def change(desk: Desk, ask: Ask, event: Event, verb: str) -> Message:
    """Do it to the incident that was meant, and say privately what came of it."""
    incident_id = meant(desk, ask, verb)
    if isinstance(incident_id, Message):
        return incident_id
    done = do(desk, ask, incident_id, event)
    if isinstance(done, Change) and isinstance(event, Resolve):
        return _resolved(desk, done.incident)
    return outcome(incident_id, done, ask.user_id)


def meant(desk: Desk, ask: Ask, verb: str) -> int | Message:
    """The incident's number. Without one the only open incident is meant; when there are several,
    they are offered."""
    if ask.incident_id is not None:
        return ask.incident_id
    standing = incidents.open_incidents(desk.store.db)
    if not standing:
        return none_open()
    if len(standing) > 1:
        alerts = incidents.alerts_of(desk.store.db, [each.id for each in standing])
        return which(verb, standing, alerts)
    return standing[0].id


def do(desk: Desk, ask: Ask, incident_id: int, event: Event) -> Change | Refusal | None:
    """None when there is no such incident."""
    return act(
        desk.store,
        incident_id,
        event,
        actor_of(ask),
        desk.clock.now(),
        destination=desk.rules.destination,
        seen_version=ask.seen_version,
    )


def actor_of(ask: Ask) -> Actor:
    return Actor(who=ask.user_id, via=ask.via)


def about(desk: Desk, ask: Ask, *, closed_too: bool = False) -> IncidentView | Message:
    """What a modal is opened for, as it stands; or why the press on its button does nothing."""
    if ask.incident_id is None:
        return none_open()
    try:
        found = view_of(desk, ask.incident_id)
    except LookupError:
        return no_such(ask.incident_id)
    why = None
    if not found.incident.is_open:
        why = None if closed_too else Why.RESOLVED
    elif ask.seen_version is not None:
        later = found.entries[ask.seen_version :]
        why = Why.CHANGED_SINCE if any(entry.changes_state for entry in later) else None
    if why is None:
        return found
    return outcome(ask.incident_id, Refusal(incident=found.incident, why=why), ask.user_id)


def _resolved(desk: Desk, incident: Incident) -> Message:
    """Says as plainly as the modal does, when the problem is still there."""
    db = desk.store.db
    alerts = incidents.alerts_of(db, [incident.id])[incident.id]
    stands = bool(incidents.still_there(db, [incident.id]))
    return resolved(incident, stands, reopen_after(desk, alerts))
