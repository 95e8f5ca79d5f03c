"""`/seam whatif`: rehearse a peak, and hear which limits break first and what would hold."""

from __future__ import annotations

from bot.foresight.rehearsal import NotRehearsed
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.render.whatif import refusal, whatif_answer
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    try:
        told = desk.rehearse(ask.said)
    except NotRehearsed as error:
        return refusal(str(error))
    return whatif_answer(told, desk.zone)


VERB = Verb(
    name="whatif",
    place=13,
    answer=answer,
    aliases=("rehearse",),
    slow=True,
    examples=(
        Example(
            typed="whatif netsuite volume x3 on 2026-11-27",
            does="rehearse a peak: which limits break first, when, and what would hold",
        ),
        Example(
            typed="whatif volume +50% on friday for Stock to Shopify",
            does="one flow grows alone, over all systems",
        ),
    ),
)
