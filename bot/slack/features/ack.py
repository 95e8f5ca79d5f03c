"""`/seam ack 42` and the Acknowledge button: I have it in hand."""

from __future__ import annotations

from dataclasses import replace

from bot.incidents.events import Acknowledge
from bot.permissions import Right
from bot.slack.changing import change
from bot.slack.desk import Desk
from bot.slack.render.answers import no_incident, no_storm
from bot.slack.render.buttons import ACK
from bot.slack.render.message import Message
from bot.slack.storms import is_about_a_storm, storm_named
from bot.slack.taking_all import gravest_of, take_all
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    storm_id = storm_named(desk, ask.rest)
    if storm_id is not None:
        return take_all(desk, replace(ask, seen_version=None), storm_id)
    if is_about_a_storm(ask.rest):
        return no_storm()
    if ask.rest:
        return no_incident(ask.rest)
    return change(desk, ask, Acknowledge(), "ack")


def _concerned(desk: Desk, ask: Ask) -> int | None:
    """Of all that a storm tells, the gravest: they were all told in the same channel."""
    return gravest_of(desk, ask.rest) or ask.incident_id


VERB = Verb(
    name="ack",
    place=5,
    answer=answer,
    aliases=("acknowledge",),
    button=ACK,
    changes=True,
    right=Right.ACKNOWLEDGE,
    concerns=_concerned,
    examples=(
        Example(typed="ack", does="take the only open incident in hand"),
        Example(typed="ack 42", does="take #42 in hand"),
        Example(typed="ack storm", does="take all that the summary of a storm tells"),
    ),
)
