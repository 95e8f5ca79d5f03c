"""`/seam vote 42 noisy` and the buttons It was wrong, It was noisy: for the digest."""

from __future__ import annotations

from dataclasses import replace

from bot.incidents.events import Vote
from bot.permissions import Right
from bot.slack.changing import change, meant
from bot.slack.desk import Desk
from bot.slack.render.answers import how_to_vote, voted_already
from bot.slack.render.buttons import VOTE
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb
from bot.store import incidents
from bot.transitions import vote_of

WORDS = ("wrong", "noisy")


def answer(desk: Desk, ask: Ask) -> Message:
    """A person's newest word on an incident counts, once, and even after the incident's end."""
    word = (ask.rest.strip() or ask.word).lower().rstrip(".!")
    if word not in WORDS:
        return how_to_vote()
    incident_id = meant(desk, ask, "vote")
    if isinstance(incident_id, Message):
        return incident_id
    asked = replace(ask, incident_id=incident_id, seen_version=None)
    if vote_of(incidents.timeline(desk.store.db, incident_id), ask.user_id) == word:
        return voted_already(incident_id, word)
    return change(desk, asked, Vote(word=word), "vote")


VERB = Verb(
    name="vote",
    place=32,
    answer=answer,
    aliases=WORDS,
    button=VOTE,
    changes=True,
    right=Right.NOTE,
    examples=(
        Example(typed="vote 42 wrong", does="say that #42 is no problem at all"),
        Example(typed="vote 42 noisy", does="say that #42 is not worth a message"),
    ),
)
