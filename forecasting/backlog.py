"""When a backlog will be gone, or will reach its cap, if the present pace holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from statistics import median

WINDOW = timedelta(minutes=2)  # Patchworks adds to its queue every 30 seconds: four such steps
FEW = 5  # where the window holds fewer samples, so many newest ones are taken
AT_LEAST = 3  # samples, before a pace is said
SPAN = timedelta(minutes=1)  # that they must cover
AGREEMENT = 0.7  # share of the pairs of samples that must point the same way
HORIZON = timedelta(days=7)  # beyond this a date would only look exact


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogSample:
    """How many waited at one moment (UTC), and how many started since the sample before."""

    at: datetime
    waiting: int
    started: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Where a backlog is heading; None wherever it cannot be said.

    `per_minute` is the net growth (negative: it shrinks), `grown` by how many it grew over the
    samples judged. `drains_at` is when nothing waits any
    more, arrivals included; `fills_at` when the cap is reached (None once it is); `worked_off_at`
    when all that wait now will have started at the present rate of starts. Times are UTC and lie
    after the newest sample.
    """

    per_minute: float | None = None
    grown: int = 0
    drains_at: datetime | None = None
    fills_at: datetime | None = None
    worked_off_at: datetime | None = None


def outlook(samples: Iterable[BacklogSample], *, cap: int | None = None) -> Outlook:
    """Judge the newest samples: a robust slope (Theil-Sen), and times only when it is clear."""
    recent = _newest(samples)
    if len(recent) < AT_LEAST or recent[-1].at - recent[0].at < SPAN:
        return Outlook()
    last = recent[-1]
    pace = _pace(recent)
    left = None if cap is None else max(0, cap - last.waiting)
    return Outlook(
        per_minute=pace,
        grown=last.waiting - recent[0].waiting,
        drains_at=_after(last, last.waiting, -pace) if pace is not None else None,
        fills_at=_after(last, left, pace) if pace is not None and left is not None else None,
        worked_off_at=_after(last, last.waiting, _starts_per_minute(recent)),
    )


def _newest(samples: Iterable[BacklogSample]) -> Sequence[BacklogSample]:
    """The newest samples only, so that a change of pace is noticed."""
    ordered = sorted(samples, key=lambda sample: (sample.at, sample.waiting))
    inside = [sample for sample in ordered if ordered[-1].at - sample.at <= WINDOW]
    return ordered[-max(len(inside), FEW) :]


def _pace(samples: Sequence[BacklogSample]) -> float | None:
    """Median slope over all pairs, per minute (Sen, 1968); None when the pairs disagree."""
    slopes = [
        (later.waiting - earlier.waiting) / ((later.at - earlier.at).total_seconds() / 60)
        for earlier, later in combinations(samples, 2)
        if later.at > earlier.at
    ]
    if not slopes:
        return None
    middle = median(slopes)
    agreeing = sum(slope * middle > 0 for slope in slopes)
    return middle if middle == 0 or agreeing >= AGREEMENT * len(slopes) else None


def _starts_per_minute(samples: Sequence[BacklogSample]) -> float:
    """Starts over the whole span; those before the first sample belong to an earlier one."""
    minutes = (samples[-1].at - samples[0].at).total_seconds() / 60
    return sum(sample.started for sample in samples[1:]) / minutes


def _after(last: BacklogSample, amount: int, per_minute: float) -> datetime | None:
    if amount <= 0 or per_minute <= 0 or amount / per_minute > HORIZON / timedelta(minutes=1):
        return None
    return last.at + timedelta(minutes=amount / per_minute)
