"""The baseline: what followed the same hour in past weeks, brought to today's level.

Ten lines of arithmetic that need no fit, so that something is always foreseen.
"""

from __future__ import annotations

import numpy as np

from forecasting.paths import evenly, places
from forecasting.series import Amounts

WEEKS = 8
DAYS = 14
FADES = 0.85
"""The weight of a past week falls so much with every further week."""
NOISE = 0.5
"""Of the spread of the weeks so much is added where they speak alone: few weeks cannot show all
that happens."""
FURTHEST = 10.0


def analogue(
    random: np.random.Generator,
    amounts: Amounts,
    ahead: int,
    per_day: int,
    paths: int,
    noise: float = NOISE,
) -> Amounts:
    """Paths (series x paths x bins) that replay up to 8 past weeks, or 14 days where two weeks are
    not known, each scaled by the root of today's level over the level before that week.

    `amounts` (series x bins, no gaps) hold a day at least. Of the spread of the weeks `noise` is
    added to each bin.
    """
    bins = amounts.shape[1]
    week = 7 * per_day
    weekly = bins >= 2 * week
    period, most = (week, WEEKS) if weekly else (per_day, DAYS)
    back = np.arange(1, min(most, bins // period) + 1)
    begins = bins - back * period
    weights = FADES ** (back if weekly else back / 2)
    upto = np.cumsum(weights) / weights.sum()
    chosen = np.searchsorted(upto, random.permutation(evenly(paths)))
    replayed = amounts[:, places(begins, bins, ahead, per_day)]
    replayed = replayed * _scales(amounts, begins, per_day)[:, :, None]
    added = random.normal(0.0, noise, (paths, ahead)) * replayed.std(axis=1)[:, None, :]
    return np.asarray(np.maximum(replayed[:, chosen] + added, 0.0))


def _scales(amounts: Amounts, begins: np.typing.NDArray[np.intp], per_day: int) -> Amounts:
    """How many times the level of a past moment today's is: the root of it, for levels return."""
    sums = np.concatenate([np.zeros((len(amounts), 1)), np.cumsum(amounts, axis=1)], axis=1)
    today = sums[:, -1] - sums[:, -1 - per_day]
    then = sums[:, begins] - sums[:, np.maximum(begins - per_day, 0)]
    ratio = np.divide(today[:, None], then, out=np.ones_like(then), where=then > 0)
    return np.asarray(np.sqrt(np.clip(ratio, 1 / FURTHEST, FURTHEST)))
