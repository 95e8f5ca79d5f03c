"""`/seam incidents`: what is open, and what was resolved in the last day."""

from __future__ import annotations

from datetime import timedelta

from bot.slack.desk import Desk
from bot.slack.render.lists import LISTED, incident_list
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb
from bot.store import incidents

LATELY = timedelta(hours=24)


def answer(desk: Desk, _ask: Ask) -> Message:
    db, now = desk.store.db, desk.clock.now()
    standing = incidents.open_incidents(db)
    lately = incidents.lately_resolved(db, now - LATELY, LISTED)
    listed = [incident.id for incident in (*standing[:LISTED], *lately)]
    still = incidents.still_there(db, [incident.id for incident in lately])
    return incident_list(standing, lately, incidents.alerts_of(db, listed), now, still)


VERB = Verb(
    name="incidents",
    place=3,
    answer=answer,
    aliases=("list", "open"),
    examples=(Example(typed="incidents", does="what is open, and what was resolved lately"),),
)
