"""`/seam stop 42 why`: proposes that a running run is stopped, where the settings say how."""

from __future__ import annotations

from bot.acting.proposal import Deed
from bot.permissions import Right
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.replaying import propose_for_runs
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    return propose_for_runs(desk, ask, Deed.STOP)


VERB = Verb(
    name="stop",
    place=43,
    answer=answer,
    changes=True,
    right=Right.ACT,
    examples=(
        Example(
            typed="stop 42 it hangs",
            does="propose to stop the run that is in the way in #42, or say where to stop it",
        ),
    ),
)
