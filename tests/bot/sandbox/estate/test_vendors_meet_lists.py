"""Every look-alike that lists orders meets the connector of its kind, over HTTP: both were written
from the vendors' pages and neither from the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from bot.reconciling.asking import TOGETHER as KEYS_A_CALL
from bot.sandbox.declared import used_shops
from bot.sandbox.estate.vendors import all_shops
from bot.sandbox.estate.vendors.copies import Copies, Copy
from bot.sandbox.estate.vendors.orders import Order, Orders
from bot.sandbox.estate.vendors.vendor import Shop
from checks.reconcile.model import Record
from checks.records import By, RecordList
from checks.shapes.compare import ENOUGH
from checks.system import System
from tests.bot.sandbox.estate.conftest import NO_TLS_HERE
from tests.bot.sandbox.estate.test_vendors_meet_connectors import Meeting
from tests.bot.sandbox.estate.visit import NOW, Visit

SINCE, UNTIL = NOW - timedelta(hours=9), NOW - timedelta(minutes=50)
KEYS: Mapping[str, str] = {
    "adobe_commerce": "{:09}",
    "adobe_commerce_saas": "{:09}",
    "netsuite": "SO{}",
    "shopify": "#{}",
}
"""How a vendor writes an order's number; most write it as it is."""
TARGETS = {"business_central", "netsuite"}
"""Kinds to which the orders come a little later."""
TOGETHER = {"business_central", "shopify"}
"""Kinds that can be asked for several keys in one call."""
LISTING = (
    TARGETS
    | KEYS.keys()
    | {"bigcommerce", "brightpearl", "fluent", "lightspeed_r", "lightspeed_x", "peoplevox"}
    | {"sap_b1", "shipstation_v1", "shipstation_v2"}
)
EVERY_LISTING = pytest.mark.parametrize(
    "shop", [shop for shop in all_shops() if shop.kind in LISTING], ids=lambda shop: shop.name
)


@pytest.fixture
async def meeting(visit: Visit):
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        yield Meeting(visit=visit, http=http)


class Reading:
    """Reads a system's lists of orders, each record once, while `between` happens between pages."""

    def __init__(self, system: System, between: timedelta, visit: Visit) -> None:
        self.system, self._between, self._visit = system, between, visit

    @property
    def lists(self) -> list[RecordList]:
        return [one for one in self.system.lists if one.entity == "orders"]

    async def all(self) -> dict[str, Record]:
        found: dict[str, Record] = {}
        for one in self.lists:
            if one.place == "salesShipments":
                continue  # the same orders once more
            async for page in self.system.records("orders", one.place, SINCE, UNTIL):
                inside = [one for one in page if one.at is None or SINCE <= one.at < UNTIL]
                found |= {str(record.key): record for record in inside}
                self._visit.clock.advance(self._between)
        return found


def expected_of(shop: Shop, meeting: Meeting) -> dict[str, Order]:
    """By its key there, every order that changed in the target, or was placed, in the window."""
    books = meeting.visit.server.company.losses
    now = meeting.visit.clock.now()
    if shop.kind in TARGETS:
        orders = [copy.order for copy in copied(books.orders, shop, meeting, now)]
    else:
        orders = list(books.orders.each(books.orders.between(SINCE, UNTIL), now))
    return {KEYS.get(shop.kind, "{}").format(order.number): order for order in orders}


def copied(orders: Orders, shop: Shop, meeting: Meeting, now: datetime) -> list[Copy]:
    copies = Copies(orders.books, posts=shop.kind == "business_central")
    open_ones = copies.changed(SINCE, UNTIL, now)
    return open_ones + copies.changed(SINCE, UNTIL, now, posted=True)


@EVERY_LISTING
async def test_a_window_has_every_order_once_with_its_total(shop: Shop, meeting: Meeting) -> None:
    reading = Reading(meeting.system(shop), timedelta(0), meeting.visit)
    found, expected = await reading.all(), expected_of(shop, meeting)
    assert found.keys() == expected.keys()
    assert len(found) > 300
    for key, record in found.items():
        if "total" in record.fields:
            assert Decimal(str(record.fields["total"])) == expected[key].total
        if "line_count" in record.fields:
            assert record.fields["line_count"] == len(expected[key].lines)


@EVERY_LISTING
async def test_orders_that_arrive_meanwhile_change_nothing(shop: Shop, meeting: Meeting) -> None:
    expected = expected_of(shop, meeting)
    reading = Reading(meeting.system(shop), timedelta(seconds=20), meeting.visit)
    found = await reading.all()
    created = all(one.by is By.CREATED for one in reading.lists)
    assert found.keys() == expected.keys() if created else expected.keys() >= found.keys()


@EVERY_LISTING
async def test_an_order_is_found_by_its_key_and_no_other_is(shop: Shop, meeting: Meeting) -> None:
    reading, expected = (
        Reading(meeting.system(shop), timedelta(0), meeting.visit),
        expected_of(shop, meeting),
    )
    for key in list(expected)[:3]:
        asked = [await reading.system.record("orders", one.place, key) for one in reading.lists]
        assert {str(record.key) for records in asked for record in records} == {key}
    nobody = KEYS.get(shop.kind, "{}").format(999_999_999)
    for one in reading.lists:
        assert await reading.system.record("orders", one.place, nobody) == ()


@EVERY_LISTING
async def test_several_keys_in_one_call_find_theirs_and_nothing_else(
    shop: Shop, meeting: Meeting
) -> None:
    system, expected = meeting.system(shop), expected_of(shop, meeting)
    nobody = KEYS.get(shop.kind, "{}").format(999_999_999)
    asked = [*list(expected)[: KEYS_A_CALL - 2], nobody, "1' or '1' eq '1"]
    lists = [one for one in system.lists if one.entity == "orders" and one.can_be_asked_together()]
    found = [await system.several("orders", one.place, asked) for one in lists]
    assert bool(lists) == (shop.kind in TOGETHER)
    if lists:
        assert {str(record.key) for records in found for record in records} == {*asked[:-2]}


@pytest.mark.parametrize("shop", used_shops(), ids=lambda shop: shop.name)
async def test_every_list_of_the_demos_systems_can_be_looked_at(
    shop: Shop, meeting: Meeting
) -> None:
    """A shape is worth comparing from so many records on, and with more than an id in them."""
    system, now = meeting.system(shop), meeting.visit.clock.now()
    looks = [
        await system.look(one.entity, one.place, now - timedelta(days=1), now)
        for one in system.lists
    ]
    whole = [look for look in looks if len(look.shape) > 3]
    assert bool(whole) == bool(system.lists)
    for look in whole:
        assert max(field.of for field in look.shape.values()) >= ENOUGH, look.id
