"""One run goes on far beyond its usual length, while every other flow proceeds."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.scenarios.scenario import Scenario


def _hang(estate: Estate) -> None:
    estate.hang("Returns to Brightpearl")


def _recover(estate: Estate) -> None:
    estate.stop_hanging()


SCENARIO = Scenario(
    name="slot_hog",
    title="One run keeps its slot",
    steps=(
        Step(
            after=timedelta(seconds=30),
            happens="a run of Returns to Brightpearl does not end",
            do=_hang,
        ),
        Step(after=timedelta(hours=1), happens="a colleague stops it", do=_recover),
    ),
)
