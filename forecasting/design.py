"""The columns that Prophet's model is linear in: trend with changepoints, seasons, occasions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import numpy as np

from forecasting.series import Amounts

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
CHANGEPOINT_RANGE = 0.8
"""Changepoints lie in the first part of the history, as in Prophet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A time grid and what is fitted to it; equal for series that can be fitted together.

    `start` is the first bin by the local clock, in seconds since 1970, and `bins` how many the
    history has. `weekly` and `daily` are orders of Fourier terms. `marked` are occasions, a column
    each: the local days, counted from that of `start`, on which trade was not as usual.
    """

    start: int
    step: timedelta
    bins: int
    weekly: int = 0
    daily: int = 0
    changepoints: int = 10
    marked: tuple[tuple[int, ...], ...] = ()

    @property
    def trend_columns(self) -> int:
        """Slope and offset come first, then a column for each changepoint."""
        return 2 + self.changepoints


def changepoints(design: Design) -> Amounts:
    """Where the slope may change, on a scale on which the history goes from 0 to 1."""
    if not design.changepoints:
        return np.empty(0)
    inside = int(design.bins * CHANGEPOINT_RANGE)
    places = np.linspace(0, inside - 1, design.changepoints + 1).round()[1:]
    return np.asarray(places / max(1, design.bins - 1))


@lru_cache(maxsize=16)
def columns(design: Design, ahead: int = 0) -> Amounts:
    """One row a bin, the history's and `ahead` more; read only, since it is kept."""
    bins = np.arange(design.bins + ahead)
    at = bins / max(1, design.bins - 1)
    found = [at, np.ones(len(bins))]
    found += [np.maximum(at - place, 0.0) for place in changepoints(design)]
    turned = design.start + bins * design.step.total_seconds()
    for period, order in ((WEEK, design.weekly), (DAY, design.daily)):
        angle = 2 * np.pi * (turned % period.total_seconds()) / period.total_seconds()
        for number in range(1, order + 1):
            found += [np.sin(number * angle), np.cos(number * angle)]
    days = (turned // DAY.total_seconds() - design.start // DAY.total_seconds()).astype(int)
    found += [np.isin(days, marked).astype(float) for marked in design.marked]
    table = np.stack(found, axis=1)
    table.flags.writeable = False
    return table
