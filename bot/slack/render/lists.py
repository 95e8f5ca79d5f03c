"""Incidents as lists: those that are open, and those resolved lately."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.incidents.model import Alert, Incident
from bot.slack.render.blocks import context, section
from bot.slack.render.incident import LOOKS, STILL_THERE, look_of, speaking
from bot.slack.render.message import Message, message
from bot.slack.render.text import ago, count, foreign, lasted, mention, when

LISTED = 10
ROW = 240


def row(incident: Incident, alerts: Sequence[Alert]) -> str:
    """One incident in two lines: what it is, and since when or who has it."""
    look = look_of(incident.state, speaking(alerts))
    subject = foreign(alerts[0].subject.name, 80) if alerts else "no subject"
    said = foreign(alerts[0].sentence, ROW) if alerts else ""
    first = f"{look.emoji} *#{incident.id}* [{incident.severity.word.upper()}] {look.word}"
    return f"{first} · {subject} · {_times(incident)}\n{said}".strip()


def incident_list(
    standing: Sequence[Incident],
    lately: Sequence[Incident],
    alerts: Mapping[int, list[Alert]],
    now: datetime,
    still_there: Collection[int] = (),
) -> Message:
    """What is open, the gravest first, and what was resolved in the last day; `still_there` holds
    the numbers of those resolved whose condition the last look still found."""
    said = f"{count(len(standing), 'incident')} {'is' if len(standing) == 1 else 'are'} open."
    if not standing:
        said = "No incident is open."
    shown = [section(row(each, alerts.get(each.id, []))) for each in standing[:LISTED]]
    if len(standing) > LISTED:
        shown += context([f"{len(standing) - LISTED} more are open; the gravest are above."])
    if lately:
        lines = [
            _resolved_line(each, alerts.get(each.id, []), each.id in still_there)
            for each in lately[:LISTED]
        ]
        shown.append(section("*Resolved in the last 24 hours*\n" + "\n".join(lines)))
    small = context([f"As stored {when(now)}. `/seam show 42` shows one with its timeline."])
    text = f"{said} {numbers(standing[:LISTED])}".strip()
    return message(text, [section(f"*{said}*"), *shown, *small])


def numbers(incidents: Sequence[Incident]) -> str:
    """ "#42, #43" """
    return ", ".join(f"#{incident.id}" for incident in incidents)


def _times(incident: Incident) -> str:
    if incident.holder:
        return f"{mention(incident.holder)} has it · since {when(incident.opened_at)}"
    return f"nobody has it · since {when(incident.opened_at)} ({ago(incident.opened_at)})"


def _resolved_line(incident: Incident, alerts: Sequence[Alert], still: bool) -> str:
    subject = foreign(alerts[0].subject.name, 80) if alerts else "no subject"
    until = incident.resolved_at or incident.opened_at
    after = lasted(incident.opened_at, until)
    ended = f"{when(until)}, after {after}" + (f" · *{STILL_THERE}*" if still else "")
    return f"{LOOKS[incident.state].emoji} #{incident.id} {subject} · {ended}"
