"""So much work comes that the queue reaches its cap; what is more waits outside, unseen."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.scenarios.scenario import Scenario

_CALLED = ("Outlet orders to NetSuite", "Shipments to Shopify", "Returns to Brightpearl")


def _flood(estate: Estate) -> None:
    estate.slow_down(40)
    flood = estate.options.queue_cap * 3 // 2 + estate.options.concurrent_flows
    estate.burst(_CALLED, jobs=flood, over=timedelta(minutes=1))


def _recover(estate: Estate) -> None:
    estate.slow_down(1)


SCENARIO = Scenario(
    name="queue_plateau",
    title="A full queue hides work",
    steps=(
        Step(
            after=timedelta(seconds=30),
            happens="a bulk import floods a slow estate, half as much again as the queue holds",
            do=_flood,
        ),
        Step(after=timedelta(minutes=20), happens="runs take their usual length", do=_recover),
    ),
)
