"""One configured system: reached, counted, and every bad answer told apart without a secret."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest

from checks.budget import Budget
from checks.calls import address, fill
from checks.declare import Call, Connector, Counted, LimitReading, No, Refusal, Scheme, StatusPage
from checks.fetch import Refused, Unavailable, Unreadable
from checks.transport import Patience
from tests.checks.system_double import (
    BEARER,
    CONNECTOR,
    GOOD,
    NOON,
    SOURCE,
    Clock,
    Reply,
    Vendor,
    auth,
    system,
    with_page,
)

KEY = "k3y/that nobody+may see"
SPELT = quote(KEY, safe="")
NOON_HTTP = "Sat, 21 Nov 2026 12:00:00 GMT"


def status(code: int, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(code, headers=named, json={"message": f"no: {KEY} {SPELT}"})


def page(rows: int, following: str | None) -> httpx.Response:
    return httpx.Response(200, json={"rows": rows, "next": following, "id": str(following)})


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses before another attempt: noted instead of slept."""
    noted: list[float] = []
    real = asyncio.sleep

    async def note(seconds: float) -> None:
        noted.append(seconds)
        await real(0)

    monkeypatch.setattr("stamina._core._smart_sleep", note)
    return noted


class Naps:
    """A clock for the budget, moved by its own sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def budget(self) -> Budget:
        return Budget(1_000, monotonic=lambda: self.now, sleep=self.sleep)


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


HTML = httpx.Response(200, html="<!doctype html><p>Back soon</p>")
FAULTS = [
    pytest.param(status(401), Refused, No.CREDENTIAL, "does not accept the credential", id="401"),
    pytest.param(status(403), Refused, No.NOT_PERMITTED, "lacks a right", id="403"),
    pytest.param(status(404), Refused, None, "correct|check the address", id="404"),
    pytest.param(
        status(302, Location="https://evil.example"), Refused, None, "elsewhere", id="302"
    ),
    pytest.param(status(413), Refused, None, "does not accept this request", id="413"),
    pytest.param(status(429, Retry_After="30"), Unavailable, No.NOT_NOW, "after 30 s", id="429 s"),
    pytest.param(
        status(429, Retry_After="30.4"), Unavailable, No.NOT_NOW, "after 30 s", id="429 fraction"
    ),
    pytest.param(
        status(429, Retry_After="Sat, 21 Nov 2026 12:00:45 GMT", Date=NOON_HTTP),
        Unavailable,
        No.NOT_NOW,
        "after 45 s",
        id="429 date",
    ),
    pytest.param(status(429), Unavailable, No.NOT_NOW, r"after \d\d s", id="429 bare"),
    pytest.param(status(500), Unavailable, None, "on its side", id="500"),
    pytest.param(status(503, Retry_After="60"), Unavailable, None, "after 1 min", id="503"),
    pytest.param(HTML, Unavailable, None, "web page instead of data", id="HTML with 200"),
    pytest.param(
        httpx.Response(200, text='{"a": ['), Unavailable, None, "whole JSON", id="cut off"
    ),
    pytest.param(httpx.Response(200), Unavailable, None, "empty answer", id="nothing"),
    pytest.param(httpx.ConnectError(KEY), Unavailable, None, "takes no connection", id="closed"),
    pytest.param(httpx.ReadTimeout(KEY), Unavailable, None, "ran out", id="silence"),
    pytest.param(httpx.RemoteProtocolError(KEY), Unavailable, None, "broke off", id="hang-up"),
]


@pytest.mark.parametrize(("answer", "kind", "no", "sentence"), FAULTS)
async def test_each_fault_has_its_name_and_its_sentence(
    answer: Reply, kind: type[Unreadable], no: No | None, sentence: str
) -> None:
    with pytest.raises(kind, match=sentence) as caught:
        await system(Vendor(answer)).probe()
    assert type(caught.value) is kind
    assert caught.value.no is no
    assert "acme-shop" in caught.value.what
    assert "/v1/shop at acme.vendor.example" in caught.value.what


def told_by(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    told = [str(error), repr(error), *traceback.format_exception(error), caplog.text]
    return "\n".join([*told, *(str(vars(record)) for record in caplog.records)])


IN_QUERY = replace(CONNECTOR, probe=replace(CONNECTOR.probe, call=Call(path="/s?k={token}")))
IN_PATH = replace(CONNECTOR, probe=replace(CONNECTOR.probe, call=Call(path="/s/{token}/x")))
ODD_WAY = auth(Scheme.HEADER, "token", header="X-Own", value="fixed")


@pytest.mark.parametrize(("answer", "kind", "no", "sentence"), FAULTS)
@pytest.mark.parametrize(
    "connector", [CONNECTOR, IN_QUERY, IN_PATH], ids=["header", "query", "path"]
)
async def test_no_fault_tells_a_secret(
    connector: Connector,
    answer: Reply,
    kind: type[Unreadable],
    no: No | None,
    sentence: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    echoing = replace(connector, refusal=lambda got: echo(connector.refusal(got), got.text))
    way = BEARER if connector is CONNECTOR else ODD_WAY
    asking = system(Vendor(answer), connector=echoing, way=way, token=KEY)
    with pytest.raises(kind) as caught:
        await asking.probe()
    logging.getLogger("test").error("lost %r", asking, exc_info=caught.value)
    told = told_by(caught.value, caplog)
    assert "acme-shop" in told
    for secret in (KEY, SPELT, "k3y", "nobody"):
        assert secret not in told


def echo(refusal: Refusal | None, words: str) -> Refusal | None:
    return refusal and replace(refusal, words=words)


async def test_an_unread_401_or_403_concludes_nothing() -> None:
    slow = replace(CONNECTOR, refusal=lambda answer: None)
    for code in (401, 403):
        with pytest.raises(Unavailable, match="nothing is concluded") as caught:
            await system(Vendor(status(code)), connector=slow).probe()
        assert caught.value.no is None


async def test_a_401_that_passes_is_nobodys_alarm() -> None:
    vendor = Vendor(status(401), GOOD)
    await system(vendor).probe()
    assert len(vendor.asked) == 2


async def test_a_401_for_ever_is_asked_twice_and_no_more() -> None:
    vendor = Vendor(status(401))
    with pytest.raises(Refused):
        await system(vendor).probe()
    assert len(vendor.asked) == 2


async def test_a_no_inside_http_200_is_a_no() -> None:
    no_now = Refusal(no=No.NOT_NOW, words="throttled", retry_after=timedelta(minutes=2))
    naps, vendor = Naps(), Vendor()
    asking = system(
        vendor, connector=replace(CONNECTOR, refusal=lambda _: no_now), budget=naps.budget()
    )
    with pytest.raises(Unavailable, match=r'with 200 \("throttled"\): not now; .* after 2 min'):
        await asking.probe()
    with pytest.raises(Unavailable, match="was not asked"):
        await asking.probe()
    assert len(vendor.asked) == 1
    naps.now += 120
    with pytest.raises(Unavailable, match="throttled"):
        await asking.probe()


async def test_a_short_rest_is_sat_out_once(slept: list[float]) -> None:
    vendor = Vendor(status(429, Retry_After="7"), GOOD)
    await system(vendor, budget=Naps().budget()).probe()
    assert slept == [7.0]


@pytest.mark.parametrize("trouble", [status(502), httpx.ConnectError("x")], ids=["502", "closed"])
async def test_passing_trouble_is_tried_again_even_for_a_post(
    trouble: Reply, slept: list[float]
) -> None:
    call = Call(path="/graphql", method="POST", body={"query": "{ shop { name } }"})
    vendor = Vendor(trouble, trouble, GOOD)
    connector = replace(CONNECTOR, probe=replace(CONNECTOR.probe, call=call))
    await system(vendor, connector=connector).probe()
    assert len(vendor.asked) == 3


async def test_a_slow_drip_is_cut_off() -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.002)

    asking = system(
        lambda _: httpx.Response(200, content=drip()),
        patience=Patience(total=timedelta(milliseconds=30)),
    )
    with pytest.raises(Unavailable, match="ran out"):
        await asking.probe()


async def test_a_flood_is_not_read_to_its_end() -> None:
    async def flood() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1_000

    patience = Patience(largest_bytes=20_000)
    asking = system(lambda _: httpx.Response(200, content=flood()), patience=patience)
    with pytest.raises(Unavailable, match="more than 20,000 bytes"):
        await asking.probe()


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


XML_FAULTS = [
    pytest.param("<a><b></a>", "not whole XML", id="not closed"),
    pytest.param("<html><body>Down</body></html>", "web page", id="HTML"),
    pytest.param('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "not whole XML", id="entities"),
    pytest.param("", "not whole XML", id="nothing"),
    pytest.param('{"a": 1}', "not whole XML", id="JSON"),
]


@pytest.mark.parametrize(("body", "sentence"), XML_FAULTS)
async def test_a_soap_call_wants_whole_xml(body: str, sentence: str) -> None:
    call = Call(path="/soap", method="POST", text="<q/>")
    connector = replace(CONNECTOR, probe=replace(CONNECTOR.probe, call=call))
    with pytest.raises(Unavailable, match=sentence):
        await system(Vendor(httpx.Response(200, text=body)), connector=connector).probe()
    await system(Vendor(httpx.Response(200, text="<a/>")), connector=connector).probe()


PAGE = "https://status.vendor.example/api/v2/summary.json"
SUMMARY = {
    "components": [
        {"id": "g", "name": "Core", "group": True, "status": "major_outage"},
        {"id": "1", "name": "API", "group_id": "g", "status": "degraded_performance"},
        {"id": "2", "name": "Admin", "status": "operational"},
        {"id": "3", "name": "Stripe", "status": "major_outage"},
    ],
    "incidents": [
        {"name": "Slow\nAPI", "components": [{"name": "API"}]},
        {"name": "Cards fail", "components": [{"name": "Stripe"}]},
    ],
}


@pytest.mark.parametrize(
    ("own", "troubled", "incidents"),
    [
        pytest.param(("API",), ("API: degraded performance",), ("Slow API",), id="one component"),
        pytest.param(("Core",), ("API: degraded performance",), ("Slow API",), id="a group"),
        pytest.param(("Admin",), (), (), id="well itself"),
        pytest.param(
            (),
            ("API: degraded performance", "Stripe: major outage"),
            ("Slow API", "Cards fail"),
            id="all of them",
        ),
    ],
)
async def test_a_third_partys_trouble_is_not_the_vendors(
    own: tuple[str, ...], troubled: tuple[str, ...], incidents: tuple[str, ...]
) -> None:
    connector = replace(CONNECTOR, status_page=StatusPage(url=PAGE, components=own, source=SOURCE))
    vendor = Vendor(httpx.Response(200, json=SUMMARY))
    told = await system(vendor, connector=connector).status()
    assert told is not None
    assert (told.at, told.troubled, told.incidents) == (NOON, troubled, incidents)
    assert "Authorization" not in vendor.asked[0].headers


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(200, text="<rss/>"), id="another format"),
        pytest.param(httpx.Response(200, json={"components": []}), id="nothing of ours"),
        pytest.param(httpx.Response(503, json=SUMMARY), id="down itself"),
        pytest.param(httpx.ConnectError("x"), id="not reached"),
    ],
)
async def test_a_status_page_that_cannot_be_read_says_nothing(answer: Reply) -> None:
    status_page = StatusPage(url=PAGE, components=("API",), source=SOURCE)
    connector = replace(CONNECTOR, status_page=status_page)
    assert await system(Vendor(answer), connector=connector).status() is None
    assert await system(Vendor(answer)).status() is None


async def test_a_resting_system_does_not_keep_us_from_its_status_page() -> None:
    status_page = StatusPage(url=PAGE, components=(), source=SOURCE)
    connector = replace(CONNECTOR, status_page=status_page)
    budget = Budget(1_000)
    budget.hold(timedelta(minutes=5))
    vendor = Vendor(httpx.Response(200, json=SUMMARY))
    assert await system(vendor, connector=connector, budget=budget).status()


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
