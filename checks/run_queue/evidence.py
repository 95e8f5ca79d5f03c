"""What the check of the run queue is given, and what can be read off it directly. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from checks.runs import Flow, Queue, Run, Waiting
from forecasting.usual import Spread, Usual

REGULAR = 3  # Patchworks' default priority
NOT_QUEUED = frozenset({"manual", "retry"})  # these bypass the queue, so they prove no pick


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSample:
    """The queue in one round. `newest_start` and `started` count picked runs only (see `picked`);
    `started` is how many were picked since the sample before."""

    at: datetime
    waiting: int
    running: int
    oldest_age: timedelta = timedelta(0)
    newest_start: datetime | None = None
    started: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One round's evidence. Maps are keyed by flow id; times are UTC.

    `queue` is None when it could not be read, and `blind` says why in one sentence. `flows` is
    None when the inventory could not be read. `history` holds the newest samples, this round's
    included. `allowance` (concurrent runs) and `queue_cap` are None when not known. `last_runs` is
    the latest start known; `watched_since` is since when starts are known without a gap.
    """

    queue: Queue | None
    watched_since: datetime
    blind: str = ""
    flows: tuple[Flow, ...] | None = None
    history: tuple[QueueSample, ...] = ()
    usual_waiting: Usual | None = None
    durations: Mapping[str, Spread] = field(default_factory=dict)
    waits: Mapping[str, Spread] = field(default_factory=dict)
    allowance: int | None = None
    queue_cap: int | None = None
    last_runs: Mapping[str, datetime] = field(default_factory=dict)
    time_sensitive: frozenset[str] = frozenset()
    max_age: Mapping[str, timedelta] = field(default_factory=dict)


def picked(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Runs that came out of the queue; manual runs and retries start without waiting in it.

    https://doc.wearepatchworks.com/product-documentation/process-flows/error-reporting-and-exception-handling/run-logs-and-queue/working-with-your-run-queue
    """
    return tuple(run for run in runs if run.trigger.casefold() not in NOT_QUEUED)


def newest_pick(queue: Queue) -> datetime | None:
    """When the newest picked run started, of all that were read; None when none was seen."""
    runs = picked((*queue.running, *queue.recent))
    return max((run.started_at for run in runs), default=None)


def sample_of(queue: Queue, before: QueueSample | None) -> QueueSample:
    """What this round adds to the history; `before` is the newest sample known so far."""
    since = before.at if before else queue.at
    starts = {run.id: run.started_at for run in picked((*queue.running, *queue.recent))}
    return QueueSample(
        at=queue.at,
        waiting=queue.waiting_total,
        running=len(queue.running),
        oldest_age=age(oldest(queue.waiting), queue.at),
        newest_start=newest_pick(queue),
        started=sum(started_at > since for started_at in starts.values()),
    )


def oldest(waiting: Iterable[Waiting]) -> Waiting | None:
    return min(waiting, key=lambda job: (job.queued_at, job.id), default=None)


def age(job: Waiting | None, at: datetime) -> timedelta:
    """How long this one has waited; nothing and the future count as no time."""
    return max(timedelta(0), at - job.queued_at) if job else timedelta(0)


def priorities(evidence: Evidence) -> dict[str, int]:
    """Priority by flow id, where the inventory tells it."""
    return {flow.id: flow.priority for flow in evidence.flows or () if flow.priority is not None}


def priority_of(job: Waiting, by_flow: Mapping[str, int]) -> int:
    return job.priority if job.priority is not None else by_flow.get(job.flow_id, REGULAR)


def idle_for(queue: Queue, evidence: Evidence) -> timedelta:
    """How long nothing was picked although something waited; zero when nothing waits.

    The shortest of three facts: the age of the oldest waiting run, the time since the newest pick
    (or since runs are known), and the time since all slots were last seen taken. So it does not
    depend on how often we look.
    """
    waited = age(oldest(queue.waiting), queue.at)
    starts = [newest_pick(queue), *(sample.newest_start for sample in evidence.history)]
    since = max((start for start in starts if start), default=queue.recent_since)
    bounds = [waited, queue.at - since]
    if evidence.allowance is not None and len(queue.running) < evidence.allowance:
        full = [s.at for s in evidence.history if s.running >= evidence.allowance]
        bounds += [queue.at - max(full)] if full else []
    return max(timedelta(0), min(bounds))
