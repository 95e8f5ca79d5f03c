"""Who is let in, and who is not."""

from __future__ import annotations

import base64
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.guard import COOKIE, COOKIE_SECONDS, Guard, Knock, is_from_here
from tests.bot.export import scene
from tests.bot.web.seen import TOKEN, seen, settings

HERE = Knock(peer="127.0.0.1", host="127.0.0.1:8321")


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("knock", "let_in"),
    [
        pytest.param(HERE, True, id="this machine"),
        pytest.param(Knock(peer="127.0.0.1", host="localhost"), True, id="by name"),
        pytest.param(Knock(peer="::1", host="[::1]:8321"), True, id="by version 6"),
        pytest.param(Knock(peer="::1", host="::1"), True, id="by version 6 without brackets"),
        pytest.param(Knock(peer="10.0.0.7", host="127.0.0.1"), False, id="another machine"),
        pytest.param(Knock(peer="127.0.0.1", host="evil.example"), False, id="rebound"),
        pytest.param(Knock(peer="127.0.0.1", host="127.0.0.1.evil.example"), False, id="alike"),
        pytest.param(Knock(peer="127.0.0.1", host=""), False, id="no name"),
        pytest.param(
            Knock(peer="127.0.0.1", host="localhost", forwarded=True), False, id="by a proxy"
        ),
    ],
)  # fmt: skip
def test_without_a_token_only_this_machine_is_let_in(knock, let_in):
    assert is_from_here(knock) is let_in
    assert Guard(settings()).lets_in(knock) is let_in
    assert Guard(settings(open=True)).lets_in(knock) is True


@pytest.mark.parametrize(
    ("authorization", "let_in"),
    [
        pytest.param(f"Bearer {TOKEN}", True, id="bearer"),
        pytest.param(f"bearer  {TOKEN} ", True, id="blanks and small letters"),
        pytest.param(basic("anybody", TOKEN), True, id="basic"),
        pytest.param(basic("", TOKEN), True, id="basic without a user"),
        pytest.param(basic(TOKEN, ""), False, id="the token as the user"),
        pytest.param("", False, id="nothing"),
        pytest.param("Bearer", False, id="an empty bearer"),
        pytest.param(f"Bearer {TOKEN}x", False, id="one sign more"),
        pytest.param(f"Bearer {TOKEN[:-1]}", False, id="one sign less"),
        pytest.param("Basic ???", False, id="no base64"),
        pytest.param(f"Digest {TOKEN}", False, id="another scheme"),
        pytest.param("Bearer \udcff", False, id="bytes that are no text"),
    ],
)
def test_with_a_token_only_who_shows_it_is_let_in_this_machine_or_not(authorization, let_in):
    guard = Guard(settings(token=TOKEN))
    for peer in ("127.0.0.1", "10.0.0.7"):
        knock = Knock(peer=peer, host="localhost", authorization=authorization)
        assert guard.lets_in(knock) is let_in


@given(st.text(max_size=60))
def test_no_other_cookie_opens(told):
    guard = Guard(settings(token=TOKEN), now=lambda: 1e9)
    assert not guard.lets_in(Knock(cookie=told))
    assert not guard.lets_in(Knock(cookie=f"9999999999.{told}"))


def test_a_cookie_opens_until_it_ends_and_not_with_another_token():
    now = 1e9
    guard = Guard(settings(token=TOKEN), now=lambda: now)
    cookie = guard.cookie().value
    assert TOKEN not in cookie
    assert guard.lets_in(Knock(cookie=cookie))
    assert not Guard(settings(token=TOKEN + "2"), now=lambda: now).lets_in(Knock(cookie=cookie))
    now += COOKIE_SECONDS + 1
    assert not guard.lets_in(Knock(cookie=cookie))


def test_whoever_knocks_does_not_fill_the_log(caplog):
    guard = Guard(settings(token=TOKEN), now=lambda: 1e9)
    with caplog.at_level(logging.WARNING):
        for n in range(50):
            guard.lets_in(Knock(authorization=f"Bearer wrong-{n}"))
    assert [each.message for each in caplog.records] == [
        "somebody asked for the dashboard or a feed with a wrong token"
    ]


@pytest.fixture
async def closed(tmp_path):
    store = scene.filled(tmp_path / "filled.db")
    async with seen(store, token=TOKEN) as door:
        yield door
    store.close()


@pytest.mark.parametrize(
    "path", ["/metrics", "/feeds/", "/feeds/$metadata", "/feeds/runs", "/feeds/runs.csv"]
)
async def test_what_is_guarded_asks_for_the_token(closed, path):
    refused = await closed.get(path)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    assert "Show the token" in refused.json()["said"]
    assert (await closed.get(path + "?token=" + TOKEN)).status_code == 401
    shown = await closed.get(path, Authorization=basic("power-bi", TOKEN))
    assert shown.status_code == 200
    assert (await closed.get("/healthz")).status_code == 200


async def test_a_person_comes_in_by_the_form_and_goes(closed):
    first = await closed.get("/")
    assert (first.status_code, first.headers["Location"]) == (303, "/login")
    form = await closed.get("/login")
    assert "form-action 'self'" in form.headers["Content-Security-Policy"]
    wrong = await closed.http.post(closed.url + "/login", data={"token": "wrong"})
    assert wrong.status_code == 401
    assert "That is not the token." in wrong.text
    assert COOKIE not in wrong.cookies
    right = await closed.http.post(closed.url + "/login", data={"token": f" {TOKEN} "})
    assert (right.status_code, right.headers["Location"]) == (303, "/")
    told = right.headers["Set-Cookie"]
    assert "HttpOnly" in told
    assert "SameSite=Lax" in told
    page = await closed.get("/")
    assert page.status_code == 200
    assert 'href="/leave"' in page.text
    await closed.get("/leave")
    assert (await closed.get("/")).status_code == 303


async def test_every_answer_is_safe_to_show(closed):
    for path in ("/", "/login", "/healthz", "/feeds/", "/nothing"):
        headers = (await closed.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Server"] == "Seamwatch"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_changed(closed, method):
    for path in ("/", "/digest", "/metrics", "/feeds/runs", "/feeds/"):
        answer = await closed.http.request(method, closed.url + path)
        assert answer.status_code == 405


async def test_what_is_not_offered_is_not_there(tmp_path):
    store = scene.filled(tmp_path / "filled.db")
    async with seen(store, dashboard=False, feeds=False) as door:
        for path in ("/", "/login", "/digest", "/feeds/", "/feeds/runs"):
            assert (await door.get(path)).status_code == 404
        assert (await door.get("/metrics")).status_code == 200
        refused = await door.get("/metrics", Host="evil.example")
        assert refused.status_code == 403
    store.close()


async def test_a_database_that_cannot_be_read_is_said(tmp_path):
    store = scene.filled(tmp_path / "filled.db")
    async with seen(store) as door:
        store.db.execute("DROP VIEW view_runs")
        for path in ("/feeds/runs", "/feeds/runs.csv"):
            answer = await door.get(path)
            assert answer.status_code == 503
            assert answer.json() == {
                "said": "The database cannot be read just now; ask again in a minute."
            }
    store.close()
