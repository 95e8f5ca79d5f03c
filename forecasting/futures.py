"""The futures of many series of one grid: Prophet's fit with windows of its own residuals, replayed
in two ways, and past weeks as they were."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.baseline import analogue
from forecasting.paths import Recipe, replay
from forecasting.prophet_model import Fit, expected
from forecasting.series import Amounts

SEED = 20_261_127
NEAR = Recipe(paths=180, weekday=8.0, level=0.5, spread=0.2)
FAR = Recipe(paths=180, weekday=13.0, level=1.0, spread=0.25)
ANALOGUES, LITTLE = 40, 0.3
"""One recipe for all series: the middle of those that did best on recorded series, as
docs/forecasting.md tells. Beside the windows past weeks need less noise than alone. Which days are
drawn is the same at every refresh, so that the same data give the same decision."""


def mixture(
    amounts: Amounts, full: Amounts, fits: Sequence[Fit], ahead: int, per_day: int, nearest: int
) -> Amounts:
    """Paths (series x paths x bins) of series of one grid and one design.

    `amounts` (series x bins) have gaps as NaN, `full` is the same without; `nearest` is the nearest
    horizon, in bins.
    """
    random = np.random.default_rng(SEED)
    bins = amounts.shape[1]
    roots = expected(fits, bins + ahead).astype(np.float32)
    residuals = np.nan_to_num(
        np.sqrt(np.maximum(amounts, 0.0)).astype(np.float32) - roots[:, :bins]
    )
    found = [
        _squared(
            replay(random, residuals, roots[:, bins:], per_day, _span(recipe, nearest), recipe)
        )
        for recipe in (NEAR, FAR)
    ]
    past = analogue(random, full, ahead, per_day, ANALOGUES, LITTLE)
    return np.concatenate([*found, past.astype(np.float32)], axis=1)


def analogues(full: Amounts, ahead: int, per_day: int) -> Amounts:
    """Paths of the baseline alone, as many as of the mixture."""
    paths = NEAR.paths + FAR.paths + ANALOGUES
    return analogue(np.random.default_rng(SEED), full, ahead, per_day, paths)


def _span(recipe: Recipe, nearest: int) -> int:
    return max(1, round(recipe.level * nearest))


def _squared(roots: Amounts) -> Amounts:
    np.maximum(roots, 0.0, out=roots)
    return np.square(roots, out=roots)
