"""Every bad answer of a system is told apart, in one sentence, without a secret."""

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
from checks.declare import Call, Connector, No, Refusal, Scheme
from checks.fetch import Refused, Unavailable, Unreadable
from checks.transport import Patience
from tests.checks.system_double import (
    BEARER,
    CONNECTOR,
    GOOD,
    Reply,
    Vendor,
    auth,
    system,
)

KEY = "k3y/that nobody+may see"
SPELT = quote(KEY, safe="")
NOON_HTTP = "Sat, 21 Nov 2026 12:00:00 GMT"


def status(code: int, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(code, headers=named, json={"message": f"no: {KEY} {SPELT}"})


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
