"""`/seam replay 42`: proposes that failed runs are started anew with the payloads they had."""

from __future__ import annotations

from bot.acting.proposal import Deed
from bot.permissions import Right
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.replaying import propose_for_runs
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    return propose_for_runs(desk, ask, Deed.REPLAY)


VERB = Verb(
    name="replay",
    place=41,
    answer=answer,
    changes=True,
    right=Right.ACT,
    examples=(
        Example(
            typed="replay 42",
            does="propose to start #42's failed runs anew with their payloads (72 hours)",
        ),
    ),
)
