"""Timeline entries in words: for the thread, for the small print, for `/seam show`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.incidents.ending import by_comparison
from bot.incidents.model import Entry, Kind, Severity, State
from bot.slack.render.text import foreign, mention, when

SENTENCE = 600
BRIEF = 120
RUNGS = frozenset({"token_expiry"})
"""Checks whose signals are rungs of a ladder: the same trouble, nearer; its sentence says it."""
_GROUP = re.compile(r"S[A-Z0-9]{2,30}")
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
    return _SAID_OF_PEOPLE.get(entry.kind, _any_deed)(entry, who, after)


def _any_deed(entry: Entry, who: str, after: str) -> str:
    return f"{entry.kind.value.capitalize()} by {who}{after}"


def _taken(entry: Entry, who: str, _: str) -> str:
    was = str(entry.data.get("was", ""))
    return f"Taken by {who}" + (f" from {mention(was)}" if was else "")


def _assigned(entry: Entry, who: str, after: str) -> str:
    return f"{mention(str(entry.data['to']))} is asked to take it, by {who}{after}"


def _snoozed(entry: Entry, who: str, after: str) -> str:
    until = datetime.fromisoformat(str(entry.data["until"]))
    return f"Snoozed until {when(until)} by {who}{after}"


def _checked(entry: Entry, who: str, after: str) -> str:
    done = "done" if entry.data.get("done", 1) else "not done after all"
    return f"A step of the runbook is {done}, says {who}{after}"


def _escalated(entry: Entry, who: str, after: str) -> str:
    return f"Escalated by {who}{after}. {_told(entry)}"


_SAID_OF_PEOPLE: Mapping[Kind, Callable[[Entry, str, str], str]] = {
    Kind.ACKNOWLEDGED: lambda _entry, who, _after: f"Acknowledged by {who}",
    Kind.SECONDED: lambda _entry, who, _after: f"Also acknowledged by {who}",
    Kind.UNACKNOWLEDGED: lambda _entry, who, _after: f"Given back by {who}: nobody has it in hand",
    Kind.CONFIRMED: lambda _entry, who, _after: f"Still in hand, says {who}",
    Kind.TAKEN: _taken,
    Kind.ASSIGNED: _assigned,
    Kind.SNOOZED: _snoozed,
    Kind.WOKEN: lambda _entry, who, _after: f"Snooze ended by {who}",
    Kind.NOTED: lambda _entry, who, after: f"Note by {who}{after}",
    Kind.CHECKED: _checked,
    Kind.ACTED: lambda _entry, who, after: f"{after.removeprefix(': ')} ({who})",
    Kind.VOTED: lambda _entry, who, after: f"Called {after.removeprefix(': ')} by {who}",
    Kind.REVOTED: lambda _entry, who, after: (
        f"Called {after.removeprefix(': ')} after all by {who}"
    ),
    Kind.ESCALATED: _escalated,
    Kind.REPORTED: lambda _entry, who, _after: f"Report by {who}",
}


def _check_did(entry: Entry, after: str) -> str:
    if entry.kind is Kind.TURNED and entry.actor.who in RUNGS and after:
        return after.removeprefix(": ")
    return _SAID_OF_RULES.get(entry.kind, _by_the_check)(entry, after)


def _by_the_check(entry: Entry, after: str) -> str:
    return f"{entry.kind.value.capitalize()} by the check{after}"


def _worsened(entry: Entry, after: str) -> str:
    return f"Severity rose to {_severity(entry)}{_dropped(entry)}{after}"


def _came_true(entry: Entry, after: str) -> str:
    return f"It is more than a warning now{_dropped(entry)}{after}"


def _woken(entry: Entry, _: str) -> str:
    was = str(entry.data.get("was", ""))
    return f"The snooze {f'of {mention(was)} ' if was else ''}is over: nobody has it in hand"


def _lapsed(entry: Entry, _: str) -> str:
    was = mention(str(entry.data.get("was", "")))
    return f"{was} did not answer whether they still have it: nobody has it in hand now"


def _held(entry: Entry, after: str) -> str:
    until = entry.data.get("until")
    end = f", until {when(datetime.fromisoformat(str(until)))}" if until else ""
    who = str(entry.data.get("who", ""))
    return f"Held back{f' by {mention(who)}' if who else ''}{after}{end}"


_SAID_OF_RULES: Mapping[Kind, Callable[[Entry, str], str]] = {
    Kind.OPENED: lambda entry, after: f"Opened, {_severity(entry)}{_before(entry)}{after}",
    Kind.WORSENED: _worsened,
    Kind.CAME_TRUE: _came_true,
    Kind.EASED: lambda entry, after: f"Severity fell to {_severity(entry)}{after}",
    Kind.TURNED: lambda _entry, after: f"It looks different now{after}",
    Kind.JOINED: lambda _entry, after: f"One more with the same cause{after}",
    Kind.CLEARED: lambda entry, after: f"{_cleared(entry)}{after}",
    Kind.SETTLED: lambda _entry, after: after.removeprefix(": "),
    Kind.ACTED: lambda _entry, after: after.removeprefix(": "),
    Kind.ESCALATED: lambda entry, _after: _told(entry),
    Kind.WOKEN: _woken,
    Kind.REMINDED: lambda _entry, _after: (
        "Who has it was asked whether they still do: *Still on it*, or `confirm`, says yes"
    ),
    Kind.LAPSED: _lapsed,
    Kind.HELD: _held,
    Kind.COMPARED: lambda entry, _after: (
        "Compared again, and something else was found; the differences are in the file"
        if entry.data.get("again")
        else "The differences are in the file"
    ),
    Kind.RELEASED: lambda _entry, after: f"No longer held back{after}",
}


def _cleared(entry: Entry) -> str:
    """What was lost and is there now was sent again by somebody: it did not come by itself."""
    return "Closed by a later comparison" if by_comparison(entry.actor) else "Cleared by itself"


def _told(entry: Entry) -> str:
    """Which step was taken, and whom it names, so that Slack tells them."""
    marks = [_mark(each) for each in str(entry.data.get("mentions", "")).split()]
    told = foreign(str(entry.data.get("told", "")), SENTENCE)
    return f"Told: {told}" + (f" · {' '.join(marks)}" if marks else "")


def _mark(told: str) -> str:
    kind, colon, group = told.partition(":")
    if kind == "S" and colon and _GROUP.fullmatch(group):
        return f"<!subteam^{group}>"
    return mention(told)


def _severity(entry: Entry) -> str:
    return Severity(int(entry.data["severity"])).word


def _dropped(entry: Entry) -> str:
    """What has ended with it: the hand that it was in, or its snooze."""
    if entry.to_state is not State.TRIGGERED or entry.from_state is None:
        return ""
    ended = {State.ACKNOWLEDGED: "nobody has it in hand now", State.SNOOZED: "the snooze is over"}
    return f"; {ended[entry.from_state]}" if entry.from_state in ended else ""


def _before(entry: Entry) -> str:
    previous = entry.data.get("previous_id")
    if previous is None:
        return ""
    if entry.data.get("standing"):
        return f" (#{previous} was resolved, but it is still there)"
    return f" (before: #{previous})"
