"""The line of an incident that says what happens next and when, or why nothing does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.handling import IN_HAND, NOT_ANNOUNCED, RESOLVED, SNOOZED
from bot.incidents.escalation import LOW, NOT_SET, Address, Target, next_told
from bot.incidents.holding import next_question
from bot.incidents.model import Incident, Kind, State
from bot.slack.desk import Desk
from bot.slack.render.text import foreign, mention, when
from bot.store import handling, incidents
from bot.store.handling import Handling

SAID_ELSEWHERE = frozenset({NOT_SET, LOW, IN_HAND, SNOOZED, RESOLVED, NOT_ANNOUNCED})


def plan_of(desk: Desk, incident: Incident) -> str:
    """ "Next: Omar is told at 14:35 (step 2 of 3), unless somebody takes it before"."""
    known = handling.find_handling(desk.store.db, incident.id)
    if known is None:
        return ""
    held = (
        f" It is held back: {foreign(known.held, 200)}{_until(known)}{_by(desk, incident)}."
        if known.held
        else ""
    )
    escalation = known.escalation
    coming = next_told(escalation, incident.severity)
    if coming is None:
        rises = _if_it_rises(known) if escalation.stopped == LOW else ""
        return _rest(desk, incident, escalation.stopped) + held + rises
    policy, position, at = coming
    verb = "told again" if position > policy.last else "told"
    names = _names(desk, policy.step_at(position).tell, incident, at, verb)
    step = policy.name_of(position)
    if known.held:
        return f"{held.strip()} When that ends: {names} ({step}), unless somebody takes it."
    return f"Next: {names} {when(at)} ({step}), unless somebody takes it."


def _if_it_rises(known: Handling) -> str:
    """What comes of low severity when it rises."""
    after = ", once nothing holds it back" if known.held else ""
    return f" If its severity rises, those on call are told{after}."


def _rest(desk: Desk, incident: Incident, stopped: str) -> str:
    """What comes while nobody is told: the question to who has it, the end of the snooze."""
    asked = next_question(incident, desk.rules.patience)
    if incident.state is State.ACKNOWLEDGED and asked is not None:
        return f"Next: {_question(incident, *asked)}"
    if incident.snoozed_until is not None:
        return f"Next: it comes back {when(incident.snoozed_until)}."
    if stopped == LOW:
        return "Nobody is called: its severity is low."
    return "" if stopped in SAID_ELSEWHERE else f"Nobody more is told: {stopped}."


def _question(incident: Incident, asked: datetime, given_up: datetime) -> str:
    who = mention(incident.holder or "")
    if incident.reminded_at is None:
        return f"{who} is asked {when(asked)} whether they still have it."
    return f"if {who} does not say that they still have it, nobody has it from {when(given_up)}."


def _by(desk: Desk, incident: Incident) -> str:
    """Who began what holds it back, where a person did."""
    entries = reversed(incidents.timeline(desk.store.db, incident.id))
    newest = next((entry for entry in entries if entry.kind is Kind.HELD), None)
    who = str(newest.data.get("who", "")) if newest else ""
    return f" (by {mention(who)})" if who else ""


def _until(known: Handling) -> str:
    return f", until {when(known.held_until)}" if known.held_until else ""


def _names(desk: Desk, tell: Sequence[Target], incident: Incident, at: datetime, verb: str) -> str:
    """Whom a step would reach by what is known now."""
    found: list[Address] = []
    for target in tell:
        found += desk.rules.reach(desk.store.db, target, incident.severity, at)
    return _said(found, verb) if found else f"nobody reachable at {', '.join(map(str, tell))}"


def _said(addresses: Sequence[Address], verb: str) -> str:
    names = list(dict.fromkeys(each.name for each in addresses))
    is_ = "is" if len(names) == 1 else "are"
    return f"{foreign(', '.join(names), 200)} {is_} {verb}"
