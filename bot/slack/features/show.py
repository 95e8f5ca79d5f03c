"""`/seam show 42` and the Timeline button: one incident with everything that happened to it."""

from __future__ import annotations

from bot.slack.desk import Desk
from bot.slack.letters import view_of
from bot.slack.only import only_open
from bot.slack.render.answers import needs_number, no_incident, no_such
from bot.slack.render.buttons import TIMELINE
from bot.slack.render.message import Message
from bot.slack.render.show import incident_with_timeline
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    if ask.rest:
        return no_incident(ask.rest)
    incident_id = only_open(desk) if ask.incident_id is None else ask.incident_id
    if incident_id is None:
        return needs_number("show")
    try:
        view = view_of(desk, incident_id)
    except LookupError:
        return no_such(incident_id)
    return incident_with_timeline(view)


VERB = Verb(
    name="show",
    place=4,
    answer=answer,
    aliases=("timeline",),
    button=TIMELINE,
    examples=(Example(typed="show 42", does="incident #42 with its timeline"),),
)
