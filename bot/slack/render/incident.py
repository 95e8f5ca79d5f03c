"""The message of an incident: one in the channel, edited in place, and the lines of its thread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.foresight.chart import Chart
from bot.incidents.ending import was_compared, went_on_as
from bot.incidents.model import Alert, Entry, Incident, Kind
from bot.ownership import Part, Role
from bot.slack.render.blocks import (
    HEADER_LENGTH,
    Block,
    actions,
    context,
    fields,
    header,
    section,
)
from bot.slack.render.buttons import STILL_FOUND, buttons_of, while_it_stands
from bot.slack.render.chart import chart_block
from bot.slack.render.entries import SENTENCE, latest_act, say_entry
from bot.slack.render.links import Links
from bot.slack.render.looks import Look, look_of, speaking
from bot.slack.render.message import Message, message
from bot.slack.render.text import (
    READ,
    ago,
    clip,
    count,
    foreign,
    foreign_plain,
    lasted,
    link,
    mention,
    size,
    when,
)
from bot.slack.render.warning import next_step, warning_facts
from checks.model import Measure

NAME = 80
MEASURED = 200
HELPED = 160
MEASURES = 6
NAMED = 4
BESIDE_A_WARNING = 4
IN_THE_WAY = frozenset({"stall", "slot_hog"})
_AGO = re.compile(r"\b((?:\d{1,4} (?:s|min|h|d|days?|weeks?) ){1,3})ago\b")
STILL_THERE = "still there when last looked at"
ORDINALS = {2: "Second", 3: "Third", 4: "Fourth", 5: "Fifth"}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """Everything that is shown of an incident, as of `now` (UTC).

    `times_lately` counts the episodes of its condition in the last 30 days, this one included.
    `previous` is the incident that it recurs from, if that was looked up, and `past` those of the
    same conditions that are over, the newest first. `still_there_at` is when
    its condition was last seen, if it is resolved and was still there at the last look. `changed`
    is the line about what people changed before it opened, or before it cleared, "" to leave it
    out. `chart` is what is
    foreseen of the limit that it warns of, and `draws_charts` whether the message itself holds it.
    `plan` is the line about what happens next and when, or why nothing does. `parts` says who has
    which part in it, and `cost` what it has cost so far and by which assumption. `examples` are the
    first records that are concerned, a line each, as they may be shown, and `beside` names other
    open incidents that may be of the same fault.
    """

    incident: Incident
    alerts: tuple[Alert, ...]
    entries: tuple[Entry, ...]
    times_lately: int
    now: datetime
    check_titles: Mapping[str, str]
    links: Links
    has_runbook: bool
    previous: Incident | None = None
    past: tuple[Incident, ...] = ()
    reopen_after: timedelta | None = None
    still_there_at: datetime | None = None
    changed: str = ""
    chart: Chart | None = None
    draws_charts: bool = False
    plan: str = ""
    parts: tuple[Part, ...] = ()
    cost: str = ""
    examples: str = ""
    beside: str = ""

    @property
    def alert(self) -> Alert | None:
        return speaking(self.alerts)

    @property
    def still_stands(self) -> bool:
        """Whether the condition was still there when it was last looked at."""
        return any(alert.cleared_at is None for alert in self.alerts)

    @property
    def went_on_as(self) -> int | None:
        """The incident that goes on with it, where it did not go after a person resolved it."""
        return went_on_as(self.entries)

    @property
    def look(self) -> Look:
        stands = self.still_there_at is not None or self.went_on_as is not None
        return look_of(self.incident.state, self.alert, stands=stands)


def incident_message(view: IncidentView) -> Message:
    """The one message of an incident in the channel, for the state it is in."""
    under = [
        *fields(_facts(view) if view.incident.is_open else ()),
        *context([view.plan if view.incident.is_open else "", _next_step(view)]),
        *context([view.changed if view.incident.is_open else "", view.beside]),
        *context([_last_act(view), _was(view), _recurrence(view), _standing(view), _cost(view)]),
        *actions(buttons_of(view.incident, has_runbook=view.has_runbook)),
    ]
    title = headline(view)
    first = sentence(view)
    return message(
        f"{foreign(title, 300)}. {first}",
        [header(title), section(first), *_examples(view), *_chart(view)],
        colour=view.look.colour,
        below=under,
    )


def _examples(view: IncidentView) -> list[Block]:
    return [section(view.examples)] if view.examples else []


def _chart(view: IncidentView) -> list[Block]:
    drawn = chart_block(view.chart) if view.chart is not None and view.draws_charts else None
    return [drawn] if drawn else []


def _next_step(view: IncidentView) -> str:
    return next_step(view.alert) if view.incident.is_open else ""


def headline(view: IncidentView) -> str:
    """Severity, number, state, subject and failure mode on one plain line; the subject gives way.

    Not escaped: it is for a plain_text field.
    """
    incident, look = view.incident, view.look
    severity = incident.severity if incident.is_open else incident.worst
    start = f"{look.emoji} [{severity.word.upper()}] #{incident.id} {look.word}"
    end = f" · {failure_mode(view)}" if view.alert else ""
    room = HEADER_LENGTH - size(start) - size(end) - 3
    subject = clip(subject_of(view), max(8, min(room, NAME)))
    return f"{start} · {subject}{end}" if subject else start + end


def subject_of(view: IncidentView) -> str:
    """What the incident is about, unescaped; the first of several subjects with their number."""
    if view.alert is None:
        return ""
    name = foreign_plain(view.alert.subject.name or view.alert.subject.id, NAME)
    more = len({alert.subject for alert in view.alerts}) - 1
    return name[:1].upper() + name[1:] + (f" and {more} more" if more > 0 else "")


def failure_mode(view: IncidentView) -> str:
    """The full name of the failure mode, such as Stalled Queue Syndrome; unescaped."""
    if view.alert is None:
        return ""
    name = view.alert.check
    return foreign_plain(view.check_titles.get(name, name.replace("_", " ")), 60)


def sentence(view: IncidentView) -> str:
    """What is wrong; once resolved, whether it is still there, by whom and after how long."""
    if not view.incident.is_open:
        return "\n".join(filter(None, [_not_gone(view), outcome(view)]))
    return foreign(view.alert.sentence, SENTENCE) if view.alert else "Nothing more is known."


def _not_gone(view: IncidentView) -> str:
    """For what a person resolved while it stood: that it does, and what comes of that."""
    if view.went_on_as is not None:
        return f"⚠️ It did not go away: #{view.went_on_as} goes on with it."
    if view.still_there_at is None:
        return ""
    quiet = while_it_stands(view.reopen_after)
    found = f"⚠️ {STILL_THERE.capitalize()}: {when(view.still_there_at)}."
    return f"{found} {quiet[:1].upper()}{quiet[1:]}."


def outcome(view: IncidentView) -> str:
    """How a resolved incident ended: "Resolved by ... after 42 min; acknowledged after 3 min"."""
    incident = view.incident
    until = incident.resolved_at or incident.opened_at
    after = lasted(incident.opened_at, until)
    by = incident.resolved_by
    alone = "It cleared" if view.changed else "It cleared by itself"
    if was_compared(incident):
        alone = "A later comparison closed it"
    how = f"Resolved by {mention(by.who)}" if by and by.is_person else alone
    taken = incident.first_acknowledged_at
    first = (
        f"acknowledged after {lasted(incident.opened_at, taken)}" if taken else "never acknowledged"
    )
    more = [view.changed, foreign(incident.resolution, SENTENCE)]
    return "\n".join(filter(None, [f"{how} after {after}; {first}.", *more]))


def entry_line(entry: Entry, view: IncidentView) -> Message:
    """One line of the thread: what happened, by whom, when."""
    said = say_entry(entry)
    if entry.kind is Kind.CLEARED and view.changed:
        said = said.replace(" by itself", "", 1)
    if entry.kind in (Kind.RESOLVED, Kind.CLEARED):
        said += f" · it lasted {lasted(view.incident.opened_at, entry.at)}"
    if entry.kind is Kind.RESOLVED and view.still_there_at is not None:
        said += f". But {STILL_FOUND}: {while_it_stands(view.reopen_after)}"
    line = f"{_look_of(entry, view).emoji} {said} · {when(entry.at)}"
    return message(f"#{view.incident.id}: {line}", [section(line)])


def _look_of(entry: Entry, view: IncidentView) -> Look:
    """Of the state as the entry left it: a resolve that left the fault standing is not green, nor
    is what says later that it did not go."""
    if entry.kind in (Kind.RESOLVED, Kind.SETTLED):
        return view.look
    return look_of(entry.to_state, view.alert)


def _facts(view: IncidentView) -> list[tuple[str, str]]:
    """Label and value of what is known while the incident is open."""
    incident, alert = view.incident, view.alert
    shown = list(warning_facts(alert, view.now)) if alert else []
    whose = _whose(view)
    room = (BESIDE_A_WARNING if shown else MEASURES) - len(whose)
    shown += [_measure(measure) for measure in alert.measures[:room]] if alert else []
    shown.append(("Since", f"{when(incident.opened_at)} ({ago(incident.opened_at)})"))
    shown += whose
    if alert:
        seen = f"{when(alert.last_seen_at)}, in {count(alert.count, 'round')} so far"
        shown.append(("Last seen", seen if alert.count > 1 else ""))
        shown.append(_run_to_open(alert, view.links))
    if incident.holder and incident.acknowledged_at:
        held = f"{mention(incident.holder)}, {ago(incident.acknowledged_at)}"
        shown.append(("In hand", held))
    shown += _put_off(incident)
    return shown


def _whose(view: IncidentView) -> list[tuple[str, str]]:
    """Who puts it right, or else who answers for it; and what it costs."""
    order = (Role.RESPONSIBLE, Role.ACCOUNTABLE)
    by_role = {part.role: part for part in view.parts}
    part = next((by_role[role] for role in order if role in by_role), None)
    shown = []
    if part is not None:
        names = ", ".join(foreign(each.name, NAME) for each in part.parties[:NAMED])
        shown.append((part.role.value.capitalize(), names))
    if view.cost:
        shown.append(("Cost so far", foreign(view.cost, MEASURED * 2)))
    return shown


def _put_off(incident: Incident) -> list[tuple[str, str]]:
    """Who was asked to take it, or until when it sleeps and by whom."""
    shown = []
    if incident.assignee:
        shown.append(("Asked to take it", mention(incident.assignee)))
    if incident.snoozed_until and incident.snoozed_by:
        by = mention(incident.snoozed_by)
        shown.append(("Snoozed", f"until {when(incident.snoozed_until)}, by {by}"))
    return shown


def _measure(measure: Measure) -> tuple[str, str]:
    usual = f" (usual {foreign(measure.usual, MEASURED)})" if measure.usual else ""
    return foreign(measure.label, NAME), f"{foreign(measure.measured, MEASURED)}{usual}"


def _run_to_open(alert: Alert, links: Links) -> tuple[str, str]:
    """Label of, and link to the log of, the run that is in the way, or of the newest failed one.

    Nothing where slots are simply full, though a check may name the run that has held one longest.
    """
    if alert.facts.get("blocking_run_id") and alert.signal in IN_THE_WAY:
        return "Run in the way", _run_link(str(alert.facts["blocking_run_id"]), links)
    if alert.facts.get("run_id"):
        return "Newest failed run", _run_link(str(alert.facts["run_id"]), links)
    return "", ""


def _run_link(run_id: str, links: Links) -> str:
    url = links.run(run_id)
    return link(url, f"run {run_id}") if size(url) <= MEASURED * 3 else foreign(run_id, NAME)


def _last_act(view: IncidentView) -> str:
    """Who did what, and when; once resolved only when, because the sentence says the rest."""
    if view.incident.resolved_at:
        return f"Resolved {when(view.incident.resolved_at)}"
    entry = latest_act(view.entries)
    return f"{say_entry(entry, brief=True)} · {when(entry.at)}" if entry else ""


def _was(view: IncidentView) -> str:
    """What was wrong when it began, as small print, once it is over; "50 min ago" was said then."""
    if view.incident.is_open or not view.entries:
        return ""
    first = view.entries[0]
    said = _AGO.sub(r"\1before", first.reason[:READ])
    return f"It began with: {foreign(said, SENTENCE)} · {when(first.at)}"


def _recurrence(view: IncidentView) -> str:
    """ "Third time in 30 days; #37 ended after 42 min: restarted the connector"; empty for the
    first time, and once it is over."""
    if not view.incident.is_open or view.incident.previous_id is None or view.incident.standing:
        return ""
    times = view.times_lately
    last = "; ".join(map(_ended, view.past)) or f"last #{view.incident.previous_id}"
    if times < 2:
        return f"It has happened before: {last}"
    often = f"{ORDINALS[times]} time" if times in ORDINALS else f"{times} times"
    return f"{often} in 30 days{';' if view.past else ','} {last}"


def _ended(before: Incident) -> str:
    """What ended an earlier one: what its resolver wrote, or who it was, or nobody."""
    after = lasted(before.opened_at, before.resolved_at or before.opened_at)
    by = before.resolved_by
    how = f": {foreign(before.resolution, HELPED)}" if before.resolution else ""
    if by is None or not by.is_person:
        how = " by itself"
    return f"#{before.id} ended after {after}{how}"


def _cost(view: IncidentView) -> str:
    """What it cost, once it is over; while it is open that is a field."""
    if view.incident.is_open or not view.cost:
        return ""
    return f"It cost {foreign(view.cost, MEASURED * 2)}."


def _standing(view: IncidentView) -> str:
    if not view.incident.standing:
        return ""
    before, number = view.previous, view.incident.previous_id
    if before is None or before.resolved_by is None or before.resolved_at is None:
        return f"#{number} was resolved by a person, but it is still there"
    by = mention(before.resolved_by.who)
    return f"#{number} was resolved by {by} {when(before.resolved_at)}, but it is still there"
