"""Paths: possible futures of a series, made by replaying whole windows of its past."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from forecasting.series import Amounts

Places = np.typing.NDArray[np.intp]

DAYS_A_WEEK = 7
MOST_MEMORY = 0.97
"""How much of a level may be left after one span of it; 1.0 would never let go of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How windows of the past are drawn, and brought to the level of today.

    A window begins at this hour of a past day, with the weight `decay` to the power of how many
    days ago that is, times `weekday` on the same weekday, and the more the day before it was like
    the last one. `level` is over how much of the nearest horizon a level is averaged. A path's
    deviation is stretched by 1 + N(0, `spread`). `paths` are drawn.
    """

    paths: int
    weekday: float
    level: float
    spread: float
    decay: float = 0.97


def replay(
    random: np.random.Generator,
    residuals: Amounts,
    expected: Amounts,
    per_day: int,
    span: int,
    recipe: Recipe,
) -> Amounts:
    """Paths (series x paths x bins) around what is expected (series x bins), from residuals (series
    x bins, gaps 0) that hold a day at least.

    A window's own level is replaced by today's, which fades with the memory that levels of `span`
    bins have in this series. The same numbers are drawn for every series.
    """
    bins, ahead = residuals.shape[1], expected.shape[1]
    begins = bins - per_day * np.arange(1, bins // per_day + 1)
    chosen = _choose(random, _weights(residuals, begins, per_day, recipe), recipe.paths)
    stretch = 1.0 + recipe.spread * random.permutation(_normal(recipe.paths))
    rows = np.arange(len(residuals))[:, None]
    windows = residuals[:, places(begins, bins, ahead, per_day)]
    then, today = _levels(residuals, begins, span)
    fading = memory(residuals, span)[:, None] ** (np.arange(1, ahead + 1) / span)
    windows += (today[:, None] - then)[:, :, None] * fading[:, None, :]
    found = windows[rows, chosen]
    found *= stretch[:, None].astype(found.dtype)
    found += expected[:, None, :]
    return np.asarray(found)


def places(begins: Places, bins: int, ahead: int, per_day: int) -> Places:
    """The bins of the windows that begin there (windows x ahead), none of them in the future: the
    end of a window that is too young is filled from a week, or a day, earlier."""
    back = per_day * (DAYS_A_WEEK if bins > DAYS_A_WEEK * per_day else 1)
    found = begins[:, None] + np.arange(ahead)
    over = np.maximum(found - bins + back, 0) // back
    return np.asarray(np.maximum(found - over * back, 0))


def evenly(number: int) -> Amounts:
    """So many numbers spread evenly between 0 and 1: chances drawn from them keep to their weights,
    where random ones would stray by several per cent."""
    return np.asarray((np.arange(number) + 0.5) / number)


def memory(residuals: Amounts, span: int) -> Amounts:
    """The autocorrelation of successive levels of `span` bins, between 0 and `MOST_MEMORY`."""
    whole = residuals.shape[1] // span
    levels = residuals[:, residuals.shape[1] - whole * span :].reshape(-1, whole, span).mean(axis=2)
    power = np.einsum("sl,sl->s", levels, levels)
    shared = np.einsum("sl,sl->s", levels[:, 1:], levels[:, :-1])
    found = np.divide(shared, power, out=np.zeros_like(power), where=power > 0)
    return np.asarray(np.clip(found, 0.0, MOST_MEMORY))


def _weights(residuals: Amounts, begins: Places, per_day: int, recipe: Recipe) -> Amounts:
    """Of each past day (series x days); they need not add up to 1."""
    days = np.arange(1, len(begins) + 1)
    weights = recipe.decay**days * np.where(days % DAYS_A_WEEK == 0, recipe.weekday, 1.0)
    if len(begins) < 2:
        return np.broadcast_to(weights, (len(residuals), len(days)))
    whole = begins[begins >= per_day]
    before = residuals[:, whole[:, None] + np.arange(-per_day, 0)]
    apart = np.sqrt(((before - residuals[:, None, -per_day:]) ** 2).mean(axis=2))
    middle = np.median(apart, axis=1, keepdims=True)
    nearness = np.exp(-0.5 * (apart / np.where(middle > 0, middle, 1.0)) ** 2)
    return np.asarray(weights[: len(whole)] * nearness)


def _choose(random: np.random.Generator, weights: Amounts, paths: int) -> Places:
    """Which day each path replays (series x paths), by its weight."""
    upto = np.cumsum(weights, axis=1)
    upto /= upto[:, -1:]
    drawn = random.permutation(evenly(paths))
    if not np.ptp(upto, axis=0).any():  # all series weigh alike
        return np.broadcast_to(_days(upto[0], drawn), (len(upto), paths))
    return np.stack([_days(row, drawn) for row in upto])


@lru_cache(maxsize=16)
def _normal(number: int) -> Amounts:
    """So many numbers spread as a normal distribution is."""
    return np.array([NormalDist().inv_cdf(share) for share in evenly(number).tolist()])


def _days(upto: Amounts, drawn: Amounts) -> Places:
    return np.minimum(np.searchsorted(upto, drawn), len(upto) - 1)


def _levels(residuals: Amounts, begins: Places, span: int) -> tuple[Amounts, Amounts]:
    """The mean of `span` bins before each window (series x windows), and before now."""
    zero = np.zeros((len(residuals), 1), dtype=residuals.dtype)
    sums = np.concatenate([zero, np.cumsum(residuals, axis=1)], axis=1)
    then = (sums[:, begins] - sums[:, np.maximum(begins - span, 0)]) / span
    return then, (sums[:, -1] - sums[:, max(0, residuals.shape[1] - span)]) / span
