"""When paths first reach a limit: rates, quotas that start anew, rolling sums, buckets, places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from forecasting.model import Crossing, Kind, Limit
from forecasting.series import Amounts, median

SMOOTH = 0.02
"""How sharply a path counts as reaching: of paths that end within some per cent of the limit each
counts in part, so that a rounding of the machine never moves a probability by a whole path."""
BUSY_MOMENT = 2.0
"""Places taken at a busy moment: the mean and twice its root, since calls come at random and are
then as many as a Poisson count (Little 1961; M/G/infinity)."""
EARLY, MIDDLE, LATE = 0.1, 0.5, 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paths:
    """Possible futures: paths x bins, from `start` (UTC) on. `past` are the amounts before it,
    without gaps, oldest first, as many as a rolling sum needs."""

    start: datetime
    step: timedelta
    amounts: Amounts
    past: Amounts


def levels(paths: Paths, limit: Limit) -> Amounts:
    """What is set against the limit, for each path and bin."""
    by_kind = {
        Kind.BIN: _amounts,
        Kind.QUOTA: _running,
        Kind.ROLLING: _rolling,
        Kind.BUCKET: _bucket,
        Kind.PLACES: _places,
    }
    return by_kind[limit.kind](paths, limit)


def places_taken(amounts: Amounts, limit: Limit, step: timedelta) -> Amounts:
    """How many calls are under way at a busy moment of bins with these amounts."""
    mean = amounts * (limit.seconds / step.total_seconds())
    return np.asarray(mean + BUSY_MOMENT * np.sqrt(mean))


def has_passed(paths: Paths, limit: Limit) -> bool:
    """Whether the limit is reached already, so that nothing is left to foresee."""
    if limit.kind is Kind.ROLLING:
        return _rolling_now(paths, limit) >= limit.amount
    return limit.used >= limit.amount


def cross(paths: Paths, limit: Limit, horizons: Sequence[timedelta]) -> tuple[Crossing, ...]:
    """How likely the limit is reached within each horizon, and when; one level for all of them."""
    reached = levels(paths, limit)
    passed = has_passed(paths, limit)
    return tuple(_cross(paths, limit, reached, horizon, passed) for horizon in horizons)


def chance_of(fullest: Amounts, amount: float | Amounts) -> Amounts:
    """The share of paths (the last axis) whose fullest moment reaches an amount; never 0 nor 1.

    It falls, or stays, as the amount grows.
    """
    paths = fullest.shape[-1]
    apart = np.log1p(np.maximum(fullest, 0.0)) - np.log1p(amount)
    counted = 1.0 / (1.0 + np.exp(np.clip(-apart / SMOOTH, -60.0, 60.0)))
    return np.asarray((counted.sum(axis=-1) + 0.5) / (paths + 1.0))


def _cross(
    paths: Paths, limit: Limit, reached: Amounts, horizon: timedelta, passed: bool
) -> Crossing:
    within = reached[:, : max(1, round(horizon / paths.step))]
    fullest = within.max(axis=1)
    first = (within[fullest >= limit.amount] >= limit.amount).argmax(axis=1)
    moments: tuple[datetime | None, ...] = (paths.start,) * 3 if passed else _moments(paths, first)
    return Crossing(
        horizon=horizon,
        chance=1.0 if passed else float(chance_of(fullest, limit.amount)),
        soonest=moments[0],
        middle=moments[1],
        latest=moments[2],
        headroom=limit.amount - median(fullest),
    )


def _moments(paths: Paths, first: np.typing.NDArray[np.intp]) -> tuple[datetime | None, ...]:
    if not len(first):
        return None, None, None
    ranked = np.sort(first)
    return tuple(
        paths.start + int(ranked[int(share * (len(ranked) - 1))]) * paths.step
        for share in (EARLY, MIDDLE, LATE)
    )


def _amounts(paths: Paths, _: Limit) -> Amounts:
    return paths.amounts


def _running(paths: Paths, limit: Limit) -> Amounts:
    """The sum since the window began; a bin belongs to the window in which it begins."""
    sums = np.cumsum(paths.amounts, axis=1) + limit.used
    coming = [moment for moment in limit.resets if moment >= paths.start]
    for place in sorted({-((paths.start - moment) // paths.step) for moment in coming}):
        if place < sums.shape[1]:
            before = sums[:, place - 1 : place] if place else limit.used
            sums[:, place:] -= before
    return sums


def _rolling(paths: Paths, limit: Limit) -> Amounts:
    bins = _window(paths, limit)
    past = np.broadcast_to(_last(paths.past, bins), (len(paths.amounts), bins))
    sums = np.cumsum(np.concatenate([past, paths.amounts], axis=1), axis=1)
    return np.asarray(sums[:, bins:] - sums[:, :-bins])


def _rolling_now(paths: Paths, limit: Limit) -> float:
    return float(_last(paths.past, _window(paths, limit)).sum())


def _window(paths: Paths, limit: Limit) -> int:
    return max(1, round((limit.window or paths.step) / paths.step))


def _last(past: Amounts, bins: int) -> Amounts:
    """The newest amounts; what lies before all that is known counts as nothing."""
    known = past[-bins:]
    return np.concatenate([np.zeros(bins - len(known)), known])


def _bucket(paths: Paths, limit: Limit) -> Amounts:
    level = np.full(len(paths.amounts), limit.used)
    found = np.empty_like(paths.amounts)
    for place in range(paths.amounts.shape[1]):
        level = np.maximum(level - limit.drains, 0.0) + paths.amounts[:, place]
        found[:, place] = level
    return found


def _places(paths: Paths, limit: Limit) -> Amounts:
    return places_taken(paths.amounts, limit, paths.step)
