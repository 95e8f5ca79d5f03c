"""What a promise allows to go wrong, and how much of that is spent.

The way of judging is that of error budgets: a promise of 99 % allows one run in a hundred to fail.
It counts as broken while the whole span has spent more than that and the newest part of the span
goes on spending, so that what is over is not told for as long as the span lasts
(https://sre.google/workbook/alerting-on-slos/, "Multiwindow, Multi-Burn-Rate Alerts"). The newest
part is a quarter here, not a twelfth as there, because flows have tens of runs and not millions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from checks.promises.model import Kept, Served
from checks.promises.policy import Policy

LATELY = 0.25
"""The share of the span that is its newest part."""
NEARLY_ONE = 1e-9


class Standing(StrEnum):
    """How a promise stands; the later ones are graver."""

    UNPROMISED = "unpromised"
    KEPT = "kept"
    OVER = "over"  # it was broken, and the newest part of the span keeps it
    SILENT = "silent"  # it was broken, and nothing has run lately
    TOO_FEW = "too_few"
    NEARLY = "nearly"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Of `of` runs `spent` were bad, and `allowed` might have been."""

    of: int
    spent: int
    allowed: float

    @property
    def is_overspent(self) -> bool:
        return self.spent > self.allowed + NEARLY_ONE

    @property
    def used(self) -> float:
        """How much of it is spent; 1 is all."""
        return self.spent / self.allowed if self.allowed else float(bool(self.spent))


def of_success(served: Served, success: float) -> Budget:
    return Budget(of=served.runs, spent=served.bad, allowed=(1 - success) * served.runs)


def of_time(served: Served, kept: Kept) -> Budget | None:
    """None where no time is promised."""
    promise = kept.promise
    if promise.within is None:
        return None
    late, of = served.timed(promise.within)
    return Budget(of=of, spent=late, allowed=(1 - promise.share) * of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One of the two things that a flow may promise, and how it stands."""

    standing: Standing = Standing.UNPROMISED
    budget: Budget = Budget(of=0, spent=0, allowed=0.0)


def judge_success(kept: Kept, policy: Policy) -> Judged:
    """Whether enough of its runs succeed."""
    success = kept.promise.success
    if success is None:
        return Judged()
    budget = of_success(kept.served, success)
    return Judged(standing=_stands(budget, of_success(kept.lately, success), policy), budget=budget)


def judge_time(kept: Kept, policy: Policy) -> Judged:
    """Whether enough of them are done in time."""
    budget, lately = of_time(kept.served, kept), of_time(kept.lately, kept)
    if budget is None or lately is None:
        return Judged()
    return Judged(standing=_stands(budget, lately, policy), budget=budget)


def _stands(budget: Budget, lately: Budget, policy: Policy) -> Standing:
    if budget.of < policy.enough:
        return Standing.TOO_FEW
    if budget.spent < policy.least or budget.used < policy.early:
        return Standing.KEPT
    if lately.is_overspent:
        return Standing.BROKEN if budget.is_overspent else Standing.NEARLY
    if not budget.is_overspent:
        return Standing.KEPT
    return Standing.OVER if lately.of else Standing.SILENT
