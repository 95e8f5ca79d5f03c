"""A screen before any model: limits so far above all that was of late that none need be asked.

The highest amount of the last 28 days, half as much again, and more where the series grows: on
recorded volumes that held 97 to 98 of 100 breaches of the next three days, and the others came with
events that no model foresaw either. It says "not within that time", never "healthy".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from forecasting.combine import LEAST
from forecasting.crossing import places_taken
from forecasting.local import DAY, Grid
from forecasting.model import Crossing, Forecast, Kind, Limit
from forecasting.series import Amounts, Series

LATELY = 28
NEEDS = 14 * DAY
MARGIN = 1.5
WEEK = 7


def is_far(limit: Limit, full: Amounts, grid: Grid) -> bool:
    """Whether the limit lies beyond reach, as the past of the series (no gaps) has it.

    Only of what is judged by a bin or by the day, and where two weeks are known.
    """
    if grid.bins * grid.step < NEEDS:
        return False
    highest = _highest(limit, full[-LATELY * grid.per_day :], grid)
    return highest is not None and highest * MARGIN * _growth(full, grid) < limit.amount


def far_away(
    limit: Limit, full: Amounts, grid: Grid, series: Series, horizons: Sequence[timedelta]
) -> Forecast:
    """What is said of a limit beyond reach: hardly within any of these horizons."""
    headroom = limit.amount - (_highest(limit, full[-LATELY * grid.per_day :], grid) or 0.0)
    never = Crossing(
        horizon=DAY, chance=LEAST, soonest=None, middle=None, latest=None, headroom=headroom
    )
    return Forecast(
        limit_id=limit.id,
        made_at=series.until,
        model="screen",
        history=grid.bins * grid.step,
        amount=limit.amount,
        step=series.step,
        kind=limit.kind,
        crossings=tuple(replace(never, horizon=each) for each in sorted(horizons)),
    )


def _highest(limit: Limit, lately: Amounts, grid: Grid) -> float | None:
    if limit.kind is Kind.BIN:
        return float(lately.max())
    if limit.kind is Kind.PLACES:
        return float(places_taken(lately.max(), limit, grid.step))
    if limit.kind is Kind.QUOTA and _is_daily(limit):
        days = lately[len(lately) % grid.per_day :].reshape(-1, grid.per_day)
        return max(float(days.sum(axis=1).max()), limit.used)
    return None


def _is_daily(limit: Limit) -> bool:
    apart = (late - early for early, late in zip(limit.resets, limit.resets[1:], strict=False))
    return bool(limit.resets[1:]) and max(apart) <= DAY + timedelta(hours=1)


def _growth(full: Amounts, grid: Grid) -> float:
    """The last week's volume as a multiple of the one before; 1 at least."""
    week = WEEK * grid.per_day
    before = float(full[-2 * week : -week].sum())
    return max(1.0, float(full[-week:].sum()) / before) if before > 0 else 1.0
