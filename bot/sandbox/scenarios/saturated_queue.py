"""Every run takes many times its usual length, all slots are held, and the queue grows."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.scenarios.scenario import Scenario

_CALLED = ("Orders to NetSuite", "Outlet orders to NetSuite", "Returns to Brightpearl")


def _drag(estate: Estate) -> None:
    estate.slow_down(25)
    estate.burst(_CALLED, jobs=16, over=timedelta(seconds=20))


def _recover(estate: Estate) -> None:
    estate.slow_down(1)


SCENARIO = Scenario(
    name="saturated_queue",
    title="Long runs take every slot",
    steps=(
        Step(
            after=timedelta(seconds=30),
            happens="systems answer slowly: new runs take 25 times their usual length",
            do=_drag,
        ),
        Step(
            after=timedelta(minutes=10),
            happens="systems answer as usual: new runs take their usual length",
            do=_recover,
        ),
    ),
)
