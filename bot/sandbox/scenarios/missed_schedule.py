"""Somebody switches a scheduled flow off, and its runs simply stop coming."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.scenarios.scenario import Scenario

_FLOW = "Stock to Shopify"


def _disable(estate: Estate) -> None:
    estate.disable(_FLOW)


def _enable(estate: Estate) -> None:
    estate.enable(_FLOW)


SCENARIO = Scenario(
    name="missed_schedule",
    title="A schedule is switched off",
    steps=(
        Step(after=timedelta(seconds=30), happens=f"a colleague disables {_FLOW}", do=_disable),
        Step(after=timedelta(minutes=45), happens=f"a colleague enables {_FLOW}", do=_enable),
    ),
)
