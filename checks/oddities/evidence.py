"""What the check on odd flows is given: every flow's hours beside what is usual for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.failures import FailureEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """One amount by the hour, as far as known when the newest hour was over.

    `measured` is the amount of the newest known hour, which began `at` (UTC), and `usual` what is
    usual for it; None where nothing of the past day is known. `hours` says how many spreads each
    of the newest three known hours lies above what is usual for it, newest first. `drift` is the
    excess of the past week added up, `since` (UTC) when that began. `recent` is the median of the
    newest twelve known hours and `recent_usual` that of what was usual for them.
    """

    measured: float | None = None
    usual: float | None = None
    at: datetime | None = None
    hours: tuple[float, ...] = ()
    drift: float = 0.0
    since: datetime | None = None
    recent: float = 0.0
    recent_usual: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """How many of the runs of the newest hour failed, beside those of the same hour of past days.

    Runs that failed for want of an allowance or of an accepted credential are left out: they are
    told elsewhere. `odd` is how many spreads the share lies above its usual, None: not known.
    """

    failed: int
    runs: int
    usual_failed: int
    usual_runs: int
    odd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowHours:
    """One flow: how many seconds its runs take, and how many of them fail. None: not known.

    Where operations are known, `slow` is as odd as the time an operation took, if that is less:
    more work is not slowness.
    """

    flow_id: str
    slow: Oddity | None = None
    failing: Failed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """All hours until `until` (UTC, the end of the newest) as weighed once, when it was over.

    `known_since` (UTC) is the oldest hour of any flow that is known.
    """

    until: datetime
    known_since: datetime | None = None
    flows: tuple[FlowHours, ...] = ()
    queue: Oddity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An incident's open alert that another check raised."""

    check: str
    kind: str
    id: str
    incident: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OddEvidence:
    """What was weighed, None before the first time; how runs ended; what others already told."""

    weighed: Weighed | None
    failures: FailureEvidence
    told: tuple[Told, ...] = ()
