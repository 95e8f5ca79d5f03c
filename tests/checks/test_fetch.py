"""Every bad answer has a name, a sentence, and never a secret."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
import traceback
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.answers import Senseless, excerpt, read_json, read_retry_after
from checks.fetch import Budget, Fetch, Patience, Refused, Unavailable, Unreadable

KEY = "k3y-that-nobody-may-see"
URL = "https://core.example/api/v1/flows"
QUICK = Patience(first_retry=timedelta(milliseconds=1))
GOOD = httpx.Response(200, json={"data": []})

Answer = httpx.Response | Exception


class Vendor:
    """Gives the listed answers in turn, the last one for ever, and remembers what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=answer.content, request=request
        )


def fetch_from(
    vendor: Callable[..., object], *, patience: Patience = QUICK, budget: Budget | None = None
) -> Fetch:
    http = httpx.AsyncClient(transport=httpx.MockTransport(vendor))
    return Fetch(http, system="Patchworks", budget=budget or Budget(1_000), patience=patience)


async def get(fetch: Fetch) -> object:
    return await fetch.get(URL, params={}, headers={"Authorization": KEY})


async def failure(fetch: Fetch) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        await get(fetch)
    return caught.value


def chained(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def status(code: int, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(code, headers=named, json={"message": f"no: {KEY}\x1b[31m\n"})


def text(body: str | bytes, kind: str = "application/json") -> httpx.Response:
    return httpx.Response(200, content=body, headers={"Content-Type": kind})


FAULTS = [
    pytest.param(status(401), Refused, "with 401 .*check the credential", id="key not taken"),
    pytest.param(status(403), Refused, "with 403 .*allowed to do", id="right missing"),
    pytest.param(status(404), Refused, "with 404 .*check the address", id="path not known"),
    pytest.param(status(422), Refused, "with 422 .*does not accept", id="request not accepted"),
    pytest.param(status(302), Refused, "with 302 .*correct the address", id="sent elsewhere"),
    pytest.param(status(429), Unavailable, "limit is used up; it is asked again", id="429 bare"),
    pytest.param(
        status(429, Retry_After="40"), Unavailable, "asked again after 40 s", id="429 with seconds"
    ),
    pytest.param(status(500), Unavailable, "with 500 .*on its side", id="server error"),
    pytest.param(
        status(503, Retry_After="120"), Unavailable, "again after 2 min", id="maintenance"
    ),
    pytest.param(text("<html>hi"), Unavailable, "web page instead of data", id="HTML as JSON"),
    pytest.param(text("hi", "text/html"), Unavailable, "web page", id="HTML by its type"),
    pytest.param(text('{"data": [{"id'), Unavailable, "14 bytes .*not whole JSON", id="truncated"),
    pytest.param(text(b"\xff\xfe\x00"), Unavailable, "not whole JSON", id="not text"),
    pytest.param(text('{"a": NaN}'), Unavailable, "not whole JSON", id="NaN"),
    pytest.param(text("[" * 50_000), Unavailable, "not whole JSON", id="endlessly nested"),
    pytest.param(text("9" * 5_000), Unavailable, "not whole JSON", id="endless number"),
    pytest.param(text(" \n"), Unavailable, "empty answer", id="nothing"),
    pytest.param(httpx.ConnectError(KEY), Unavailable, "takes no connection", id="closed port"),
    pytest.param(
        chained(httpx.ConnectError(KEY), socket.gaierror(KEY)),
        Unavailable,
        "name of its host is not known",
        id="no such host",
    ),
    pytest.param(
        chained(httpx.ConnectError(KEY), ssl.SSLError(KEY)),
        Unavailable,
        "no secure connection",
        id="certificate not trusted",
    ),
    pytest.param(httpx.ConnectTimeout(KEY), Unavailable, "no connection within 5 s", id="no route"),
    pytest.param(httpx.ReadTimeout(KEY), Unavailable, "ran out", id="silence"),
    pytest.param(httpx.PoolTimeout(KEY), Unavailable, "ran out", id="no free connection"),
    pytest.param(httpx.RemoteProtocolError(KEY), Unavailable, "broke off", id="hangs up half-way"),
    pytest.param(httpx.DecodingError(KEY), Unavailable, "broke off", id="broken gzip"),
    pytest.param(
        httpx.LocalProtocolError(KEY), Refused, "cannot be sent over HTTP", id="odd header"
    ),
]


@pytest.mark.parametrize(("answer", "kind", "sentence"), FAULTS)
async def test_each_fault_has_its_sentence(
    answer: Answer, kind: type[Unreadable], sentence: str
) -> None:
    error = await failure(fetch_from(Vendor(answer)))
    assert type(error) is kind
    assert error.what.startswith("Patchworks")
    assert "GET /api/v1/flows at core.example" in error.what
    assert re.search(sentence, error.what)
    assert "\n" not in error.what
    assert "\x1b" not in error.what


@pytest.mark.parametrize(("answer", "kind", "sentence"), FAULTS)
async def test_no_fault_tells_the_secret(
    answer: Answer, kind: type[Unreadable], sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    error = await failure(fetch_from(Vendor(answer)))
    logging.getLogger("test").error("lost", exc_info=error)
    told = [str(error), repr(error), *traceback.format_exception(error), caplog.text]
    told += [str(vars(record)) for record in caplog.records]
    assert not [line for line in told if KEY in line]


async def test_what_the_server_says_is_quoted_without_the_secret() -> None:
    error = await failure(fetch_from(Vendor(status(403))))
    assert '("no: [hidden] [31m")' in error.what


async def test_a_login_that_is_echoed_back_stays_hidden() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json={"message": request.content.decode()})

    body = {"username": "ops@acme.example", "password": KEY}
    with pytest.raises(Refused) as caught:
        await fetch_from(echo).post(URL, body=body)
    assert KEY not in caught.value.what
    assert "ops@acme.example" not in caught.value.what


async def test_a_good_answer_comes_back_as_it_is() -> None:
    vendor = Vendor(GOOD)
    assert await get(fetch_from(vendor)) == {"data": []}
    assert vendor.asked[0].headers["Accept"] == "application/json"
    assert vendor.asked[0].headers["Content-Type"] == "application/json"
    assert vendor.asked[0].headers["Authorization"] == KEY


PASSING = [
    pytest.param(status(500), id="server error"),
    pytest.param(status(502), id="bad gateway"),
    pytest.param(httpx.ConnectError("x"), id="closed port"),
    pytest.param(httpx.ReadError("x"), id="reset"),
]


@pytest.mark.parametrize("trouble", PASSING)
async def test_passing_trouble_is_tried_again(trouble: Answer) -> None:
    vendor = Vendor(trouble, trouble, GOOD)
    assert await get(fetch_from(vendor)) == {"data": []}
    assert len(vendor.asked) == 3


@pytest.mark.parametrize("trouble", PASSING)
async def test_after_three_attempts_the_next_round_has_to_do(trouble: Answer) -> None:
    vendor = Vendor(trouble)
    await failure(fetch_from(vendor))
    assert len(vendor.asked) == 3


@pytest.mark.parametrize("trouble", PASSING)
async def test_a_post_is_never_sent_twice(trouble: Answer) -> None:
    vendor = Vendor(trouble, GOOD)
    with pytest.raises(Unavailable):
        await fetch_from(vendor).post(URL, body={})
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(status(401), id="key not taken"),
        pytest.param(status(404), id="path not known"),
        pytest.param(text("<html>"), id="web page"),
        pytest.param(text("{"), id="truncated"),
        pytest.param(httpx.ReadTimeout("x"), id="silence"),
        pytest.param(status(429), id="429 bare"),
        pytest.param(status(429, Retry_After="11"), id="a long rest asked for"),
    ],
)
async def test_what_will_not_pass_at_once_is_not_repeated(trouble: Answer) -> None:
    vendor = Vendor(trouble, GOOD)
    await failure(fetch_from(vendor))
    assert len(vendor.asked) == 1


