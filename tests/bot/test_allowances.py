"""Allowances drawn up from what systems told and from what the platform's runs spent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.allowances import allowances
from bot.facts import LimitFacts, SystemFacts
from bot.inventory import Inventory
from bot.settings import load_settings
from bot.store import calls, open_store, runs
from bot.usage import Around, Habits, read_ledger
from checks.declare import Shape, Whose
from checks.limits import Allowance, SizeFrom
from checks.runs import Flow, Instance, Pool, Run, RunStatus, Step

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FILE = """
[estate]
name = "Acme"
[slack]
token = "env:BOT"
app_token = "env:APP"
channel = "#x"
[patchworks]
api_key = "env:KEY"
[[flow]]
name = "Orders to NetSuite"
time_sensitive = true
[[system]]
kind = "shopify_rest"
name = "shop"
shop = "acme"
token = "env:KEY"
override = {"limit.calls.size" = "2", "limit.calls.per" = "1s"}
[[system]]
kind = "brightpearl"
name = "back-office"
datacenter = "euw1"
account = "acme"
app_ref = "acme_seamwatch"
token = "env:KEY"
"""
DATAVERSE = """
[[system]]
kind = "dataverse"
name = "crm"
tenant = "acme"
client_id = "c"
client_secret = "env:KEY"
host = "acme.crm4.dynamics.com"
instances = ["702"]
"""
DOTDIGITAL = """
[[system]]
kind = "dotdigital"
name = "news"
region = "r1"
username = "env:KEY"
password = "env:KEY"
"""
ORDERS = Flow(
    id="4",
    name="Orders to NetSuite",
    enabled=True,
    deployed=True,
    steps=(
        Step(id="41", name="Receive", instance_id="701"),
        Step(id="42", name="Send", instance_id="702"),
    ),
)
STOCK = Inventory(
    at=NOON,
    flows=(ORDERS,),
    instances=(
        Instance(id="701", name="Shopify UK", system="Shopify"),
        Instance(id="702", name="NetSuite", rate_limit=60, rate_limit_unit="minute", pool_id="61"),
    ),
    pools=(Pool(id="61", name="ERP", limit=5),),
    kinds={"701": "shopify_rest", "702": "netsuite"},
    time_sensitive=frozenset({"4"}),
)


def run(number: int, ago: timedelta, sent: int | None = 30, ended: bool = True) -> Run:
    return Run(
        id=str(number),
        flow_id="4",
        flow_name=ORDERS.name,
        status=RunStatus.SUCCESS if ended else RunStatus.STARTED,
        started_at=NOON - ago,
        finished_at=NOON - ago + timedelta(seconds=20) if ended else None,
        received=sent,
        sent=sent,
    )


@pytest.fixture
def around(tmp_path) -> Around:
    """The platform made 30 calls to each instance two minutes ago; one run is under way."""
    path = tmp_path / "seamwatch.toml"
    path.write_text(FILE)
    settings = load_settings(path, {"BOT": "xoxb-1", "APP": "xapp-1", "KEY": "k"})
    store = open_store(tmp_path / "seamwatch.db")
    under_way = run(9, MINUTE, None, ended=False)
    with store.writing() as db:
        runs.save_runs(db, [run(1, timedelta(minutes=2)), under_way])
        calls.count_runs_into_calls(db, STOCK.flows)
    yield Around(
        db=store.db,
        now=NOON,
        settings=settings,
        inventory=STOCK,
        ledger=read_ledger(store.db, STOCK, NOON),
        habits=Habits(),
        running=(under_way,),
        told={"operations.used": 1_000, "operations.limit": 400_000},
        own_calls=12,
    )
    store.close()


def by_id(around: Around) -> dict[str, Allowance]:
    return {each.id: each for each in allowances(around)}


def test_an_instances_limit_is_beside_what_the_runs_spent_and_who_did(around):
    rate = by_id(around)["instance/702/rate"]
    assert (rate.used, rate.size, rate.per, rate.worst) == (30, 60, MINUTE, 0.5)
    assert (rate.derived, rate.size_from) == (True, SizeFrom.PLATFORM)
    assert [(spend.flow_name, spend.amount) for spend in rate.spends] == [(ORDERS.name, 30)]
    assert rate.time_sensitive


def test_a_bucket_of_our_own_gives_way_to_what_the_platform_spent(around):
    """Its size is 40, but it drains 2 a second, and by that the platform's use is measured."""
    told = LimitFacts(name="calls", remaining=39, size=40)
    shop = SystemFacts(name="shop", title="Shopify", looked_at=NOON, seen_at=NOON, limits=(told,))
    found = by_id(replace(around, systems=(shop,)))["system/shop/calls"]
    assert (found.shape, found.whose) == (Shape.LEAKY_BUCKET, Whose.OWN)
    assert (found.size, found.used, found.derived) == (2, 0.5, True)
    assert found.instance_ids == ("701",)


