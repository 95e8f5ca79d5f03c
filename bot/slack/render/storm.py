"""The one message of a storm: how many incidents, what they share, and a table of the gravest;
edited in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.incidents.model import Alert, Incident, State
from bot.incidents.sharing import Common, in_common
from bot.slack.render.blocks import actions, context, header, section, table
from bot.slack.render.buttons import take_all
from bot.slack.render.message import Message, message
from bot.slack.render.text import count, foreign, foreign_plain, lasted, when

SHOWN = 20
KINDS = 6
HELD = 3
NAME, REASON, SAID = 60, 160, 120
RED, AMBER, GREEN = "#a30200", "#daa038", "#2eb886"
IN_HAND = {State.TRIGGERED: "nobody", State.ACKNOWLEDGED: "taken", State.SNOOZED: "snoozed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StormView:
    """`incidents` are those told here instead of one by one; `limit` is from how many on.

    `systems` names by incident the system that it concerns, `held` what a silence or maintenance
    holds back by now, and by what; `zone` is the estate's, for the cells of the table.
    """

    id: int
    since: datetime
    until: datetime | None
    now: datetime
    incidents: tuple[Incident, ...]
    alerts: Mapping[int, Sequence[Alert]]
    limit: int
    zone: ZoneInfo
    titles: Mapping[str, str]
    systems: Mapping[int, str]
    held: Mapping[int, str]

    def first(self, incident: Incident) -> Alert | None:
        alerts = self.alerts.get(incident.id)
        return alerts[0] if alerts else None


def storm_message(view: StormView) -> Message:
    standing = [each for each in view.incidents if each.is_open]
    standing.sort(key=lambda incident: (-incident.severity, incident.id))
    first = _sentence(view, standing)
    title, colour = _headline(view, len(standing))
    said = [first, _kinds(view, standing), _shared(view, standing), *_held(view, standing)]
    more = len(standing) - SHOWN
    small = [
        f"{count(more, 'more incident')} as well; `/seam incidents storm {view.id}` lists them all."
        if more > 0
        else "",
        f"`/seam show {standing[0].id}` shows one, `/seam ack {standing[0].id}` takes it in hand."
        if standing
        else "",
        f"From {view.limit} unattended incidents on, further ones are told here. Each is recorded.",
    ]
    return message(
        f"{title}. {first}",
        [header(title), section("\n".join(filter(None, said))), *_table(view, standing[:SHOWN])],
        colour=colour,
        below=[*actions(take_all(view.id, _untaken(standing))), *context(small)],
    )


def _untaken(standing: Sequence[Incident]) -> list[Incident]:
    return [each for each in standing if each.state is State.TRIGGERED]


def _headline(view: StormView, standing: int) -> tuple[str, str]:
    """The title, and its colour."""
    if view.until is None:
        return "🌩️ Storm", RED
    return ("🟠 The storm is over", AMBER) if standing else ("🟢 The storm is over", GREEN)


def _sentence(view: StormView, standing: Sequence[Incident]) -> str:
    opened = count(len(view.incidents), "incident")
    ends = view.until or view.now
    over = len(view.incidents) - len(standing)
    held = sum(each.state is State.ACKNOWLEDGED for each in standing)
    taken = f", {held} of them in hand" if held else ""
    what = f"{opened} opened within {lasted(view.since, ends)}, since {when(view.since)}"
    return f"{what}: {len(standing)} still open{taken}, {over} resolved."


def _kinds(view: StormView, standing: Sequence[Incident]) -> str:
    """What is open, by check: "Failing flow: 312; Endpoint API Rate Limiting: 8"."""
    checks = Counter(first.check for each in standing if (first := view.first(each)))
    told = [
        f"{foreign(view.titles.get(check, check), NAME)}: {number:,}"
        for check, number in checks.most_common(KINDS)
    ]
    return f"{'; '.join(told)}." if told else ""


def _shared(view: StormView, standing: Sequence[Incident]) -> str:
    """What all or most of them have in common; "" for nothing."""
    of = len(standing)
    told = []
    if system := in_common([view.systems.get(each.id, "") for each in standing]):
        told.append(f"{_many(system, of)} concern {foreign(system.value, NAME)}")
    if reason := in_common(_reasons(view, standing)):
        told.append(f'{_many(reason, of)} say in their logs "{foreign(reason.value, REASON)}"')
    return f"*What they share:* {'; '.join(told)}." if told else ""


def _many(common: Common, of: int) -> str:
    return f"all {of:,}" if common.number == of else f"{common.number:,} of {of:,}"


def _reasons(view: StormView, standing: Sequence[Incident]) -> list[str]:
    """The first error that each of them names, "" where none is known."""
    firsts = (view.first(each) for each in standing)
    return [str(first.facts.get("first_error") or "") if first else "" for first in firsts]


def _held(view: StormView, standing: Sequence[Incident]) -> list[str]:
    """How many are held back besides, and by what."""
    by = Counter(view.held[each.id] for each in standing if each.id in view.held)
    return [
        f"Held back: {number:,} of them, by {foreign(why, REASON)}."
        for why, number in by.most_common(HELD)
    ]


def _table(view: StormView, shown: Sequence[Incident]) -> list[dict[str, object]]:
    """One row an incident; what is wrong with each only where it is not the same of all."""
    if not shown:
        return []
    same = in_common(_reasons(view, shown))
    tells = same is None or same.number < len(shown)
    heads = ["Incident", "Severity", "About", "Since", "In hand", *(["What"] if tells else [])]
    return [table([heads, *(_row(view, each, tells=tells) for each in shown)])]


def _row(view: StormView, incident: Incident, *, tells: bool) -> list[str]:
    alert = view.first(incident)
    about = foreign_plain(alert.subject.name or alert.subject.id, NAME) if alert else ""
    said = foreign_plain(alert.sentence, SAID) if alert else ""
    since = incident.opened_at.astimezone(view.zone)
    told = [
        f"#{incident.id}",
        incident.severity.word,
        about,
        f"{since:%-d %b %H:%M}",
        IN_HAND.get(incident.state, ""),
    ]
    return [*told, said] if tells else told
