"""Rolling-origin backtest: at each origin, what would have been foreseen from what was known then.

As the bot does it: learned anew each day and foreseen at each origin, from the amounts before it.
How far to trust forecasts is rehearsed anew every third day, which is dear and changes slowly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from forecasting.dataset import Case, Line, breach_row, quantile_rows
from forecasting.learning import Learned, Question, foresee_many, learn
from forecasting.local import DAY
from forecasting.model import Forecast, Kind, Limit
from forecasting.series import Series
from forecasting.trading_days import Calendar

LEARN_EVERY = DAY
REHEARSE_EVERY = 3 * DAY
Rows = list[Sequence[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The rows of one series for the two files."""

    breaches: Rows
    quantiles: Rows


def backtest(case: Case, calendar: Calendar, *, quantiles: bool = True) -> Judged:
    """Everything that is told of one series, origin by origin. Some seconds; runs in a worker."""
    breaches: Rows = []
    bands: Rows = []
    horizons = tuple(sorted({each for limit in case.limits for each in limit.horizons}))
    for question in _questions(case, calendar, horizons):
        (forecasts,) = foresee_many([question], calendar, horizons=horizons, bands=quantiles)
        for limit, forecast in zip(case.limits, forecasts, strict=True):
            breaches += breach_row(case.series.id, limit, _only(forecast, limit))
        bands += quantile_rows(case.series.id, forecasts[0])
    return Judged(breaches=breaches, quantiles=bands)


def _questions(case: Case, calendar: Calendar, horizons: Sequence[timedelta]) -> Iterator[Question]:
    learned: Learned | None = None
    rehearsed: datetime | None = None
    for origin in case.origins:
        known = before(case.series, origin)
        if not len(known.values):
            continue
        if learned is None or origin - learned.fitted_at >= LEARN_EVERY:
            anew = rehearsed is None or origin - rehearsed >= REHEARSE_EVERY
            trust = None if anew or learned is None else learned.trust
            (learned,) = learn([known], calendar, horizons, trust=trust)
            rehearsed = origin if anew else rehearsed
        limits = tuple(_limit(line, known, horizons) for line in case.limits)
        yield Question(series=known, limits=limits, learned=learned)


def before(series: Series, origin: datetime) -> Series:
    """What was known of a series at a moment: the bins that had ended."""
    bins = max(0, (origin - series.start) // series.step)
    return replace(series, values=series.values[:bins])


def _limit(line: Line, known: Series, horizons: Sequence[timedelta]) -> Limit:
    if line.kind == "bin":
        return Limit(id=line.id, kind=Kind.BIN, amount=line.amount)
    midnight = known.until.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = (known.until - midnight) // known.step
    days = range(1, max(horizons) // DAY + 2)
    return Limit(
        id=line.id,
        kind=Kind.QUOTA,
        amount=line.amount,
        used=float(np.nansum(known.values[len(known.values) - since :])) if since else 0.0,
        resets=tuple(midnight + day * DAY for day in days),
    )


def _only(forecast: Forecast, limit: Line) -> Forecast:
    wanted = tuple(each for each in forecast.crossings if each.horizon in limit.horizons)
    return replace(forecast, crossings=wanted)
