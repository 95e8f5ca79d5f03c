"""Everything succeeds, and data is lost: orders never arrive, a text is cut, runs are empty."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.estate.company import TO_THE_ERP
from bot.sandbox.estate.estate import Estate, Step
from bot.sandbox.scenarios.scenario import Scenario

CUT_TO = 40
"""Signs that the mapping leaves of an address, as many as fit on a label; the ERP takes 100."""
_PARTIAL, _FILTERED, _EMPTY = (
    "Dispatch to ShipStation",
    "Outlet orders to NetSuite",
    "Stock to Shopify",
)


def _lose(estate: Estate) -> None:
    estate.bring(TO_THE_ERP)
    estate.losses.cut("address", CUT_TO, estate.now)
    estate.losses.lose_orders(estate.now)


def _fail_partly(estate: Estate) -> None:
    estate.losses.fail_partly(estate.flow(_PARTIAL))


def _filter(estate: Estate) -> None:
    estate.losses.filtered.add(estate.flow(_FILTERED).id)


def _find_nothing(estate: Estate) -> None:
    estate.losses.empty.add(estate.flow(_EMPTY).id)


def _find_again(estate: Estate) -> None:
    estate.losses.filtered.clear()
    estate.losses.empty.clear()


def _put_right(estate: Estate) -> None:
    estate.put_right()


SCENARIO = Scenario(
    name="silent_loss",
    title="All green, orders are missing",
    flows=(TO_THE_ERP,),
    steps=(
        Step(
            after=timedelta(seconds=30),
            happens=f"a new version of {TO_THE_ERP.name} cuts addresses to {CUT_TO} characters, "
            "and carries on when an order is refused: three of the next whole hour will be",
            do=_lose,
        ),
        Step(
            after=timedelta(minutes=2),
            happens=f"the next run of {_PARTIAL} succeeds in part",
            do=_fail_partly,
        ),
        Step(
            after=timedelta(minutes=5),
            happens=f"somebody changes a filter, and {_FILTERED} sends nothing that it receives",
            do=_filter,
        ),
        Step(
            after=timedelta(minutes=10),
            happens=f"{_EMPTY} finds nothing to do, at a busy hour",
            do=_find_nothing,
        ),
        Step(
            after=timedelta(minutes=70),
            happens=f"{_FILTERED} sends again, {_EMPTY} finds records again",
            do=_find_again,
        ),
        Step(
            after=timedelta(hours=5),
            happens="the mapping is corrected, and the three orders are sent once more",
            do=_put_right,
        ),
    ),
)
