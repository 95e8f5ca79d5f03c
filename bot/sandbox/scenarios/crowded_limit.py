"""Another tool uses up an allowance: runs are held back at first, and later some are refused."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.estate.model import Trigger
from bot.sandbox.scenarios.scenario import Scenario

_SYSTEM, _FLOW = "ShipStation", "Dispatch to ShipStation"
_LATE_ORDERS = 24


def _crowd(estate: Estate) -> None:
    estate.crowd(_SYSTEM, 0.85)
    # A day's late orders go out in small batches: every ten minutes would be too seldom to watch.
    for number in range(_LATE_ORDERS):
        queue = partial(estate.queue.enqueue, estate.flow(_FLOW), Trigger.API)
        estate.queue.at(estate.now + timedelta(minutes=1.2) * number, queue)


def _crowd_more(estate: Estate) -> None:
    estate.crowd(_SYSTEM, 0.95)


def _recover(estate: Estate) -> None:
    estate.crowd(_SYSTEM, 0.0)


SCENARIO = Scenario(
    name="crowded_limit",
    title="An allowance runs short",
    steps=(
        Step(
            after=timedelta(seconds=30),
            happens=f"another tool takes 85 % of {_SYSTEM}'s allowance, and runs are held back",
            do=_crowd,
        ),
        Step(
            after=timedelta(minutes=14),
            happens="it takes 95 %, and some runs are refused",
            do=_crowd_more,
        ),
        Step(after=timedelta(minutes=30), happens="the other tool is done", do=_recover),
    ),
)
