"""What is expected of each bin, and why: the band of a chart, the peak, growth and occasions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations

import numpy as np

from forecasting.combine import Trust
from forecasting.crossing import Paths, levels, places_taken
from forecasting.local import DAY, Grid
from forecasting.model import BandPoint, Kind, Limit, Reasons
from forecasting.series import Amounts, median
from forecasting.trading_days import Occasion

POINTS = (0.025, 0.1, 0.5, 0.9, 0.975)
HOUR = timedelta(hours=1)
WEEK = 7
WEEKS, FEWEST_WEEKS = 8, 3


def band(paths: Paths, trust: Trust) -> tuple[BandPoint, ...]:
    """The middle of each bin's amounts with the 80 and 95 % around it, made as wide as the series'
    own past says that they must be."""
    ranked = np.sort(paths.amounts.T.copy(), axis=1)
    places = [round(share * (ranked.shape[1] - 1)) for share in POINTS]
    lowest, low, middle, high, highest = ranked[:, places].T
    wide80, wide95 = trust.wide((np.arange(len(middle)) + 0.5) * (paths.step / HOUR))
    low, high = _widened(low, middle, high, wide80)
    lowest, highest = _widened(lowest, middle, highest, wide95)
    lowest, highest = np.minimum(lowest, low), np.maximum(highest, high)
    return tuple(
        BandPoint(
            at=paths.start + place * paths.step,
            lowest=float(lowest[place]),
            low=float(low[place]),
            middle=float(middle[place]),
            high=float(high[place]),
            highest=float(highest[place]),
        )
        for place in range(len(middle))
    )


def reasons(
    paths: Paths,
    limit: Limit,
    full: Amounts,
    grid: Grid,
    occasions: Sequence[Occasion],
    under_way: Sequence[Occasion] = (),
) -> Reasons:
    """Why a forecast of a limit says what it says, in what is set against it: amounts, sums or
    places. `full` is the series' past by the local clock, without gaps; `occasions` lie ahead or
    are `under_way`."""
    reached = levels(paths, limit)
    place = int(np.bincount(np.argmax(reached, axis=1)).argmax())
    return Reasons(
        growth=_growth(full, grid.per_day),
        peak_at=paths.start + place * paths.step,
        peak=median(reached.max(axis=1)),
        usual_peak=_usual_peak(limit, full, grid, place),
        occasions=_names(occasions),
        under_way=_names(under_way),
    )


def _names(occasions: Sequence[Occasion]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for each in occasions))


def _widened(
    low: Amounts, middle: Amounts, high: Amounts, times: Amounts
) -> tuple[Amounts, Amounts]:
    below = np.maximum(middle - times * (middle - low), 0.0)
    return below, middle + times * (high - middle)


def _growth(full: Amounts, per_day: int) -> float | None:
    """By how much a week's volume usually differs from the one before: the median slope over all
    pairs of the last eight weeks (Sen 1968), so that one odd week is no growth."""
    week = WEEK * per_day
    weeks = min(WEEKS, len(full) // week)
    if weeks < FEWEST_WEEKS:
        return None
    sums = np.log1p(full[len(full) - weeks * week :].reshape(weeks, week).sum(axis=1))
    slopes = [
        (sums[late] - sums[early]) / (late - early) for early, late in combinations(range(weeks), 2)
    ]
    return float(np.expm1(median(np.array(slopes))))


def _usual_peak(limit: Limit, full: Amounts, grid: Grid, place: int) -> float | None:
    """The median of what past days came to, those on the same day of the week as the peak where
    there are two or more; None where a window is longer than a day or a level has no past."""
    whole, window = len(full) // grid.per_day, _window(limit, grid)
    if not whole or not window:
        return None
    days = full[len(full) - whole * grid.per_day :].reshape(whole, grid.per_day)
    windows = days[:, grid.per_day % window :].reshape(whole, -1, window)
    highest = windows.sum(axis=2).max(axis=1)
    if limit.kind is Kind.PLACES:
        highest = places_taken(highest, limit, grid.step)
    same = highest[::-1][WEEK - 1 - place // grid.per_day % WEEK :: WEEK]
    return median(same if len(same) > 1 else highest)


def _window(limit: Limit, grid: Grid) -> int:
    """How many bins are added up before they are set against the limit; 0: more than a day's, or
    nobody knows."""
    if limit.kind in (Kind.BIN, Kind.PLACES):
        return 1
    window = limit.window if limit.kind is Kind.ROLLING else None
    if limit.kind is Kind.QUOTA and limit.resets[1:]:
        window = limit.resets[1] - limit.resets[0]
    return max(1, window // grid.step) if window and window <= DAY else 0
