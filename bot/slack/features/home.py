"""`/seam home`, the App Home tab and its button Refresh: what concerns whoever asks."""

from __future__ import annotations

from bot.slack.desk import Desk
from bot.slack.home import home_of
from bot.slack.render.buttons import HOME
from bot.slack.render.home import home_answer
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    return home_answer(home_of(desk, ask.user_id))


VERB = Verb(
    name="home",
    place=34,
    answer=answer,
    aliases=("me",),
    button=HOME,
    examples=(
        Example(typed="home", does="your shifts, your incidents, and the watch at a glance"),
    ),
)
