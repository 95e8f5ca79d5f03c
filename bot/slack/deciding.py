"""Which proposal somebody approves or refuses, and the reason that they give."""

from __future__ import annotations

import re

from bot.acting.proposal import Stage
from bot.acting.telling import place_of
from bot.slack.acting import KEPT
from bot.slack.desk import Desk
from bot.slack.verbs import Ask
from bot.store import acts

_NUMBER = re.compile(r"(?:proposal )?([0-9]{1,15})\b[\s:,.]*(.*)", re.DOTALL | re.IGNORECASE)


def meant_proposal(desk: Desk, ask: Ask) -> tuple[int | None, str]:
    """By a button its own; by words the number that was typed; in an incident's thread without one
    the only one that waits there. Numbers of proposals stand without "#"."""
    if ask.via == "button":
        return ask.incident_id, ""
    if found := _NUMBER.fullmatch(ask.said.strip()):
        return int(found[1]), found[2].strip()[:KEPT]
    if ask.incident_id is None:
        return None, ""
    here = acts.newest(desk.store.db, 20, ask.incident_id)
    waiting = [each.id for each in here if each.stage is Stage.PENDING]
    return (waiting[0], ask.rest[:KEPT]) if len(waiting) == 1 else (None, "")


def channel_of(desk: Desk, ask: Ask) -> str:
    """The id of the channel that decides who may: where the proposal's incident is announced."""
    number, _ = meant_proposal(desk, ask)
    proposal = acts.find(desk.store.db, number) if number is not None else None
    home = desk.rules.destination
    return (place_of(desk.store, proposal, home) if proposal else home).removeprefix("slack/")


def incident_of_proposal(desk: Desk, ask: Ask) -> int | None:
    """The incident that the proposal is about, whose channel decides who may approve it."""
    number, _ = meant_proposal(desk, ask)
    found = acts.find(desk.store.db, number) if number is not None else None
    return found.draft.incident_id if found else None
