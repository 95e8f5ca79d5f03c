"""Puts the page together from what the last rounds stored. For a thread: on a large estate it
takes a while."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot import facts, inventory
from bot.digest.phrases import clipped, name
from bot.digest.unseen_lists import long_unseen
from bot.facts import RoundFacts
from bot.incidents.model import Alert, Incident, Severity, State
from bot.store import Database, incidents, outbox
from bot.web.dashboard import parts
from bot.web.dashboard.board import Around, Board, Figure, Mark, Row, Section
from bot.web.dashboard.comparing import compared
from bot.web.dashboard.sight import systems as seen_systems
from checks.durations import say_duration
from checks.words import say_count

OLD = timedelta(minutes=15)
DAY = timedelta(days=1)
RESOLVED = 8
STATES: Mapping[State, str] = {
    State.TRIGGERED: "nobody has it",
    State.ACKNOWLEDGED: "in hand",
    State.SNOOZED: "put off",
}

HOW = {**STATES, State.TRIGGERED: "in nobody's hand"}


def gather(db: Database, around: Around, now: datetime, unwell: str = "") -> Board:
    """`unwell` says what is wrong with the bot itself, "" when nothing is."""
    standing = incidents.open_incidents(db)
    last, queue, systems = facts.find_round(db), facts.find_queue(db), facts.find_systems(db)
    alerts = incidents.alerts_of(db, [each.id for each in standing])
    blindness = facts.find_blindness(db)
    unseen_lists = long_unseen(facts.find_unseen_lists(db), now)
    unseen = max(len(blindness), len(last.blind) if last else 0)
    unseen += sum(each.blind_since is not None or each.name in unseen_lists for each in systems)
    first, mark = _first(standing, last, now, unwell, unseen)
    return Board(
        estate=around.estate,
        made=f"{now.astimezone(around.zone):%H:%M:%S}",
        zone=around.zone.key,
        title=f"{len(standing)} open" if standing else "Nothing open",
        first=first,
        mark=mark,
        figures=tuple(_figures(db, standing, last, now, unseen)),
        sections=(
            _incidents(standing, alerts, around, now),
            _resolved(db, around, now),
            parts.queue(queue, around, now),
            compared(db, around, now),
            parts.limits(db, inventory.find_limits(db), around, now),
            parts.flows(db, inventory.find_inventory(db), _troubled(alerts), around, now),
            seen_systems(systems, blindness, unseen_lists, around, now),
            parts.credentials(inventory.find_register(db), around, now),
        ),
    )


def _first(
    standing: Sequence[Incident],
    last: RoundFacts | None,
    now: datetime,
    unwell: str,
    unseen: int,
) -> tuple[str, Mark]:
    """One plain sentence; what is old or not seen is never called well."""
    if last is None:
        return "No round has been finished yet, so nothing is known.", Mark.UNKNOWN
    if now - last.at > OLD:
        ago = say_duration(now - last.at)
        return f"The last round ended {ago} ago: what stands here is old.", Mark.UNKNOWN
    if standing:
        return f"{say_count(len(standing), 'incident')} open: {_how(standing)}.", Mark.BAD
    if unwell:
        return unwell, Mark.BAD
    if unseen:
        return "No incident is open, but not everything can be seen.", Mark.UNKNOWN
    return "No incident is open, and everything can be seen.", Mark.WELL


def _how(standing: Sequence[Incident]) -> str:
    """ "2 in nobody's hand, 1 in hand, 1 put off": nobody has what was put off."""
    counted = Counter(each.state for each in standing)
    return ", ".join(f"{counted[each]} {said}" for each, said in HOW.items() if counted[each])


def _figures(
    db: Database,
    standing: Sequence[Incident],
    last: RoundFacts | None,
    now: datetime,
    unseen: int,
) -> list[Figure]:
    counted = Counter(each.severity for each in standing)
    told = [f"{counted[each]} {each.word}" for each in reversed(Severity) if counted[each]]
    waiting = outbox.waiting_count(db)
    return [
        Figure(
            label="Open incidents",
            value=", ".join(told) or "none",
            mark=Mark.BAD if standing else Mark.WELL,
        ),
        Figure(
            label="Last round",
            value=f"{say_duration(now - last.at)} ago" if last else "none yet",
        ),
        Figure(
            label="Out of sight",
            value=say_count(unseen, "part") if unseen else ("nothing" if last else "not known"),
            mark=Mark.UNKNOWN if unseen or not last else Mark.WELL,
        ),
        Figure(label="Messages waiting", value=str(waiting)),
    ]


def _incidents(
    standing: Sequence[Incident],
    alerts: Mapping[int, Sequence[Alert]],
    around: Around,
    now: datetime,
) -> Section:
    ordered = sorted(standing, key=lambda each: (-each.severity, each.opened_at, each.id))
    return Section(
        id="incidents",
        title="Open incidents",
        heads=("Incident", "Severity", "What", "Since", "Who"),
        rows=tuple(_row(each, alerts.get(each.id, ()), around, now) for each in ordered),
        shown=30,
        empty="None.",
    )


def _row(incident: Incident, alerts: Sequence[Alert], around: Around, now: datetime) -> Row:
    alert = next((each for each in alerts if each.cleared_at is None), None) or next(
        iter(alerts), None
    )
    who = around.who(incident.holder)
    return Row(
        mark=Mark.EARLY if incident.severity is Severity.LOW else Mark.BAD,
        name=f"#{incident.id}",
        cells=(
            incident.severity.word,
            _what(alert, around),
            around.moment(incident.opened_at, now),
            name(who) if who else STATES.get(incident.state, incident.state.value),
        ),
    )


def _what(alert: Alert | None, around: Around) -> str:
    if alert is None:
        return ""
    title = around.titles.get(alert.check, alert.check.replace("_", " "))
    subject = name(alert.subject.name or alert.subject.id)
    return f"{title}: {subject}. {clipped(alert.sentence)}"


def _resolved(db: Database, around: Around, now: datetime) -> Section:
    found = incidents.lately_resolved(db, now - DAY, RESOLVED)
    alerts = incidents.alerts_of(db, [each.id for each in found])
    rows = tuple(
        Row(
            mark=Mark.WELL,
            name=f"#{each.id}",
            cells=(
                _what(next(iter(alerts.get(each.id, ())), None), around),
                around.moment(each.resolved_at, now),
                say_duration(each.resolved_at - each.opened_at) if each.resolved_at else "",
            ),
        )
        for each in found
    )
    return Section(
        id="resolved",
        title="Resolved within 24 hours",
        heads=("Incident", "What it was", "Resolved", "Took"),
        rows=rows,
        shown=3,
        empty="None.",
    )


def _troubled(alerts: Mapping[int, Sequence[Alert]]) -> dict[str, Alert]:
    """The open alert of each flow that has one, by the flow's id."""
    return {
        alert.subject.id: alert
        for own in alerts.values()
        for alert in own
        if alert.cleared_at is None and alert.subject.kind == "flow"
    }
