"""`/seam acts`: what was proposed lately, and what came of it."""

from __future__ import annotations

from bot.acting.proposal import Came, Proposal
from bot.slack.desk import Desk
from bot.slack.render.acts import listed
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb
from bot.store import Database, acts
from checks.runs import Run

LISTED = 8


def answer(desk: Desk, ask: Ask) -> Message:
    db = desk.store.db
    found = acts.newest(db, LISTED, ask.incident_id)
    return listed(found, {each.id: _begun(db, each) for each in found})


def _begun(db: Database, proposal: Proposal) -> list[Run | None]:
    """The runs that it made begin; None for one that no round has read yet."""
    if not proposal.draft.deed.begins_a_run:
        return []
    done = [each for each in acts.attempts_of(db, proposal.id) if each.came is Came.DONE]
    return [acts.find_run(db, each.run_id) if each.run_id else None for each in done]


VERB = Verb(
    name="acts",
    place=46,
    answer=answer,
    aliases=("proposals",),
    examples=(Example(typed="acts", does="what was proposed, approved and done on Patchworks"),),
)
