"""`/seam cover 2h`: whoever types it is on call for that long, instead of everybody."""

from __future__ import annotations

from bot.permissions import Right
from bot.slack.arranging import Refused, asker, put_on_call, take_rota
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    try:
        return _cover(desk, ask)
    except Refused as refused:
        return refused.message


def _cover(desk: Desk, ask: Ask) -> Message:
    rota, rest = take_rota(desk, ask.said)
    return put_on_call(desk, ask, rota, asker(desk, ask), None, rest)


VERB = Verb(
    name="cover",
    place=26,
    answer=answer,
    changes=True,
    right=Right.OVERRIDE,
    examples=(
        Example(typed="cover 2h", does="you are on call for two hours, from now; at most 30 days"),
    ),
)
