"""`/seam unsnooze 42` and the button End snooze: it needs somebody now after all."""

from __future__ import annotations

from bot.incidents.events import Wake
from bot.permissions import Right
from bot.slack.changing import change
from bot.slack.desk import Desk
from bot.slack.render.answers import no_incident
from bot.slack.render.buttons import UNSNOOZE
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    if ask.rest:
        return no_incident(ask.rest)
    return change(desk, ask, Wake(), "unsnooze")


VERB = Verb(
    name="unsnooze",
    place=19,
    answer=answer,
    aliases=("wake",),
    button=UNSNOOZE,
    changes=True,
    right=Right.SNOOZE,
    examples=(Example(typed="unsnooze 42", does="end the snooze of #42 before its time"),),
)
