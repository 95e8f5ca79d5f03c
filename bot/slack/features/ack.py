"""`/seam ack 42` and the Acknowledge button: I have it in hand."""

from __future__ import annotations

from bot.incidents.events import Acknowledge
from bot.permissions import Right
from bot.slack.changing import change
from bot.slack.desk import Desk
from bot.slack.render.answers import no_incident
from bot.slack.render.buttons import ACK
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    if ask.rest:
        return no_incident(ask.rest)
    return change(desk, ask, Acknowledge(), "ack")


VERB = Verb(
    name="ack",
    place=5,
    answer=answer,
    aliases=("acknowledge",),
    button=ACK,
    changes=True,
    right=Right.ACKNOWLEDGE,
    examples=(
        Example(typed="ack", does="take the only open incident in hand"),
        Example(typed="ack 42", does="take #42 in hand"),
    ),
)
