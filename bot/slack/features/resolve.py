"""`/seam resolve 42 what helped` and the Resolve button: it is over."""

from __future__ import annotations

from bot.incidents.lifecycle import Resolve
from bot.slack.changing import change
from bot.slack.desk import Desk
from bot.slack.render.buttons import RESOLVE
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb

KEPT = 3000
"""Characters of the summary that are stored; messages show fewer."""


def answer(desk: Desk, ask: Ask) -> Message:
    return change(desk, ask, Resolve(summary=ask.rest[:KEPT]), "resolve")


VERB = Verb(
    name="resolve",
    place=7,
    answer=answer,
    aliases=("close",),
    button=RESOLVE,
    changes=True,
    examples=(
        Example(
            typed="resolve 42 stopped the hanging run", does="say that #42 is over, and what helped"
        ),
    ),
)
