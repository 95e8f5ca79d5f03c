"""`/seam unack 42` and the Un-acknowledge button: I do not have it in hand after all."""

from __future__ import annotations

from bot.incidents.events import Unacknowledge
from bot.permissions import Right
from bot.slack.changing import change
from bot.slack.desk import Desk
from bot.slack.render.answers import no_incident
from bot.slack.render.buttons import UNACK
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    if ask.rest:
        return no_incident(ask.rest)
    return change(desk, ask, Unacknowledge(), "unack")


VERB = Verb(
    name="unack",
    place=6,
    answer=answer,
    aliases=("unacknowledge", "un-acknowledge"),
    button=UNACK,
    changes=True,
    right=Right.ACKNOWLEDGE,
    examples=(Example(typed="unack 42", does="hand #42 back, so that somebody else takes it"),),
)
