"""Dynamics 365's own: an order in two lists, parts of a batch, a count that stops at 5,000."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from checks.connectors.dynamics import BUSINESS_CENTRAL, DATAVERSE, FINANCE_OPERATIONS
from checks.declare import Connector, Counted, LimitReading, No
from tests.checks.connectors.sampled import answer
from tests.checks.connectors.visit import Handler, count_of, system_of

SINCE = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SETTINGS = {
    "tenant": "acme.example",
    "client_id": "11aa",
    "environment": "Production",
    "company": "9a1c",
    "host": "acme.operations.dynamics.com",
}


def batch(*parts: tuple[int, object]) -> dict[str, object]:
    responses = [
        {"id": str(number), "status": status, "headers": {"Retry-After": "9"}, "body": body}
        for number, (status, body) in enumerate(parts)
    ]
    return {"responses": responses}


def signed_in(then: Handler) -> Handler:
    """Entra and, behind it, the system."""

    def server(request: httpx.Request) -> httpx.Response:
        if request.url.host == "login.microsoftonline.com":
            assert request.url.path == "/acme.example/oauth2/v2.0/token"
            return httpx.Response(200, json={"access_token": "at-secret", "expires_in": 3599})
        assert request.headers["authorization"] == "Bearer at-secret"
        return then(request)

    return server


def test_a_posted_order_is_counted_as_its_invoice_and_the_sum_is_not_exact() -> None:
    told = answer(200, batch((200, {"@odata.count": 41}), (200, {"@odata.count": 203})))
    count = count_of(BUSINESS_CENTRAL, "orders")
    assert count.read(told) == Counted(number=244, exact=False)


@pytest.mark.parametrize(
    "parts",
    [
        [(200, {"@odata.count": 41})],
        [(200, {"@odata.count": 41}), (429, {"error": {"code": "x"}})],
        [(200, {"@odata.count": 41}), (200, {"value": []})],
    ],
    ids=["one part is missing", "one part is refused", "one part has no count"],
)
def test_half_a_batch_is_no_count(parts: list[tuple[int, object]]) -> None:
    with pytest.raises(ValueError, match=r"both|no count"):
        count_of(BUSINESS_CENTRAL, "orders").read(answer(200, batch(*parts)))


@pytest.mark.parametrize(
    ("status", "no"),
    [(429, No.NOT_NOW), (401, No.CREDENTIAL), (403, No.NOT_PERMITTED), (503, None), (404, None)],
)
def test_a_no_inside_a_batch_is_a_no(status: int, no: No | None) -> None:
    refusal = BUSINESS_CENTRAL.refusal(answer(200, batch((200, {}), (status, {}))))
    assert (refusal.no if refusal else None) is no
    if refusal and no is No.NOT_NOW:
        assert refusal.retry_after == timedelta(seconds=9)


@pytest.mark.parametrize("connector", [BUSINESS_CENTRAL, FINANCE_OPERATIONS, DATAVERSE])
def test_a_503_is_not_taken_for_a_limit(connector: Connector) -> None:
    assert connector.refusal(answer(503, {"error": {"code": "ServiceUnavailable"}})) is None


async def test_orders_and_invoices_are_asked_for_in_one_call() -> None:
    asked: list[dict[str, str]] = []

    def server(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v2.0/acme.example/Production/api/v2.0/$batch"
        asked.extend(json.loads(request.content)["requests"])
        return httpx.Response(
            200, json=batch((200, {"@odata.count": 1}), (200, {"@odata.count": 2}))
        )

    system = system_of(
        BUSINESS_CENTRAL, signed_in(server), SETTINGS, {"client_secret": "cs-secret"}
    )
    assert await system.count("orders", SINCE) == Counted(number=3, exact=False)
    query = "$count=true&$top=1&$filter=lastModifiedDateTime%20ge%202026-11-21T12:00:00Z"
    assert [one["url"] for one in asked] == [
        f"companies(9a1c)/salesOrders?{query}",
        f"companies(9a1c)/salesInvoices?{query}",
    ]
    assert {one["method"] for one in asked} == {"GET"}


async def test_all_legal_entities_are_counted_by_the_field_that_the_operator_names() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "acme.operations.dynamics.com"
        assert request.url.params["cross-company"] == "true"
        assert request.url.params["$filter"] == "AcmeChanged ge 2026-11-21T12:00:00Z"
        return httpx.Response(200, json={"@odata.count": 88, "value": []})

    system = system_of(
        FINANCE_OPERATIONS,
        signed_in(server),
        {**SETTINGS, "changed_field": "AcmeChanged"},
        {"client_secret": "cs-secret"},
    )
    assert await system.count("orders", SINCE) == Counted(number=88, exact=True)


def test_finance_and_operations_has_no_number_to_count_against() -> None:
    assert all(not limit.published for limit in FINANCE_OPERATIONS.limits)


@pytest.mark.parametrize(("number", "exact"), [(0, True), (4999, True), (5000, False)])
def test_a_count_of_dataverse_stops_being_exact_at_5000(number: int, exact: bool) -> None:
    told = count_of(DATAVERSE, "orders").read(answer(200, {"@odata.count": number}))
    assert told == Counted(number=number, exact=exact)


@pytest.mark.parametrize(
    ("told", "left"),
    [("1,199.97", 1199.97), ("12.5", 12.5), ("0", 0.0), ("00:04:12", None), ("1,2", None)],
)
def test_seconds_of_execution_are_read_with_a_comma_at_a_thousand(
    told: str, left: float | None
) -> None:
    read = DATAVERSE.limits[1].read
    assert callable(read)
    header = "x-ms-ratelimit-time-remaining-xrm-requests"
    wanted = () if left is None else (LimitReading(size=None, remaining=left),)
    assert read(answer(headers={header: told})) == wanted


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("0x80072322", "too many requests in five minutes"),
        ("0x80072321", "too much execution time in five minutes"),
        ("0x80072326", "too many requests"),
    ],
)
def test_a_refusal_of_dataverse_names_the_allowance(code: str, words: str) -> None:
    refusal = DATAVERSE.refusal(answer(429, {"error": {"code": code}}, {"retry-after": "218"}))
    assert refusal is not None
    assert (refusal.no, refusal.words) == (No.NOT_NOW, words)
    assert refusal.retry_after == timedelta(seconds=218)
