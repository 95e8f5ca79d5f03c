"""`/seam acts`: what was proposed lately, and what came of it."""

from __future__ import annotations

from bot.slack.desk import Desk
from bot.slack.render.acts import listed
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb
from bot.store import acts

LISTED = 8


def answer(desk: Desk, ask: Ask) -> Message:
    return listed(acts.newest(desk.store.db, LISTED, ask.incident_id))


VERB = Verb(
    name="acts",
    place=46,
    answer=answer,
    aliases=("proposals",),
    examples=(Example(typed="acts", does="what was proposed, approved and done on Patchworks"),),
)
