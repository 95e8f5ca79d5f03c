"""`/seam priority 1 "Orders to NetSuite" why`: proposes another place in the queue, where the
settings say how. Priorities run from 1 (highest) to 5 (lowest)."""

from __future__ import annotations

from dataclasses import replace

from bot.acting.proposal import Deed
from bot.permissions import Right
from bot.slack.acting import propose_for_flow
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.render.message import answer as said
from bot.slack.render.text import code
from bot.slack.verbs import Ask, Example, Verb, spoken
from bot.slack.words import first_word

PRIORITIES = ("1", "2", "3", "4", "5")


def answer(desk: Desk, ask: Ask) -> Message:
    value = first_word(ask.said)
    if value not in PRIORITIES:
        typed = code(f'{spoken(ask.via)} priority 1 "Orders to NetSuite" why')
        return said(f"Begin with the priority, from 1 (highest) to 5 (lowest): {typed}.")
    rest = replace(ask, said=ask.said.lstrip()[1:].strip())
    return propose_for_flow(desk, rest, Deed.PRIORITY, value=value)


VERB = Verb(
    name="priority",
    place=45,
    answer=answer,
    changes=True,
    right=Right.ACT,
    examples=(
        Example(
            typed='priority 1 "Orders to NetSuite" it must not wait',
            does="propose another priority in the queue, or say where",
        ),
    ),
)
