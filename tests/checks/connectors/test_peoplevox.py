"""Peoplevox's own: SOAP, and every error inside HTTP 200."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from checks.connectors.peoplevox import CONNECTORS
from checks.declare import Counted, No
from tests.checks.connectors.sampled import answer
from tests.checks.connectors.visit import count_of, system_of

PVX = CONNECTORS[0]
ORDERS = count_of(PVX, "orders")
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
THEIRS = "http://www.peoplevox.net/"
SETTINGS = {"client_id": "acme2661", "changed_column": "[Last changed]"}
SECRETS = {"username": "watch & see", "password": "cGFzc3dvcmQtb2YtcHZ4"}
INVALID_SESSION = "System : Security - Invalid Session"


def said(action: str, response: str, detail: str, total: str = "") -> str:
    count = f"<TotalCount>{total}</TotalCount>" if total else ""
    inner = f"<ResponseId>{response}</ResponseId>{count}<Detail>{detail}</Detail>"
    result = f'<{action}Response xmlns="{THEIRS}"><{action}Result>{inner}</{action}Result>'
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>'
        f"{result}</{action}Response></soap:Body></soap:Envelope>"
    )


@pytest.mark.parametrize(
    ("action", "detail", "no"),
    [
        ("GetData", INVALID_SESSION, No.CREDENTIAL),
        ("GetData", "system: security - invalid session", No.CREDENTIAL),
        ("GetData", "System : Security - No permission to export", No.NOT_PERMITTED),
        ("GetData", "Template 'Sales orders' does not exist", None),
        ("GetData", "Timeout expired. The timeout period elapsed", No.NOT_NOW),
        ("Authenticate", "Invalid username or password", No.CREDENTIAL),
        ("Authenticate", "System : object reference not set", No.NOT_NOW),
        ("Authenticate", "", No.NOT_NOW),
    ],
)
def test_a_no_inside_http_200_is_told_apart(action: str, detail: str, no: No | None) -> None:
    refusal = PVX.refusal(answer(200, said(action, "-1", detail)))
    assert (refusal.no if refusal else None) is no


def test_an_order_that_speaks_of_an_invalid_session_is_no_refusal() -> None:
    assert PVX.refusal(answer(200, said("GetData", "0", INVALID_SESSION, "1"))) is None


def test_a_soap_fault_is_an_outage_and_no_refusal() -> None:
    fault = (
        f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><soap:Fault><faultstring>Invalid Session'
        "</faultstring></soap:Fault></soap:Body></soap:Envelope>"
    )
    assert PVX.refusal(answer(500, fault)) is None


def test_a_bomb_of_entities_is_no_answer() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]>' + said("GetData", "0", "&c;", "7")
    assert (
        PVX.refusal(answer(200, bomb.replace('<?xml version="1.0" encoding="utf-8"?>', ""))) is None
    )
    with pytest.raises(ValueError, match="no Peoplevox result"):
        ORDERS.read(answer(200, bomb.replace('<?xml version="1.0" encoding="utf-8"?>', "")))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (said("GetData", "-1", "Template does not exist", "4"), "Template does not exist"),
        (said("GetData", "0", "a,b"), "no TotalCount"),
        (said("GetData", "0", "a,b", "-3"), "no TotalCount"),
        ("<html></html>", "no Peoplevox result"),
    ],
    ids=["an error with a count", "no count", "a negative count", "a web page"],
)
def test_what_tells_no_total_is_not_counted(body: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ORDERS.read(answer(200, body))


def test_a_total_is_not_exact_while_its_meaning_is_unproven() -> None:
    told = ORDERS.read(answer(200, said("GetData", "0", "a,b", "317")))
    assert told == Counted(number=317, exact=False)


def test_a_moment_is_written_in_their_form() -> None:
    west = datetime(2026, 3, 1, 20, 5, 9, tzinfo=timezone(-timedelta(hours=5)))
    assert ORDERS.since(west) == "2026,03,02,01,05,09"


@given(st.text())
def test_no_text_makes_the_reading_fail(text: str) -> None:
    for body in (text, said("GetData", "-1", text)):
        refusal = PVX.refusal(answer(200, body))
        assert refusal is None or refusal.words


def test_a_session_is_what_follows_the_client_id() -> None:
    read = PVX.auths[0].session
    assert read is not None
    told = answer(200, said("Authenticate", "0", "acme2661,5f0c9be1-7a"))
    assert read(told) == {"session_id": "5f0c9be1-7a"}
    for detail in ("", "acme2661,", "acme2661,a b"):
        with pytest.raises(ValueError, match="no session"):
            read(answer(200, said("Authenticate", "0", detail)))


async def test_a_session_that_lapsed_inside_http_200_is_opened_once_more() -> None:
    asked: list[str] = []
    sessions = iter(("s-one", "s-two"))

    def server(request: httpx.Request) -> httpx.Response:
        assert request.url == (
            "https://wms.peoplevox.net/acme2661/resources/integrationservicev4.asmx"
        )
        assert request.headers["content-type"] == "text/xml; charset=utf-8"
        texts = {
            str(part.tag).rpartition("}")[2]: part.text
            for part in fromstring(request.content).iter()
        }
        action = request.headers["soapaction"].strip('"').removeprefix(THEIRS)
        asked.append(f"{action} {texts.get('SessionId') or texts.get('username')}")
        if action == "Authenticate":
            assert texts["password"] == SECRETS["password"]
            body = said(action, "0", f"acme2661,{next(sessions)}")
        elif texts["SessionId"] == "s-one":
            body = said(action, "-1", INVALID_SESSION)
        else:
            assert texts["SearchClause"] == "[Last changed] >= DateTime(2026,11,21,00,00,00)"
            assert texts["TemplateName"] == "Sales orders"
            body = said(action, "0", "a,b", "317")
        return httpx.Response(200, text=body, headers={"content-type": "text/xml; charset=utf-8"})

    system = system_of(PVX, server, SETTINGS, SECRETS)
    told = await system.count("orders", datetime(2026, 11, 21, tzinfo=UTC))
    assert told == Counted(number=317, exact=False)
    assert asked == [
        "Authenticate watch & see",
        "GetData s-one",
        "Authenticate watch & see",
        "GetData s-two",
    ]
