"""The look-alike of Peoplevox: whatever goes wrong is an HTTP 200."""

from __future__ import annotations

import re

import pytest

from bot.sandbox.estate.vendors.peoplevox import CLIENT, PASSWORD, USERNAME, Peoplevox
from bot.sandbox.estate.vendors.vendor import Answered
from tests.bot.sandbox.estate.vendor_asking import NOON, Books, Caller

PATH = "/resources/integrationservicev4.asmx"


@pytest.fixture
def warehouse() -> Caller:
    return Caller(Peoplevox(Books()))


def call(warehouse: Caller, inner: str, header: str = "") -> Answered:
    body = (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns:p="http://www.peoplevox.net/"><soap:Header>{header}</soap:Header>'
        f"<soap:Body>{inner}</soap:Body></soap:Envelope>"
    )
    return warehouse.ask("POST", PATH, {}, body.encode())


def log_in(warehouse: Caller, password: str = PASSWORD) -> Answered:
    return call(
        warehouse,
        f"<p:Authenticate><p:clientId>{CLIENT}</p:clientId><p:username>{USERNAME}</p:username>"
        f"<p:password>{password}</p:password></p:Authenticate>",
    )


def get(warehouse: Caller, session: str, clause: str, template: str = "Sales orders") -> Answered:
    return call(
        warehouse,
        f"<p:GetData><p:getRequest><p:TemplateName>{template}</p:TemplateName><p:PageNo>1</p:PageNo>"
        f"<p:ItemsPerPage>1</p:ItemsPerPage><p:SearchClause>{clause}</p:SearchClause>"
        "</p:getRequest></p:GetData>",
        header="<p:UserSessionCredentials><p:UserId>0</p:UserId>"
        f"<p:ClientId>{CLIENT}</p:ClientId><p:SessionId>{session}</p:SessionId>"
        "</p:UserSessionCredentials>",
    )


def part(answered: Answered, name: str) -> str:
    assert answered.status == 200
    return re.search(f"<{name}>(.*?)</{name}>", answered.body, re.DOTALL)[1]


def session_of(warehouse: Caller) -> str:
    client, _, session = part(log_in(warehouse), "Detail").partition(",")
    assert client == CLIENT
    return session


@pytest.mark.parametrize(
    "clause",
    [
        pytest.param("[Last modified] &gt;= DateTime(2026,11,21,11,0,0)", id="a date and time"),
        pytest.param('Last modified &gt; "2026-11-21 11:00:00"', id="year first"),
        pytest.param("([Last modified] &gt;= 21/11/2026 11:00:00)", id="the British way"),
    ],
)
def test_a_count_is_the_total_of_a_page_of_one(warehouse: Caller, clause: str) -> None:
    answered = get(warehouse, session_of(warehouse), clause)
    assert part(answered, "ResponseId") == "0"
    assert part(answered, "TotalCount") == "3600"
    assert len(part(answered, "Detail").splitlines()) == 2


@pytest.mark.parametrize(
    ("clause", "template", "says"),
    [
        pytest.param("[Colour] = 3", "Sales orders", "search clause", id="another column"),
        pytest.param(
            "[Colour] &gt; DateTime(2026,3,4)", "Sales orders", "search clause", id="no such column"
        ),
        pytest.param("", "Salesorders", "was not found", id="no such template"),
    ],
)
def test_a_question_that_cannot_be_answered_is_a_200(
    warehouse: Caller, clause: str, template: str, says: str
) -> None:
    answered = get(warehouse, session_of(warehouse), clause, template)
    assert part(answered, "ResponseId") == "-1"
    assert says in part(answered, "Detail")


def test_a_session_that_was_not_used_for_half_an_hour_is_invalid(warehouse: Caller) -> None:
    session = session_of(warehouse)
    warehouse.pass_time(minutes=29)
    assert part(get(warehouse, session, ""), "ResponseId") == "0"
    warehouse.pass_time(minutes=31)
    assert part(get(warehouse, session, ""), "Detail") == "System : Security - Invalid Session"


def test_a_wrong_password_is_a_200_too(warehouse: Caller) -> None:
    answered = log_in(warehouse, password="made-up")
    assert part(answered, "ResponseId") == "-1"
    warehouse.vendor.lapse(platforms=False)
    assert part(log_in(warehouse), "ResponseId") == "-1"
    warehouse.vendor.renew()
    assert part(log_in(warehouse), "ResponseId") == "0"


def test_only_a_call_that_does_not_exist_is_a_fault(warehouse: Caller) -> None:
    assert call(warehouse, "<p:Dance/>").status == 500
    assert warehouse.ask("POST", PATH, {}, b"no xml").status == 500


def test_the_platform_hears_of_its_own_lapse_alone(warehouse: Caller) -> None:
    warehouse.vendor.lapse(platforms=True)
    assert "Security" in warehouse.vendor.serve(3, NOON)
    assert part(log_in(warehouse), "ResponseId") == "0"
