"""What may happen to an incident: by a person, by the check, or by a timer of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.incidents.model import Severity


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
class Take:
    """I have it from now on, whoever had it before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """The holder is still on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """Somebody, by Slack user id, is asked to take it. It is theirs when they say so."""

    to: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    until: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """The snooze ends; by a timer only if it is still the one that ends `due` (a guard)."""

    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate:
    """A step of the policy is taken: by its time, or by a person with a reason.

    `told` says in words who was told; `mentions` are Slack's marks of them, for the thread.
    `aloud`: the channel of the incident's own message is among them.
    """

    position: int
    told: str
    mentions: str = ""
    aloud: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind:
    """Ask the holder whether they still have it; `held_since` guards against a later holder."""

    held_since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """The holder did not answer; `held_since` guards against a later holder."""

    held_since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A step of the runbook was done, or was not done after all."""

    page: str
    step: int
    text: str
    done: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something was proposed, approved, refused or done on the platform; `proposal` is its id."""

    text: str
    proposal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A person says that the warning was "wrong" or is "noisy"; `again`: other than before."""

    word: str
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A person has the report on it written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """A comparison, by its number, found something new; `again`: other than what was told."""

    reconciliation: int
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Nothing is announced for now; `who` began what holds it back, "" for the settings and us.
    `unsaid` takes back what was about to be said, so that nobody was told of any step."""

    reason: str
    until: datetime | None = None
    who: str = ""
    unsaid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """The check has found the condition gone for its stay-clear time."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassess:
    """The check still sees it: perhaps graver or milder, perhaps by another signal.

    `came_true`: it was only ahead until now, and has happened.
    """

    severity: Severity
    turned: str = ""  # one sentence when the signal changed, else empty
    came_true: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Another alert with the same cause; the incident speaks for it too."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """How its warning turned out; or what became of a fault that stood when a person resolved it:
    it is gone, or the incident `next_id` goes on with it."""

    said: str
    next_id: int | None = None


Aside = Note | Act | Vote | Report | Settle
"""What may be said of an incident even after its end: it changes no state."""

Event = (
    Acknowledge
    | Unacknowledge
    | Take
    | Confirm
    | Assign
    | Snooze
    | Wake
    | Resolve
    | Escalate
    | Remind
    | Lapse
    | Check
    | Hold
    | Release
    | Clear
    | Reassess
    | Join
    | Compare
    | Aside
)
