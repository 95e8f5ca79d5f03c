"""`/seam retry 42`: proposes Patchworks' own retry of failed runs, where the settings say how."""

from __future__ import annotations

from bot.acting.proposal import Deed
from bot.permissions import Right
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.replaying import propose_for_runs
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    return propose_for_runs(desk, ask, Deed.RETRY)


VERB = Verb(
    name="retry",
    place=42,
    answer=answer,
    aliases=("rerun",),
    changes=True,
    right=Right.ACT,
    examples=(
        Example(typed="retry 42", does="propose a retry of #42's failed runs, or say where"),
    ),
)
