"""`/seam help`: everything that can be asked, or one verb; open to everybody."""

from __future__ import annotations

from bot.slack.desk import Desk
from bot.slack.render.help import help_answer, unknown_verb
from bot.slack.render.message import Message
from bot.slack.verbs import COMMAND, Ask, Example, Verb, by_word, nearest, spoken, verbs


def answer(_desk: Desk, ask: Ask) -> Message:
    command = spoken(ask.via)
    word = ask.rest.lower().removeprefix(COMMAND).strip()
    if not word:
        return help_answer(verbs(), command)
    verb = by_word().get(word)
    if verb is None:
        return unknown_verb(word, nearest(word), verbs(), command)
    return help_answer([verb], command)


VERB = Verb(
    name="help",
    place=99,
    answer=answer,
    open_to_all=True,
    examples=(
        Example(typed="help", does="this list"),
        Example(typed="help ack", does="how to say one of these"),
    ),
)
