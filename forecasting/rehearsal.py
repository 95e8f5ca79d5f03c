"""Rolling-origin rehearsal of series on their own past: never judged by what was fitted to.

At moments of the last weeks the mixture tells the chance of reaching each of a ladder of amounts,
from a fit that ends before that moment; then what happened is looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf

import numpy as np

from forecasting.combine import NO_TRUST, Trust, Width, calibrate, skill
from forecasting.crossing import chance_of
from forecasting.futures import mixture
from forecasting.local import Grid, filled
from forecasting.prophet_model import Fit, design_of, fit
from forecasting.series import Amounts
from forecasting.trading_days import Calendar

Truths = np.typing.NDArray[np.bool_]

LOOKS_BACK = timedelta(days=28)
FIRST = timedelta(days=14)
SPACING = timedelta(hours=18)  # so that origins fall on every quarter of the day
FINEST = timedelta(hours=6)
REFITS = 8
LADDER = (0.5, 0.7, 0.85, 0.95)
ABOVE = 1.15  # of the highest ever: what was never reached
QUIET = timedelta(hours=6)
OBSERVED = 0.8
HOUR = timedelta(hours=1)
NEAR = 6  # bins
THIN = 3  # beyond the nearest bins every third bin tells enough of how wide bands are
WIDTHS = (0.5, 4.0)
PARTS = ((3.0, 6.0), (15.0, 24.0), (48.0, inf))
"""Of each part of what lies ahead, in hours: the one that stands for it, and its end. How wide
bands must be is learned for each: paths begin at the level of now and stray from it with time."""
PRIOR_WIDTHS, PRIOR_COUNT = (1.15, 1.25), 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What was told of one series: by horizon the chances, what happened and the weights; and by
    part how far actual amounts lay from the middle, in units of the band's own half."""

    chances: dict[int, list[Amounts]] = field(default_factory=dict)
    happened: dict[int, list[Amounts]] = field(default_factory=dict)
    rungs: dict[int, list[Amounts]] = field(default_factory=dict)
    inner: dict[int, list[Amounts]] = field(default_factory=dict)
    outer: dict[int, list[Amounts]] = field(default_factory=dict)


