"""The words of an incident: its states, who acts on it, and the lines of its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal

from checks.model import Fact, Level, Measure, Subject


class State(StrEnum):
    """Where an incident stands. RESOLVED is terminal; a recurrence is a new incident."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"  # put off by a person until a time; it then comes back
    RESOLVED = "resolved"


class Severity(IntEnum):
    LOW = 1
    HIGH = 2
    CRITICAL = 3

    @property
    def word(self) -> Literal["low", "high", "critical"]:
        words: tuple[Literal["low", "high", "critical"], ...] = ("low", "high", "critical")
        return words[self - 1]


class Kind(StrEnum):
    """What a timeline entry says happened. The reason we speak has this name."""

    OPENED = "opened"
    WORSENED = "worsened"
    CAME_TRUE = "came_true"  # what was only ahead has happened, as grave as it was foreseen
    EASED = "eased"
    JOINED = "joined"  # another alert with the same cause
    TURNED = "turned"  # the same fault shows another signal: a stall became a saturation
    ACKNOWLEDGED = "acknowledged"
    SECONDED = "seconded"  # acknowledged again by somebody else: recorded, the holder stays
    UNACKNOWLEDGED = "unacknowledged"
    CONFIRMED = "confirmed"  # the holder is still on it
    REMINDED = "reminded"  # the holder was asked whether they still are
    LAPSED = "lapsed"  # the holder did not answer: nobody has it in hand
    SNOOZED = "snoozed"
    WOKEN = "woken"  # the snooze is over, by its time or by a person
    ASSIGNED = "assigned"  # somebody was asked to take it; they have not said that they do
    TAKEN = "taken"  # acknowledged by somebody else than the holder, who has it from now on
    NOTED = "noted"
    ESCALATED = "escalated"  # a step of the policy was taken, by its time or by a person
    HELD = "held"  # nothing is announced for now: silence, maintenance, a storm, out of hours
    RELEASED = "released"
    CHECKED = "checked"  # a step of the runbook was done
    ACTED = "acted"  # something was done on the platform
    VOTED = "voted"  # a person called it wrong or noisy
    REVOTED = "revoted"  # the same person calls it the other by now; only the newest counts
    COMPARED = "compared"  # what two systems hold was compared, and something new was found
    REPORTED = "reported"  # a person had the report on it written
    RESOLVED = "resolved"  # by a person
    CLEARED = "cleared"  # by the check: ok for its stay-clear time
    SETTLED = "settled"  # how its warning, or a fault resolved while it stood, turned out later


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it, and through what: a Slack user id (button, command, mention, modal), a check, a
    rule of ours (timer), or somebody on another service, by the name it tells (api)."""

    who: str
    via: str

    @property
    def is_person(self) -> bool:
        return self.via not in ("check", "timer")

    @property
    def is_known_to_slack(self) -> bool:
        return self.is_person and self.via != "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the append-only timeline. `seq` counts from 1 within its incident."""

    seq: int
    at: datetime
    kind: Kind
    actor: Actor
    from_state: State | None
    to_state: State
    reason: str = ""
    data: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def changes_state(self) -> bool:
        return self.from_state != self.to_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What people handle. Every field follows from the timeline alone (see lifecycle.replay).

    `severity` is as it stands, `worst` the gravest that it has been. `held_since` is the number of
    the entry by which the holder last said that they have it: a timer that was set by an earlier
    one does nothing. `assignee` was asked to take it.
    """

    id: int
    state: State
    severity: Severity
    worst: Severity
    opened_at: datetime
    version: int
    holder: str | None = None
    acknowledged_at: datetime | None = None
    first_acknowledged_at: datetime | None = None
    confirmed_at: datetime | None = None
    reminded_at: datetime | None = None
    held_since: int | None = None
    assignee: str | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: Actor | None = None
    resolution: str = ""
    previous_id: int | None = None
    standing: bool = False

    @property
    def is_open(self) -> bool:
        return self.state is not State.RESOLVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """The machine's episode of one condition on one subject, with what its check said last."""

    id: int
    key: str
    incident_id: int
    opened_at: datetime
    last_seen_at: datetime
    cleared_at: datetime | None
    count: int
    check: str
    subject: Subject
    level: Level
    signal: str
    sentence: str
    measures: tuple[Measure, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    expected_at: datetime | None = None
