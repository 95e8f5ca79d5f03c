"""Shopify's traps: a no inside HTTP 200, its own bucket, counts that are estimates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from checks.connectors.shopify import GRAPHQL, REST_API
from checks.declare import Answer, Counted, LimitReading, No, NotOffered, Whose
from tests.checks.connectors.sampled import answer

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def cost(wanted: object, left: object, rate: object = 100) -> dict[str, object]:
    status = {"maximumAvailable": 2000, "currentlyAvailable": left, "restoreRate": rate}
    return {"cost": {"requestedQueryCost": wanted, "throttleStatus": status}}


def errors(*codes: str) -> list[dict[str, object]]:
    return [{"message": "no", "extensions": {"code": code}} for code in codes]


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        (answer(200, {"errors": errors("THROTTLED"), "extensions": cost(752, 402)}), 3.5),
        (answer(429, {"errors": errors("THROTTLED"), "extensions": cost(752, 402)}), 3.5),
        (answer(200, {"errors": [{"message": "Throttled"}]}), None),
        (answer(200, {"errors": errors("THROTTLED"), "extensions": cost(752, 402, 0)}), None),
        (answer(200, {"errors": errors("THROTTLED"), "extensions": cost(10, 900)}), 0),
        (answer(429, {"errors": errors("THROTTLED")}, {"Retry-After": "2.0"}), 2),
        (answer(429, "<html></html>"), None),
    ],
    ids=[
        "inside 200",
        "with 429",
        "by its message alone",
        "restored at an unknown rate",
        "affordable by now",
        "with a Retry-After",
        "429 and a web page",
    ],
)
def test_throttled_is_not_now_however_it_is_said(told: Answer, wait: float | None) -> None:
    refusal = GRAPHQL.refusal(told)
    assert refusal is not None
    assert refusal.no is No.NOT_NOW
    assert refusal.retry_after == (None if wait is None else timedelta(seconds=wait))


def test_a_query_that_costs_too_much_is_our_mistake_and_no_refusal() -> None:
    assert GRAPHQL.refusal(answer(200, {"errors": errors("MAX_COST_EXCEEDED")})) is None


def test_one_denied_field_among_several_is_a_missing_right() -> None:
    body = {"errors": errors("OTHER", "ACCESS_DENIED"), "data": {"shop": {"name": "Acme"}}}
    refusal = GRAPHQL.refusal(answer(200, body))
    assert refusal is not None
    assert refusal.no is No.NOT_PERMITTED


def test_the_bucket_is_read_as_told_whatever_the_plan() -> None:
    read = GRAPHQL.limits[0].read
    assert not isinstance(read, NotOffered)
    assert read(answer(200, {"extensions": cost(1, 1999.0, 50.0)})) == (
        LimitReading(size=2000, remaining=1999, restored_per_second=50),
    )
    assert read(answer(200, {"extensions": cost(1, None)})) == ()
    assert read(answer(200, {"extensions": cost(1, True)})) == ()


def test_the_bucket_that_is_read_is_our_own() -> None:
    """One per app and shop: the platform's use is not in it."""
    assert {limit.whose for limit in (*GRAPHQL.limits, *REST_API.limits)} == {Whose.OWN}


@pytest.mark.parametrize("precision", ["AT_LEAST", None, "exact"])
def test_only_exact_is_exact(precision: str | None) -> None:
    assert not isinstance(GRAPHQL.counts, NotOffered)
    told = answer(200, {"data": {"ordersCount": {"count": 10_000, "precision": precision}}})
    assert GRAPHQL.counts[0].read(told) == Counted(number=10_000, exact=False)


def test_the_count_is_asked_without_its_cap_of_ten_thousand() -> None:
    assert not isinstance(GRAPHQL.counts, NotOffered)
    for count in GRAPHQL.counts:
        assert count.call.body is not None
        assert "limit: null" in str(count.call.body["query"])
        assert count.since(NOON) == "2026-11-21T12:00:00Z"


def test_rest_counts_closed_orders_too() -> None:
    assert not isinstance(REST_API.counts, NotOffered)
    assert REST_API.counts[0].call.params["status"] == "any"


@pytest.mark.parametrize(
    ("headers", "tells"),
    [
        ({}, [None, None]),
        ({"X-Shopify-API-Version": "2026-01"}, [None, "2026-01"]),
        ({"X-Shopify-API-Deprecated-Reason": "totalCount"}, ["totalCount", None]),
        ({"X-Shopify-API-Version": ""}, [None, None]),
    ],
    ids=["nothing", "an older version", "deprecated fields", "an empty header"],
)
def test_signs_of_change_are_read_off_any_answer(
    headers: dict[str, str], tells: list[str | None]
) -> None:
    assert not isinstance(GRAPHQL.signals, NotOffered)
    assert [signal.read(answer(headers=headers)) for signal in GRAPHQL.signals] == tells


def test_the_day_on_which_public_apps_lose_their_tokens_is_known() -> None:
    assert [event.on for event in GRAPHQL.events] == [datetime(2027, 1, 1, tzinfo=UTC)]