def rehearse(
    amounts: Amounts,
    full: Amounts,
    grid: Grid,
    calendar: Calendar,
    horizons: Sequence[timedelta],
) -> tuple[Trust, ...]:
    """What the past of each series (series x bins of one grid) says of its forecasts."""
    told = [_Told() for _ in amounts]
    horizons = [each for each in horizons if each // grid.step <= grid.bins]
    spans = [max(1, horizon // grid.step) for horizon in horizons]
    stages = [_Ladder(full, grid.per_day, span, by_day=False) for span in spans]
    if spans[0] >= grid.per_day:
        stages += [_Ladder(full, grid.per_day, span, by_day=True) for span in spans]
    origins = list(_origins(grid, spans[0]))
    for fits, origin in _fitted(amounts, grid, calendar, origins):
        ahead = min(spans[-1], grid.bins - origin)
        known = amounts[:, :origin]
        usual = np.array([filled(row, grid.per_day) for row in known])  # not by what came later
        paths = mixture(known, usual, fits, ahead, grid.per_day, spans[0])
        _judge_band(told, paths, amounts[:, origin : origin + ahead], grid)
        for number, stage in enumerate(stages):
            hours = horizons[number % len(spans)] // timedelta(hours=1)
            stage.judge(told, paths, amounts, grid, origin, hours)
    spacing = _spacing(grid, spans[0]) * grid.step
    return tuple(_trust(each, spacing, len(origins)) for each in told)


def _origins(grid: Grid, nearest: int) -> Iterator[int]:
    spacing = _spacing(grid, nearest)
    first = min(FIRST // grid.step, grid.bins // 2)
    first = max(first, grid.bins - LOOKS_BACK // grid.step, 2 * grid.per_day)
    return iter(range(grid.bins - nearest, first - 1, -spacing))


def _spacing(grid: Grid, nearest: int) -> int:
    wanted = SPACING if nearest >= grid.per_day else FINEST
    return max(1, wanted // grid.step)


def _fitted(
    amounts: Amounts, grid: Grid, calendar: Calendar, origins: Sequence[int]
) -> Iterator[tuple[tuple[Fit, ...], int]]:
    """Each origin, oldest first, with fits to what came before it, made anew now and then."""
    fits: tuple[Fit, ...] = ()
    for number, origin in enumerate(sorted(origins)):
        if number % max(1, -(-len(origins) // REFITS)) == 0:
            fits = fit(amounts[:, :origin], design_of(grid, calendar, origin))
        yield fits, origin


class _Ladder:
    """Amounts, of each series, that are reached now and then within a horizon."""

    def __init__(self, full: Amounts, per_day: int, span: int, *, by_day: bool) -> None:
        self._span, self._by_day = span, by_day
        reach = per_day if by_day else span
        whole = full[:, full.shape[1] % reach :].reshape(len(full), -1, reach)
        fullest = whole.sum(axis=2) if by_day else whole.max(axis=2)
        rungs = np.quantile(fullest, LADDER, axis=1)
        self._rungs = np.vstack([rungs, fullest.max(axis=1) * ABOVE]).T

    def judge(
        self,
        told: Sequence[_Told],
        paths: Amounts,
        amounts: Amounts,
        grid: Grid,
        origin: int,
        hours: int,
    ) -> None:
        """Add what was told at an origin, where it can be judged."""
        actual = amounts[:, origin : origin + self._span]
        if actual.shape[1] < self._span:
            return
        seen = np.isfinite(actual).mean(axis=1) >= OBSERVED
        seen &= np.isfinite(amounts[:, origin - 1])
        before = np.nan_to_num(amounts[:, :origin])
        foreseen = self._fullest(paths[:, :, : self._span], before, grid, origin)
        happened = self._fullest(np.nan_to_num(actual)[:, None], before, grid, origin)
        chances = chance_of(foreseen[:, None, :], self._rungs[:, :, None])
        truths = happened >= self._rungs
        fresh = self._standing(before, grid)[:, None] < self._rungs
        for row in np.flatnonzero(seen).tolist():
            chosen = fresh[row]
            told[row].chances.setdefault(hours, []).append(chances[row, chosen])
            told[row].happened.setdefault(hours, []).append(truths[row, chosen].astype(float))
            place = np.flatnonzero(chosen) + (len(self._rungs[row]) if self._by_day else 0)
            told[row].rungs.setdefault(hours, []).append(place.astype(float))

    def _fullest(self, paths: Amounts, before: Amounts, grid: Grid, origin: int) -> Amounts:
        if not self._by_day:
            return np.asarray(paths.max(axis=2))
        used = self._standing(before, grid)
        days = _days(grid, origin, paths.shape[2])
        sums = [
            paths[:, :, days == day].sum(axis=2) + (used[:, None] if day == days[0] else 0.0)
            for day in np.unique(days)
        ]
        return np.asarray(np.max(sums, axis=0))

    def _standing(self, before: Amounts, grid: Grid) -> Amounts:
        """What stands against the rungs already, at the end of the bins before."""
        origin = before.shape[1]
        if not self._by_day:
            return np.asarray(before[:, -max(1, QUIET // grid.step) :].max(axis=1))
        today = _days(grid, 0, origin) == _days(grid, origin, 1)[0]
        return np.asarray(before[:, today].sum(axis=1))


def _days(grid: Grid, first: int, bins: int) -> np.typing.NDArray[np.intp]:
    seconds = grid.start + (first + np.arange(bins)) * int(grid.step.total_seconds())
    return np.asarray(seconds // 86_400)


def _judge_band(told: Sequence[_Told], paths: Amounts, actual: Amounts, grid: Grid) -> None:
    """How far actual amounts lay from the middle, in halves of the 80 and the 95 % band."""
    bins = np.arange(actual.shape[1])
    bins = bins[(bins < NEAR) | (bins % THIN == 0)]
    parts = np.searchsorted([end for _, end in PARTS], bins * (grid.step / HOUR), side="right")
    thin = np.quantile(paths[:, :, bins], (0.025, 0.1, 0.5, 0.9, 0.975), axis=1)
    seen = actual[:, bins]
    above = seen > thin[2]
    for inner, low, high in ((True, thin[1], thin[3]), (False, thin[0], thin[4])):
        half = np.where(above, high - thin[2], thin[2] - low)
        apart = np.abs(seen - thin[2])
        far = np.divide(apart, half, out=np.where(apart > 0, WIDTHS[1], 0.0), where=half > 0)
        for row, each in enumerate(told):
            known = np.isfinite(seen[row])
            for part in np.unique(parts).tolist():
                kept = (each.inner if inner else each.outer).setdefault(part, [])
                kept.append(far[row][known & (parts == part)])


def _trust(told: _Told, spacing: timedelta, forecasts: int) -> Trust:
    if not told.chances:
        return NO_TRUST
    calibrations = {}
    judged: list[tuple[Amounts, Amounts, Amounts]] = []
    for hours, found in told.chances.items():
        chances, happened = np.concatenate(found), np.concatenate(told.happened[hours])
        rungs = np.concatenate(told.rungs[hours])
        kinds = max(1, len(np.unique(rungs)))
        apart = min(1.0, spacing / timedelta(hours=hours))  # windows overlap, rungs agree
        weights = np.full(len(chances), apart / np.sqrt(kinds))
        calibrations[hours] = calibrate(chances, happened, weights)
        judged.append((chances, happened, _usual(happened, rungs)))
    told_all = [np.concatenate(each) for each in zip(*judged, strict=True)]
    return Trust(
        calibrations=calibrations,
        skill=skill(told_all[0], told_all[1], told_all[2], forecasts),
        widths=tuple(_widths(told)),
    )


def _usual(happened: Amounts, rungs: Amounts) -> Amounts:
    """How often each rung was reached, at each of its forecasts."""
    found = np.empty_like(happened)
    for rung in np.unique(rungs):
        same = rungs == rung
        found[same] = happened[same].mean()
    return found


def _widths(told: _Told) -> Iterator[Width]:
    """How wide bands must be in each part that was rehearsed, the nearest first."""
    for part in sorted(told.inner):
        yield Width(
            hours=PARTS[part][0],
            wide80=_width(np.concatenate(told.inner[part]), 0.8, PRIOR_WIDTHS[0]),
            wide95=_width(np.concatenate(told.outer[part]), 0.95, PRIOR_WIDTHS[1]),
        )


def _width(far: Amounts, share: float, prior: float) -> float:
    """By what a band's halves are to be multiplied, so that it holds its share."""
    if not len(far):
        return prior
    wanted = float(np.clip(np.quantile(far, share), *WIDTHS))
    return (len(far) * wanted + PRIOR_COUNT * prior) / (len(far) + PRIOR_COUNT)
