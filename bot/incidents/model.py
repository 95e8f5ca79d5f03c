"""The words of an incident: its states, who acts on it, and the lines of its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum

from checks.model import Fact, Level, Measure, Subject


class State(StrEnum):
    """Where an incident stands. RESOLVED is terminal; a recurrence is a new incident."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Severity(IntEnum):
    LOW = 1
    HIGH = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Kind(StrEnum):
    """What a timeline entry says happened. The reason we speak has this name."""

    OPENED = "opened"
    WORSENED = "worsened"
    EASED = "eased"
    TURNED = "turned"  # the same fault shows another signal: a stall became a saturation
    ACKNOWLEDGED = "acknowledged"
    SECONDED = "seconded"  # acknowledged again by somebody else: recorded, the holder stays
    UNACKNOWLEDGED = "unacknowledged"
    RESOLVED = "resolved"  # by a person
    CLEARED = "cleared"  # by the check: ok for its stay-clear time
    SETTLED = "settled"  # how its warning turned out; perhaps long after it was resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it, a Slack user id or a check, and through what: button, command, mention, check."""

    who: str
    via: str

    @property
    def is_person(self) -> bool:
        return self.via != "check"


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

    `severity` is as it stands, `worst` the gravest that it has been.
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
