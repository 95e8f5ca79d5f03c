"""Learning series and foreseeing limits: what the bot asks of this package.

Learning is dear (a fit, and a rehearsal on the series' own past) and done each night; foreseeing
reads the newest amounts, replays windows of the past around the fit, and sees when the paths reach
each limit. Series of one grid are treated together, so a thousand cost little more than one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from forecasting import local
from forecasting.bands import band, reasons
from forecasting.change import Change, additions, factors
from forecasting.combine import LEAST, NO_TRUST, Trust
from forecasting.crossing import Paths, cross, levels
from forecasting.design import Design
from forecasting.futures import analogues, mixture
from forecasting.learned import Learned, dump, load
from forecasting.local import Grid
from forecasting.model import HORIZONS, BandPoint, Crossing, Forecast, Kind, Limit
from forecasting.prophet_model import Fit, design_of, expected, fit
from forecasting.rehearsal import rehearse
from forecasting.screen import far_away, is_far
from forecasting.series import Amounts, Series
from forecasting.trading_days import Calendar, Occasion

__all__ = ["Learned", "Question", "dump", "foresee", "foresee_many", "has_drifted", "learn", "load"]

T = TypeVar("T")
_Group = tuple[Grid, Design | None, bool]

NEEDS = timedelta(hours=48)
NEEDS_FOR_FAR = timedelta(days=14)
YOUNG = timedelta(days=28)
FRESH = timedelta(hours=6)
AT_ONCE = 50  # series; the paths of so many fit into some tens of megabytes
FITS_AT_ONCE = 250  # and so do the equations of so many, where nothing is rehearsed
DRIFTED = 4.0
DRIFT_DAYS = 2
LEAST_SD = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A series, the limits it is set against, and what was learned of it (None: nothing yet)."""

    series: Series
    limits: tuple[Limit, ...]
    learned: Learned | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Known:
    """A question with its series by the local clock: as it would have been without promotions, the
    same without gaps, and as it was. `anew`: what was learned does not hold, it is fitted now."""

    question: Question
    grid: Grid
    amounts: Amounts
    full: Amounts
    past: Amounts
    anew: bool


def learn(
    series: Sequence[Series],
    calendar: Calendar,
    horizons: Sequence[timedelta] = HORIZONS,
    *,
    trust: Trust | None = None,
) -> tuple[Learned, ...]:
    """Learn each series anew, in the order given.

    With `trust` nothing is rehearsed: that is how far they all are trusted. A series of which less
    than 48 h are known is learned too, but never foreseen.
    """
    found: dict[int, Learned] = {}
    grids: dict[Grid, list[int]] = defaultdict(list)
    local_amounts = [local.localise(_without_promotions(each, calendar)) for each in series]
    for place, (grid, _) in enumerate(local_amounts):
        grids[grid].append(place)
    for grid, all_places in grids.items():
        for places in _in_parts(all_places, AT_ONCE if trust is None else FITS_AT_ONCE):
            amounts = np.array([local_amounts[place][1] for place in places])
            learned = _learn(amounts, grid, calendar, horizons, trust)
            for place, (fitted, trusted, level_sd) in zip(places, learned, strict=True):
                found[place] = Learned(
                    series_id=series[place].id,
                    fitted_at=series[place].until,
                    fit=fitted,
                    trust=trusted,
                    level_sd=level_sd,
                )
    return tuple(found[place] for place in range(len(series)))


def foresee(
    learned: Learned | None,
    series: Series,
    limits: Sequence[Limit],
    calendar: Calendar,
    *,
    horizons: Sequence[timedelta] = HORIZONS,
    changes: Sequence[Change] = (),
) -> tuple[Forecast, ...]:
    """One forecast a limit, made at the end of the series."""
    question = Question(series=series, limits=tuple(limits), learned=learned)
    (found,) = foresee_many([question], calendar, horizons=horizons, changes=changes)
    return found


