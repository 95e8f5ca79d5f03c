"""`/seam start "Orders to NetSuite" why`: proposes that a flow is started now."""

from __future__ import annotations

from bot.acting.proposal import Deed
from bot.permissions import Right
from bot.slack.acting import propose_for_flow
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    return propose_for_flow(desk, ask, Deed.START)


VERB = Verb(
    name="start",
    place=40,
    answer=answer,
    aliases=("run",),
    changes=True,
    right=Right.ACT,
    examples=(
        Example(
            typed='start "Orders to NetSuite" the evening run was missed',
            does="propose that a flow is started; somebody else approves it",
        ),
    ),
)
