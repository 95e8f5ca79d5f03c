"""Builders for the tests of the run queue's check: an estate at one Monday morning, in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from checks.catalogue.stalled_queue import Evidence, Policy, QueueSample, judge
from checks.model import Verdict
from checks.runs import Flow, Queue, Run, RunStatus, Waiting
from forecasting.usual import Spread, Usual

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
NAMES = {"1": "Orders to NetSuite", "2": "Stock to Shopify", "3": "Returns to Brightpearl"}
USUAL = Usual(middle=2.0, high=6.0, hours=4, basis="Mondays at this hour")

TWENTY_SECONDS = timedelta(seconds=20)
A_MINUTE = timedelta(minutes=1)


def s(amount: float) -> timedelta:
    return timedelta(seconds=amount)


def m(amount: float) -> timedelta:
    return timedelta(minutes=amount)


def h(amount: float) -> timedelta:
    return timedelta(hours=amount)


def run(number: int, flow: str = "1", *, ago: timedelta, trigger: str = "Schedule") -> Run:
    """A run in progress that started so long ago."""
    return Run(
        id=str(number),
        flow_id=flow,
        flow_name=NAMES.get(flow, f"Flow {flow}"),
        status=RunStatus.STARTED,
        started_at=NOW - ago,
        trigger=trigger,
    )


def job(
    flow: str = "2", *, ago: timedelta, priority: int | None = None, known_as: str = ""
) -> Waiting:
    """A waiting run that was queued so long ago."""
    return Waiting(
        id=known_as or f"{flow}-{ago.total_seconds():g}",
        flow_id=flow,
        flow_name=NAMES.get(flow, f"Flow {flow}"),
        queued_at=NOW - ago,
        priority=priority,
    )


def jobs(count: int, *, oldest: timedelta, flow: str = "2") -> tuple[Waiting, ...]:
    """So many waiting runs, evenly queued from `oldest` until now, oldest first."""
    return tuple(
        job(flow, ago=oldest * (count - i) / count, known_as=f"j{i}") for i in range(count)
    )


def running(count: int, *, ago: timedelta = TWENTY_SECONDS, flow: str = "1") -> tuple[Run, ...]:
    return tuple(run(100 + i, flow, ago=ago) for i in range(count))


def queue(
    waiting: Iterable[Waiting] = (),
    held: Iterable[Run] = (),
    *,
    recent: Iterable[Run] = (),
    total: int | None = None,
    oldest_known: bool = True,
) -> Queue:
    waiting = tuple(waiting)
    return Queue(
        at=NOW,
        waiting=waiting,
        waiting_total=len(waiting) if total is None else total,
        running=tuple(held),
        recent=tuple(recent),
        recent_since=NOW - m(15),
        oldest_known=oldest_known,
    )


def history(
    waiting: Sequence[int],
    *,
    held: int = 10,
    every: timedelta = A_MINUTE,
    started: int = 0,
    newest_start: timedelta | None = None,
) -> tuple[QueueSample, ...]:
    """One sample for each number, the last one now; `newest_start` is how long ago."""
    return tuple(
        QueueSample(
            at=NOW - every * (len(waiting) - 1 - place),
            waiting=number,
            running=held,
            started=started,
            newest_start=NOW - newest_start if newest_start is not None else None,
        )
        for place, number in enumerate(waiting)
    )


def spread(p50: float, p99: float, count: int = 100) -> Spread:
    """In seconds."""
    return Spread(count=count, p50=s(p50), p95=s((p50 + p99) / 2), p99=s(p99))


def flow(
    flow_id: str = "2",
    *crons: str,
    enabled: bool | None = True,
    deployed: bool | None = True,
    priority: int | None = None,
    changed: timedelta | None = None,
    name: str | None = None,
) -> Flow:
    return Flow(
        id=flow_id,
        name=NAMES.get(flow_id, f"Flow {flow_id}") if name is None else name,
        enabled=enabled,
        deployed=deployed,
        priority=priority,
        schedules=crons,
        changed_at=NOW - changed if changed is not None else None,
    )


def evidence(seen: Queue | None, **known: object) -> Evidence:
    """Ten slots, everything watched for a week, unless told otherwise."""
    defaults: dict[str, object] = {"watched_since": NOW - timedelta(days=7), "allowance": 10}
    return Evidence(queue=seen, **(defaults | known))  # type: ignore[arg-type]  # test data


def judged(seen: Evidence, policy: Policy | None = None) -> dict[str, Verdict]:
    """Verdicts by the end of their key: "queue", "2/ageing"."""
    found = judge(seen, policy or Policy(), NOW)
    return {
        v.condition if v.condition == "queue" else f"{v.subject.id}/{v.condition}": v for v in found
    }
