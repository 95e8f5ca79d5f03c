"""Keys and logins: what is sent, when it is renewed, and that nobody sees it."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from checks.fetch import Refused, Unavailable
from checks.patchworks import ApiKey, Login, Patchworks
from tests.checks.patchworks_double import KEY, NOON, client_of, listing

WORD = "correct-horse-battery"


class Fabric:
    """Logs users in with tokens token-1, token-2, ... and takes only those that are still good."""

    def __init__(self, *, expires_in: object = 86400) -> None:
        self.expires_in = expires_in
        self.logins: list[dict[str, str]] = []
        self.good: set[str] = set()
        self.refuses_logins = False
        self.calls = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)  # lets other callers come in between
        if request.url.path == "/login":
            return self._log_in(request)
        self.calls += 1
        if request.headers["Authorization"].removeprefix("Bearer ") not in self.good:
            return httpx.Response(401, json={"message": "Unauthenticated."})
        return httpx.Response(200, json=listing())

    def _log_in(self, request: httpx.Request) -> httpx.Response:
        self.logins.append(json.loads(request.content))
        if self.refuses_logins:
            return httpx.Response(422, json={"message": f"Wrong: {WORD}"})
        token = f"token-{len(self.logins)}"
        self.good = {token}
        return httpx.Response(200, json={"token": token, "expires_in": self.expires_in})


class Now:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def client_for(fabric: Fabric, now: Now | None = None) -> Patchworks:
    login = Login("ops@acme.example", SecretStr(WORD))
    return client_of(fabric, credentials=login, now=now or Now())


async def test_a_user_logs_in_once_for_all_calls() -> None:
    fabric = Fabric()
    client = client_for(fabric)
    await client.check_access()
    await client.flows()
    assert fabric.logins == [{"username": "ops@acme.example", "password": WORD}]


async def test_callers_that_come_together_share_one_login() -> None:
    fabric = Fabric()
    client = client_for(fabric)
    await asyncio.gather(*(client.check_access() for _ in range(10)))
    assert len(fabric.logins) == 1


async def test_a_token_is_renewed_shortly_before_it_ends() -> None:
    fabric, now = Fabric(), Now()
    client = client_for(fabric, now)
    await client.check_access()
    now.at = NOON + timedelta(hours=23, minutes=54)
    await client.check_access()
    assert len(fabric.logins) == 1
    now.at = NOON + timedelta(hours=23, minutes=56)
    await client.check_access()
    assert len(fabric.logins) == 2


async def test_a_token_that_is_no_longer_taken_is_renewed_once_for_everybody() -> None:
    fabric = Fabric()
    client = client_for(fabric)
    await client.check_access()
    fabric.good = set()
    await asyncio.gather(*(client.check_access() for _ in range(10)))
    assert len(fabric.logins) == 2


async def test_a_token_without_an_end_is_renewed_when_it_is_refused() -> None:
    fabric, now = Fabric(expires_in=None), Now()
    client = client_for(fabric, now)
    await client.check_access()
    now.at += timedelta(days=30)
    fabric.good = set()
    await client.check_access()
    assert len(fabric.logins) == 2


async def test_fresh_tokens_that_are_refused_too_are_a_matter_for_a_person() -> None:
    def never(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/login":
            return httpx.Response(200, json={"token": "t0ken", "expires_in": 60})
        return httpx.Response(401, json={"message": "Unauthenticated. t0ken"})

    client = client_of(never, credentials=Login("ops", SecretStr(WORD)))
    with pytest.raises(Refused, match=r"401 .*\[hidden\].*check the credential") as caught:
        await client.check_access()
    assert "t0ken" not in caught.value.what


async def test_a_key_that_is_refused_is_a_matter_for_a_person_at_once() -> None:
    fabric = Fabric()
    client = client_of(fabric)
    with pytest.raises(Refused, match="key, which may have been revoked"):
        await client.check_access()
    assert (fabric.calls, fabric.logins) == (1, [])


async def test_a_wrong_password_is_not_hammered() -> None:
    fabric, now = Fabric(), Now()
    fabric.refuses_logins = True
    client = client_for(fabric, now)
    for _ in range(5):
        with pytest.raises(Refused, match=r"check \[patchworks\] username and password") as caught:
            await client.check_access()
        assert WORD not in caught.value.what
    assert len(fabric.logins) == 1
    now.at += timedelta(minutes=5)
    fabric.refuses_logins = False
    await client.check_access()
    assert len(fabric.logins) == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param([], id="a list"),
        pytest.param({}, id="nothing"),
        pytest.param({"token": 7, "expires_in": 60}, id="token is a number"),
        pytest.param({"token": "", "expires_in": 60}, id="token is empty"),
        pytest.param({"token": "a\nb", "expires_in": 60}, id="token with a line break"),
        pytest.param({"token": "tökén", "expires_in": 60}, id="token beyond ASCII"),
        pytest.param({"token": "t0ken", "expires_in": 0}, id="ends at once"),
        pytest.param({"token": "t0ken", "expires_in": -5}, id="has ended"),
        pytest.param({"token": "t0ken", "expires_in": "soon"}, id="end is a word"),
        pytest.param({"token": "t0ken", "expires_in": 10**11}, id="never ends"),
    ],
)
async def test_a_login_answer_that_makes_no_sense_is_named(answer: object) -> None:
    client = client_of(
        lambda request: httpx.Response(200, json=answer), credentials=Login("o", SecretStr(WORD))
    )
    with pytest.raises(Unavailable, match="the answer to the login") as caught:
        await client.check_access()
    assert "t0ken" not in caught.value.what


@pytest.mark.parametrize("value", ["", "pw1\n", " pw1", "pw1\u00e9", "pw1\x00b"])
def test_a_key_that_no_header_can_carry_is_named_without_being_shown(value: str) -> None:
    with pytest.raises(ValueError, match="the Patchworks API key is empty or contains") as caught:
        ApiKey(SecretStr(value))
    assert not value or value not in str(caught.value)


def test_a_header_with_a_word_in_front_is_left_as_configured() -> None:
    assert ApiKey(SecretStr("Bearer abc.def")).value.get_secret_value() == "Bearer abc.def"


def test_credentials_do_not_show_themselves() -> None:
    shown = repr([ApiKey(SecretStr(KEY)), Login("ops", SecretStr(WORD))])
    assert KEY not in shown
    assert WORD not in shown


async def test_an_old_401_that_comes_late_does_not_cost_the_new_token() -> None:
    fabric, refused, slow_may_end = Fabric(), asyncio.Event(), asyncio.Event()

    async def one_slow(request: httpx.Request) -> httpx.Response:
        answer = await fabric(request)
        if "slow" in request.url.path and answer.status_code == 401:
            refused.set()
            await slow_may_end.wait()
        return answer

    login = Login("ops", SecretStr(WORD))
    client = client_of(one_slow, credentials=login, routes={"pools": "/slow"})
    await client.check_access()
    fabric.good = set()
    slow = asyncio.create_task(client.pools())
    await refused.wait()
    await client.check_access()
    slow_may_end.set()
    await slow
    assert len(fabric.logins) == 2
