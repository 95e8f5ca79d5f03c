"""One flow as the signals look at it: all that is known of it, with its own moment of settling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from checks.failures import Failure, FlowRuns
from checks.flow_runs.tally import TELLING, ended_at
from checks.loss.evidence import LossEvidence, PoolGrowth, Recovered, Tracked
from checks.loss.usual import FlowSpan, Norm, Weighed
from checks.runs import Flow, Run, RunStatus
from checks.words import flow_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`flow` has its newest runs, newest first, and `name` is ready to read. `weighed` and `span`
    are None where no hours are known. What a person has settled is left out of all runs, and what
    was sent since is left out of those that left something behind: `recovered` says what."""

    flow: FlowRuns
    name: str
    platform: Flow | None
    runs: tuple[Run, ...]
    partial: tuple[Run, ...]
    green_errors: tuple[Failure, ...]
    unread: int
    weighed: Weighed | None
    span: FlowSpan | None
    last_start: datetime | None
    tracked: Tracked | None
    tracked_blind: str
    pools: tuple[PoolGrowth, ...]
    recovered: tuple[Recovered, ...] = ()

    @property
    def green(self) -> tuple[Run, ...]:
        """Its newest runs that ended well, newest first."""
        return tuple(run for run in self.runs if run.status is RunStatus.SUCCESS)

    @property
    def counted(self) -> tuple[Run, ...]:
        """Those of them that received something, and said how much they sent."""
        return tuple(run for run in self.green if run.received and run.sent is not None)

    @property
    def norm(self) -> Norm | None:
        """What it usually does with what it receives; None while that is still being learned."""
        return self.span.norm if self.span else Norm()

    @property
    def fails(self) -> bool:
        """Whether its newest run that tells anything failed."""
        telling = [run for run in self.runs if run.status in TELLING]
        return bool(telling) and telling[0].status is RunStatus.FAILURE


def look_at(flow: FlowRuns, evidence: LossEvidence) -> Look:
    flow_id = flow.flow_id
    settled = evidence.settled.get(flow_id)
    weighed = evidence.weighed
    partial = _newest_first(evidence.partial.get(flow_id, ()), settled)
    green = _since(evidence.green_errors.get(flow_id, ()), settled)
    behind = {run.id: None for run in partial} | {each.run_id: each.records for each in green}
    behind |= {each.run_id: each.records for each in flow.failures if each.run_id in behind}
    healed = {run_id for run_id, lost in behind.items() if _is_healed(run_id, lost, evidence)}
    return Look(
        flow=flow,
        name=flow_name(flow_id, flow.flow_name),
        platform=evidence.flows.get(flow_id),
        runs=_newest_first(flow.runs, settled),
        partial=tuple(run for run in partial if run.id not in healed),
        green_errors=tuple(each for each in green if each.run_id not in healed),
        unread=evidence.unread.get(flow_id, 0),
        weighed=weighed,
        span=weighed.flows.get(flow_id) if weighed else None,
        last_start=evidence.last_starts.get(flow_id),
        tracked=(evidence.tracked or {}).get(flow_id),
        tracked_blind=evidence.tracked_blind if evidence.tracked is None else "",
        pools=tuple(sorted(evidence.pools.get(flow_id, ()), key=lambda pool: pool.id)),
        recovered=tuple(evidence.recovered[run_id] for run_id in sorted(healed)),
    )


def _is_healed(run_id: str, lost: int | None, evidence: LossEvidence) -> bool:
    """Whether what it left behind was sent since, as many as its log counted where it did."""
    found = evidence.recovered.get(run_id)
    return found is not None and found.late >= (lost or 1)


def _since(told: Iterable[Failure], settled: datetime | None) -> list[Failure]:
    """What was told since a person settled what was lost, newest first."""
    kept = (each for each in told if settled is None or each.at > settled)
    return sorted(kept, key=lambda each: (each.at, each.run_id), reverse=True)


def _newest_first(runs: Iterable[Run], settled: datetime | None) -> tuple[Run, ...]:
    """Runs that have ended since a person settled what was lost; the larger id came later."""
    kept = (run for run in runs if settled is None or ended_at(run) > settled)
    return tuple(sorted(kept, key=lambda run: (ended_at(run), run.id), reverse=True))
