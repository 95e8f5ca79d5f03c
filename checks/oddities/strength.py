"""How strongly an amount departs from its usual: suddenly, slowly, perhaps, or not at all."""

from __future__ import annotations

from enum import StrEnum
from math import exp, lgamma, log

from checks.oddities.evidence import Failed, Oddity
from checks.oddities.policy import Policy

SUDDEN_OF = 2  # of the newest three known hours
NEARLY = 10  # times the chance that is told: between is not decided
PRIOR_RUNS = 20  # what we suppose of a flow without a past: 1 of 20 runs fails
PRIOR_FAILED = 1


class Strength(StrEnum):
    """`PERHAPS` lies between: no cause to speak, and no cause to call an incident over."""

    SUDDEN = "sudden"
    SLOW = "slow"
    PERHAPS = "perhaps"
    NONE = "none"

    @property
    def is_odd(self) -> bool:
        return self in (Strength.SUDDEN, Strength.SLOW)


def strength(oddity: Oddity, policy: Policy, *, least: float) -> Strength:
    """How strongly an amount rose; `least` is the smallest rise, in its unit, that can matter.

    Sudden: two of the newest three known hours are odd, and the newest is. Slow: the excess of the
    week adds up, and the past half day shows it. A fall is never odd here.
    """
    sudden = _rose(oddity.measured or 0.0, oddity.usual or 0.0, policy.times, least)
    odd = sum(z >= policy.spreads for z in oddity.hours)
    if sudden and odd >= SUDDEN_OF:
        return Strength.SUDDEN
    added_up = oddity.drift >= policy.drift
    if added_up and _rose(oddity.recent, oddity.recent_usual, policy.drift_times, least):
        return Strength.SLOW
    half_way = 1 + (policy.drift_times - 1) / 2
    stays = added_up and _rose(oddity.recent, oddity.recent_usual, half_way, least)
    return Strength.PERHAPS if stays or (sudden and odd) else Strength.NONE


def failing(failed: Failed, policy: Policy) -> Strength:
    """Whether unusually many runs of the newest hour failed; one hour is enough, as it is counted
    and not measured."""
    if failed.failed < policy.failed or failed.odd is None or failed.odd < policy.spreads:
        return Strength.NONE
    likely = chance(failed)
    if likely < policy.chance:
        return Strength.SUDDEN
    return Strength.PERHAPS if likely < NEARLY * policy.chance else Strength.NONE


def chance(failed: Failed) -> float:
    """The chance that so many runs of an hour fail or more, when each fails as often as usual
    (binomial). Where little is known, one run of twenty is supposed to fail."""
    share = (failed.usual_failed + PRIOR_FAILED) / (failed.usual_runs + PRIOR_RUNS)
    share = min(1 - 1e-9, share)
    runs = failed.runs
    fewer = (
        exp(
            lgamma(runs + 1)
            - lgamma(number + 1)
            - lgamma(runs - number + 1)
            + number * log(share)
            + (runs - number) * log(1 - share)
        )
        for number in range(min(failed.failed, runs + 1))
    )
    return max(0.0, 1.0 - sum(fewer))


def _rose(measured: float, usual: float, times: float, least: float) -> bool:
    return measured >= times * usual and measured - usual >= least
