"""One configured system: reached, counted page by page, and put together from its settings."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from checks.calls import address, fill
from checks.declare import Call, Counted, LimitReading
from checks.fetch import Refused, Unavailable
from tests.checks.system_double import (
    CONNECTOR,
    GOOD,
    NOON,
    Clock,
    Reply,
    Vendor,
    system,
    with_page,
)

KEY = "k3y-that-nobody-may-see"


def page(rows: int, following: str | None) -> httpx.Response:
    return httpx.Response(200, json={"rows": rows, "next": following, "id": str(following)})


async def test_a_probe_tells_what_the_answer_told() -> None:
    headers = {"X-Used": "32/40", "X-Version": "2026-10"}
    probed = await system(Vendor(httpx.Response(200, headers=headers, json={}))).probe()
    reading = LimitReading(size=40, remaining=8, restored_per_second=2)
    assert probed.limits == (("calls", reading),)
    assert probed.signals == {"version": "2026-10"}
    assert probed.at == NOON
    assert timedelta(0) <= probed.took < timedelta(seconds=5)
    assert probed.credential_ends_at is None


async def test_headers_that_are_absent_are_not_zero() -> None:
    vendor = Vendor(httpx.Response(200, headers={"X-Used": "32/40"}, json={}), GOOD)
    asking = system(vendor)
    await asking.probe()
    assert (await asking.probe()).limits == ()


async def test_the_address_is_made_of_the_settings() -> None:
    vendor = Vendor()
    await system(vendor).probe()
    await system(vendor, settings={"account": "acme", "version": "2"}).probe()
    moved = {"account": "acme", "base_url": "http://127.0.0.1:8080/x/"}
    await system(vendor, settings=moved).probe()
    assert [str(request.url) for request in vendor.asked] == [
        "https://acme.vendor.example/v1/shop",
        "https://acme.vendor.example/v2/shop",
        "http://127.0.0.1:8080/x/shop",
    ]


async def test_a_count_is_asked_for_since_a_moment() -> None:
    vendor = Vendor(httpx.Response(200, json={"total": 42}))
    assert await system(vendor).count("orders", NOON) == Counted(number=42, exact=True)
    assert dict(vendor.asked[0].url.params) == {"since": "2026-11-21T12:00:00Z"}


async def test_a_list_without_a_total_is_counted_by_its_pages() -> None:
    vendor = Vendor(page(100, "b"), page(100, "c"), page(7, None))
    assert await system(vendor).count("products", NOON) == Counted(number=207, exact=True)
    asked = [dict(request.url.params) for request in vendor.asked]
    assert [each.get("cursor") for each in asked] == [None, "b", "c"]
    assert all(each["since"] == "2026-11-21T12:00:00Z" for each in asked)


PLACES = [
    pytest.param(
        Call(path="/g", method="POST", body={"query": "{ a }", "variables": {"cursor": None}}),
        b'{"query":"{ a }","variables":{"cursor":"b"}}',
        id="GraphQL variables",
    ),
    pytest.param(Call(path="/g", method="POST", body={"n": 1}), b'{"n":1,"cursor":"b"}', id="body"),
    pytest.param(
        Call(path="/g", method="POST", body={"q": "after {cursor}"}),
        b'{"q":"after b"}',
        id="placeholder",
    ),
]


@pytest.mark.parametrize(("call", "second"), PLACES)
async def test_the_next_page_is_asked_for_where_the_call_says(call: Call, second: bytes) -> None:
    vendor = Vendor(page(1, "b"), page(1, None))
    await system(vendor, connector=with_page(CONNECTOR, call)).count("products", NOON)
    assert vendor.asked[1].content == second


LOOPS = [
    pytest.param([page(5, "b"), page(6, "b")], id="the same place again"),
    pytest.param([page(5, "b"), page(5, "c"), page(6, "b")], id="back to an earlier place"),
    pytest.param(
        [httpx.Response(200, json={"rows": 5, "next": "b"})] * 2, id="the same page again"
    ),
]


@pytest.mark.parametrize("answers", LOOPS)
async def test_a_list_that_goes_in_circles_is_noticed(answers: list[Reply]) -> None:
    vendor = Vendor(*answers)
    with pytest.raises(Unavailable, match="goes round in circles in its list of products"):
        await system(vendor).count("products", NOON)
    assert len(vendor.asked) <= 3


async def test_a_list_without_end_is_counted_so_far_and_called_inexact() -> None:
    pages = iter(range(1_000))
    asked = 0

    async def endless(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return page(10, f"p{next(pages)}")

    assert await system(endless).count("products", NOON) == Counted(number=500, exact=False)
    assert asked == 50


async def test_what_is_not_counted_is_said_so() -> None:
    with pytest.raises(ValueError, match="does not count carts; what it counts: orders, products"):
        await system(Vendor()).count("carts", NOON)


async def test_a_404_is_an_empty_list_only_where_the_connector_says_so() -> None:
    vendor = Vendor(httpx.Response(404, json={"total": 0}), httpx.Response(404, json={}))
    asking = system(vendor)
    assert await asking.count("orders", NOON) == Counted(number=0, exact=True)
    with pytest.raises(Refused, match="404"):
        await asking.count("orders", NOON)


async def test_an_answer_that_does_not_tell_is_no_zero() -> None:
    with pytest.raises(Unavailable, match="does not tell how many orders changed"):
        await system(Vendor(httpx.Response(200, json={"total": None}))).count("orders", NOON)


async def test_no_more_calls_are_under_way_than_the_system_takes() -> None:
    under_way = most = 0

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        under_way -= 1
        return GOOD

    asking = system(slow, concurrency=3)
    await asyncio.gather(*(asking.probe() for _ in range(9)))
    assert most == 3


async def test_cookies_of_one_system_never_reach_another() -> None:
    vendor = Vendor(httpx.Response(200, json={}, headers={"Set-Cookie": "SID=1; Path=/"}))
    asking = system(vendor)
    await asking.probe()
    await asking.probe()
    assert "Cookie" not in vendor.asked[1].headers


def test_settings_that_cannot_work_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"its settings lack account \(the name in the address\)"):
        system(Vendor(), settings={})
    for base_url in ("ftp://x", "acme", "https://x/?a=b", "https://me:pw@x"):
        with pytest.raises(ValueError, match="its base_url is not an address"):
            system(Vendor(), settings={"account": "a", "base_url": base_url})
    connector = replace(CONNECTOR, credentials=())
    with pytest.raises(ValueError, match="uses a credential that nothing describes"):
        system(Vendor(), connector=connector)


def test_a_system_shows_its_name_and_no_more() -> None:
    assert repr(system(Vendor(), token=KEY)) == "System('acme-shop', 'made-up')"


def test_only_what_is_known_is_filled() -> None:
    graphql = "{ shop{name} orders(since: {since}) }"
    assert fill(graphql, {"since": "now"}) == "{ shop{name} orders(since: now) }"


def test_a_value_in_the_path_stays_one_part_of_it() -> None:
    assert str(address("/a", "https://x.example/v1/")) == "https://x.example/v1/a"


async def test_a_setting_cannot_leave_its_place_in_the_path() -> None:
    vendor = Vendor()
    connector = replace(CONNECTOR, probe=replace(CONNECTOR.probe, call=Call(path="/{company}/x")))
    settings = {"account": "acme", "company": "CRONUS UK/../?a=1"}
    await system(vendor, connector=connector, settings=settings, now=Clock()).probe()
    assert vendor.asked[0].url.raw_path == b"/v1/CRONUS%20UK%2F..%2F%3Fa%3D1/x"
