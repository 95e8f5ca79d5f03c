"""Timeline entries in words: for the thread, for the small print, for `/seam show`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.incidents.model import Entry, Kind, Severity, State
from bot.slack.render.text import foreign, mention

SENTENCE = 600
BRIEF = 120
RUNGS = frozenset({"token_expiry"})
"""Checks whose signals are rungs of a ladder: the same trouble, nearer; its sentence says it."""
THROUGH = {"button": "with the button", "command": "by command", "mention": "in the thread"}


def say_entry(entry: Entry, *, brief: bool = False) -> str:
    """What happened and by whom, as mrkdwn, without the time. `brief` shortens long reasons."""
    reason = foreign(entry.reason, BRIEF if brief else SENTENCE)
    after = f": {reason}" if reason else ""
    return _person_did(entry, after) if entry.actor.is_person else _check_did(entry, after)


def latest_act(entries: Sequence[Entry]) -> Entry | None:
    """The newest entry that says something new since the incident was opened."""
    later = (entry for entry in reversed(entries) if entry.kind is not Kind.OPENED)
    return next(later, None)


def _person_did(entry: Entry, after: str) -> str:
    who = f"{mention(entry.actor.who)} {THROUGH.get(entry.actor.via, '')}".strip()
    match entry.kind:
        case Kind.ACKNOWLEDGED:
            return f"Acknowledged by {who}"
        case Kind.SECONDED:
            return f"Also acknowledged by {who}"
        case Kind.UNACKNOWLEDGED:
            return f"Acknowledgement withdrawn by {who}: nobody has it in hand"
        case _:
            return f"{entry.kind.value.capitalize()} by {who}{after}"


def _check_did(entry: Entry, after: str) -> str:
    if entry.kind is Kind.TURNED and entry.actor.who in RUNGS and after:
        return after.removeprefix(": ")
    match entry.kind:
        case Kind.OPENED:
            return f"Opened, {_severity(entry)}{_before(entry)}{after}"
        case Kind.WORSENED:
            dropped = "; nobody has it in hand now" if _was_held(entry) else ""
            return f"Severity rose to {_severity(entry)}{dropped}{after}"
        case Kind.EASED:
            return f"Severity fell to {_severity(entry)}{after}"
        case Kind.TURNED:
            return f"It shows itself differently now{after}"
        case Kind.CLEARED:
            return f"Cleared by itself{after}"
        case Kind.SETTLED:
            return after.removeprefix(": ")
        case _:
            return f"{entry.kind.value.capitalize()} by the check{after}"


def _severity(entry: Entry) -> str:
    return Severity(int(entry.data["severity"])).word


def _was_held(entry: Entry) -> bool:
    return entry.from_state is State.ACKNOWLEDGED and entry.to_state is State.TRIGGERED


def _before(entry: Entry) -> str:
    previous = entry.data.get("previous_id")
    if previous is None:
        return ""
    if entry.data.get("standing"):
        return f" (#{previous} was resolved, but it is still there)"
    return f" (before: #{previous})"