class Naps:
    """A clock for the budget, moved by its own sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def budget_of(naps: Naps) -> Budget:
    return Budget(1_000, monotonic=lambda: naps.now, sleep=naps.sleep)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Stamina sleeps through asyncio.sleep: noted instead of slept."""
    slept: list[float] = []
    real = asyncio.sleep

    async def note(seconds: float) -> None:
        slept.append(seconds)
        await real(0)

    monkeypatch.setattr("stamina._core._smart_sleep", note)
    return slept


async def test_a_short_rest_is_waited_for_once(no_waiting: list[float]) -> None:
    vendor = Vendor(status(429, Retry_After="7"), GOOD)
    assert await get(fetch_from(vendor, budget=budget_of(Naps()))) == {"data": []}
    assert no_waiting == [7.0]


async def test_a_second_short_rest_is_left_to_the_next_round(no_waiting: list[float]) -> None:
    vendor = Vendor(status(429, Retry_After="7"))
    error = await failure(fetch_from(vendor, budget=budget_of(Naps())))
    assert len(vendor.asked) == 2
    assert error.retry_after == timedelta(seconds=7)


async def test_after_a_429_nobody_is_asked_until_the_rest_is_over() -> None:
    naps, vendor = Naps(), Vendor(status(429, Retry_After="60"), GOOD)
    fetch = fetch_from(vendor, budget=budget_of(naps))
    await failure(fetch)
    naps.now += 20
    error = await failure(fetch)
    assert isinstance(error, Unavailable)
    assert error.retry_after == timedelta(seconds=40)
    assert "was not asked" in error.what
    assert "another 40 s" in error.what
    assert len(vendor.asked) == 1
    naps.now += 40
    assert await get(fetch) == {"data": []}