def test_a_shared_counter_is_believed_and_an_absent_one_is_not_zero(around):
    name = "system/back-office/calls of the account's private apps"
    assert by_id(around)[name].used is None
    told = LimitFacts(name="calls of the account's private apps", remaining=150, size=None)
    office = SystemFacts(
        name="back-office", title="Brightpearl", looked_at=NOON, seen_at=NOON, limits=(told,)
    )
    found = by_id(replace(around, systems=(office,)))[name]
    assert (found.size, found.used, found.derived) == (200, 50, False)


def test_a_vendor_out_of_sight_does_not_hide_what_the_platform_spends(around):
    shop = SystemFacts(
        name="shop", title="Shopify", looked_at=NOON, blind_since=NOON, why="no connection"
    )
    found = by_id(replace(around, systems=(shop,)))["system/shop/calls"]
    assert (found.blind, found.used) == ("", 0.5)


def test_calls_are_never_counted_as_seconds_of_execution(around, tmp_path):
    path = tmp_path / "with-crm.toml"
    path.write_text(FILE + DATAVERSE)
    settings = load_settings(path, {"BOT": "xoxb-1", "APP": "xapp-1", "KEY": "k"})
    found = by_id(replace(around, settings=settings))
    assert (found["system/crm/requests"].unit, found["system/crm/requests"].used) == ("calls", 30)
    seconds = found["system/crm/seconds of execution"]
    assert (seconds.unit, seconds.size, seconds.per) == ("seconds", 1200, 5 * MINUTE)
    assert (seconds.used, seconds.worst, seconds.spends, seconds.derived) == (None, None, (), False)


def test_a_limit_that_not_all_accounts_have_says_whose_it_is(around, tmp_path):
    path = tmp_path / "with-news.toml"
    path.write_text(FILE + DOTDIGITAL)
    settings = load_settings(path, {"BOT": "xoxb-1", "APP": "xapp-1", "KEY": "k"})
    found = by_id(replace(around, settings=settings))
    assert "newer scheme" in found["system/news/calls an hour (older scheme)"].note
    assert found["system/shop/calls"].note == ""


def test_places_of_a_pool_are_at_most_the_runs_under_way(around):
    pool = by_id(around)["pool/61/use"]
    assert (pool.used, pool.size, pool.derived, pool.instance_ids) == (1, 5, True, ("702",))


def test_the_platforms_own_limits(around):
    found = by_id(around)
    month = found["platform/main/operations"]
    assert (month.used, month.size, month.derived) == (1_000, 400_000, False)
    assert month.resets_at == datetime(2026, 12, 1, tzinfo=UTC)
    api = found["platform/main/api"]
    assert (api.used, api.size, api.whose) == (12, 240, Whose.OWN)


@pytest.mark.parametrize("told", [{}, {"operations.used": "many", "operations.limit": True}])
def test_what_the_allowances_do_not_tell_is_counted_or_not_known(around, told):
    month = by_id(replace(around, told=told))["platform/main/operations"]
    assert (month.size, month.size_from, month.derived) == (None, SizeFrom.NOBODY, True)
