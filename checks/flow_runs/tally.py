"""How a flow's newest runs went, and how unusual that is for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, takewhile
from math import comb
from statistics import median

from checks.failures import FlowRuns
from checks.flow_runs.policy import Policy
from checks.runs import Run, RunStatus

# A run that a person stopped says nothing about the flow, and a status that we do not know neither.
TELLING = (RunStatus.SUCCESS, RunStatus.FAILURE, RunStatus.PARTIAL_SUCCESS)
PRIOR_RUNS = 20  # what we suppose of a flow without a past: 1 of 20 runs fails
PRIOR_FAILED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The newest runs that count, newest first: `runs` of them, of which `failed` failed.

    `runs` are the policy's number, and more where an unbroken row of failures is longer. `within`
    counts the failures among the policy's number alone, `in_row` the newest that failed and
    `good_in_row` the newest that did not. `share` is how much of it usually fails, supposed where
    little is known, and `chance` how likely so many failures are for such a flow. `apart` is how
    far apart its runs usually end. `last_good` is the newest success known.
    """

    runs: tuple[Run, ...]
    failed: tuple[Run, ...]
    within: int
    in_row: int
    good_in_row: int
    share: float
    chance: float
    apart: timedelta | None
    last_good: Run | None

    @property
    def newest_at(self) -> datetime | None:
        return ended_at(self.runs[0]) if self.runs else None

    @property
    def first_failed_at(self) -> datetime | None:
        return ended_at(self.failed[-1]) if self.failed else None

    @property
    def last_failed_at(self) -> datetime | None:
        return ended_at(self.failed[0]) if self.failed else None


def tally(flow: FlowRuns, policy: Policy) -> Tally:
    """Counts a flow's newest runs; the order in which they are given does not matter.

    The chance is that of at least so many failures among so many runs of which each fails with the
    usual share (binomial), so that a flow that often fails must fail more than often to be told.
    """

    def failed(run: Run) -> bool:
        partial = policy.partial_counts and run.status is RunStatus.PARTIAL_SUCCESS
        return run.status is RunStatus.FAILURE or partial

    told = sorted((run for run in flow.runs if run.status in TELLING), key=_newest, reverse=True)
    window = told[: policy.failed.of]
    within = sum(map(failed, window))
    in_row = sum(1 for _ in takewhile(failed, told))
    runs = told[: max(len(window), in_row)]
    share = (flow.before_failed + PRIOR_FAILED) / (flow.before + PRIOR_RUNS)
    return Tally(
        runs=tuple(runs),
        failed=tuple(run for run in runs if failed(run)),
        within=within,
        in_row=in_row,
        good_in_row=sum(1 for _ in takewhile(lambda run: not failed(run), told)),
        share=share,
        chance=chance_of(within, len(window), share),
        apart=_apart(told),
        last_good=_last_good(flow, told),
    )


def ended_at(run: Run) -> datetime:
    """When a run ended, UTC; its start where that was not told."""
    return run.finished_at or run.started_at


def chance_of(failed: int, runs: int, share: float) -> float:
    """The chance of at least `failed` failures among `runs`, each of which fails with `share`."""
    share = min(1.0, max(0.0, share))
    return sum(
        comb(runs, amount) * share**amount * (1 - share) ** (runs - amount)
        for amount in range(failed, runs + 1)
    )


def _newest(run: Run) -> tuple[datetime, str]:
    return ended_at(run), run.id


def _apart(told: Sequence[Run]) -> timedelta | None:
    gaps = [
        (ended_at(later) - ended_at(earlier)).total_seconds() for later, earlier in pairwise(told)
    ]
    return timedelta(seconds=median(gaps)) if gaps else None


def _last_good(flow: FlowRuns, told: Sequence[Run]) -> Run | None:
    good = [run for run in told if run.status is RunStatus.SUCCESS]
    known = [*good, *([flow.last_good] if flow.last_good else [])]
    return max(known, key=_newest, default=None)
