"""A small estate as commands find it in the store: allowances, credentials, flows, changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.inventory import Inventory, JudgedAllowance, JudgedCredential, Limits, Register
from bot.slack.render.flow import FlowView
from bot.slack.render.links import Links
from bot.store.ended_runs import Tally
from checks.credentials import Held, Holder, KnownBy
from checks.declare import Cause, Mark, Shape, Source, Whose
from checks.failures import Failure
from checks.limits import Allowance, Pace, SizeFrom, Spend
from checks.model import Level
from checks.runs import Changed, Flow, Instance, Pool, Run, RunStatus, Step
from forecasting.usual import Spread, Usual
from tests.bot.slack.scene import MINUTE, NOON

DAY = timedelta(days=1)
PAGE = "https://doc.wearepatchworks.com/product-documentation"


def allowance(level: Level = Level.OK, sentence: str = "", **changes: Any) -> JudgedAllowance:
    """ShipStation's calls a minute; anything may be set otherwise."""
    told: dict[str, Any] = {
        "id": "system/dispatch/calls",
        "system": "dispatch",
        "name": "calls",
        "shape": Shape.WINDOW,
        "unit": "calls",
        "at": NOON,
        "size": 40.0,
        "per": MINUTE,
        "used": 12.0,
        "size_from": SizeFrom.READ,
        "whose": Whose.SHARED,
        "system_kind": "shipstation_v1",
    }
    return JudgedAllowance(allowance=Allowance(**(told | changes)), level=level, sentence=sentence)


NEARLY = allowance(
    Level.EARLY,
    "dispatch has used 38 of 40 calls a minute (95 %), usually 12; Dispatch to ShipStation spends "
    "most of it (31).",
    used=38.0,
    worst=1.0,
    resets_at=NOON + MINUTE,
    usual=Usual(middle=12, high=20, hours=6, basis="Saturdays at this hour"),
    spends=(
        Spend(flow_id="9", flow_name="Tracking to Shopify", amount=4),
        Spend(flow_id="8", flow_name="Dispatch to ShipStation", amount=31),
    ),
    pace=Pace(
        lately=1.24,
        runs=12,
        usual=Spread(
            count=80,
            p50=timedelta(seconds=0.6),
            p95=timedelta(seconds=1),
            p99=timedelta(seconds=2),
        ),
    ),
)
OWN = allowance(
    id="system/erp/requests",
    system="netsuite-live",
    name="requests at a time",
    unit="requests at a time",
    per=None,
    size=15.0,
    used=3.0,
    whose=Whose.OWN,
    derived=True,
    size_from=SizeFrom.PUBLISHED,
    system_kind="netsuite",
)
POINTS = allowance(
    id="system/shop/points",
    system="shop",
    name="query points",
    unit="points",
    shape=Shape.POINTS,
    size=2000.0,
    used=1240.0,
    system_kind="shopify",
)
BLIND = allowance(
    Level.UNKNOWN,
    id="system/pim/calls",
    system="pim",
    used=None,
    size=100.0,
    per=timedelta(seconds=1),
    at=NOON - 40 * MINUTE,
    blind="Akeneo answers with 503",
    size_from=SizeFrom.DECLARED,
)
UNPUBLISHED = allowance(
    id="system/oms/calls",
    system="fluent",
    size=None,
    used=None,
    size_from=SizeFrom.NOBODY,
    whose=Whose.NOBODYS,
    sentence="fluent has no published limit; nothing was refused.",
)
LIMITS = Limits(at=NOON, allowances=(UNPUBLISHED, BLIND, POINTS, OWN, NEARLY))


def credential(
    level: Level = Level.OK, sentence: str = "", signal: str = "", **changes: Any
) -> JudgedCredential:
    """An access token on an instance, of which nobody knows when it ends."""
    told: dict[str, Any] = {
        "id": "instance/702",
        "system": "Shopify UK store",
        "what": "access token",
        "holder": Holder.PLATFORM,
        "known_by": KnownBy.UNKNOWN,
        "instance_id": "702",
    }
    held = Held(**(told | changes))
    return JudgedCredential(held=held, level=level, signal=signal, sentence=sentence)


