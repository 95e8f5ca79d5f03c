"""Every look-alike meets the connector of its kind, over HTTP: both were written from the vendors'

pages and neither from the other, so what they agree on is not one mistake made twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from bot.sandbox.estate.vendors import all_shops
from bot.sandbox.estate.vendors.adobe_commerce import TOKEN_PATH
from bot.sandbox.estate.vendors.books import Books, RecordedBooks
from bot.sandbox.estate.vendors.copies import Copies
from bot.sandbox.estate.vendors.entra import TENANT
from bot.sandbox.estate.vendors.vendor import Shop
from checks.budget import Budget
from checks.classify import GENERAL, cause_of
from checks.declare import Cause, Connector, No, NotOffered
from checks.system import Probed, System
from checks.systems import all_connectors
from checks.transport import Patience
from checks.unreadable import Refused, Unavailable
from tests.bot.sandbox.estate.conftest import NO_TLS_HERE
from tests.bot.sandbox.estate.visit import NOW, Visit

AN_HOUR_AGO = NOW - timedelta(hours=1)
HASTY = Patience(first_retry=timedelta(milliseconds=1))
EVERY_SHOP = pytest.mark.parametrize("shop", all_shops(), ids=lambda shop: shop.name)

FIRST_READINGS: Mapping[str, Mapping[str, tuple[float, float | None]]] = {
    "bigcommerce": {"quota": (149, 150), "hourly quota": (19_999, None)},
    "brightpearl": {"calls of the account's private apps": (199, None)},
    "dataverse": {"requests": (5999, None), "seconds of execution": (1199.88, None)},
    "dotdigital": {"calls of one tier a minute": (599, 600)},
    "gorgias": {"calls of the account": (39, 40)},
    "lightspeed_r": {"requests": (89, 90), "burst": (19, 20)},
    "lightspeed_x": {"requests": (649, 650)},
    "netsuite": {"concurrent calls": (None, 15)},
    "shipstation_v1": {"requests": (39, 40)},
    "shopify": {"query points": (1999, 2000)},
    "shopify_rest": {"calls": (39, 40)},
}
"""By kind, what the first call leaves of each limit: left, and of how many where that is told."""
NOTHING_TOLD = {"dotdigital-newsletters"}
NEVER_FULL = {"fluent", "peoplevox", "sap_b1"}
"""No limit of calls is published of these."""
WHOLE_DAYS = {"sap_b1"}
"""These keep only the day of a change."""
TOKENS = {
    "adobe_commerce_saas": timedelta(hours=24),
    "akeneo": timedelta(hours=1),
    "business_central": timedelta(seconds=3899),
    "dataverse": timedelta(seconds=3899),
    "finance_operations": timedelta(seconds=3899),
    "fluent": timedelta(seconds=86_399),
}
"""By kind, how long a token lives that the monitor gets for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A running estate, and the systems that look at its vendors."""

    visit: Visit
    http: httpx.AsyncClient

    def system(self, shop: Shop) -> System:
        """A fresh look, which remembers no rest that it was asked for."""
        connector = all_connectors()[shop.kind]
        chosen = shop.settings.get("auth")
        auth = next(each for each in connector.auths if chosen in (None, each.name))
        return System(
            self.http,
            name=shop.name,
            connector=connector,
            auth=auth,
            settings=self._settings(shop),
            secrets={name: SecretStr(told) for name, told in shop.secrets.items()},
            budget=Budget(100_000),
            concurrency=4,
            now=self.visit.clock.now,
            patience=HASTY,
        )

    def _settings(self, shop: Shop) -> dict[str, str]:
        url = f"{self.visit.server.core_url}/vendors/{shop.name}"
        told = {name: value for name, value in shop.settings.items() if name != "auth"}
        if shop.kind == "adobe_commerce_saas":
            told["token_url"] = url + TOKEN_PATH
        if shop.settings.get("tenant") == TENANT:
            told["token_url"] = f"{url}/{TENANT}/oauth2/v2.0/token"
        return {"base_url": url, **told}

    async def tell(self, shop: Shop, **change: object) -> None:
        answer = await self.visit.tell("/control/vendor", {"name": shop.name, **change})
        assert answer.status_code == 200, answer.text

    async def probe(self, shop: Shop) -> Probed:
        return await self.system(shop).probe()


@pytest.fixture
async def meeting(visit: Visit):
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        yield Meeting(visit=visit, http=http)


def expected_of(shop: Shop, entity: str, books: Books, now: datetime) -> int:
    """What changed within the hour: orders reach the ERP a little later, and change once more."""
    if shop.kind not in ("business_central", "netsuite") or entity != "orders":
        return books.changed(entity, AN_HOUR_AGO, now)
    copies = Copies(books, posts=shop.kind == "business_central")
    return sum(copies.count(AN_HOUR_AGO, now, now, posted=posted) for posted in (False, True))


def counted(connector: Connector) -> list[str]:
    counts = connector.counts
    return [] if isinstance(counts, NotOffered) else [count.entity for count in counts]


def test_every_kind_has_a_look_alike() -> None:
    assert {shop.kind for shop in all_shops()} == set(all_connectors())


@EVERY_SHOP
async def test_the_first_probe_reads_the_limits(shop: Shop, meeting: Meeting) -> None:
    probed = await meeting.probe(shop)
    told = {name: (limit.remaining, limit.size) for name, limit in probed.limits}
    expected = {} if shop.name in NOTHING_TOLD else FIRST_READINGS.get(shop.kind, {})
    assert told == expected


@EVERY_SHOP
async def test_what_changed_is_counted_as_the_books_have_it(shop: Shop, meeting: Meeting) -> None:
    books = RecordedBooks(meeting.visit.server._site.estate.volumes.shift)
    meeting.visit.pass_time(seconds=5)
    now, system = meeting.visit.clock.now(), meeting.system(shop)
    for entity in counted(all_connectors()[shop.kind]):
        found = await system.count(entity, AN_HOUR_AGO)
        expected = expected_of(shop, entity, books, now)
        if shop.kind in WHOLE_DAYS:
            assert (entity, found.exact) == (entity, False)
            assert found.number >= expected
        else:
            assert (entity, found.number) == (entity, expected)
            assert expected > 0


@EVERY_SHOP
async def test_at_the_limit_the_answer_is_not_now(shop: Shop, meeting: Meeting) -> None:
    await meeting.probe(shop)
    meeting.visit.pass_time(minutes=2)
    await meeting.tell(shop, crowd=1)
    if shop.kind in NEVER_FULL:
        await meeting.probe(shop)
        return
    with pytest.raises(Unavailable) as caught:
        await meeting.probe(shop)
    assert caught.value.no is No.NOT_NOW
    await meeting.tell(shop, crowd=0)
    meeting.visit.pass_time(minutes=2)
    await meeting.probe(shop)


@EVERY_SHOP
async def test_a_lapsed_credential_is_told_from_a_limit(shop: Shop, meeting: Meeting) -> None:
    system = meeting.system(shop)
    await system.probe()
    meeting.visit.pass_time(minutes=2)
    await meeting.tell(shop, lapse="monitor")
    for look in (system, meeting.system(shop)):
        with pytest.raises(Refused) as caught:
            await look.probe()
        assert caught.value.no is No.CREDENTIAL
    await meeting.tell(shop, renew=True)
    await meeting.probe(shop)


@EVERY_SHOP
async def test_the_platforms_lapse_does_not_shut_the_monitor_out(
    shop: Shop, meeting: Meeting
) -> None:
    await meeting.tell(shop, lapse="platform")
    await meeting.probe(shop)


@EVERY_SHOP
def test_what_a_run_logs_of_a_refusal_is_understood(shop: Shop) -> None:
    sayings = [*all_connectors()[shop.kind].sayings, *GENERAL]
    vendor = shop.open(RecordedBooks({}))
    vendor.crowd(1, NOW)
    if shop.kind not in NEVER_FULL:
        assert cause_of(vendor.serve(3, NOW), sayings) is Cause.LIMIT
    vendor.lapse(platforms=True)
    assert cause_of(vendor.serve(3, NOW), sayings) is Cause.CREDENTIAL
    vendor.crowd(0, NOW)
    vendor.renew()
    assert vendor.serve(3, NOW) == ""


@pytest.mark.parametrize(
    "shop", [shop for shop in all_shops() if shop.kind in TOKENS], ids=lambda shop: shop.name
)
async def test_a_token_ends_when_it_was_said_and_is_got_anew(shop: Shop, meeting: Meeting) -> None:
    system = meeting.system(shop)
    ends_at = (await system.probe()).credential_ends_at
    assert ends_at is not None
    assert NOW <= ends_at - TOKENS[shop.kind] <= NOW + timedelta(seconds=2)
    meeting.visit.pass_time(seconds=TOKENS[shop.kind].total_seconds() + 60)
    renewed = (await system.probe()).credential_ends_at
    assert renewed is not None
    assert renewed >= ends_at + TOKENS[shop.kind]
