"""How far the mixture can be trusted for one series: what its own past says of its chances.

The weights of the parts are the same for every series: chosen by each series' own past they lost
skill (docs/forecasting.md). What a series' past does tell is whether chances were too bold or too
shy there, and whether they were worth more than knowing how often it happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, log

import numpy as np

from forecasting.model import Skill
from forecasting.series import Amounts

PRIOR_SLOPE, PRIOR_OFFSET = 40.0, 13.0
"""So many forecasts' worth of evidence stand for chances being right as they are."""
SLOPES = (0.3, 2.0)
SURE = 1e-3
STEPS = 30
ENOUGH = 30
LEAST = 1e-4
"""No chance below this, nor as far from certain, is ever claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The log odds of a chance are multiplied by `slope`, which is above zero, and moved by
    `offset`; so a likelier thing stays likelier."""

    slope: float = 1.0
    offset: float = 0.0

    def calibrated(self, chance: float) -> float:
        """The chance as the series' past would have it; certainty stays certain."""
        if chance >= 1.0:
            return 1.0
        return 1.0 / (1.0 + exp(-(self.slope * _odds(chance) + self.offset)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """By how much the middle 80 % and 95 % of the amounts `hours` ahead are to be widened."""

    hours: float
    wide80: float
    wide95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What a series' own past says: by horizon in hours, how chances are to be calibrated; how good
    they were; how wide bands must be, the nearest first (none: as they are)."""

    calibrations: Mapping[int, Calibration]
    skill: Skill = field(default_factory=Skill)
    widths: tuple[Width, ...] = ()

    def calibration(self, hours: int) -> Calibration:
        """That of the nearest horizon that was rehearsed; none was: chances stay as they are."""
        if not self.calibrations:
            return Calibration()
        return self.calibrations[min(self.calibrations, key=lambda each: abs(each - hours))]

    def wide(self, hours: Amounts) -> tuple[Amounts, Amounts]:
        """How much wider the 80 % and the 95 % are to be so many hours ahead: as learned there, and
        between two such places in a straight line, so that a band has no steps."""
        if not self.widths:
            return np.ones(len(hours)), np.ones(len(hours))
        learned = [each.hours for each in self.widths]
        return (
            np.interp(hours, learned, [each.wide80 for each in self.widths]),
            np.interp(hours, learned, [each.wide95 for each in self.widths]),
        )


NO_TRUST = Trust(calibrations={})


def calibrate(chances: Amounts, happened: Amounts, weights: Amounts) -> Calibration:
    """The calibration that makes what happened likeliest, held to no change by the priors."""
    if len(chances) < ENOUGH:
        return Calibration()
    table = np.stack([_all_odds(chances), np.ones(len(chances))], axis=1)
    start = np.array([1.0, 0.0])
    ridge = np.array([PRIOR_SLOPE, PRIOR_OFFSET])
    found = start.copy()
    for _ in range(STEPS):
        told = 1.0 / (1.0 + np.exp(-np.clip(table @ found, -30.0, 30.0)))
        slope = table.T @ (weights * (told - happened)) + ridge * (found - start)
        curve = (table * (weights * told * (1.0 - told))[:, None]).T @ table + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        found = found - step
        if np.abs(step).max() < 1e-9:
            break
    return Calibration(slope=float(np.clip(found[0], *SLOPES)), offset=float(found[1]))


def skill(chances: Amounts, happened: Amounts, usual: Amounts, forecasts: int) -> Skill:
    """Against telling, each time, how often it happened: `usual`. A past in which nothing ever
    happened, or always, has nothing to judge by."""
    reference = float(((usual - happened) ** 2).sum())
    if not len(chances) or reference <= 0:
        return Skill(forecasts=forecasts)
    missed = float(((chances - happened) ** 2).sum())
    return Skill(brier=1.0 - missed / reference, forecasts=forecasts)


def _odds(chance: float) -> float:
    held = min(max(chance, SURE), 1.0 - SURE)
    return log(held / (1.0 - held))


def _all_odds(chances: Amounts) -> Amounts:
    held = np.clip(chances, SURE, 1.0 - SURE)
    return np.asarray(np.log(held / (1.0 - held)))