def foresee_many(
    questions: Sequence[Question],
    calendar: Calendar,
    *,
    horizons: Sequence[timedelta] = HORIZONS,
    changes: Sequence[Change] = (),
    bands: bool = True,
    screen: bool = False,
) -> tuple[tuple[Forecast, ...], ...]:
    """The forecasts of each question, in the order given; the same data give the same answer,
    whatever is asked along with them. Without `bands` amounts by the bin are left out; with
    `screen` no model is asked about limits that lie far beyond all that was of late."""
    ask = _Ask(calendar=calendar, horizons=horizons, changes=changes, bands=bands)
    found: dict[int, tuple[Forecast, ...]] = {}
    groups: dict[_Group, list[tuple[int, _Known]]] = defaultdict(list)
    for place, question in enumerate(questions):
        known = _localise(question, calendar)
        withheld = _withheld(question.series)
        if withheld:
            found[place] = tuple(_none(limit, question, withheld) for limit in question.limits)
        elif screen and not changes and ask.is_far(known):
            found[place] = tuple(
                far_away(limit, known.past, known.grid, question.series, horizons)
                for limit in question.limits
            )
        else:
            groups[known.grid, _design(known, calendar), known.anew].append((place, known))
    for (grid, design, _), members in groups.items():
        for part in _in_parts(members, AT_ONCE):
            answers = ask.answer(grid, design, [known for _, known in part])
            found |= {place: each for (place, _), each in zip(part, answers, strict=True)}
    return tuple(found[place] for place in range(len(questions)))


