"""`/seam queue`: the run queue of Patchworks as last read."""

from __future__ import annotations

from bot import facts
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.render.queue import queue_answer
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, _ask: Ask) -> Message:
    return queue_answer(facts.find_queue(desk.store.db), desk.links)


VERB = Verb(
    name="queue",
    place=1,
    answer=answer,
    examples=(Example(typed="queue", does="how many runs wait, since when, and what runs"),),
)
