"""How odd the hours of many series are: against the same hour of past days, and added up.

Two plain measures, which did as well as any library on labelled latencies and error counts, and
cost microseconds: a robust z against the same hour of day (for the sudden), and the CUSUM of
E. S. Page (1954) over it (for the slow). Whether something is to be said is for a check to decide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
Counts = NDArray[np.int64]

DAY = 24
PAST_DAYS = 14
NEIGHBOURS = (-1, 0, 1)  # the same hour of day, and those beside it: days do not run to the minute
NEEDS_DAYS = 7
FLOOR = 0.05  # under the spread, of the value: quiet series otherwise shout
NORMAL = 1.4826  # makes the median deviation of a normal distribution its standard deviation
FINE = 20.0  # so many units make the usual value: small enough that a logarithm sees ratios
SLACK = 0.75  # what an hour may be above usual without adding to the drift
LARGEST = 1e15  # what is larger is no amount of anything
MOST = 3.0  # so much of one hour adds to it at most: one bad hour is no drift


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Oddness:
    """By series (rows) and judged hour (columns): how many spreads a value lies above its usual
    (`z`), and what is usual (`usual`, in the unit of the values). NaN: not known."""

    z: Table
    usual: Table


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift:
    """By series: how far the excess has added up in the newest hour, and in which judged hour (a
    column) it began to. `began` is -1 where nothing has added up."""

    total: Table
    began: Counts


def oddness(values: Table, judged: int, unit: float | None = None) -> Oddness:
    """How odd the last `judged` hours of each series are.

    `values` has a row a series and a column an hour, NaN where nothing is known. An hour is set
    against the same hour of day, one more or less, of the fourteen days before it, of which seven
    must be known. Values are compared by the logarithm of 1 + value / `unit`; without a unit it is
    a twentieth of the series' own median, so that its scale makes no difference.
    """
    known = np.where((values >= 0) & (values <= LARGEST), values, np.nan)
    units = _units(known, unit)
    logs = np.log1p(known / units)
    z, usual = np.full((2, len(values), judged), np.nan)
    first = values.shape[1] - judged
    for place in range(judged):
        middle, spread = _usual(logs, first + place)
        z[:, place] = (logs[:, first + place] - middle) / spread
        usual[:, place] = np.expm1(middle) * units[:, 0]
    return Oddness(z=z, usual=usual)


def drift(z: Table) -> Drift:
    """The excess of every hour over SLACK, added up and never below nothing; gaps add nothing."""
    total = np.zeros(len(z))
    began = np.full(len(z), -1, dtype=np.int64)
    for place in range(z.shape[1]):
        gain = np.nan_to_num(np.minimum(z[:, place], MOST) - SLACK, nan=0.0)
        total = np.maximum(0.0, total + gain)
        began[(began < 0) & (total > 0)] = place
        began[total == 0] = -1
    return Drift(total=total, began=began)


def middle(values: Table) -> Table:
    """The median of each row, gaps left out; NaN for a row of gaps."""
    ordered = np.sort(values, axis=1)  # gaps come last
    count = np.sum(np.isfinite(ordered), axis=1)
    rows = np.arange(len(ordered))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, ordered.shape[1] - 1)
    return np.asarray((ordered[rows, low] + ordered[rows, high]) / 2)


def past(values: Table, place: int) -> Table:
    """The hours that the one at `place` is set against: series by day by neighbouring hour, as far
    as the table goes back."""
    starts = [place - DAY * day for day in range(1, PAST_DAYS + 1)]
    hours = [[start + by for by in NEIGHBOURS] for start in starts if start + NEIGHBOURS[0] >= 0]
    return values[:, np.array(hours, dtype=np.int64).reshape(-1, len(NEIGHBOURS))]


def _units(known: Table, unit: float | None) -> Table:
    if unit is not None:
        return np.full((len(known), 1), unit)
    units = middle(known)[:, None] / FINE
    return np.where(units > 0, np.maximum(units, 1 / LARGEST), 1.0)


def _usual(logs: Table, place: int) -> tuple[Table, Table]:
    """Median and spread of the hours that one is set against, by series; NaN where too little is
    known."""
    before = past(logs, place)
    if before.shape[1] == 0:
        nothing = np.full(len(logs), np.nan)
        return nothing, nothing
    days = np.sum(np.any(np.isfinite(before), axis=2), axis=1)
    flat = before.reshape(len(logs), before.shape[1] * before.shape[2])
    centre = np.where(days >= NEEDS_DAYS, middle(flat), np.nan)
    spread = NORMAL * middle(np.abs(flat - centre[:, None]))
    return centre, np.maximum(spread, FLOOR)
