"""What acknowledging, un-acknowledging and resolving have in common: which incident, then do it."""

from __future__ import annotations

from bot.incidents.lifecycle import Event
from bot.incidents.model import Actor
from bot.slack.desk import Desk
from bot.slack.render.answers import none_open, outcome, which
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
    return outcome(incident_id, done, ask.user_id)
