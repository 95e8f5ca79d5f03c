"""What is foreseen of every allowance, as commands, messages and pictures need it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.inventory import JudgedAllowance, Limits
from checks.catalogue.rate_limit import CHECK, subject_and_condition
from checks.limits import Allowance
from checks.model import Level, Subject
from forecasting.model import Crossing, Forecast, Kind

MINUTE = timedelta(minutes=1)
OLD = timedelta(hours=3)
"""A forecast is made anew every round; one as old as this warns of nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenAllowance:
    """An allowance with its forecast, and what the newest round said of it."""

    judged: JudgedAllowance
    forecast: Forecast

    @property
    def allowance(self) -> Allowance:
        return self.judged.allowance

    @property
    def far(self) -> Crossing | None:
        """What is said of the longest horizon; None where nothing is."""
        return self.forecast.crossings[-1] if self.forecast.crossings else None

    @property
    def chance(self) -> float:
        """That the limit is reached within the longest horizon; 0 where nothing is said."""
        return self.far.chance if self.far else 0.0

    @property
    def is_withheld(self) -> bool:
        return bool(self.forecast.withheld) or self.far is None

    @property
    def is_screened(self) -> bool:
        """Whether it is so far from its limit that no model was asked."""
        return self.forecast.model == "screen"

    @property
    def has_skill(self) -> bool:
        """Whether its past does not speak against it: better than knowing the mere frequency."""
        brier = self.forecast.skill.brier
        return brier is None or brier > 0

    @property
    def in_trouble(self) -> bool:
        return self.judged.level.is_trouble

    @property
    def is_reached(self) -> bool:
        return self.judged.level is Level.BREACH

    @property
    def is_likely(self) -> bool:
        """Whether its check warns of it; what is withheld warns of nothing."""
        return self.in_trouble and not self.is_withheld


def in_its_unit(forecast: Forecast, allowance: Allowance) -> Forecast:
    """The forecast in the unit of the allowance: one by the second is foreseen by the minute."""
    per = allowance.per
    if forecast.kind is not Kind.BIN or per is None or per >= MINUTE:
        return forecast
    share, why = per / MINUTE, forecast.reasons
    return replace(
        forecast,
        amount=forecast.amount * share,
        crossings=tuple(
            replace(each, headroom=each.headroom * share) for each in forecast.crossings
        ),
        reasons=replace(
            why,
            peak=None if why.peak is None else why.peak * share,
            usual_peak=None if why.usual_peak is None else why.usual_peak * share,
        ),
    )


def foreseen_of(limits: Limits | None) -> tuple[ForeseenAllowance, ...]:
    """Everything that was asked about, likeliest first, what is withheld last."""
    if limits is None:
        return ()
    told = [
        ForeseenAllowance(judged=judged, forecast=judged.allowance.forecast)
        for judged in limits.allowances
        if judged.allowance.forecast is not None
    ]
    return tuple(sorted(told, key=_order))


def _order(each: ForeseenAllowance) -> tuple[object, ...]:
    return each.is_withheld, each.is_screened, -each.chance, each.allowance.id


def limit_of(subject: Subject, key: str, limits: Limits | None) -> Allowance | None:
    """Which allowance an alert about `subject` with this dedup key is about."""
    for judged in limits.allowances if limits else ():
        about, condition = subject_and_condition(judged.allowance)
        ours = "/".join((about.kind, about.id, CHECK.name, condition))
        if (about.kind, about.id, ours) == (subject.kind, subject.id, key):
            return judged.allowance
    return None
