"""Amounts on a regular grid: gaps stay gaps, local hours that come twice or never do no harm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Amounts = NDArray[np.floating[Any]]
HOUR = timedelta(hours=1)
MOST = 1e30
"""More is no amount of anything, and its square could not be held."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """Amounts by the bin. `start` (UTC) is that of the first bin; NaN stands where nothing is
    known. `zone` is the clock by which its days and weeks go."""

    id: str
    start: datetime
    step: timedelta
    values: Amounts
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))

    @property
    def amounts(self) -> Amounts:
        """The values, with NaN for whatever is no amount: below zero, absurdly large."""
        return np.where((self.values >= 0) & (self.values < MOST), self.values, np.nan)

    @property
    def until(self) -> datetime:
        """The end of the last bin, UTC: the moment of a forecast."""
        return self.start + len(self.values) * self.step


def median(values: Amounts) -> float:
    """Of a row without gaps; numpy's own takes ten times as long for some hundreds."""
    low, high = (len(values) - 1) // 2, len(values) // 2
    ranked = np.partition(values, (low, high))
    return (float(ranked[low]) + float(ranked[high])) / 2


def on_grid(
    points: Iterable[tuple[datetime, float]],
    *,
    id: str,  # noqa: A002  the word of every other part
    until: datetime,
    step: timedelta = HOUR,
    zone: ZoneInfo | None = None,
) -> Series:
    """The amounts of bins that ended before `until`, UTC, by the start of their bin.

    Amounts that fall into one bin are added; a bin without any, and what is not finite, absurdly
    large or below zero, is NaN: outages are missing data and not zeros.
    """
    sums: dict[int, float] = {}
    seconds = int(step.total_seconds())
    for at, amount in points:
        if 0 <= amount < MOST:
            place = int(at.astimezone(UTC).timestamp()) // seconds
            sums[place] = sums.get(place, 0.0) + amount
    last = int(until.timestamp()) // seconds
    return _fill(
        {place: each for place, each in sums.items() if place < last}, last, step, id, zone
    )


def _fill(
    sums: Mapping[int, float], last: int, step: timedelta, name: str, zone: ZoneInfo | None
) -> Series:
    first = min(sums, default=last)
    values = np.full(last - first, np.nan)
    for place, amount in sums.items():
        values[place - first] = amount
    start = datetime.fromtimestamp(first * step.total_seconds(), UTC)
    return Series(id=name, start=start, step=step, values=values, zone=zone or ZoneInfo("UTC"))
