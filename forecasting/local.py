"""Series by the customer's clock: days and weeks go by it, and an hour that comes twice is one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from forecasting.series import Amounts, Series

DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)
MOST = 77 * DAY
"""Older history says little about the next days; eleven weeks hold enough of every weekday."""
TWICE = timedelta(hours=2)
"""Clocks go back by an hour, in places by half of one, seldom by two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Bins by the local clock: the first one's start in seconds since 1970 by that clock, their
    length and number. Series with equal grids can be treated together."""

    start: int
    step: timedelta
    bins: int
    zone: str

    @property
    def per_day(self) -> int:
        """Bins a day."""
        return max(1, DAY // self.step)

    def day(self, place: int = 0) -> date:
        """The local day of a bin."""
        seconds = self.start + place * int(self.step.total_seconds())
        return EPOCH + timedelta(days=seconds // 86_400)


def localise(series: Series) -> tuple[Grid, Amounts]:
    """The newest eleven weeks on a local grid. A local hour that comes twice holds the mean of
    both, one that never comes is a gap; where nothing is known from the first bin on, the grid
    begins later."""
    values = _without_lead(series.amounts[-(MOST // series.step) :])
    start = series.until - len(values) * series.step
    places, first = _places(start, series.step, len(values), series.zone)
    bins = int(places.max()) + 1 if len(places) else 0
    grid = Grid(start=first, step=series.step, bins=bins, zone=str(series.zone))
    known = np.isfinite(values)
    sums = np.bincount(places[known], values[known], minlength=bins)
    counts = np.bincount(places[known], minlength=bins)
    return grid, np.divide(sums, counts, out=np.full(bins, np.nan), where=counts > 0)


def ahead(series: Series, bins: int) -> np.typing.NDArray[np.intp]:
    """Which bin of the local grid, counted from the first one ahead, each of the next UTC bins is.

    Where an hour comes twice, some lie before the newest bin known: they are 0 as well.
    """
    known = TWICE // series.step + 1
    start = series.until - known * series.step
    places, _ = _places(start, series.step, known + bins, series.zone)
    return np.asarray(np.maximum(places[known:] - places[:known].max() - 1, 0))


def filled(amounts: Amounts, per_day: int) -> Amounts:
    """The same without gaps: what is usual at the time of week, else of day, else at all."""
    found = amounts.copy()
    for period in (7 * per_day, per_day, 1):
        missing = np.flatnonzero(np.isnan(found))
        if not len(missing):
            break
        places, back = np.unique(missing % period, return_inverse=True)
        found[missing] = _medians(amounts, period, places)[back]
    return np.nan_to_num(found)


def _medians(amounts: Amounts, period: int, places: np.typing.NDArray[np.intp]) -> Amounts:
    """The median at these places of each period; NaN where none is known."""
    padded = np.full(-(-len(amounts) // period) * period, np.nan)
    padded[: len(amounts)] = amounts
    ranked = np.sort(padded.reshape(-1, period)[:, places], axis=0)  # NaN go last
    known = np.isfinite(ranked).sum(axis=0)
    each = np.arange(len(places))
    return np.asarray((ranked[(known - 1) // 2, each] + ranked[known // 2, each]) / 2)


def _without_lead(values: Amounts) -> Amounts:
    known = np.flatnonzero(np.isfinite(values))
    return values[known[0] :] if len(known) else values[:0]


@lru_cache(maxsize=64)
def _places(
    start: datetime, step: timedelta, bins: int, zone: ZoneInfo
) -> tuple[np.typing.NDArray[np.intp], int]:
    """The local bin of each UTC bin, from the first one's on, and the first one's start."""
    seconds = np.array([_local_seconds(start + place * step, zone) for place in range(bins)])
    length = int(step.total_seconds())
    whole = seconds // length
    first = int(whole[0]) * length if bins else 0
    found = whole - whole[0] if bins else whole.astype(np.intp)
    found.flags.writeable = False
    return found, first


def _local_seconds(at: datetime, zone: ZoneInfo) -> int:
    offset = at.astimezone(zone).utcoffset() or timedelta(0)
    return int(at.astimezone(UTC).timestamp() + offset.total_seconds())
