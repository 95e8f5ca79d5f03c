"""Builders for the tests of warnings: what is foreseen of ShipStation's 2,400 calls an hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from checks.limits import Allowance, TrackRecord
from forecasting.model import Crossing, Forecast, Reasons, Skill
from tests.checks.catalogue.limit_cases import NOW, allowance, d, h, m, spend

SIZE = 2400.0
SKILLED = Skill(brier=0.29, forecasts=40)
UNTRIED = Skill(brier=None, forecasts=7)
NO_SKILL = Skill(brier=0.0, forecasts=40)
WORSE = Skill(brier=-0.2, forecasts=40)
RECORD = TrackRecord(
    since=NOW - d(30), right=9, false=2, averted=1, missed=3, median_lead=h(2) + m(10)
)
IN_A_DAY, IN_FIVE_HOURS = h(28), h(5)
HALF_AN_HOUR = m(30)


def crossing(
    hours: int,
    chance: float,
    middle: timedelta | None = None,
    *,
    within: tuple[timedelta, timedelta] | None = None,
    headroom: float = -250,
) -> Crossing:
    """Within so many hours; `middle` and `within` from now on."""

    def at(ahead: timedelta | None) -> datetime | None:
        return None if ahead is None else NOW + ahead

    soonest, latest = within or (middle, middle)
    return Crossing(
        horizon=h(hours),
        chance=chance,
        soonest=at(soonest),
        middle=at(middle),
        latest=at(latest),
        headroom=headroom,
    )


def forecast(
    far: float = 0.83,
    near: float = 0.2,
    *,
    skill: Skill = SKILLED,
    reasons: Reasons | None = None,
    age: timedelta = HALF_AN_HOUR,
    withheld: str = "",
) -> Forecast:
    """The far horizon's middle lies 28 h ahead, the near one's 5 h; the weekday peaks at 2,100."""
    crossings = (
        crossing(24, near, IN_FIVE_HOURS, within=(h(3), h(11))),
        crossing(72, far, IN_A_DAY, within=(h(5), h(50))),
    )
    return Forecast(
        limit_id="system/shipping/calls",
        made_at=NOW - age,
        model="mixture",
        history=d(60),
        amount=SIZE,
        step=h(1),
        crossings=() if withheld else crossings,
        skill=skill,
        reasons=reasons or Reasons(usual_peak=2000, peak=2650),
        withheld=withheld,
    )


def shipping(told: Forecast | None = None, *, used: float | None = 300) -> Allowance:
    """2,400 calls an hour, of which 300 are used and two flows spend."""
    limit = allowance(used, SIZE, h(1), spends=(spend(61), spend(39, "2")))
    return replace(limit, forecast=told or forecast(), record=RECORD)
