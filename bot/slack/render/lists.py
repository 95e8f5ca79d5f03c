"""Incidents as lists: those that are open, and those resolved lately."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.incidents.model import Alert, Incident
from bot.slack.render.blocks import Element, actions, context, section
from bot.slack.render.buttons import turning
from bot.slack.render.incident import STILL_THERE
from bot.slack.render.looks import look_of, speaking
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import ago, code, count, foreign, lasted, mention, when

LISTED = 10
ROW = 240
TYPED = 200


def row(incident: Incident, alerts: Sequence[Alert]) -> str:
    """One incident in two lines: what it is, and since when or who has it."""
    look = look_of(incident.state, speaking(alerts))
    subject = foreign(alerts[0].subject.name, 80) if alerts else "no subject"
    said = foreign(alerts[0].sentence, ROW) if alerts else ""
    first = f"{look.emoji} *#{incident.id}* [{incident.severity.word.upper()}] {look.word}"
    return f"{first} · {subject} · {_times(incident)}\n{said}".strip()


def left_row(incident: Incident, alerts: Sequence[Alert]) -> str:
    """The same of one that a person resolved, and whose fault is still there."""
    look = look_of(incident.state, None, stands=True)
    subject = foreign(alerts[0].subject.name, 80) if alerts else "no subject"
    first = f"{look.emoji} *#{incident.id}* [{incident.worst.word.upper()}] {look.word} · {subject}"
    said = foreign(alerts[0].sentence, ROW) if alerts else ""
    return f"{first} · {say_resolved(incident)}\n{said}".strip()


def say_resolved(incident: Incident) -> str:
    """ "resolved by @priya at 12:04, after 23 s" """
    by, until = incident.resolved_by, incident.resolved_at or incident.opened_at
    who = f" by {mention(by.who)}" if by and by.is_person else ""
    return f"resolved{who} {when(until)}, after {lasted(incident.opened_at, until)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Which part of the open incidents is shown: `page` of `pages`, of the `total` that are wanted
    by what is `typed`, of all that are open."""

    page: int
    pages: int
    total: int
    open_in_all: int
    typed: str = ""

    @classmethod
    def of(cls, total: int, page: int, *, open_in_all: int, typed: str = "") -> Portion:
        """The page that was asked for, or the last one there is."""
        pages = max(1, -(-total // LISTED))
        return cls(
            page=min(page, pages), pages=pages, total=total, open_in_all=open_in_all, typed=typed
        )

    @property
    def first(self) -> int:
        """How many come before it."""
        return (self.page - 1) * LISTED

    def asked(self, page: int) -> str:
        """What is typed for another page of the same."""
        return f"{self.typed} {page}".strip()


def incident_list(
    shown: Sequence[Incident],
    lately: Sequence[Incident],
    alerts: Mapping[int, list[Alert]],
    now: datetime,
    still_there: Collection[int] = (),
    part: Portion | None = None,
) -> Message:
    """What is open, the gravest first, and what was resolved in the last day; `still_there` holds
    the numbers of those resolved whose condition the last look still found. `part` says which of
    the open ones are `shown`; without it the first of all of them are."""
    part = part or Portion.of(len(shown), 1, open_in_all=len(shown))
    shown, said = shown[:LISTED], _said(part)
    rows = [section(row(each, alerts.get(each.id, []))) for each in shown]
    if part.pages > 1:
        rows += context([_where(part)])
        rows += actions(_turns(part))
    if lately:
        lines = [
            _resolved_line(each, alerts.get(each.id, []), each.id in still_there)
            for each in lately[:LISTED]
        ]
        rows.append(section("*Resolved in the last 24 hours*\n" + "\n".join(lines)))
    small = context([f"As stored {when(now)}. `/seam show 42` shows one with its timeline."])
    text = f"{said} {numbers(shown)}".strip()
    return message(text, [section(f"*{said}*"), *rows, *small])


def _turns(part: Portion) -> list[Element]:
    back = part.asked(part.page - 1) if part.page > 1 else ""
    on = part.asked(part.page + 1) if part.page < part.pages else ""
    return turning(back, on)


def _said(part: Portion) -> str:
    are = "is" if part.open_in_all == 1 else "are"
    if part.typed:
        these = f"{part.total:,} of {count(part.open_in_all, 'open incident')}"
        return f"{these} {'is' if part.total == 1 else 'are'} of {code(part.typed, TYPED)}."
    if not part.total:
        return "No incident is open."
    return f"{count(part.total, 'incident')} {are} open."


def _where(part: Portion) -> str:
    """Which of them are above, and how to see the others."""
    above = f"{part.first + 1} to {min(part.first + LISTED, part.total)} of {part.total:,}"
    other = part.page + 1 if part.page < part.pages else part.page - 1
    typed = code(f"/seam incidents {part.asked(other)}", TYPED)
    narrow = "" if part.typed else " `/seam incidents critical` shows only these."
    return f"{above}, the gravest first; {typed} shows more.{narrow}"


def none_of(typed: str, standing: int, doubts: Sequence[str]) -> Message:
    """Nothing that is open was meant; `doubts` say of names that nothing has them."""
    said = f"None of {count(standing, 'open incident')} is of {code(typed, TYPED)}."
    return answer(said, *doubts)


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
    look = look_of(incident.state, None, stands=still)
    return f"{look.emoji} #{incident.id} {subject} · {ended}"
