"""`/seam override integrations @priya from 18:00 to 22:00`: somebody is on call instead."""

from __future__ import annotations

from bot.permissions import Right
from bot.slack.arranging import Refused, put_on_call, reachable, take_person, take_rota
from bot.slack.desk import Desk
from bot.slack.render import oncall as said
from bot.slack.render.buttons import OVERRIDE
from bot.slack.render.message import Message
from bot.slack.standing_in import DIALOG
from bot.slack.verbs import Ask, Example, Verb
from bot.slack.words import first_word
from bot.store.overrides import cancel, find_override, standing

CANCEL = ("cancel", "remove", "end", "delete")


def answer(desk: Desk, ask: Ask) -> Message:
    try:
        if not ask.said:
            known = standing(desk.store.db, desk.clock.now())
            return said.standing_overrides(known, desk.directory.find)
        if first_word(ask.said).lower() in CANCEL:
            return _cancel(desk, ask)
        return _arrange(desk, ask)
    except Refused as refused:
        return refused.message


def _arrange(desk: Desk, ask: Ask) -> Message:
    rota, rest = take_rota(desk, ask.said)
    person, rest = take_person(desk, ask, rest)
    reachable(desk, person)
    replaces, rest = _replaced(desk, ask, rest)
    if replaces == person:
        raise Refused(said.own_override(person))
    return put_on_call(desk, ask, rota, person, replaces, rest)


def _replaced(desk: Desk, ask: Ask, text: str) -> tuple[str | None, str]:
    """After "for @alex" or "instead of @alex" that person only; otherwise everybody."""
    lowered = text.lower()
    for start in ("instead of ", "replacing "):
        if lowered.startswith(start):
            return take_person(desk, ask, text[len(start) :])
    if lowered.startswith("for @"):
        return take_person(desk, ask, text[len("for ") :])
    return None, text


def _cancel(desk: Desk, ask: Ask) -> Message:
    """`cancel 7`; its number stands in every answer about it."""
    number = ask.said.split()[-1].lstrip("#")
    now = desk.clock.now()
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Refused(said.which_override())
    with desk.store.writing() as db:
        done = cancel(db, int(number), ask.user_id, now)
        found = find_override(db, int(number))
    return said.cancelled(int(number), found if done else None, desk.directory.find)


VERB = Verb(
    name="override",
    place=25,
    answer=answer,
    changes=True,
    right=Right.OVERRIDE,
    lists=True,
    button=OVERRIDE,
    dialog=DIALOG,
    examples=(
        Example(
            typed="override integrations @priya from 18:00 to 22:00",
            does="she is on call then, for 30 days at most; `override cancel 7` undoes it",
        ),
    ),
)
