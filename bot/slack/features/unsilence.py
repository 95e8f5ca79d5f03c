"""`/seam unsilence 7`: end a silence before its time."""

from __future__ import annotations

import re

from bot.permissions import Right
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.render.silences import ended, in_settings, none_such, refused
from bot.slack.verbs import Ask, Example, Verb
from bot.store import silences

_NUMBER = re.compile(r"(?:silence\s+)?#?([0-9]{1,15})", re.IGNORECASE)


def answer(desk: Desk, ask: Ask) -> Message:
    db, now = desk.store.db, desk.clock.now()
    said = ask.said.strip()
    if not said:
        return refused("Which silence? `/seam silence` lists them with their numbers.")
    found = _NUMBER.fullmatch(said)
    if found is None:
        named = {each.name.casefold() for each in desk.mutes.silences(db, now) if each.name}
        label = f"silence {said}"
        return in_settings(label) if said.casefold() in named else none_such(label, "silence")
    number = int(found[1])
    with desk.store.writing() as db:
        done = silences.end(db, "silence", number, ask.user_id, now)
    return ended(f"silence {number}") if done else none_such(f"silence {number}", "silence")


VERB = Verb(
    name="unsilence",
    place=21,
    answer=answer,
    aliases=("unmute",),
    changes=True,
    right=Right.SILENCE,
    concerns=lambda _desk, _ask: None,  # its number is a silence's
    examples=(Example(typed="unsilence 7", does="end silence 7 before its time"),),
)
