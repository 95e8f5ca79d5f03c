"""`/seam take 42`: I have it from now on, whoever had it before."""

from __future__ import annotations

from bot.incidents.events import Take
from bot.permissions import Right
from bot.slack.changing import change
from bot.slack.desk import Desk
from bot.slack.render.answers import no_incident
from bot.slack.render.buttons import TAKE
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    if ask.rest:
        return no_incident(ask.rest)
    return change(desk, ask, Take(), "take")


VERB = Verb(
    name="take",
    place=14,
    answer=answer,
    aliases=("own",),
    button=TAKE,
    changes=True,
    right=Right.ACKNOWLEDGE,
    examples=(Example(typed="take 42", does="have #42 yourself, whoever had it before"),),
)
