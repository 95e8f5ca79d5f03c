"""Brightpearl's own: a throttle that answers 503 like an outage, and milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from checks.calls import question_of
from checks.connectors.brightpearl import CONNECTORS
from checks.declare import SAMPLED_AT, Count, Counted, No
from tests.checks.connectors.sampled import answer

BRIGHTPEARL = CONNECTORS[0]
LEFT, PERIOD = "brightpearl-requests-remaining", "brightpearl-next-throttle-period"
KNOWN = {"account": "acme", "datacenter": "euw1", "app_ref": "acme_seamwatch"}


def counts() -> dict[str, Count]:
    assert isinstance(BRIGHTPEARL.counts, tuple)
    return {count.entity: count for count in BRIGHTPEARL.counts}


@pytest.mark.parametrize("status", [503, 429], ids=["503 as documented", "429 as seen since"])
def test_a_throttle_says_when_in_milliseconds(status: int) -> None:
    told = answer(status, '{"message": "Too Many Requests"}', {LEFT: "0", PERIOD: "9500"})
    refusal = BRIGHTPEARL.refusal(told)
    assert refusal is not None
    assert refusal.no is No.NOT_NOW
    assert refusal.retry_after == timedelta(seconds=9.5)


def test_a_throttle_without_its_header_honours_retry_after() -> None:
    refusal = BRIGHTPEARL.refusal(answer(503, "too many requests", {"retry-after": "7"}))
    assert refusal is not None
    assert refusal.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    "body",
    ["", "<html>Service Unavailable</html>", '{"message": "down for maintenance"}'],
    ids=["empty", "web page", "maintenance"],
)
def test_an_outage_is_no_refusal_even_with_an_empty_pool(body: str) -> None:
    assert BRIGHTPEARL.refusal(answer(503, body, {LEFT: "0", PERIOD: "9500"})) is None


def test_a_404_for_an_empty_list_is_no_refusal() -> None:
    assert BRIGHTPEARL.refusal(answer(404, {"errors": [{"code": "CMNC-404"}]})) is None


def test_a_401_does_not_claim_that_the_token_lapsed() -> None:
    refusal = BRIGHTPEARL.refusal(answer(401, ""))
    assert refusal is not None
    assert refusal.no is No.CREDENTIAL
    assert "reference" in refusal.words


def test_an_unreadable_period_leaves_the_reset_unknown_and_keeps_what_is_left() -> None:
    read = BRIGHTPEARL.limits[0].read
    assert callable(read)
    (reading,) = read(answer(headers={LEFT: "12", PERIOD: "soon"}))
    assert (reading.remaining, reading.size, reading.resets_at) == (12.0, None, None)
    assert read(answer(headers={PERIOD: "500"})) == ()


def test_only_sales_orders_are_counted_from_the_moment_on() -> None:
    call = counts()["orders"].call
    at = datetime(2026, 11, 21, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    known = {**KNOWN, "since": counts()["orders"].since(at)}
    asked = question_of(call, "https://euw1.brightpearlconnect.com", known)
    assert asked.url.path == "/public-api/acme/order-service/order-search"
    assert asked.params["updatedOn"] == "2026-11-21T12:30:00.000Z/"
    assert asked.params["orderTypeId"] == "1"
    assert asked.headers["brightpearl-app-ref"] == "acme_seamwatch"
    assert "orderTypeId" not in counts()["products"].call.params


def test_the_reset_is_counted_from_the_answer() -> None:
    read = BRIGHTPEARL.limits[0].read
    assert callable(read)
    (reading,) = read(answer(headers={LEFT: "0", PERIOD: "60000"}))
    assert reading.resets_at == SAMPLED_AT + timedelta(minutes=1)
    assert reading.resets_at.tzinfo is UTC


def test_only_the_count_of_orders_may_feed_a_reconciliation() -> None:
    told = answer(200, {"response": {"metaData": {"resultsAvailable": 12}}})
    exact = {entity: count.read(told) for entity, count in counts().items()}
    assert exact == {
        "orders": Counted(number=12, exact=True),
        "products": Counted(number=12, exact=False),
        "customers": Counted(number=12, exact=False),
    }


@pytest.mark.parametrize(
    ("body", "empty"),
    [
        ('{"errors":[{"code":"CMNC-404","message":"Resource not found"}]}', True),
        ('{"message":"no such page"}', False),
        ("<html>404</html>", False),
    ],
    ids=["in its own form", "in another form", "a page"],
)
def test_only_its_own_404_means_that_a_list_is_empty(body: str, empty: bool) -> None:
    assert BRIGHTPEARL.probe.empty is not None
    assert BRIGHTPEARL.probe.empty(answer(404, body)) is empty
