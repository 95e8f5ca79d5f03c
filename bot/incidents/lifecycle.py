"""The life of an incident as a pure machine: (incident, event, now) in, a change or a refusal out.

    triggered                -- acknowledge, take             --> acknowledged
    acknowledged             -- un-acknowledge, lapse, assign --> triggered
    triggered, acknowledged  -- snooze                        --> snoozed
    snoozed                  -- its time, wake, assign        --> triggered
    snoozed                  -- acknowledge, take             --> acknowledged
    any open                 -- worsens, comes true           --> triggered
    any open                 -- escalated by hand             --> triggered
    any open                 -- resolve, clear                --> resolved          (terminal)

A change is exactly one timeline entry; the incident is what its entries add up to, so replaying a
timeline gives the stored incident. States and transitions follow what PagerDuty, GoAlert and
Grafana OnCall have taught people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.incidents.events import (
    Acknowledge,
    Act,
    Aside,
    Assign,
    Check,
    Clear,
    Compare,
    Confirm,
    Escalate,
    Event,
    Hold,
    Join,
    Lapse,
    Note,
    Open,
    Reassess,
    Release,
    Remind,
    Report,
    Resolve,
    Settle,
    Snooze,
    Take,
    Unacknowledge,
    Vote,
    Wake,
)
from bot.incidents.model import Actor, Entry, Incident, Kind, State
from bot.incidents.replaying import apply, begin, replay

__all__ = ["Change", "Refusal", "Why", "advance", "open_incident", "replay"]

Data = dict[str, str | int]


class Why(StrEnum):
    """Why nothing was changed."""

    RESOLVED = "resolved"
    YOURS_ALREADY = "yours_already"
    THEIRS_ALREADY = "theirs_already"  # assigned to somebody who has it, or was asked already
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NOTHING_TO_CONFIRM = "nothing_to_confirm"  # nobody has it in hand
    NOT_YOURS = "not_yours"
    NOT_SNOOZED = "not_snoozed"
    NOT_AHEAD = "not_ahead"  # a snooze until a time that is over
    NOTHING_NEW = "nothing_new"
    CHANGED_SINCE = "changed_since"  # the person acted on an older state than the present one
    ESCALATED_SINCE = "escalated_since"
    HELD = "held"  # nothing is escalated during maintenance
    NO_STEP_LEFT = "no_step_left"
    VOTED = "voted"  # a person votes once, and may change it
    OVERTAKEN = "overtaken"  # a timer that was set for an earlier state


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    incident: Incident
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    incident: Incident
    why: Why


Outcome = Change | Refusal


def _until(until: datetime | None) -> Data:
    return {} if until is None else {"until": until.isoformat()}


def _holding(event: Hold) -> Data:
    data: Data = {"who": event.who} if event.who else {}
    unsaid: Data = {"unsaid": 1} if event.unsaid else {}
    return {**_until(event.until), **data, **unsaid}


@dataclass(frozen=True, slots=True)
class _Act:
    """One event on its way to becoming an entry."""

    incident: Incident
    actor: Actor
    now: datetime
    last_seq: int

    def refused(self, why: Why) -> Refusal:
        return Refusal(incident=self.incident, why=why)

    def aside(self, kind: Kind, reason: str = "", data: Mapping[str, str | int] = {}) -> Change:
        """One more entry that changes no state."""
        return self.changed(kind, self.incident.state, reason, data)

    def changed(
        self,
        kind: Kind,
        to_state: State,
        reason: str = "",
        data: Mapping[str, str | int] = {},
    ) -> Change:
        entry = Entry(
            seq=self.last_seq + 1,
            at=self.now,
            kind=kind,
            actor=self.actor,
            from_state=self.incident.state,
            to_state=to_state,
            reason=reason,
            data=dict(data),
        )
        return Change(incident=apply(self.incident, entry), entry=entry)


def open_incident(incident_id: int, event: Open, actor: Actor, now: datetime) -> Change:
    """The first entry of a new incident."""
    data: Data = {"severity": int(event.severity)}
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
    return Change(incident=begin(incident_id, entry), entry=entry)


def advance(
    incident: Incident, event: Event, actor: Actor, now: datetime, *, last_seq: int | None = None
) -> Outcome:
    """What `event` does to `incident`; the only place where an incident changes.

    `last_seq` is the number of the newest entry when it is higher than the incident's version:
    what is said after the end is counted on, and changes nothing else.
    """
    act = _Act(incident, actor, now, last_seq or incident.version)
    if not incident.is_open and not isinstance(event, Aside):
        return act.refused(Why.RESOLVED)
    return _DEEDS[type(event)](act, event)


def _acknowledge(act: _Act, event: Acknowledge | Take) -> Outcome:
    if act.incident.state is not State.ACKNOWLEDGED:
        return act.changed(Kind.ACKNOWLEDGED, State.ACKNOWLEDGED)
    if act.incident.holder == act.actor.who:
        asked = act.incident.reminded_at is not None
        return act.aside(Kind.CONFIRMED) if asked else act.refused(Why.YOURS_ALREADY)
    if isinstance(event, Take):
        return act.changed(Kind.TAKEN, State.ACKNOWLEDGED, data={"was": act.incident.holder or ""})
    return act.aside(Kind.SECONDED)


def _unacknowledge(act: _Act, _: Unacknowledge) -> Outcome:
    if act.incident.state is not State.ACKNOWLEDGED:
        return act.refused(Why.NOT_ACKNOWLEDGED)
    return act.changed(Kind.UNACKNOWLEDGED, State.TRIGGERED)


def _confirm(act: _Act, _: Confirm) -> Outcome:
    if act.incident.state is not State.ACKNOWLEDGED:
        return act.refused(Why.NOTHING_TO_CONFIRM)
    mine = act.incident.holder == act.actor.who
    return act.aside(Kind.CONFIRMED) if mine else act.refused(Why.NOT_YOURS)


def _remind(act: _Act, event: Remind) -> Outcome:
    if event.held_since != act.incident.held_since:
        return act.refused(Why.OVERTAKEN)
    return act.aside(Kind.REMINDED)


def _lapse(act: _Act, event: Lapse) -> Outcome:
    if event.held_since != act.incident.held_since:
        return act.refused(Why.OVERTAKEN)
    return act.changed(Kind.LAPSED, State.TRIGGERED, data={"was": act.incident.holder or ""})


def _assign(act: _Act, event: Assign) -> Outcome:
    if event.to in (act.incident.holder, act.incident.assignee):
        return act.refused(Why.THEIRS_ALREADY)
    return act.changed(Kind.ASSIGNED, State.TRIGGERED, event.reason, {"to": event.to})


def _snooze(act: _Act, event: Snooze) -> Outcome:
    if event.until <= act.now:
        return act.refused(Why.NOT_AHEAD)
    return act.changed(Kind.SNOOZED, State.SNOOZED, event.reason, _until(event.until))


def _wake(act: _Act, event: Wake) -> Outcome:
    if act.incident.state is not State.SNOOZED:
        return act.refused(Why.NOT_SNOOZED)
    if event.due is not None and event.due != act.incident.snoozed_until:
        return act.refused(Why.OVERTAKEN)
    return act.changed(Kind.WOKEN, State.TRIGGERED, data={"was": act.incident.snoozed_by or ""})


def _escalate(act: _Act, event: Escalate) -> Outcome:
    if not act.actor.is_person and act.incident.state is not State.TRIGGERED:
        return act.refused(Why.OVERTAKEN)
    data: Data = {"position": event.position, "told": event.told, "mentions": event.mentions}
    if event.aloud:
        data["aloud"] = 1
    return act.changed(Kind.ESCALATED, State.TRIGGERED, event.reason, data)


def _check(act: _Act, event: Check) -> Outcome:
    data: Data = {"page": event.page, "step": event.step, "done": int(event.done)}
    return act.aside(Kind.CHECKED, event.text, data)


def _acted(act: _Act, event: Act) -> Outcome:
    data: Data = {} if event.proposal is None else {"proposal": event.proposal}
    return act.aside(Kind.ACTED, event.text, data)


def _settled(act: _Act, event: Settle) -> Outcome:
    data: Data = {} if event.next_id is None else {"next": event.next_id}
    return act.aside(Kind.SETTLED, event.said, data)


def _compared(act: _Act, event: Compare) -> Outcome:
    data: Data = {"reconciliation": event.reconciliation, "again": int(event.again)}
    return act.aside(Kind.COMPARED, data=data)


def _reassess(act: _Act, event: Reassess) -> Outcome:
    incident = act.incident
    data: Data = {"severity": int(event.severity)}
    if event.severity > incident.severity:
        return act.changed(Kind.WORSENED, State.TRIGGERED, event.turned, data)
    if event.came_true:  # who took or put off a warning did so while nothing had happened
        data["was"] = incident.snoozed_by or incident.holder or ""
        return act.changed(Kind.CAME_TRUE, State.TRIGGERED, event.turned, data)
    if event.severity < incident.severity:
        return act.changed(Kind.EASED, incident.state, event.turned, data)
    if event.turned:
        return act.changed(Kind.TURNED, incident.state, event.turned)
    return act.refused(Why.NOTHING_NEW)


_DEEDS: Mapping[type[Event], Callable[[_Act, Any], Outcome]] = {
    Acknowledge: _acknowledge,
    Take: _acknowledge,
    Unacknowledge: _unacknowledge,
    Confirm: _confirm,
    Remind: _remind,
    Lapse: _lapse,
    Assign: _assign,
    Snooze: _snooze,
    Wake: _wake,
    Escalate: _escalate,
    Check: _check,
    Act: _acted,
    Reassess: _reassess,
    Compare: _compared,
    Resolve: lambda act, event: act.changed(Kind.RESOLVED, State.RESOLVED, event.summary),
    Clear: lambda act, event: act.changed(Kind.CLEARED, State.RESOLVED, event.reason),
    Join: lambda act, event: act.aside(Kind.JOINED, event.reason),
    Hold: lambda act, event: act.aside(Kind.HELD, event.reason, _holding(event)),
    Release: lambda act, event: act.aside(Kind.RELEASED, event.reason),
    Note: lambda act, event: act.aside(Kind.NOTED, event.text),
    Vote: lambda act, event: act.aside(Kind.REVOTED if event.again else Kind.VOTED, event.word),
    Report: lambda act, _: act.aside(Kind.REPORTED),
    Settle: _settled,
}