async def test_a_429_that_names_no_time_gets_some_peace() -> None:
    error = await failure(fetch_from(Vendor(status(429))))
    assert error.retry_after is not None
    assert timedelta(seconds=20) <= error.retry_after <= timedelta(seconds=40)


def served(body: AsyncIterator[bytes]) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(200, content=body)


async def test_a_slow_drip_is_cut_off_by_the_total_time() -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.002)

    patience = Patience(total=timedelta(milliseconds=30))
    error = await failure(fetch_from(served(drip()), patience=patience))
    assert isinstance(error, Unavailable)
    assert "ran out" in error.what


async def test_a_server_that_never_answers_is_left() -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        return GOOD

    patience = Patience(total=timedelta(milliseconds=20))
    assert "ran out" in (await failure(fetch_from(hang, patience=patience))).what


async def test_a_huge_body_is_not_read_to_its_end() -> None:
    sent = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1_000

    error = await failure(fetch_from(served(flood()), patience=Patience(largest_bytes=50_000)))
    assert "more than 50,000 bytes" in error.what
    assert sent <= 52


async def test_a_redirect_never_carries_the_key_elsewhere() -> None:
    vendor = Vendor(httpx.Response(302, headers={"Location": "https://evil.example/"}), GOOD)
    await failure(fetch_from(vendor))
    assert [request.url.host for request in vendor.asked] == ["core.example"]


async def test_a_caller_that_is_cancelled_is_cancelled() -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        return GOOD

    waiting = asyncio.create_task(get(fetch_from(hang)))
    await asyncio.sleep(0.005)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


NOON = "Wed, 01 Jul 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "rest"),
    [
        pytest.param("30", timedelta(seconds=30), id="seconds"),
        pytest.param("0", None, id="no time at all"),
        pytest.param("-5", None, id="the past"),
        pytest.param("soon", None, id="a word"),
        pytest.param("", None, id="empty"),
        pytest.param("9" * 40, None, id="longer than the world"),
        pytest.param("Wed, 01 Jul 2026 12:00:45 GMT", timedelta(seconds=45), id="a date"),
        pytest.param("Wed, 01 Jul 2026 11:59:00 GMT", None, id="a date gone by"),
        pytest.param("Wed, 01 Jul 2026 13:00:09 +0100", timedelta(seconds=9), id="another zone"),
        pytest.param("Wed, 99 Jul 2026 12:00:00 GMT", None, id="no such date"),
    ],
)
def test_retry_after_in_each_form(value: str, rest: timedelta | None) -> None:
    headers = httpx.Headers({"Retry-After": value, "Date": NOON})
    assert read_retry_after(headers) == rest


def test_a_date_without_the_servers_own_clock_is_compared_with_ours() -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    headers = httpx.Headers({"Retry-After": soon.strftime("%a, %d %b %Y %H:%M:%S GMT")})
    rest = read_retry_after(headers)
    assert rest is not None
    assert timedelta(minutes=4) < rest <= timedelta(minutes=5)


@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_are_json_or_senseless(content: bytes, kind: str) -> None:
    try:
        read_json(content, kind)
    except Senseless as senseless:
        assert str(senseless)  # noqa: PT017 - both outcomes are allowed


@given(st.text())
def test_an_excerpt_is_short_printable_and_one_line(foreign: str) -> None:
    shown = excerpt(foreign, ["secret"])
    assert len(shown) <= 160
    assert shown.isprintable()
    assert "secret" not in shown


@given(st.text(max_size=60))
def test_any_retry_after_is_a_positive_time_or_none(value: str) -> None:
    rest = read_retry_after({"Retry-After": value, "Date": NOON})
    assert rest is None or rest > timedelta(0)
