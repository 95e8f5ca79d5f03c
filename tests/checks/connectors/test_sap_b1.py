"""SAP Business One's own: a session of cookies, codes that are numbers or strings, whole days."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest

from checks.connectors.sap_b1 import CONNECTORS
from checks.declare import Counted, No, NotOffered
from tests.checks.connectors.sampled import answer
from tests.checks.connectors.visit import count_of, system_of

B1 = CONNECTORS[0]
ORDERS = count_of(B1, "orders")
SETTINGS = {"host": "b1.acme.example", "company": "SBO_ACME"}
SECRETS = {"username": "seamwatch", "password": "hunter2-hunter2"}


def error(code: object, words: str) -> dict[str, object]:
    return {"error": {"code": code, "message": {"lang": "en-us", "value": words}}}


@pytest.mark.parametrize(
    ("status", "code", "no"),
    [
        (401, 301, No.CREDENTIAL),
        (401, "301", No.CREDENTIAL),
        (500, "301", No.CREDENTIAL),
        (500, 301, No.CREDENTIAL),
        (401, 100000027, No.CREDENTIAL),
        (400, "-5006", No.NOT_PERMITTED),
        (400, -2028, None),
        (500, "-1", None),
        (404, -2028, None),
    ],
)
def test_a_no_is_told_by_its_code(status: int, code: object, no: No | None) -> None:
    refusal = B1.refusal(answer(status, error(code, "words of the system")))
    assert (refusal.no if refusal else None) is no


def test_a_session_is_both_cookies() -> None:
    read = B1.auths[0].session
    assert read is not None
    cookies = "B1SESSION=5c7e-11;HttpOnly;, ROUTEID=.node2; path=/b1s"
    told = answer(200, {"SessionId": "5c7e-11", "SessionTimeout": 30}, {"set-cookie": cookies})
    assert read(told) == {"cookie": "B1SESSION=5c7e-11; ROUTEID=.node2"}


def test_a_session_without_a_load_balancer_is_one_cookie() -> None:
    read = B1.auths[0].session
    assert read is not None
    assert read(answer(200, {"SessionId": "5c7e-11"})) == {"cookie": "B1SESSION=5c7e-11"}


@pytest.mark.parametrize("told", ["a\r\nx-admin: 1", "a; ROUTEID=.evil", "", None, 7])
def test_a_session_that_would_change_the_headers_is_refused(told: object) -> None:
    read = B1.auths[0].session
    assert read is not None
    with pytest.raises(ValueError, match="SessionId"):
        read(answer(200, {"SessionId": told}))


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 21, 11, 59, tzinfo=UTC), "2026-11-20"),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), "2026-11-21"),
    ],
    ids=["it is still yesterday at 12 h west", "today everywhere"],
)
def test_the_day_is_never_too_late_in_any_zone(at: datetime, day: str) -> None:
    assert ORDERS.since(at) == day


def test_a_count_of_whole_days_is_never_exact() -> None:
    told = ORDERS.read(answer(200, {"odata.count": "184", "value": []}))
    assert told == Counted(number=184, exact=False)


def test_the_version_is_read_off_the_login_and_nothing_else() -> None:
    assert not isinstance(B1.signals, NotOffered)
    read = B1.signals[0].read
    assert read(answer(200, {"SessionId": "a", "Version": "1000190"})) == "1000190"
    assert read(answer(200, {"Version": "9"})) is None


async def test_a_lapsed_session_is_opened_once_more_and_closed_at_the_end() -> None:
    asked: list[tuple[str, str]] = []
    sessions = iter(("one", "two"))

    def server(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, request.headers.get("cookie", "")))
        if request.url.path.endswith("/Login"):
            said = json.loads(request.content)
            assert said == {
                "CompanyDB": "SBO_ACME",
                "UserName": "seamwatch",
                "Password": "hunter2-hunter2",
            }
            return httpx.Response(200, json={"SessionId": next(sessions), "SessionTimeout": 30})
        if request.headers["cookie"] == "B1SESSION=one":
            return httpx.Response(401, json=error(301, "Invalid session"))
        if request.url.path.endswith("/Logout"):
            return httpx.Response(204)
        assert "UpdateDate ge '2026-11-21'" in request.url.params["$filter"]
        return httpx.Response(200, json={"odata.count": "12", "value": []})

    system = system_of(B1, server, SETTINGS, SECRETS)
    told = await system.count("orders", datetime(2026, 11, 21, 12, tzinfo=UTC))
    await system.close()
    assert told == Counted(number=12, exact=False)
    assert asked == [
        ("/b1s/v1/Login", ""),
        ("/b1s/v1/Orders", "B1SESSION=one"),
        ("/b1s/v1/Login", ""),
        ("/b1s/v1/Orders", "B1SESSION=two"),
        ("/b1s/v1/Logout", "B1SESSION=two"),
    ]
