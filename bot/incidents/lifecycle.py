"""The life of an incident as a pure machine: (incident, event, now) in, a change or a refusal out.

    triggered     -- acknowledge    --> acknowledged
    acknowledged  -- un-acknowledge --> triggered
    acknowledged  -- worsens        --> triggered
    any open      -- resolve, clear --> resolved          (terminal)

A change is exactly one timeline entry; the incident is what its entries add up to, so replaying a
timeline gives the stored incident. States and transitions follow what PagerDuty, GoAlert and
Grafana OnCall have taught people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.incidents.model import Actor, Entry, Incident, Kind, Severity, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    severity: Severity
    previous_id: int | None = None
    standing: bool = False  # a person resolved `previous_id` and its condition never went away
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Unacknowledge:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """The check has found the condition gone for its stay-clear time."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassess:
    """The check still sees it: perhaps graver or milder, perhaps by another signal."""

    severity: Severity
    turned: str = ""  # one sentence when the signal changed, else empty


Event = Acknowledge | Unacknowledge | Resolve | Clear | Reassess


class Why(StrEnum):
    """Why nothing was changed."""

    RESOLVED = "resolved"
    YOURS_ALREADY = "yours_already"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NOTHING_NEW = "nothing_new"
    CHANGED_SINCE = "changed_since"  # the person acted on an older state than the present one


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    incident: Incident
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    incident: Incident
    why: Why


def open_incident(incident_id: int, event: Open, actor: Actor, now: datetime) -> Change:
    """The first entry of a new incident."""
    data: dict[str, str | int] = {"severity": int(event.severity)}
    if event.previous_id is not None:
        data |= {"previous_id": event.previous_id, "standing": int(event.standing)}
    entry = Entry(
        seq=1,
        at=now,
        kind=Kind.OPENED,
        actor=actor,
        from_state=None,
        to_state=State.TRIGGERED,
        reason=event.reason,
        data=data,
    )
    return Change(incident=_begin(incident_id, entry), entry=entry)


def advance(incident: Incident, event: Event, actor: Actor, now: datetime) -> Change | Refusal:
    """What `event` does to `incident`; the only place where an incident changes."""
    if not incident.is_open:
        return Refusal(incident=incident, why=Why.RESOLVED)
    match event:
        case Acknowledge():
            return _acknowledge(incident, actor, now)
        case Unacknowledge():
            if incident.state is not State.ACKNOWLEDGED:
                return Refusal(incident=incident, why=Why.NOT_ACKNOWLEDGED)
            return _changed(incident, Kind.UNACKNOWLEDGED, actor, now, State.TRIGGERED)
        case Resolve(summary=summary):
            return _changed(incident, Kind.RESOLVED, actor, now, State.RESOLVED, summary)
        case Clear(reason=reason):
            return _changed(incident, Kind.CLEARED, actor, now, State.RESOLVED, reason)
        case Reassess():
            return _reassess(incident, event, actor, now)


def settle(incident: Incident, said: str, actor: Actor, now: datetime, *, seq: int) -> Change:
    """How its warning turned out: one more line, the `seq`-th, that changes no state.

    Also after the end: a resolved incident stays as it is, its version too.
    """
    entry = Entry(
        seq=seq,
        at=now,
        kind=Kind.SETTLED,
        actor=actor,
        from_state=incident.state,
        to_state=incident.state,
        reason=said,
    )
    return Change(incident=apply(incident, entry), entry=entry)


def apply(incident: Incident, entry: Entry) -> Incident:
    """The incident after one more entry."""
    if not incident.is_open:
        return incident  # what is said after the end is kept beside it
    after = replace(incident, state=entry.to_state, version=entry.seq)
    match entry.kind:
        case Kind.WORSENED | Kind.EASED:
            severity = Severity(int(entry.data["severity"]))
            after = replace(after, severity=severity, worst=max(incident.worst, severity))
        case Kind.ACKNOWLEDGED:
            after = replace(
                after,
                holder=entry.actor.who,
                acknowledged_at=entry.at,
                first_acknowledged_at=incident.first_acknowledged_at or entry.at,
            )
        case Kind.RESOLVED | Kind.CLEARED:
            after = replace(
                after,
                resolved_at=entry.at,
                resolved_by=entry.actor,
                resolution=entry.reason,
            )
        case _:
            pass
    if after.state is State.TRIGGERED:
        after = replace(after, holder=None, acknowledged_at=None)
    return after


def replay(incident_id: int, entries: Iterable[Entry]) -> Incident:
    """The incident that a whole timeline, in order, adds up to."""
    first, *later = entries
    incident = _begin(incident_id, first)
    for entry in later:
        incident = apply(incident, entry)
    return incident


def _begin(incident_id: int, entry: Entry) -> Incident:
    previous = entry.data.get("previous_id")
    return Incident(
        id=incident_id,
        state=entry.to_state,
        severity=Severity(int(entry.data["severity"])),
        worst=Severity(int(entry.data["severity"])),
        opened_at=entry.at,
        version=entry.seq,
        previous_id=int(previous) if previous is not None else None,
        standing=bool(entry.data.get("standing", 0)),
    )


def _acknowledge(incident: Incident, actor: Actor, now: datetime) -> Change | Refusal:
    if incident.state is State.TRIGGERED:
        return _changed(incident, Kind.ACKNOWLEDGED, actor, now, State.ACKNOWLEDGED)
    if incident.holder == actor.who:
        return Refusal(incident=incident, why=Why.YOURS_ALREADY)
    return _changed(incident, Kind.SECONDED, actor, now, incident.state)


def _reassess(incident: Incident, event: Reassess, actor: Actor, now: datetime) -> Change | Refusal:
    data: dict[str, str | int] = {"severity": int(event.severity)}
    if event.severity > incident.severity:
        return _changed(incident, Kind.WORSENED, actor, now, State.TRIGGERED, event.turned, data)
    if event.severity < incident.severity:
        return _changed(incident, Kind.EASED, actor, now, incident.state, event.turned, data)
    if event.turned:
        return _changed(incident, Kind.TURNED, actor, now, incident.state, event.turned)
    return Refusal(incident=incident, why=Why.NOTHING_NEW)


def _changed(
    incident: Incident,
    kind: Kind,
    actor: Actor,
    now: datetime,
    to_state: State,
    reason: str = "",
    data: dict[str, str | int] | None = None,
) -> Change:
    entry = Entry(
        seq=incident.version + 1,
        at=now,
        kind=kind,
        actor=actor,
        from_state=incident.state,
        to_state=to_state,
        reason=reason,
        data=data or {},
    )
    return Change(incident=apply(incident, entry), entry=entry)
