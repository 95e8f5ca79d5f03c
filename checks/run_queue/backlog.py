"""Signals "saturation" and "plateau": too few slots for what arrives, and a queue at its cap.

That the queue will reach its cap is told from its pace of the last minutes (forecasting.backlog),
and not as a probability of the coming days: it has no quota that adds up, it drains by itself from
one round to the next, and what fills it is a run that hangs or a burst, which no calendar knows.
What a calendar does know, more runs and more calls, is foreseen of the allowances (rate_limit).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from checks.durations import say_duration
from checks.model import Level
from checks.run_queue.evidence import (
    REGULAR,
    Evidence,
    QueueSample,
    age,
    idle_for,
    oldest,
    priorities,
    priority_of,
)
from checks.run_queue.facts import Finding
from checks.run_queue.policy import Policy
from checks.run_queue.slots import slot_holders, suspects
from checks.runs import Queue
from checks.words import say_number, say_waiting
from forecasting.backlog import Outlook

UNSEEN = "more may wait outside, unseen"
NEWEST = 5  # samples that show how full the slots are, on the whole


def find_saturation(
    queue: Queue, evidence: Evidence, policy: Policy, ahead: Outlook
) -> Finding | None:
    """None unless the queue grows, or runs of regular priority or above wait long for a slot.

    Runs of low priority wait long by design, so only their number counts here.
    """
    waited = regular_age(queue, evidence)
    too_old = waited >= policy.saturated_early and is_full(queue, evidence, policy)
    if not queue.waiting or not (too_old or _is_growing(queue, evidence, policy, ahead)):
        return None
    late = too_old and waited >= policy.saturated_breach
    breached = late or _is_ominous(ahead, queue.at, policy)
    more = f"; {UNSEEN}" if plateau_since(evidence, policy) else ""
    return Finding(
        signal="saturation",
        level=Level.BREACH if breached else Level.EARLY,
        sentence=f"{_slots(queue, evidence, policy)}: {say_waiting(queue.waiting_total)}"
        f"{_usually(evidence)}, the oldest for {say_duration(age(oldest(queue.waiting), queue.at))}"
        f"{say_ahead(ahead, queue.at, evidence.queue_cap)}{more}.",
        suspect=next(
            (s for s in suspects(queue, evidence.durations, queue.at) if s.is_beyond), None
        ),
    )


def find_plateau(queue: Queue, evidence: Evidence, policy: Policy) -> Finding | None:
    """None unless the number of waiting runs stands still, high, while runs do start, or cannot
    because all slots are taken."""
    since = full_since(evidence, policy)
    if since is None:
        return None
    starts = plateau_since(evidence, policy) is not None
    if not starts and not is_full(queue, evidence, policy):
        return None
    cap = "its cap" if evidence.queue_cap else "probably its cap"
    meanwhile = "although runs start" if starts else "while all slots are taken"
    return Finding(
        signal="plateau",
        level=Level.EARLY,
        sentence=f"The queue has stood at {queue.waiting_total} runs, {cap}, for "
        f"{say_duration(queue.at - since)} {meanwhile}: {UNSEEN}.",
    )


def plateau_since(evidence: Evidence, policy: Policy) -> datetime | None:
    """Since when the queue stands full although runs start."""
    since = full_since(evidence, policy)
    if since and any(sample.started for sample in evidence.history if sample.at > since):
        return since
    return None


def full_since(evidence: Evidence, policy: Policy) -> datetime | None:
    """Since when the queue stands at its cap, or, the cap not known, at one high number."""
    tail = _level_tail(evidence.history, evidence.queue_cap)
    high = evidence.queue_cap or policy.plateau_min
    if len(tail) < policy.plateau_samples or tail[-1].waiting < high:
        return None
    return tail[0].at


def _level_tail(history: Sequence[QueueSample], cap: int | None) -> Sequence[QueueSample]:
    """The newest samples as far back as they show the same number, or at least the cap."""
    newest = history[-1].waiting if history else 0
    for count, sample in enumerate(reversed(history)):
        if sample.waiting != newest and not (cap and min(sample.waiting, newest) >= cap):
            return history[len(history) - count :]
    return history


def regular_age(queue: Queue, evidence: Evidence) -> timedelta:
    """How long the oldest run of regular priority or above has waited."""
    by_flow = priorities(evidence)
    jobs = [job for job in queue.waiting if priority_of(job, by_flow) <= REGULAR]
    return age(oldest(jobs), queue.at)


def is_full(queue: Queue, evidence: Evidence, policy: Policy) -> bool:
    """True when all slots are taken, now or on the whole, or when that cannot be told."""
    if evidence.allowance is None or len(queue.running) >= evidence.allowance:
        return True
    newest = [sample.running for sample in evidence.history[-NEWEST:]]
    return bool(newest) and median(newest) >= policy.full_share * evidence.allowance


def _is_growing(queue: Queue, evidence: Evidence, policy: Policy, ahead: Outlook) -> bool:
    """True for a clear growth beyond what is usual, unless it looks like a stall in the making."""
    if (ahead.per_minute or 0) <= 0 or ahead.grown < policy.grown_by:
        return False
    usual = evidence.usual_waiting
    if usual is not None and queue.waiting_total <= usual.high:
        return False
    return is_full(queue, evidence, policy) or idle_for(queue, evidence) < policy.stall_after / 2


def _is_ominous(ahead: Outlook, at: datetime, policy: Policy) -> bool:
    fills_soon = ahead.fills_at is not None and ahead.fills_at - at <= policy.fills_within
    drains_late = ahead.drains_at is not None and ahead.drains_at - at > policy.drains_within
    return fills_soon or drains_late


def _slots(queue: Queue, evidence: Evidence, policy: Policy) -> str:
    running, allowance = len(queue.running), evidence.allowance
    holders = f" ({slot_holders(queue)})" if queue.running else ""
    if allowance is None:
        return f"{running} slots of an allowance that is not known are taken{holders}"
    if not is_full(queue, evidence, policy):
        return (
            f"Runs arrive faster than they start although {allowance - running} of {allowance} "
            "slots are free, so a limit on starts per minute may be reached"
        )
    taken = f"All {allowance}" if running >= allowance else f"{running} of {allowance}"
    idle = idle_for(queue, evidence)
    still = f" and nothing has started for {say_duration(idle)}" * (idle >= policy.stall_after)
    return f"{taken} slots are taken{holders}{still}"


def _usually(evidence: Evidence) -> str:
    usual = evidence.usual_waiting
    return f" (usually {say_number(usual.middle)} at this hour)" if usual else ""


def say_ahead(ahead: Outlook, at: datetime, cap: int | None) -> str:
    """The outlook as the end of a sentence; empty when nothing can be said."""
    if ahead.fills_at:
        return f"; at this pace it reaches its cap of {cap} in {say_duration(ahead.fills_at - at)}"
    if ahead.drains_at:
        return f"; at this pace the queue drains in {say_duration(ahead.drains_at - at)}"
    pace = ahead.per_minute or 0.0
    grows = f"; it grows by {say_number(pace)} a minute" if pace > 0 else ""
    if ahead.worked_off_at is None:
        return grows
    return f"{grows}; what waits now will have started in {say_duration(ahead.worked_off_at - at)}"
