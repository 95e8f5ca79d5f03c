"""Prophet's model of a series: its own fit, and the same maximum found in the process.

What is modelled is the root of the amounts: daily swings then grow with the level, and nothing
foreseen falls below zero. A week-long season lets Saturday have another shape than Monday; where
two weeks are not known yet, days are all alike. This is the only file that imports prophet.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from forecasting.design import Design, changepoints, columns
from forecasting.local import Grid
from forecasting.maximum import Maximum, Priors, maximise
from forecasting.series import Amounts
from forecasting.trading_days import Calendar

WEEKLY_ORDER, DAILY_ORDER = 24, 8
CHANGEPOINTS = 10
PRIORS = Priors(seasons=10.0, changes=0.01)
WEEKLY_NEEDS = timedelta(days=14)
LOOKS_AHEAD = timedelta(days=42)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A fitted series: the root of an amount is `scale` times its row of the columns times these
    coefficients. `skipped` is how many bins the series has lost at its start since."""

    design: Design
    coefficients: Amounts
    scale: float
    skipped: int = 0


def design_of(grid: Grid, calendar: Calendar, bins: int | None = None) -> Design:
    """What is fitted to the first `bins` of a grid (all of them unless told)."""
    count = grid.bins if bins is None else bins
    weekly = count * grid.step >= WEEKLY_NEEDS
    return Design(
        start=grid.start,
        step=grid.step,
        bins=count,
        weekly=min(WEEKLY_ORDER, 7 * grid.per_day // 2 - 1) if weekly else 0,
        daily=0 if weekly else min(DAILY_ORDER, grid.per_day // 2 - 1),
        changepoints=CHANGEPOINTS,
        marked=_marked(grid, count, calendar),
    )


def fit(amounts: Amounts, design: Design) -> tuple[Fit, ...]:
    """Fit every row (series x bins, gaps NaN) of one grid; rows without gaps together."""
    roots = np.sqrt(np.maximum(amounts[:, : design.bins], 0.0))
    scales = np.nan_to_num(np.nanmax(np.where(np.isnan(roots), 0.0, roots), axis=1, initial=0.0))
    scaled = roots / np.where(scales > 0, scales, 1.0)[:, None]
    found = np.zeros((len(amounts), columns(design).shape[1]))
    settled = np.ones(len(amounts), dtype=bool)
    gappy = np.isnan(scaled).any(axis=1)
    for rows in filter(len, (np.flatnonzero(~gappy), np.flatnonzero(gappy))):
        fitted = _maximise(columns(design), scaled[rows], design.changepoints)
        found[rows], settled[rows] = fitted.coefficients, fitted.settled
    return tuple(
        _fit(row, design, found[place], float(scales[place]), bool(settled[place]))
        for place, row in enumerate(scaled)
    )


def expected(fits: Sequence[Fit], bins: int) -> Amounts:
    """The roots that fits of one design expect (series x `bins`), from the first bin that they
    have not lost on."""
    design, first = fits[0].design, fits[0].skipped
    table = columns(design, max(0, first + bins - design.bins))[first : first + bins]
    coefficients = np.stack([each.coefficients * each.scale for each in fits])
    return np.asarray(coefficients @ table.T)


def fit_by_prophet(scaled: Amounts, design: Design) -> Amounts:
    """The coefficients that Prophet's own optimiser finds for a row (gaps NaN): the reference.

    Slow, and used where the fast way does not settle.
    """
    import pandas as pd

    model = _prophet(design)
    begins = pd.Timestamp(design.start, unit="s")
    moments = pd.date_range(begins, periods=design.bins, freq=pd.Timedelta(design.step))
    table = pd.DataFrame({"ds": moments, "y": scaled})
    for number in range(len(design.marked)):
        table[f"occasion {number}"] = columns(design)[:, -len(design.marked) + number]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses what pandas 3 gives up
        model.fit(table)
    model.stan_backend.cleanup()
    found = model.params
    scale = float(model.y_scale)
    parts = (found["k"].ravel(), found["m"].ravel(), found["delta"].ravel(), found["beta"].ravel())
    return np.concatenate(parts) * scale


def _prophet(design: Design) -> Any:
    for name in ("cmdstanpy", "prophet", "prophet.plot"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    import pandas as pd
    from prophet import Prophet

    places = np.round(changepoints(design) * max(1, design.bins - 1)).astype(int)
    model = Prophet(
        changepoints=[
            pd.Timestamp(design.start, unit="s") + place * design.step for place in places
        ],
        changepoint_prior_scale=PRIORS.changes,
        seasonality_prior_scale=PRIORS.seasons,
        yearly_seasonality=False,
        weekly_seasonality=False,
        daily_seasonality=False,
        uncertainty_samples=0,
    )
    for name, period, order in (("week", 7, design.weekly), ("day", 1, design.daily)):
        if order:
            model.add_seasonality(name, period=period, fourier_order=order)
    for number in range(len(design.marked)):
        model.add_regressor(f"occasion {number}", PRIORS.seasons, standardize=False)
    return model


def _fit(row: Amounts, design: Design, found: Amounts, scale: float, settled: bool) -> Fit:
    if settled and np.isfinite(found).all():
        return Fit(design=design, coefficients=found, scale=scale)
    slow = fit_by_prophet(row, design)
    return Fit(design=design, coefficients=slow, scale=scale)


def _maximise(table: Amounts, rows: Amounts, changes: int) -> Maximum:
    try:
        return maximise(table, rows, changes, PRIORS)
    except np.linalg.LinAlgError:
        return Maximum(
            coefficients=np.zeros((len(rows), table.shape[1])),
            noise=np.zeros(len(rows)),
            settled=np.zeros(len(rows), dtype=bool),
        )


def _marked(grid: Grid, bins: int, calendar: Calendar) -> tuple[tuple[int, ...], ...]:
    """The days of each occasion that was met in these bins, those of it to come included."""
    first, last = grid.day(), grid.day(bins - 1)
    days: dict[str, set[int]] = {}
    for each in calendar.between(first, last + LOOKS_AHEAD):
        begins, ends = (each.first - first).days, (each.last - first).days
        days.setdefault(each.name, set()).update(range(max(0, begins), ends + 1))
    met = range((last - first).days + 1)
    return tuple(tuple(sorted(found)) for found in days.values() if not found.isdisjoint(met))
