"""A sale on the next day, known beforehand: what it brings is more than an allowance holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.promotion import Promotion
from bot.sandbox.scenarios.scenario import BUSY_MORNING, Scenario

_SALE = Promotion(name="Spring sale", times=2.5)
# The recorded peak comes 18 hours after the start, and a day after that: one of the two falls
# within the next day, at whatever hour the sandbox starts.
_EARLY = datetime(2015, 4, 14, 4, tzinfo=UTC)


def _announce(estate: Estate) -> None:
    begins, ends = _SALE.lasts(estate.now)
    estate.lift(_SALE.times, begins, ends)


SCENARIO = Scenario(
    name="promo_peak",
    title="A sale tomorrow",
    steps=(
        Step(
            after=timedelta(0),
            happens=f"a sale is announced for tomorrow; it brings {_SALE.times:g} times the usual",
            do=_announce,
        ),
    ),
    opens={**BUSY_MORNING, "gate_southern_cross": _EARLY},
    promotion=_SALE,
)
