"""`/seam status`: whether the watch itself is well, what it cannot see, and how a system stands."""

from __future__ import annotations

from bot import facts
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.render.status import status_answer
from bot.slack.render.system import system_answer
from bot.slack.verbs import Ask, Example, Verb
from bot.store import incidents, outbox


def answer(desk: Desk, ask: Ask) -> Message:
    db = desk.store.db
    systems = facts.find_systems(db)
    if ask.said:
        return system_answer(ask.said, systems, desk.clock.now())
    return status_answer(
        facts.find_round(db),
        incidents.open_incidents(db),
        outbox.waiting_count(db),
        desk.connection(),
        desk.clock.now(),
        systems,
        facts.find_settings(db),
        facts.find_backfill(db),
        facts.find_learning(db),
    )


VERB = Verb(
    name="status",
    place=2,
    answer=answer,
    examples=(
        Example(typed="status", does="whether I can see everything, and what is open"),
        Example(typed="status netsuite-live", does="one system: limits, credential, last look"),
    ),
)
