"""Short private answers: what a person's act came to, or why nothing was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.incidents.lifecycle import Change, Refusal, Why
from bot.incidents.model import Alert, Incident, Kind, State
from bot.slack.render.blocks import button, section
from bot.slack.render.buttons import (
    ACK,
    RESOLVE,
    STILL_FOUND,
    UNACK,
    value_of,
    while_it_stands,
)
from bot.slack.render.lists import LISTED, numbers, row
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import code, count, lasted, mention, when
from bot.slack.words import is_numbers

LABELS = {
    "ack": ("Acknowledge", ACK),
    "unack": ("Un-acknowledge", UNACK),
    "resolve": ("Resolve", RESOLVE),
}
LOOK = "`/seam incidents` lists them."


def outcome(incident_id: int, done: Change | Refusal | None, user_id: str) -> Message:
    """What an act came to. `done` is None when there is no such incident."""
    if done is None:
        return no_such(incident_id)
    if isinstance(done, Refusal):
        return answer(_refused(done))
    return answer(_done(done, user_id))


def resolved(incident: Incident, stands: bool, reopen_after: timedelta | None) -> Message:
    """A person resolved it. `stands` says that the last look still found the problem."""
    until = incident.resolved_at or incident.opened_at
    last_look = "The last look did not find the problem any more."
    if stands:
        last_look = f"But {STILL_FOUND}: {while_it_stands(reopen_after)}."
    after = lasted(incident.opened_at, until)
    return answer(f"#{incident.id} is resolved, after {after}. {last_look}")


def no_such(incident_id: int) -> Message:
    return answer(f"There is no incident #{incident_id}. {LOOK}")


def no_incident(typed: str, more: str = "") -> Message:
    """For what was typed where one incident's number is expected, and is not one."""
    said = f"{code(typed, 60)} is no incident; incidents are numbers such as 42"
    if is_numbers(typed):
        said = "Only one incident at a time"
    return answer(f"{said}, so nothing was done. {more or LOOK}")


def none_open() -> Message:
    return answer("No incident is open. `/seam incidents` shows what was resolved lately.")


def needs_number(verb: str) -> Message:
    """Several incidents are open and none was named."""
    return answer(f"Which incident? Name it: {code(f'/seam {verb} 42')}. {LOOK}")


def which(verb: str, standing: Sequence[Incident], alerts: Mapping[int, list[Alert]]) -> Message:
    """Offers the open incidents, each with its button, when none was named."""
    label, action_id = LABELS[verb]
    first = standing[:LISTED]
    rows = [
        section(
            row(incident, alerts.get(incident.id, [])),
            button(label, action_id, value_of(incident)),
        )
        for incident in first
    ]
    asked = f"{count(len(standing), 'incident')} are open. Which one?"
    more = f" The {len(first)} gravest are here. {LOOK}" if len(standing) > len(first) else ""
    return message(f"{asked} {numbers(first)}.{more}", [section(asked + more), *rows])


def standing(incident: Incident) -> str:
    """How an incident stands, as the end of a sentence: "acknowledged by ... today at 14:03"."""
    if incident.state is State.RESOLVED and incident.resolved_at:
        by = incident.resolved_by
        who = f" by {mention(by.who)}" if by and by.is_person else " by itself"
        return f"resolved{who} {when(incident.resolved_at)}"
    if incident.holder and incident.acknowledged_at:
        return f"acknowledged by {mention(incident.holder)} {when(incident.acknowledged_at)}"
    return "triggered, and nobody has it in hand"


def _done(change: Change, user_id: str) -> str:
    incident = change.incident
    number = f"#{incident.id}"
    match change.entry.kind:
        case Kind.ACKNOWLEDGED:
            return f"You have {number} in hand now. Its message and its thread say so."
        case Kind.SECONDED:
            return (
                f"{number} is already {standing(incident)}, who keeps it. Its timeline now says "
                f"that {mention(user_id)} is on it too."
            )
        case Kind.UNACKNOWLEDGED:
            return f"Nobody has {number} in hand any more; it is triggered again."
        case _:
            return f"{number} is {standing(incident)}."


def _refused(refusal: Refusal) -> str:
    incident = refusal.incident
    number = f"#{incident.id}"
    match refusal.why:
        case Why.RESOLVED:
            return (
                f"{number} is already {standing(incident)}, so nothing was changed. If it comes "
                "back, it will be a new incident."
            )
        case Why.YOURS_ALREADY:
            return f"You have {number} in hand already; nothing was changed."
        case Why.NOT_ACKNOWLEDGED:
            return f"{number} is not acknowledged, so there is nothing to withdraw."
        case Why.CHANGED_SINCE:
            return (
                f"{number} has changed since you saw it: it is {standing(incident)}. Nothing was "
                "done; look at its message again."
            )
        case Why.NOTHING_NEW:
            return f"That changes nothing about {number}; it is {standing(incident)}."
