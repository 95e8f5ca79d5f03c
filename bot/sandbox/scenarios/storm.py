"""Hundreds of flows, one for each till, fail within minutes, and recover within minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.sandbox.estate.company import INSTANCES
from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.estate.model import Flow, Trigger
from bot.sandbox.scenarios.scenario import Scenario

_TILLS = 240
_FIRST_ID = 9_000
_WAVES = 3
_WAVE = timedelta(minutes=3)
"""In which every till calls once: ten slots take 120 runs of a few seconds a minute."""
_PEOPLEVOX = next(one for one in INSTANCES if one.system.name == "Peoplevox")
_BRIGHTPEARL = next(one for one in INSTANCES if one.system.name == "Brightpearl")


def _till(number: int) -> Flow:
    return Flow(
        id=_FIRST_ID + number,
        name=f"Till {number:03} sales to Brightpearl",
        source=_PEOPLEVOX,
        target=_BRIGHTPEARL,
        entity="sales",
        usual=timedelta(seconds=2),
    )


TILLS = tuple(_till(number) for number in range(1, _TILLS + 1))


def _call(estate: Estate, failures: float) -> None:
    """Every till calls, wave after wave; its runs fail with this chance."""
    estate.flows |= {till.id: till for till in TILLS}
    for number in range(_WAVES * _TILLS):
        flow = replace(TILLS[number % _TILLS], failures=failures, partials=0.0)
        call = partial(estate.queue.enqueue, flow, Trigger.WEBHOOK)
        estate.queue.at(estate.now + _WAVE * number / _TILLS, call)


SCENARIO = Scenario(
    name="storm",
    title="Hundreds of flows fail at once",
    steps=(
        Step(
            after=timedelta(seconds=30),
            happens="a new version of the tills' software sends what nobody takes: 240 flows fail",
            do=partial(_call, failures=1.0),
        ),
        Step(
            after=timedelta(minutes=12),
            happens="the old version is back: the flows of the tills succeed again",
            do=partial(_call, failures=0.0),
        ),
    ),
)
