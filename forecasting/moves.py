"""Other schedules and batches for the flows that spend an allowance: plans, not yet simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from forecasting.advice import Move
from forecasting.cron import (
    is_seldom,
    later_by_days,
    later_by_hours,
    later_by_minutes,
    spacing,
)
from forecasting.model import DAY, Kind, Limit
from forecasting.series import Amounts
from forecasting.spending import DAY_HOURS, Spender, Spending, keeps_schedule, later, per_hour

HOUR_MINUTES = 60
DAY_MINUTES = DAY_HOURS * HOUR_MINUTES
HEAVIEST = 5
MOST_MOVES = 3
WORTH = 0.02  # of the peak: what a further move must take off it
COARSE = 5  # minutes: full fives are easier to remember
RECORDS = (2, 5, 10, 20, 50)
MANY_CALLS = 20.0  # a run: with fewer there is nothing to put together
MANY = 0.1  # of all that is spent: a flow with less decides nothing
FULLEST = 0.1  # of the hours: what a peak is measured by

Instead = tuple[str, Amounts]
"""Another cron line for a flow, and its amounts by that line."""
Peak = Callable[[Amounts], float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """Moves, and what would be spent by the minute in all. `records` a call in place of one, and
    how many calls a run makes today, where larger batches are meant."""

    total: Amounts
    moves: tuple[Move, ...]
    records: int = 0
    per_run: float = 0.0


def spread_minutes(spending: Spending) -> Iterator[Plan]:
    """Flows that start in the same minutes, moved to others: one of them, then two, then three,
    each time the one that takes most off the busiest minutes."""

    def ways(spender: Spender) -> Iterator[Instead]:
        line, apart = spender.schedules[0], spacing(spender.schedules[0])
        for minutes in range(*_shifts(apart)):
            if instead := later_by_minutes(line, minutes):
                yield instead, later(spender.amounts, minutes)

    movable = _scheduled(spending, lambda line: spacing(line) > 1)
    yield from _greedy(spending, movable, ways, lambda total: _fullest(per_hour(total, True)))


def spread_windows(spending: Spending, limit: Limit) -> Iterator[Plan]:
    """Flows that run in few of the hours and are not time-sensitive, moved to calmer ones; for
    a quota of a day to calmer weekdays. Nothing moves out of a longer window."""
    movable = [each for each in _scheduled(spending, is_seldom) if not each.urgent]
    window = window_of(limit)
    if window is None:
        yield from _greedy(
            spending, movable, _by_hours, lambda total: _fullest(per_hour(total, False))
        )
    elif window <= DAY:
        yield from _greedy(spending, movable, _by_days, _fullest_day)


def batches(spending: Spending, busiest: bool) -> Iterator[Plan]:
    """The heaviest flow's calls put together, more and more records a call, where its runs make
    many; whether its steps can do that is not known here."""
    whole = float(spending.total.sum())
    heavy = [
        each
        for each in _heaviest(spending)
        if each.per_run >= MANY_CALLS and each.amounts.sum() >= MANY * whole
    ]
    peak = per_hour(spending.total, busiest)
    heavy.sort(key=lambda each: -float(per_hour(each.amounts, busiest)[peak.argmax()]))
    for each in heavy:
        for records in RECORDS:
            yield Plan(
                total=spending.instead({each.id: each.amounts / records}),
                moves=(Move(flow_id=each.id, flow_name=each.name),),
                records=records,
                per_run=each.per_run,
            )


def window_of(limit: Limit) -> timedelta | None:
    """Over how long amounts add up: of a quota the time between two starts, of a rolling sum its
    window; None where every bin stands for itself. A quota with one known start is of a month."""
    if limit.kind is Kind.ROLLING:
        return limit.window or DAY
    if limit.kind is not Kind.QUOTA:
        return None
    resets = sorted(limit.resets)
    return resets[1] - resets[0] if len(resets) > 1 else 30 * DAY


def _greedy(
    spending: Spending,
    movable: list[Spender],
    ways: Callable[[Spender], Iterator[Instead]],
    peak: Peak,
) -> Iterator[Plan]:
    """After every move the plan so far, as long as the next one is worth it."""
    taken: dict[str, Amounts] = {}
    moves: tuple[Move, ...] = ()
    best = peak(spending.total)
    while len(moves) < MOST_MOVES:
        found = _next_move(spending, movable, ways, peak, taken)
        if found is None or found[0] > best * (1 - WORTH):
            return
        best, spender, instead, amounts = found
        taken[spender.id] = amounts
        moves += (
            Move(
                flow_id=spender.id,
                flow_name=spender.name,
                cron=spender.schedules[0],
                instead=instead,
            ),
        )
        yield Plan(total=spending.instead(taken), moves=moves)


def _next_move(
    spending: Spending,
    movable: list[Spender],
    ways: Callable[[Spender], Iterator[Instead]],
    peak: Peak,
    taken: Mapping[str, Amounts],
) -> tuple[float, Spender, str, Amounts] | None:
    """The move that leaves the lowest peak; of equals the first."""
    tried = (
        (peak(spending.instead({**taken, each.id: amounts})), each, instead, amounts)
        for each in movable
        if each.id not in taken
        for instead, amounts in ways(each)
    )
    return min(tried, key=lambda found: found[0], default=None)


def _by_hours(spender: Spender) -> Iterator[Instead]:
    for hours in range(1 - DAY_HOURS, DAY_HOURS):
        if hours and (instead := later_by_hours(spender.schedules[0], hours)):
            yield instead, later(spender.amounts, hours * HOUR_MINUTES)


def _by_days(spender: Spender) -> Iterator[Instead]:
    for days in range(1, 7):
        if instead := later_by_days(spender.schedules[0], days):
            yield instead, later(spender.amounts, days * DAY_MINUTES)


def _shifts(apart: int) -> tuple[int, int, int]:
    """By which minutes a schedule may be moved: full fives where there is room for them."""
    step = COARSE if apart > 2 * COARSE else 1
    return step, apart, step


def _scheduled(spending: Spending, suits: Callable[[str], bool]) -> list[Spender]:
    """Those of the heaviest that start by one cron line that suits, and by nothing else."""
    return [
        each
        for each in _heaviest(spending)
        if len(each.schedules) == 1
        and suits(each.schedules[0])
        and keeps_schedule(each, spending.start, spending.cron_zone)
    ]


def _heaviest(spending: Spending) -> list[Spender]:
    return list(spending.spenders[:HEAVIEST])


def _fullest(hourly: Amounts) -> float:
    """The mean of the fullest tenth of the hours in which anything runs: one odd hour decides
    nothing, and hours in which nothing runs do not thin it."""
    many = max(1, int(np.count_nonzero(hourly) * FULLEST))
    return float(np.partition(hourly, -many)[-many:].mean())


def _fullest_day(total: Amounts) -> float:
    days = len(total) // DAY_MINUTES
    return _fullest(total[: days * DAY_MINUTES].reshape(days, -1).sum(axis=1)) if days else 0.0
