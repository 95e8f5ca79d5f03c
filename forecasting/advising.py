"""What would keep a peak under its limit: changes of schedules and batches, each one simulated.

A change is told only when the forecast, made again with it, no longer has the limit reached, or has
it half as likely at most. Everything follows from its arguments alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from forecasting.advice import HOLDS, Advice, Way
from forecasting.change import Change
from forecasting.model import Crossing, Forecast, Limit
from forecasting.moves import Plan, batches, spread_minutes, spread_windows
from forecasting.spending import Spending, shift

Ask = Callable[[Sequence[Limit], Sequence[Change]], Sequence[Forecast]]
"""What is foreseen of each limit when things change so; of one series, to one horizon."""

MOST = 3
HALF = 0.5
GROWTH = 1.1
SIZES = 36  # from 1.1 to thirty times the limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What advice is sought for: a limit, asked about by `ask`, in which the forecast made at
    `made_at` (UTC) foresees it reached. `busiest`: its series holds the busiest minute of every
    hour, and not the hour's sum."""

    ask: Ask
    limit: Limit
    made_at: datetime
    horizon: timedelta
    busiest: bool


def advise(case: Case, spending: Spending | None) -> tuple[Advice, ...]:
    """At most three: what suffices first, and of that what is easier; none where the limit holds,
    is passed already, or where nothing helps. A larger limit comes last, since it costs money or a
    vendor's consent."""
    (forecast,) = case.ask([case.limit], ())
    before = forecast.crossings[-1] if forecast.crossings else None
    if before is None or not HOLDS <= before.chance < 1:
        return ()
    found = list(_simulated(case, spending, before)) if spending is not None else []
    found.sort(key=lambda each: (each.after >= HOLDS, list(Way).index(each.way)))
    larger = _larger(case, before)
    room = MOST - (larger is not None)
    told = (*found[:room], *([larger] if larger else []))
    return tuple(replace(each, judged=forecast.skill.forecasts) for each in told)


def _simulated(case: Case, spending: Spending, before: Crossing) -> Iterator[Advice]:
    """The best of each way; of plans that build on each other the first that suffices."""
    ways = {
        Way.STAGGER: spread_minutes(spending) if case.busiest else iter(()),
        Way.MOVE: iter(()) if case.busiest else spread_windows(spending, case.limit),
        Way.BATCH: batches(spending, case.busiest),
    }
    for way, plans in ways.items():
        if best := _best(case, spending, way, plans, before):
            yield best


def _best(
    case: Case, spending: Spending, way: Way, plans: Iterator[Plan], before: Crossing
) -> Advice | None:
    best: Advice | None = None
    for plan in plans:
        tried = _try(case, spending, way, plan, before)
        if tried is not None and (best is None or tried.after < best.after):
            best = tried
        if best is not None and best.after < HOLDS:
            break
    return best


def _try(case: Case, spending: Spending, way: Way, plan: Plan, before: Crossing) -> Advice | None:
    """The plan as advice, when the forecast made again under it says that it helps."""
    moved, end = shift(spending, plan.total, case.busiest), case.made_at + case.horizon
    change = Change(since=case.made_at, until=end, by_hour=moved.by_hour, added=moved.added)
    after = _crossing(case.ask([case.limit], [change]))
    if after is None or (after.chance >= HOLDS and after.chance > before.chance * HALF):
        return None
    advice = _told(case, way, before, after)
    return replace(advice, moves=plan.moves, records=plan.records, per_run=plan.per_run)


def _larger(case: Case, before: Crossing) -> Advice | None:
    """The smallest round limit that would hold; all are read off one forecast."""
    amounts = sorted({_rounded(case.limit.amount * GROWTH**n) for n in range(1, SIZES + 1)})
    limits = [replace(case.limit, amount=each) for each in amounts if each > case.limit.amount]
    for limit, forecast in zip(limits, case.ask(limits, ()), strict=True):
        after = _crossing([forecast])
        if after is not None and after.chance < HOLDS:
            return replace(_told(case, Way.RAISE, before, after), needed=limit.amount)
    return None


def _told(case: Case, way: Way, before: Crossing, after: Crossing) -> Advice:
    amount = case.limit.amount
    return Advice(
        limit_id=case.limit.id,
        way=way,
        amount=amount,
        before=before.chance,
        after=after.chance,
        highest_before=amount - before.headroom,
        highest_after=amount - (before if way is Way.RAISE else after).headroom,
    )


def _crossing(forecasts: Sequence[Forecast]) -> Crossing | None:
    """What the only forecast says of its farthest horizon."""
    (forecast,) = forecasts
    return forecast.crossings[-1] if forecast.crossings else None


def _rounded(amount: float) -> float:
    """Up to two figures that people remember: 118 -> 120, 2,412 -> 2,500, 4.4 -> 5."""
    size = 1.0
    while amount / size >= 100:
        size *= 10
    whole = -(-amount // size)
    return float(whole * size)
