"""`/seam approve 7 why` and the Approve button: a second person lets a proposal be carried out."""

from __future__ import annotations

from bot import acts
from bot.acting.proposal import Proposal, Stage
from bot.incidents.model import Actor
from bot.permissions import Right
from bot.slack.deciding import incident_of_proposal, meant_proposal
from bot.slack.desk import Desk
from bot.slack.render.acts import APPROVE, decided, first_say_why, no_such
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb
from bot.store import acts as stored


def answer(desk: Desk, ask: Ask) -> Message:
    number, reason = meant_proposal(desk, ask)
    if number is None:
        return no_such(None)
    if (doubtful := _doubtful(desk, ask, number)) and not reason:
        return first_say_why(doubtful)
    found = acts.approve(
        desk.store,
        number,
        Actor(who=ask.user_id, via=ask.via),
        desk.acts,
        desk.rules.destination,
        desk.clock.now(),
        reason=reason,
        seen_version=ask.seen_version,
    )
    return decided(number, found, ask.user_id)


def _doubtful(desk: Desk, ask: Ask, number: int) -> Proposal | None:
    """What is advised against and waits: a button asks before, words have to say why."""
    known = stored.find(desk.store.db, number) if ask.via != "button" else None
    waits = known is not None and known.stage is Stage.PENDING and known.draft.against
    return known if waits else None


VERB = Verb(
    name="approve",
    place=47,
    answer=answer,
    button=APPROVE,
    changes=True,
    right=Right.APPROVE,
    concerns=incident_of_proposal,
    examples=(Example(typed="approve 7", does="let proposal 7 be carried out, once"),),
)
