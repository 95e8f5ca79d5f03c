"""The watch of shapes over real HTTP: what a page of orders looks like, and what is told of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import facts
from bot.build_outside import make_http
from bot.clock import Clock, SystemClock
from bot.inventory import Inventory
from bot.settings import Settings, load_settings
from bot.shape_evidence import shape_evidence
from bot.shape_watch import ShapeWatch
from bot.store import Store, shapes
from bot.survey import make_system
from checks.catalogue.changed_shape import Policy, judge
from checks.model import Level, Verdict
from checks.runs import Flow, Instance, Step
from checks.shapes.shape import shape_of
from tests.bot.test_systems import BASE, ENVIRON
from tests.bot.vendor_double import Vendor, vendor

SHOP = """
[[system]]
kind = "shopify_rest"
name = "shop"
shop = "acme"
token = "env:SHOP"
instances = ["Shopify UK store"]
base_url = "{url}"
"""


def orders(**changed: object) -> str:
    """Forty orders as the REST API tells them; a field given as None is left out."""
    row = {
        "id": 1,
        "name": "#1",
        "created_at": "2026-11-21T09:00:00+00:00",
        "updated_at": "2026-11-21T09:00:00+00:00",
        "currency": "GBP",
        "current_total_price": "9.50",
        "line_items": [{"id": 1}],
        "customer": {"email": "ada@example.com"},
    }
    row |= changed
    kept = {name: value for name, value in row.items() if value is not None}
    return json.dumps({"orders": [kept | {"id": n, "name": f"#{n}"} for n in range(1, 41)]})


def settings_for(tmp_path: Path, shop: Vendor) -> Settings:
    path = tmp_path / "seamwatch.toml"
    path.write_text(BASE + SHOP.format(url=shop.url))
    return load_settings(path, ENVIRON)


async def look(settings: Settings, store: Store, clock: Clock) -> None:
    async with make_http() as http:
        systems = [make_system(each, http, clock) for each in settings.system]
        await ShapeWatch(systems, store, clock).look()


def verdict(settings: Settings, store: Store, now: datetime) -> Verdict:
    stock = Inventory(
        at=now,
        flows=(
            Flow(
                id="101",
                name="Orders to NetSuite",
                enabled=True,
                deployed=True,
                steps=(Step(id="1", name="pull", instance_id="701"),),
            ),
        ),
        instances=(Instance(id="701", name="Shopify UK store", system="Shopify"),),
    )
    (found,) = judge(shape_evidence(store.db, settings, stock), Policy(), now)
    return found


async def test_a_field_that_is_gone_tomorrow_is_told_with_the_flows_that_use_the_system(
    tmp_path: Path, store: Store
) -> None:
    clock = SystemClock()
    async with vendor() as shop:
        shop.body = orders()
        settings = settings_for(tmp_path, shop)
        await look(settings, store, clock)
        assert verdict(settings, store, clock.now()).level is Level.UNKNOWN, "nothing to compare"
        yesterday(store)
        shop.body = orders(currency=None)
        await look(settings, store, clock)
    found = verdict(settings, store, clock.now())
    assert (found.level, found.signal) == (Level.BREACH, "vanished")
    assert '"currency" is no longer there' in found.sentence
    assert "Orders to NetSuite" in found.sentence


async def test_no_value_of_a_customer_is_stored(tmp_path: Path, store: Store) -> None:
    async with vendor() as shop:
        shop.body = orders()
        await look(settings_for(tmp_path, shop), store, SystemClock())
    stored = "".join(store.db.conn.iterdump())
    assert "email" in stored
    assert "ada@example.com" not in stored


@pytest.mark.parametrize(("status", "body"), [(503, "down"), (200, '{"orders": 7}')])
async def test_what_cannot_be_read_changes_nothing(
    tmp_path: Path, store: Store, status: int, body: str
) -> None:
    async with vendor() as shop:
        shop.status, shop.body = status, body
        await look(settings_for(tmp_path, shop), store, SystemClock())
    assert shapes.find_shapes(store.db) == []


async def test_what_cannot_be_looked_at_is_remembered_until_it_can(
    tmp_path: Path, store: Store
) -> None:
    async with vendor() as shop:
        settings = settings_for(tmp_path, shop)
        shop.status = 503
        await look(settings, store, SystemClock())
        (first,) = facts.find_unseen_lists(store.db)["shop"].values()
        await look(settings, store, SystemClock())
        (second,) = facts.find_unseen_lists(store.db)["shop"].values()
        assert first.since == second.since, "since it was first out of sight"
        assert first.why
        shop.status, shop.body = 200, orders()
        await look(settings, store, SystemClock())
    assert facts.find_unseen_lists(store.db) == {"shop": {}}


def test_a_system_that_left_the_settings_is_not_judged(tmp_path: Path, store: Store) -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    with store.writing() as db:
        shapes.add_look(db, "old-shop", "orders-1", "orders", shape_of([{"id": 1}] * 30), now)
    settings = settings_for(tmp_path, Vendor(url="http://127.0.0.1:9"))
    assert shape_evidence(store.db, settings, None).answers == ()


def yesterday(store: Store) -> None:
    """Let what was seen have been seen a day ago."""
    (known,) = shapes.find_shapes(store.db)
    before = replace(known, at=known.at - timedelta(days=1))
    with store.writing() as db:
        db.execute("DELETE FROM shapes")
        db.execute("DELETE FROM newest_shapes")
        shapes.add_look(db, before.system, before.id, before.what, before.now, before.at)
