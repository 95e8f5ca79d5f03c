"""The platform's credential of one system lapses: its twelve flows fail, and no other does."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.estate.model import Trigger
from bot.sandbox.scenarios.scenario import Scenario

_SYSTEM = "Shopify"


def _lapse(estate: Estate) -> None:
    estate.lapse(_SYSTEM)


def _try_by_hand(estate: Estate) -> None:
    refused = {run.flow.id for run in estate.queue.runs.values() if run.refusal}
    for flow in estate.flows.values():
        uses = _SYSTEM in (flow.source.system.name, flow.target.system.name)
        if uses and flow.deployed and flow.id not in refused:
            estate.queue.start_now(flow, Trigger.MANUAL)


def _renew(estate: Estate) -> None:
    estate.renew(_SYSTEM)


SCENARIO = Scenario(
    name="expired_token",
    title="A credential lapses",
    steps=(
        Step(
            after=timedelta(seconds=30),
            happens=f"{_SYSTEM} accepts the platform's credential no more, and its flows fail",
            do=_lapse,
        ),
        Step(
            after=timedelta(minutes=4),
            happens="a colleague tries by hand the flows that have not run since",
            do=_try_by_hand,
        ),
        Step(
            after=timedelta(minutes=40),
            happens="a colleague re-authorises the instance, and runs succeed again",
            do=_renew,
        ),
    ),
)
