"""`/seam confirm 42` and the button Still on it: the holder has it in hand as before."""

from __future__ import annotations

from bot.incidents.events import Confirm
from bot.permissions import Right
from bot.slack.changing import change
from bot.slack.desk import Desk
from bot.slack.render.answers import no_incident
from bot.slack.render.buttons import CONFIRM
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    if ask.rest:
        return no_incident(ask.rest)
    return change(desk, ask, Confirm(), "confirm")


VERB = Verb(
    name="confirm",
    place=31,
    answer=answer,
    button=CONFIRM,
    changes=True,
    right=Right.ACKNOWLEDGE,
    examples=(Example(typed="confirm 42", does="say that you are still on #42, when asked"),),
)
