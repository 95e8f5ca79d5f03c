"""`/seam refuse 7 why` and the Refuse button: turns a proposal down, or withdraws one's own."""

from __future__ import annotations

from bot import acts
from bot.incidents.model import Actor
from bot.permissions import Right
from bot.slack.deciding import incident_of_proposal, meant_proposal
from bot.slack.desk import Desk
from bot.slack.render.acts import REFUSE, decided, no_such
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    number, reason = meant_proposal(desk, ask)
    if number is None:
        return no_such(None)
    actor = Actor(who=ask.user_id, via=ask.via)
    home, now = desk.rules.destination, desk.clock.now()
    found = acts.refuse(desk.store, number, actor, home, now, reason)
    return decided(number, found, ask.user_id)


VERB = Verb(
    name="refuse",
    place=48,
    answer=answer,
    aliases=("withdraw",),
    button=REFUSE,
    changes=True,
    right=Right.ACT,  # turning down does nothing, and proposers withdraw their own
    concerns=incident_of_proposal,
    examples=(Example(typed="refuse 7", does="turn proposal 7 down, or withdraw your own"),),
)
