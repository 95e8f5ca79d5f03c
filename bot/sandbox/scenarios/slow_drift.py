"""A flow grows slower hour by hour, until its runs take twice as long: nothing ever stops."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.scenarios.scenario import Scenario

_FLOW = "Stock to Shopify"
_HOUR = timedelta(hours=1)
_RISES_FOR, _STAYS_UNTIL = 36, 54  # hours
_TIMES = 2.0


def _slow_to(times: float) -> Callable[[Estate], None]:
    def slow(estate: Estate) -> None:
        estate.queue.slowness[estate.flow(_FLOW).id] = times

    return slow


def _happens(hour: int) -> str:
    if hour == 1:
        return f"from now on runs of {_FLOW} take a little longer every hour"
    return f"they take {1 + (_TIMES - 1) * hour / _RISES_FOR:.2f} times their usual"


_RISES = tuple(
    Step(
        after=hour * _HOUR,
        happens=_happens(hour),
        do=_slow_to(1 + (_TIMES - 1) * hour / _RISES_FOR),
    )
    for hour in range(1, _RISES_FOR + 1)
)

SCENARIO = Scenario(
    name="slow_drift",
    title="A flow grows slower unseen",
    steps=(
        *_RISES,
        Step(
            after=_STAYS_UNTIL * _HOUR,
            happens="a colleague takes back the change that made them slow",
            do=_slow_to(1.0),
        ),
    ),
)