def has_drifted(learned: Learned, series: Series) -> bool:
    """Whether the newest two days lie so far from the fit as daily levels seldom do."""
    return _is_off(learned, *local.localise(series))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """What is asked about all series."""

    calendar: Calendar
    horizons: Sequence[timedelta]
    changes: Sequence[Change]
    bands: bool

    def is_far(self, known: _Known) -> bool:
        """Whether nothing foreseeable brings any of the limits within reach."""
        series = known.question.series
        ahead = self.calendar.ahead(series.until, series.until + max(self.horizons))
        lifted = any(each.times and each.times > 1 for each in ahead)
        limits = known.question.limits
        return not lifted and all(is_far(limit, known.past, known.grid) for limit in limits)

    def answer(
        self, grid: Grid, design: Design | None, members: Sequence[_Known]
    ) -> list[tuple[Forecast, ...]]:
        """For series of one grid and one design."""
        bins = max(1, -(-max(self.horizons) // grid.step))
        paths = self._paths(grid, design, members, bins + grid.per_day // 24 + 1)
        return [
            self._forecasts(known, each, bins) for known, each in zip(members, paths, strict=True)
        ]

    def _paths(
        self, grid: Grid, design: Design | None, members: Sequence[_Known], bins: int
    ) -> Amounts:
        """A little more than asked for: an hour may be skipped by the local clock."""
        full = np.array([known.full for known in members])
        if design is None:
            return analogues(full, bins, grid.per_day)
        nearest = max(1, min(self.horizons[0], local.DAY) // grid.step)
        amounts = np.array([known.amounts for known in members])
        if members[0].anew:
            fits = fit(amounts, design)
        else:
            fits = tuple(_moved(known.question.learned, grid) for known in members)
        return mixture(amounts, full, fits, bins, grid.per_day, nearest)

    def _forecasts(self, known: _Known, local_paths: Amounts, bins: int) -> tuple[Forecast, ...]:
        series, learned = known.question.series, known.question.learned
        amounts = local_paths[:, local.ahead(series, bins)]
        occasions = self.calendar.ahead(series.until, series.until + bins * series.step)
        under_way = self.calendar.ahead(series.until, series.until + series.step)
        added = additions(self.changes, series.until, series.step, bins, series.zone)
        times = self._factors(series, bins, occasions)
        amounts = (amounts + added.astype(amounts.dtype)) * times.astype(amounts.dtype)
        paths = Paths(start=series.until, step=series.step, amounts=amounts, past=known.past)
        trust = learned.trust if learned else NO_TRUST
        far = (history := known.grid.bins * known.grid.step) >= NEEDS_FOR_FAR
        within = [each for each in sorted(self.horizons) if far or each <= local.DAY]
        points = band(paths, trust) if self.bands else ()
        return tuple(
            Forecast(
                limit_id=limit.id,
                made_at=series.until,
                model="mixture" if learned else "analogue",
                history=history,
                amount=limit.amount,
                step=series.step,
                kind=limit.kind,
                fitted_at=_fitted_at(known),
                crossings=tuple(_calibrated(cross(paths, limit, within), trust)),
                band=points,
                levels=_levels(paths, limit) if self.bands else (),
                skill=trust.skill,
                reasons=reasons(paths, limit, known.full, known.grid, occasions, under_way),
            )
            for limit in known.question.limits
        )

    def _factors(self, series: Series, bins: int, occasions: Sequence[Occasion]) -> Amounts:
        """What is expected to be different from the past: promotions, and the changes asked for."""
        promoted = [change for each in occasions for change in _lifts(each, series)]
        return factors((*promoted, *self.changes), series.until, series.step, bins, series.zone)


def _levels(paths: Paths, limit: Limit) -> tuple[BandPoint, ...]:
    """Path by path, so that a sum of many bins is no wider than it will be."""
    if limit.kind is Kind.BIN:
        return ()
    return band(replace(paths, amounts=levels(paths, limit)), NO_TRUST)


def _learn(
    amounts: Amounts,
    grid: Grid,
    calendar: Calendar,
    horizons: Sequence[timedelta],
    trust: Trust | None,
) -> list[tuple[Fit, Trust, float]]:
    fits = fit(amounts, design_of(grid, calendar))
    trusts: Iterable[Trust] = [trust or NO_TRUST] * len(amounts)
    if trust is None and grid.bins * grid.step >= NEEDS + horizons[0]:
        full = np.array([local.filled(row, grid.per_day) for row in amounts])
        trusts = rehearse(amounts, full, grid, calendar, horizons)
    roots = expected(fits, grid.bins)
    residuals = np.nan_to_num(np.sqrt(np.maximum(amounts, 0.0)) - roots)
    whole = grid.bins // grid.per_day
    days = residuals[:, grid.bins - whole * grid.per_day :].reshape(len(amounts), -1, grid.per_day)
    spreads = days.mean(axis=2).std(axis=1) if whole else np.zeros(len(amounts))
    return list(zip(fits, trusts, (float(each) for each in spreads), strict=True))


def _localise(question: Question, calendar: Calendar) -> _Known:
    learned, series = question.learned, question.series
    plain = _without_promotions(series, calendar)
    grid, amounts = local.localise(plain)
    full = local.filled(amounts, grid.per_day) if grid.bins else amounts
    if learned and _place(learned.fit.design, grid) is None:
        question = replace(question, learned=None)  # of another grid: the analogue speaks alone
    return _Known(
        question=question,
        grid=grid,
        amounts=amounts,
        full=full,
        past=full if plain is series else local.filled(local.localise(series)[1], grid.per_day),
        anew=learned is not None and (_is_young(grid) or _is_off(learned, grid, amounts)),
    )


def _without_promotions(series: Series, calendar: Calendar) -> Series:
    """The series as it would have been: what a declared promotion multiplied is divided by as much,
    so that a sale that has begun is not counted twice, and one that is over is not expected again.
    """
    past = [each for each in calendar.occasions if each.times]
    lifts = [change for each in past for change in _lifts(each, series)]
    if not any(change.since < series.until and series.start < change.until for change in lifts):
        return series
    times = factors(lifts, series.start, series.step, len(series.values), series.zone)
    return replace(series, values=series.values / times)


def _design(known: _Known, calendar: Calendar) -> Design | None:
    """That of the fit; None where there is none."""
    learned = known.question.learned
    if learned is None:
        return None
    return design_of(known.grid, calendar) if known.anew else learned.fit.design


def _is_young(grid: Grid) -> bool:
    """Of a young series a day is much of what is known: it is fitted anew each time."""
    return grid.bins * grid.step < YOUNG


def _is_off(learned: Learned, grid: Grid, amounts: Amounts) -> bool:
    """Whether the newest two days lie so far from the fit as daily levels seldom do."""
    place = _place(learned.fit.design, grid)
    newest = DRIFT_DAYS * grid.per_day
    if place is None or grid.bins < newest:
        return True
    fitted = replace(learned.fit, skipped=place + grid.bins - newest)
    apart = np.sqrt(np.maximum(amounts[-newest:], 0.0)) - expected([fitted], newest)[0]
    seen = apart[np.isfinite(apart)]
    spread = max(learned.level_sd, LEAST_SD * max(learned.fit.scale, 1.0))
    return bool(len(seen) and abs(seen.mean()) > DRIFTED * spread)


def _fitted_at(known: _Known) -> datetime | None:
    learned = known.question.learned
    if learned is None:
        return None
    return known.question.series.until if known.anew else learned.fitted_at


def _place(design: Design, grid: Grid) -> int | None:
    """Which bin of the design's the grid's first one is; None where they do not fit together."""
    apart = grid.start - design.start
    length = int(design.step.total_seconds())
    fits = design.step == grid.step and apart >= 0 and apart % length == 0
    return apart // length if fits else None


def _moved(learned: Learned | None, grid: Grid) -> Fit:
    """The fit, for a grid that begins later than it: the same line, read from another bin on."""
    if learned is None:
        raise ValueError("nothing was learned of this series")
    place = _place(learned.fit.design, grid) or 0
    return replace(learned.fit, skipped=place)


def _withheld(series: Series) -> str:
    """Why nothing can be foreseen; "" when it can."""
    known = np.flatnonzero(np.isfinite(series.amounts))
    history = (len(series.values) - known[0]) * series.step if len(known) else timedelta(0)
    if history < NEEDS or len(known) * series.step < NEEDS / 2:
        hours = len(known) * series.step // timedelta(hours=1)
        return f"only {hours} h of its use are known, and 48 h are needed"
    missing = (len(series.values) - 1 - known[-1]) * series.step
    if missing >= FRESH:
        return f"nothing is known of its last {missing // timedelta(hours=1)} h"
    return ""


def _none(limit: Limit, question: Question, withheld: str) -> Forecast:
    series = question.series
    return Forecast(
        limit_id=limit.id,
        made_at=series.until,
        model="none",
        history=len(series.values) * series.step,
        amount=limit.amount,
        step=series.step,
        kind=limit.kind,
        withheld=withheld,
    )


def _calibrated(crossings: Iterable[Crossing], trust: Trust) -> Iterator[Crossing]:
    """Each by its own horizon, the nearest first; what is likely soon is no less likely later.

    Rounded, so that the last bit of a sum, which depends on what was summed with it, is nothing
    that anybody decides by.
    """
    before = 0.0
    for each in crossings:
        calibration = trust.calibration(each.horizon // timedelta(hours=1))
        chance = calibration.calibrated(each.chance)
        if chance < 1.0:
            chance = min(max(round(chance, 4), LEAST), 1.0 - LEAST)
        before = max(before, chance)
        yield replace(each, chance=before)


def _lifts(occasion: Occasion, series: Series) -> Iterable[Change]:
    """A promotion whose multiple was declared, by the local days that it lasts."""
    if occasion.times is None:
        return ()
    since = _midnight(occasion.first, series)
    until = _midnight(occasion.last + local.DAY, series)
    return (Change(since=since, until=until, times=occasion.times),)


def _midnight(day: object, series: Series) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=series.zone)


def _in_parts(members: Sequence[T], at_once: int) -> Iterable[Sequence[T]]:
    return (members[place : place + at_once] for place in range(0, len(members), at_once))
