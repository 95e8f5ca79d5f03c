"""What the check on silent loss is given, from the store: hours, partial runs, logs, passages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import quantiles

from bot.gather import Gathered
from bot.inventory import Inventory
from bot.kept import Kept
from bot.loss_weighing import Weighing, weigh
from bot.settings import Settings
from bot.store import Database, loss, readings, runs
from bot.store.loss import Passage
from checks.classify import ERRORS
from checks.failures import FailureEvidence
from checks.loss.evidence import LossEvidence, PoolGrowth, Recovered, Tracked
from checks.loss.usual import HOUR
from checks.runs import Flow, RunStatus

OURS = "silent_loss"
LOOKS_BACK = timedelta(days=7)
PASSAGES_EVERY = timedelta(minutes=5)
JUDGED_PASSAGES = timedelta(hours=48)
LEAST_LAG, MOST_LAG = timedelta(minutes=15), timedelta(hours=24)
LAGS = 3  # times what nineteen of twenty values needed
READ_BEHIND = timedelta(minutes=30)
POOL_ENTRIES = "pool.entries"
POOL_SPAN, LEAST_POOL_SPAN = timedelta(hours=6), timedelta(hours=3)


@dataclass(slots=True)
class LossMemory:
    """What is dear to work out: the hours beside the past, and the passages."""

    weighing: Weighing = field(default_factory=Weighing)
    passages: Kept[Mapping[str, Tracked]] = field(default_factory=lambda: Kept(PASSAGES_EVERY))
    recovered: Kept[Mapping[str, Recovered]] = field(default_factory=lambda: Kept(PASSAGES_EVERY))


def remember_losses(db: Database, gathered: Gathered) -> None:
    """Store what a round read that may show a loss; inside a write transaction."""
    loss.save_green_logs(
        db,
        (
            (log.run, sum(line.level in ERRORS for line in log.lines))
            for log in gathered.logs
            if log.run.status is RunStatus.SUCCESS
        ),
    )
    seen = gathered.losses
    if seen.tracked_until is not None:
        loss.save_tracked(db, seen.tracked, seen.tracked_until)
    readings.add_readings(db, seen.pools)


def loss_evidence(
    db: Database,
    failures: FailureEvidence,
    inventory: Inventory | None,
    settings: Settings,
    gathered: Gathered,
    memory: LossMemory,
    now: datetime,
) -> LossEvidence:
    """Everything the check looks at, from the store as it is after remembering."""
    tracked, blind = _tracked(db, gathered, memory, now)
    since = now - LOOKS_BACK
    flows = {flow.id: flow for flow in inventory.flows} if inventory else {}
    judged = [each.flow_id for each in failures.flows]
    weighed = weigh(db, judged, settings, memory.weighing, now)
    partial, green = loss.partial_runs(db, since), loss.green_errors(db, since)
    behind = {
        **{run.id: run.flow_id for each in partial.values() for run in each},
        **{told.run_id: told.flow_id for each in green.values() for told in each},
    }
    return LossEvidence(
        failures=failures,
        flows=flows,
        partial=partial,
        green_errors=green,
        unread=loss.unread_logs(db, now - HOUR),
        weighed=weighed,
        last_starts=runs.last_starts(db),
        tracked=tracked,
        tracked_blind=blind,
        recovered=memory.recovered.take(now, lambda: _recovered(db, behind, tracked or {})),
        pools=_pools(db, flows.values(), gathered.losses.pool_names, now),
        settled=loss.settled_by_people(db, OURS, since),
        zone=settings.estate.zone,
        told=tuple(loss.told_by_others(db, OURS, weighed.since if weighed else now)),
    )


def _tracked(
    db: Database, gathered: Gathered, memory: LossMemory, now: datetime
) -> tuple[Mapping[str, Tracked] | None, str]:
    """By flow; None, and why, where they cannot be read of late although they once could."""
    until = loss.tracked_until(db)
    if until is None:
        return {}, ""
    if now - until > READ_BEHIND:
        return None, gathered.losses.blind or "they have not been read whole of late"
    return memory.passages.take(now, lambda: _passages(db, until)), ""


def _passages(db: Database, until: datetime) -> Mapping[str, Tracked]:
    by_flow: dict[str, list[Passage]] = {}
    settled = loss.settled_by_people(db, OURS, until - JUDGED_PASSAGES)
    for each in loss.passages(db, until - loss.TRACKED_FOR):
        by_flow.setdefault(each.flow_id, []).append(each)
    return {
        flow_id: _of_flow(passages, until, settled.get(flow_id))
        for flow_id, passages in by_flow.items()
    }


def _of_flow(passages: Sequence[Passage], until: datetime, settled: datetime | None) -> Tracked:
    """What was received in the judged time and has had its lag, beside the days before."""
    lag = _lag(passages)
    since = max(until - JUDGED_PASSAGES, settled or until - JUDGED_PASSAGES)
    judged = [each for each in passages if since < each.received_at <= until - lag]
    before = [each for each in passages if each.received_at <= until - JUDGED_PASSAGES]
    unsent = [each for each in judged if each.sent_at is None]
    return Tracked(
        since=since,
        until=until - lag,
        lag=lag,
        received=len(judged),
        unsent=len(unsent),
        before=len(before),
        before_unsent=sum(each.sent_at is None for each in before),
        first_at=unsent[0].received_at if unsent else None,
    )


def _lag(passages: Iterable[Passage]) -> timedelta:
    """Three times what nineteen of twenty values needed, within bounds."""
    took = [
        max(0.0, (each.sent_at - each.received_at).total_seconds())
        for each in passages
        if each.sent_at is not None
    ]
    if len(took) < 2:
        return MOST_LAG
    usual = timedelta(seconds=LAGS * quantiles(took, n=20, method="inclusive")[-1])
    return min(MOST_LAG, max(LEAST_LAG, usual))


def _recovered(
    db: Database, behind: Mapping[str, str], tracked: Mapping[str, Tracked]
) -> Mapping[str, Recovered]:
    """By run, of those that left something behind (their flows by run id): that all they received
    was sent since. Only what went out long after the usual time can be what was left behind."""
    lags = {run: tracked[flow_id].lag for run, flow_id in behind.items() if flow_id in tracked}
    return loss.sent_since(db, lags)


def _pools(
    db: Database, flows: Iterable[Flow], names: Mapping[str, str], now: datetime
) -> dict[str, tuple[PoolGrowth, ...]]:
    """How much each flow's de-dupe pools gained over the newest hours that are known."""
    found: dict[str, tuple[PoolGrowth, ...]] = {}
    grown: dict[str, PoolGrowth | None] = {}
    for flow in flows:
        for pool_id in flow.pool_ids:
            if pool_id not in grown:
                grown[pool_id] = _growth(db, pool_id, names.get(pool_id, ""), now)
        known = (grown[pool_id] for pool_id in flow.pool_ids)
        if pools := tuple(pool for pool in known if pool is not None):
            found[flow.id] = pools
    return found


def _growth(db: Database, pool_id: str, name: str, now: datetime) -> PoolGrowth | None:
    since = now - POOL_SPAN - HOUR
    told = readings.readings_since(db, f"pool/{pool_id}", (POOL_ENTRIES,), since)
    moments = sorted(told)
    if len(moments) < 2 or moments[-1] - moments[0] < LEAST_POOL_SPAN:
        return None
    first, last = told[moments[0]][POOL_ENTRIES], told[moments[-1]][POOL_ENTRIES]
    return PoolGrowth(
        id=pool_id,
        name=name or f"pool {pool_id}",
        since=moments[0],
        until=moments[-1],
        gained=max(0, round(last - first)),
    )
