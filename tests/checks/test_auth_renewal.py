"""Tokens and sessions: told when they end, renewed in time, once for all, never in a loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest

from checks.declare import Answer, Call, No, Refusal, Scheme
from checks.fetch import Refused, Unavailable
from checks.reading import find
from tests.checks.system_double import (
    CONNECTOR,
    GOOD,
    NOON,
    Clock,
    Reply,
    Vendor,
    auth,
    system,
    with_page,
)


def token(value: str, **further: object) -> httpx.Response:
    return httpx.Response(200, json={"access_token": value, **further})


CLIENT = auth(
    Scheme.CLIENT_CREDENTIALS,
    "client_secret",
    token_url="/token",
    client_id="app-1",
    scope="read.all",
    resource="r",
)
PASSWORD = auth(
    Scheme.PASSWORD_GRANT,
    "client_id",
    "client_secret",
    "username",
    "password",
    token_url="https://login.vendor.example/token",
)


ENDS = [
    pytest.param(token("t", expires_in=3600), timedelta(hours=1), id="seconds"),
    pytest.param(token("t", expires_in="86399"), timedelta(seconds=86399), id="seconds as text"),
    pytest.param(token("t", expires_in=True), None, id="no number"),
    pytest.param(token("t", expires_in=-5), None, id="already over"),
    pytest.param(token("t", expires_in=10**12), None, id="longer than the world"),
    pytest.param(token("t"), None, id="not told"),
    pytest.param(
        token(jwt.encode({"exp": NOON + timedelta(minutes=20)}, "x" * 32)),
        timedelta(minutes=20),
        id="in the token itself",
    ),
    pytest.param(token(jwt.encode({"a": 1}, "x" * 32)), None, id="a JWT without an end"),
    pytest.param(token("a.b.c"), None, id="no JWT after all"),
]


@pytest.mark.parametrize(("answer", "life"), ENDS)
async def test_the_end_of_a_token_is_told(answer: httpx.Response, life: timedelta | None) -> None:
    probed = await system(Vendor(token=[answer]), way=CLIENT).probe()
    assert probed.credential_ends_at == (life and NOON + life)


async def test_a_fixed_token_that_is_a_jwt_tells_its_end() -> None:
    told = jwt.encode({"exp": datetime(2027, 1, 1, tzinfo=UTC)}, "x" * 32)
    probed = await system(Vendor(), token=told).probe()
    assert probed.credential_ends_at == datetime(2027, 1, 1, tzinfo=UTC)


async def test_one_token_serves_everybody() -> None:
    vendor = Vendor(token=[token("t", expires_in=3600)])
    asking = system(vendor, way=CLIENT)
    await asyncio.gather(*(asking.probe() for _ in range(8)))
    assert len(vendor.asked_for("token")) == 1


async def test_a_token_is_renewed_before_it_ends() -> None:
    clock = Clock()
    vendor = Vendor(token=[token("old", expires_in=3600), token("new", expires_in=3600)])
    asking = system(vendor, way=CLIENT, now=clock)
    await asking.probe()
    clock.at += timedelta(minutes=54)
    await asking.probe()
    assert len(vendor.asked_for("token")) == 1
    clock.at += timedelta(minutes=1)
    await asking.probe()
    assert vendor.asked[-1].headers["Authorization"] == "Bearer new"


async def test_a_token_that_is_not_accepted_is_renewed_once_for_all() -> None:
    """A late 401 for the old token must not throw away the new one."""
    vendor = Vendor(token=[token("old"), token("new"), token("one too many")])
    both_asked, renewed, olds = asyncio.Event(), asyncio.Event(), 0

    async def takes_new_only(request: httpx.Request) -> httpx.Response:
        nonlocal olds
        if request.headers.get("Authorization") == "Bearer old":
            olds += 1
            if olds == 2:
                both_asked.set()
            await (renewed if olds == 2 else both_asked).wait()
            return httpx.Response(401)
        if request.url.path.endswith("/shop"):
            renewed.set()
        return await vendor(request)

    asking = system(takes_new_only, way=CLIENT)
    await asyncio.gather(asking.probe(), asking.probe())
    assert olds == 2
    assert len(vendor.asked_for("token")) == 2
    assert {each.headers["Authorization"] for each in vendor.asked_for("shop")} == {"Bearer new"}


async def test_a_basic_header_that_is_echoed_back_stays_hidden() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, text=request.headers["Authorization"])

    def quoting(answer: Answer) -> Refusal:
        return Refusal(no=No.NOT_NOW, words=answer.text)

    way = auth(Scheme.BASIC, "username", "password")
    with pytest.raises(Unavailable) as caught:
        await system(echo, way=way, connector=replace(CONNECTOR, refusal=quoting)).probe()
    assert '("[hidden]")' in caught.value.what


NOES = [
    pytest.param(401, {"error": "invalid_client"}, Refused, No.CREDENTIAL, id="wrong secret"),
    pytest.param(400, {"error": "invalid_grant"}, Refused, No.CREDENTIAL, id="wrong password"),
    pytest.param(400, {"error": "invalid_scope"}, Refused, No.NOT_PERMITTED, id="scope not had"),
    pytest.param(429, {}, Unavailable, No.NOT_NOW, id="too many tokens"),
    pytest.param(
        503, {"error": "temporarily_unavailable"}, Unavailable, No.NOT_NOW, id="overloaded"
    ),
    pytest.param(500, {}, Unavailable, None, id="broken"),
    pytest.param(404, {}, Refused, None, id="wrong address"),
    pytest.param(200, {"token": "t"}, Unavailable, None, id="no token in the answer"),
    pytest.param(200, {"access_token": "a\nb"}, Unavailable, None, id="a token no header takes"),
]


@pytest.mark.parametrize(("status", "body", "kind", "no"), NOES)
async def test_a_token_that_is_not_given_has_its_reason(
    status: int, body: dict[str, str], kind: type[Exception], no: No | None
) -> None:
    vendor = Vendor(token=[httpx.Response(status, json=body)])
    with pytest.raises(kind) as caught:
        await system(vendor, way=CLIENT).probe()
    assert getattr(caught.value, "no", "") == no
    assert len(vendor.asked) == 1


async def test_a_refused_password_is_not_tried_each_round() -> None:
    clock = Clock()
    vendor = Vendor(token=[httpx.Response(400, json={"error": "invalid_grant"}), token("t")])
    asking = system(vendor, way=PASSWORD, now=clock)
    for _ in range(3):
        with pytest.raises(Refused) as caught:
            await asking.probe()
    assert "not tried again yet" in caught.value.what
    assert caught.value.no is No.CREDENTIAL
    assert len(vendor.asked) == 1
    clock.at += timedelta(minutes=5)
    await asking.probe()


def session_of(answer: Answer) -> Mapping[str, str]:
    told = find(answer.data, "session")
    if not isinstance(told, str):
        raise ValueError("no session")
    return {"Cookie": f"SID={told}"}


LOGIN = replace(
    auth(Scheme.LOGIN, "username", "password"),
    open=Call(path="/login", method="POST", body={"User": "{username}", "Pass": "{password}"}),
    session=session_of,
    close=Call(path="/logout", method="POST"),
)


def opened(name: str) -> httpx.Response:
    return httpx.Response(200, json={"session": name}, headers={"Set-Cookie": "SID=elsewhere"})


async def test_a_session_is_opened_kept_and_closed() -> None:
    vendor = Vendor(login=[opened("s-1")], logout=[httpx.Response(204)])
    asking = system(vendor, way=LOGIN, username="ann", password='p"w')
    await asking.probe()
    await asking.probe()
    await asking.close()
    await asking.close()
    assert [each.url.path for each in vendor.asked] == [
        "/v1/login",
        "/v1/shop",
        "/v1/shop",
        "/v1/logout",
    ]
    assert json.loads(vendor.asked[0].content) == {"User": "ann", "Pass": 'p"w'}
    assert [each.headers.get("Cookie") for each in vendor.asked] == [None] + ["SID=s-1"] * 3


async def test_a_lapsed_session_is_opened_again_once() -> None:
    vendor = Vendor(httpx.Response(401), GOOD, login=[opened("s-1"), opened("s-2")])
    await system(vendor, way=LOGIN).probe()
    assert [each.headers.get("Cookie") for each in vendor.asked_for("shop")] == [
        "SID=s-1",
        "SID=s-2",
    ]


async def test_a_session_that_is_never_accepted_ends_the_matter() -> None:
    vendor = Vendor(httpx.Response(401), login=[opened("s")])
    with pytest.raises(Refused) as caught:
        await system(vendor, way=LOGIN).probe()
    assert caught.value.no is No.CREDENTIAL
    assert len(vendor.asked_for("shop")) == len(vendor.asked_for("login")) == 2


async def test_a_failed_close_is_left_to_time_out() -> None:
    vendor = Vendor(login=[opened("s-1")], logout=[httpx.ConnectError("x")])
    asking = system(vendor, way=LOGIN)
    await asking.probe()
    await asking.close()


BAD_LOGINS: list[object] = [
    pytest.param(httpx.Response(200, text="<html>"), id="web page"),
    pytest.param(httpx.Response(200, json={"session": 5}), id="no session"),
    pytest.param(httpx.Response(200, json={"session": "a\r\nX: y"}), id="no header takes it"),
]


@pytest.mark.parametrize("answer", BAD_LOGINS)
async def test_a_login_without_a_session_is_no_refusal(answer: Reply) -> None:
    with pytest.raises(Unavailable, match="tells no session"):
        await system(Vendor(login=[answer]), way=LOGIN).probe()


async def test_a_session_may_stand_in_the_body() -> None:
    call = Call(path="/products", method="POST", text="<a><s>{sid}</s><w>{account}</w></a>")
    way = replace(LOGIN, session=lambda answer: {"sid": str(find(answer.data, "session"))})
    vendor = Vendor(httpx.Response(200, text="<rows/>"), login=[opened("s<1>")])
    settings = {"account": "a&b", "base_url": "https://acme.vendor.example/v1"}
    asking = system(vendor, connector=with_page(CONNECTOR, call), way=way, settings=settings)
    with pytest.raises(Unavailable):
        await asking.count("products", NOON)
    [request] = vendor.asked_for("products")
    assert request.content == b"<a><s>s&lt;1&gt;</s><w>a&amp;b</w></a>"
    assert "sid" not in request.headers


def test_a_credential_that_rotates_is_refused_at_once() -> None:
    [key] = CONNECTOR.credentials
    connector = replace(CONNECTOR, credentials=(replace(key, rotates=True),))
    with pytest.raises(ValueError, match="would break the integration that is watched"):
        system(Vendor(), connector=connector)


def test_a_missing_secret_is_named() -> None:
    with pytest.raises(ValueError, match=r"^acme-shop: its settings lack token \(made up\)$"):
        system(Vendor(), token="")


def test_a_key_with_a_line_break_is_refused_without_being_shown() -> None:
    with pytest.raises(ValueError, match="has a character that no header can") as caught:
        system(Vendor(), token="k3y\nX-Evil: 1")
    assert "k3y" not in str(caught.value)
