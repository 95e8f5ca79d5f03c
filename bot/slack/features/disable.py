"""`/seam disable "Orders to NetSuite" why`: proposes to switch a flow off, where the settings say
how."""

from __future__ import annotations

from bot.acting.proposal import Deed
from bot.permissions import Right
from bot.slack.acting import propose_for_flow
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    return propose_for_flow(desk, ask, Deed.DISABLE)


VERB = Verb(
    name="disable",
    place=44,
    answer=answer,
    changes=True,
    right=Right.ACT,
    examples=(
        Example(
            typed='disable "Orders to NetSuite" it floods the queue',
            does="propose to switch a flow off, or say where",
        ),
    ),
)