REJECTED = credential(
    Level.BREACH,
    "Shopify UK store has not accepted the platform's credential for 12 min: 9 flows have stopped "
    "and 3 more use it. A person must re-authorise it in Patchworks.",
    "rejected",
    owner="Dana",
)
ENDING = credential(
    Level.EARLY,
    "The certificate of NetSuite live ends in 12 d; a person renews it.",
    "ends_in_14",
    id="instance/701",
    system="NetSuite live",
    what="certificate",
    known_by=KnownBy.DECLARED,
    ends_at=NOON + 12 * DAY,
    owner="Omar",
    needs_person=True,
    lasts_days=730.0,
)
LATER = credential(
    id="instance/703",
    system="Klaviyo",
    what="private key",
    known_by=KnownBy.COMPUTED,
    ends_at=NOON + 200 * DAY,
)
ENDLESS = credential(
    id="patchworks",
    system="Patchworks",
    what="API key",
    holder=Holder.OURS,
    known_by=KnownBy.ENDLESS,
    note="An API key does not expire, but can be revoked or deleted",
)
RENEWED = credential(
    id="system/erp",
    system="netsuite-live",
    what="OAuth token",
    holder=Holder.OURS,
    known_by=KnownBy.READ,
    ends_at=NOON + 40 * MINUTE,
    renews_itself=True,
    system_kind="netsuite",
)
EVENT = credential(
    id="event/shopify/tokens",
    system="Shopify",
    what="tokens that never expire are refused",
    holder=Holder.NOBODY,
    known_by=KnownBy.VENDOR,
    ends_at=NOON + 41 * DAY,
    whom="public apps",
    source=Source(mark=Mark.CONFIRMED, url=PAGE),
)
UNKNOWN = credential(id="instance/704", system="Brightpearl", what="account token", owner="Lee")
REGISTER = Register(
    at=NOON, credentials=(UNKNOWN, EVENT, RENEWED, ENDLESS, LATER, ENDING, REJECTED)
)

ORDERS = Flow(
    id="3301",
    name="Orders to NetSuite",
    enabled=True,
    deployed=True,
    schedules=("*/5 * * * *",),
    steps=(
        Step(id="1", name="get orders", instance_id="702"),
        Step(id="2", name="post orders", instance_id="701"),
    ),
)
STOCK = Flow(id="3302", name="Stock to Shopify", enabled=True, deployed=False)
ORDER_NOTES = Flow(id="3303", name="Order notes", enabled=False, deployed=True)
INSTANCES = (
    Instance(id="701", name="NetSuite live", system="NetSuite"),
    Instance(id="702", name="Shopify UK store", system="Shopify"),
)
DEPLOYED = Changed(
    at=NOON - 12 * MINUTE, what="Deployed Orders to NetSuite", who="Tom Reyes", flow_id="3301"
)
SAVED = Changed(at=NOON - 90 * MINUTE, what="updated", who="Mei Chen", instance_id="701")
SWITCHED = Changed(at=NOON - 180 * MINUTE, what="Switched off Order notes", flow_id="3303")
INVENTORY = Inventory(
    at=NOON,
    flows=(ORDERS, STOCK, ORDER_NOTES),
    instances=INSTANCES,
    pools=(Pool(id="61", name="shared", limit=5, instance_ids=("702",)),),
    changes=(DEPLOYED, SAVED, SWITCHED),
    owners={"3301": "Dana"},
    kinds={"701": "netsuite", "702": "shopify"},
    changes_of=3 * DAY,
    time_sensitive=frozenset({"3301"}),
)


def run(number: int, status: RunStatus = RunStatus.FAILURE, **changes: Any) -> Run:
    """A run of the orders that started so many times five minutes ago and took two."""
    started_at = NOON - 5 * number * MINUTE
    told: dict[str, Any] = {
        "id": f"r-{number}",
        "flow_id": ORDERS.id,
        "flow_name": ORDERS.name,
        "status": status,
        "started_at": started_at,
        "finished_at": started_at + 2 * MINUTE,
    }
    return Run(**(told | changes))


FAILURE = Failure(
    run_id="r-1",
    flow_id=ORDERS.id,
    at=NOON - 3 * MINUTE,
    status=RunStatus.FAILURE,
    cause=Cause.LASTING,
    line="HTTP 400: invalid reference key 4711 for subsidiary",
    step="post orders",
    instance_id="701",
    records=17,
)
RUNS = (
    run(0, RunStatus.STARTED, finished_at=None, started_at=NOON - MINUTE),
    run(1),
    run(2),
    run(3, RunStatus.PARTIAL_SUCCESS),
    run(4, RunStatus.STOPPED),
    run(5, RunStatus.SUCCESS),
)


def flow_view(**changes: Any) -> FlowView:
    """The orders, which have failed twice."""
    told: dict[str, Any] = {
        "flow": ORDERS,
        "inventory": INVENTORY,
        "runs": RUNS,
        "recent": Tally(ended=20, failed=5),
        "before": Tally(ended=320, failed=2),
        "last_good": RUNS[-1],
        "failure": FAILURE,
        "links": Links(),
        "as_of": NOON,
        "now": NOON,
    }
    return FlowView(**(told | changes))
