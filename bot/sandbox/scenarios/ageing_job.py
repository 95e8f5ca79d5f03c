"""A re-sync takes every slot that is left over, and a job of the lowest priority never gets one."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.estate.model import Trigger
from bot.sandbox.scenarios.scenario import Scenario

_RESYNC, _STARVING = "Products from Akeneo", "Points to LoyaltyLion"


def _resync(estate: Estate) -> None:
    estate.resync(_RESYNC, chains=estate.options.concurrent_flows + 2)


def _queue_the_last(estate: Estate) -> None:
    estate.queue.enqueue(estate.flow(_STARVING), Trigger.SCHEDULE)


def _recover(estate: Estate) -> None:
    estate.end_resync(_RESYNC)


SCENARIO = Scenario(
    name="ageing_job",
    title="A low-priority job waits on",
    steps=(
        Step(
            after=timedelta(seconds=30),
            happens=f"a re-sync of {_RESYNC} keeps every free slot busy, page after page",
            do=_resync,
        ),
        Step(
            after=timedelta(seconds=40),
            happens=f"a job of {_STARVING} joins the queue behind it",
            do=_queue_the_last,
        ),
        Step(after=timedelta(hours=1), happens="the re-sync is complete", do=_recover),
    ),
)
