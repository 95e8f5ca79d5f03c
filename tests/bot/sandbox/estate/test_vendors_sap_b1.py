"""The look-alike of SAP Business One: sessions that idle out, and counts by the day."""

from __future__ import annotations

import pytest

from bot.sandbox.estate.vendors.sap_b1 import COMPANY, PASSWORD, USERNAME, ServiceLayer
from tests.bot.sandbox.estate.vendor_asking import NOON, Books, Caller, data

LOGIN = {"CompanyDB": COMPANY, "UserName": USERNAME, "Password": PASSWORD}
SINCE_MIDNIGHT = 12 * 3600


@pytest.fixture
def layer() -> Caller:
    """Somebody who has logged in."""
    caller = Caller(ServiceLayer(Books()))
    log_in(caller)
    return caller


def log_in(caller: Caller) -> None:
    answered = caller.post("/b1s/v1/Login", LOGIN)
    assert data(answered)["SessionTimeout"] == 30
    caller.headers["cookie"] = answered.headers["Set-Cookie"].partition(";")[0]


def test_the_web_server_pongs_without_a_login() -> None:
    caller = Caller(ServiceLayer(Books()))
    assert data(caller.get("/ping/"))["message"] == "pong"
    assert caller.get("/b1s/v1/Orders").status == 401


def test_a_session_lives_on_while_it_is_used_and_ends_when_it_is_not(layer: Caller) -> None:
    for minutes, status in ((29, 200), (29, 200), (30, 401), (0, 401)):
        layer.pass_time(minutes=minutes)
        answered = layer.get("/b1s/v1/Orders")
        assert (minutes, answered.status) == (minutes, status)
    assert data(answered, 401)["error"]["code"] == 301


def test_a_session_that_was_closed_is_over(layer: Caller) -> None:
    assert layer.post("/b1s/v1/Logout").status == 204
    assert layer.get("/b1s/v1/Orders").status == 401


@pytest.mark.parametrize(
    ("path", "query", "count"),
    [
        pytest.param(
            "/b1s/v1/Orders",
            {"$inlinecount": "allpages", "$filter": "UpdateDate ge '2026-11-21'"},
            ("odata.count", str(SINCE_MIDNIGHT)),
            id="v1 tells a text",
        ),
        pytest.param(
            "/b1s/v2/Items",
            {"$inlinecount": "allpages", "$filter": "UpdateDate ge '2026-11-21'"},
            ("@odata.count", SINCE_MIDNIGHT),
            id="v2 tells a number",
        ),
        pytest.param(
            "/b1s/v2/Orders",
            {"$count": "true", "$filter": "UpdateDate gt '2026-11-20'"},
            ("@odata.count", SINCE_MIDNIGHT),
            id="after a day begins with the next",
        ),
    ],
)
def test_a_count_knows_only_whole_days(
    layer: Caller, path: str, query: dict[str, str], count: tuple[str, object]
) -> None:
    page = data(layer.get(path, **query))
    assert page[count[0]] == count[1]
    assert len(page["value"]) == 20


def test_without_being_asked_for_there_is_no_total(layer: Caller) -> None:
    page = data(layer.get("/b1s/v1/Orders", **{"$top": "1"}))
    assert list(page) == ["value"]
    assert len(page["value"]) == 1


def test_the_bare_count_is_a_number_and_nothing_else(layer: Caller) -> None:
    query = {"$filter": "UpdateDate ge '2026-11-21'"}
    answered = layer.get("/b1s/v1/Orders/$count", **query)
    assert answered.body == str(SINCE_MIDNIGHT)


@pytest.mark.parametrize("bad", ["UpdateDate ge 'today'", "UpdateDate ge '2026-02-31'"])
def test_a_filter_that_makes_no_sense_is_refused(layer: Caller, bad: str) -> None:
    assert layer.get("/b1s/v1/Orders", **{"$filter": bad}).status == 400


def test_a_lapsed_password_ends_the_sessions_and_allows_no_new_one(layer: Caller) -> None:
    layer.vendor.lapse(platforms=False)
    assert layer.get("/b1s/v1/Orders").status == 401
    refused = layer.post("/b1s/v1/Login", LOGIN)
    assert data(refused, 401)["error"]["code"] == 100000027
    assert layer.vendor.serve(1, NOON) == ""
    layer.vendor.renew()
    log_in(layer)
    assert layer.get("/b1s/v1/Orders").status == 200
    layer.vendor.lapse(platforms=True)
    assert "Login failed" in layer.vendor.serve(1, NOON)
