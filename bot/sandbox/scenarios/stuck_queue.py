"""One order run hangs, the platform stops picking behind it, and work piles up."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.scenarios.scenario import Scenario

_CALLED = ("Customers to Klaviyo", "Orders to NetSuite", "Shipments to Shopify")


def _hang(estate: Estate) -> None:
    estate.hang("Orders to NetSuite")
    estate.stall()
    # A newsletter went out: without it a queue at an ordinary hour would fill too slowly to watch.
    estate.burst(_CALLED, jobs=8, over=timedelta(seconds=10))


def _recover(estate: Estate) -> None:
    estate.stop_hanging()
    estate.release()


SCENARIO = Scenario(
    name="stuck_queue",
    title="One run hangs, others wait",
    steps=(
        Step(
            after=timedelta(seconds=30),
            happens="a run of Orders to NetSuite hangs, and nothing is picked behind it",
            do=_hang,
        ),
        Step(
            after=timedelta(minutes=4, seconds=30),
            happens="a colleague stops the run, and the queue drains",
            do=_recover,
        ),
    ),
)
