"""The look-alike of Shopify: points for queries, calls for REST, versions, refusals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.estate.vendors.shopify import TOKEN, GraphQl, Rest, served_version
from bot.sandbox.estate.vendors.vendor import Answered, Asked
from tests.bot.sandbox.estate.vendor_asking import HOUR_AGO, NOON, Books
from tests.bot.sandbox.estate.visit import Visit


def ask(
    vendor: GraphQl | Rest,
    path: str = "/graphql.json",
    *,
    at: datetime = NOON,
    token: str = TOKEN,
    body: object = None,
    **query: str,
) -> Answered:
    return vendor.answer(
        Asked(
            method="POST" if body is not None else "GET",
            path=path,
            query=query,
            headers={"x-shopify-access-token": token},
            body=json.dumps(body).encode(),
            at=at,
        )
    )


def read(vendor: GraphQl, query: str, at: datetime = NOON, **variables: object) -> Mapping:
    answered = ask(vendor, body={"query": query, "variables": variables}, at=at)
    assert answered.status == 200
    return json.loads(answered.body)


def test_a_query_tells_what_it_cost_and_what_is_left() -> None:
    told = read(GraphQl(Books()), "{ shop { name } }")
    assert told["data"] == {"shop": {"name": "Fell & Harbour Outdoors"}}
    assert told["extensions"]["cost"] == {
        "requestedQueryCost": 1.0,
        "actualQueryCost": 1.0,
        "throttleStatus": {
            "maximumAvailable": 2000.0,
            "currentlyAvailable": 1999.0,
            "restoreRate": 100.0,
        },
    }


def test_points_run_out_and_come_back_at_a_hundred_a_second() -> None:
    vendor = GraphQl(Books())
    query = "{ ordersCount { count } }"
    answers = [read(vendor, query) for _ in range(201)]
    assert all("errors" not in answer for answer in answers[:200])
    refused = answers[200]
    assert refused["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in refused
    assert refused["extensions"]["cost"]["actualQueryCost"] is None
    assert refused["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 0.0
    assert "data" in read(vendor, query, at=NOON + timedelta(seconds=0.1))
    assert "errors" in read(vendor, query, at=NOON + timedelta(seconds=0.15))


@pytest.mark.parametrize(
    ("query", "count", "precision"),
    [
        pytest.param(f"updated_at:>={HOUR_AGO:%Y-%m-%dT%H:%M:%SZ}", 3600, "EXACT", id="since"),
        pytest.param(
            f"updated_at:>='{HOUR_AGO:%Y-%m-%dT%H:%M:%SZ}' AND "
            f"updated_at:<'{NOON - timedelta(minutes=50):%Y-%m-%dT%H:%M:%SZ}'",
            600,
            "EXACT",
            id="between",
        ),
        pytest.param("", 10_000, "AT_LEAST", id="everything, cut at its usual limit"),
        pytest.param("changed:>2026-03-04", 10_000, "AT_LEAST", id="a filter that is not one"),
    ],
)
def test_a_count_keeps_to_the_search(query: str, count: int, precision: str) -> None:
    document = "query ($search: String!) { n: ordersCount(query: $search) { count precision } }"
    told = read(GraphQl(Books()), document, search=query)
    assert told["data"]["n"] == {"count": count, "precision": precision}


def test_a_limit_of_null_counts_to_the_end() -> None:
    told = read(GraphQl(Books()), "{ customersCount(limit: null) { count precision } }")
    assert told["data"]["customersCount"]["precision"] == "EXACT"
    assert told["data"]["customersCount"]["count"] > 10_000


@pytest.mark.parametrize(
    ("document", "says"),
    [
        pytest.param("{ orderCount { count } }", "'orderCount' doesn't exist", id="field"),
        pytest.param(
            "{ shop { taste } }", "'taste' doesn't exist on type 'Shop'", id="inner field"
        ),
        pytest.param("{ shop { name }", "unexpected end of file", id="open brace"),
    ],
)
def test_what_is_wrong_with_a_query_stands_inside_a_200(document: str, says: str) -> None:
    told = read(GraphQl(Books()), document)
    assert says in told["errors"][0]["message"]
    assert "data" not in told


def test_the_rest_bucket_holds_forty_calls_and_drains_two_a_second() -> None:
    vendor = Rest(Books())
    answers = [ask(vendor, "/shop.json") for _ in range(41)]
    assert [answer.status for answer in answers] == [200] * 40 + [429]
    limits = [answer.headers["X-Shopify-Shop-Api-Call-Limit"] for answer in answers]
    assert limits[0] == "1/40"
    assert limits[-2:] == ["40/40", "40/40"]
    assert float(answers[-1].headers["Retry-After"]) >= 0.5
    later = ask(vendor, "/shop.json", at=NOON + timedelta(seconds=10))
    assert later.headers["X-Shopify-Shop-Api-Call-Limit"] == "21/40"


def test_only_open_orders_count_unless_any_is_asked_for() -> None:
    vendor, since = Rest(Books()), HOUR_AGO.isoformat()
    every = ask(vendor, "/orders/count.json", updated_at_min=since, status="any")
    usual = ask(vendor, "/orders/count.json", updated_at_min=since)
    assert json.loads(every.body) == {"count": 3600}
    assert json.loads(usual.body)["count"] < 3600


@pytest.mark.parametrize("look_alike", [GraphQl, Rest])
def test_a_token_that_is_not_known_is_refused_in_shopifys_words(
    look_alike: type[GraphQl] | type[Rest],
) -> None:
    vendor = look_alike(Books())
    refused = ask(vendor, "/shop.json", token="shpat_another")
    assert refused.status == 401
    assert json.loads(refused.body)["errors"].startswith("[API] Invalid API key or access token")
    vendor.lapse(platforms=True)
    assert ask(vendor, "/shop.json").status != 401
    assert vendor.serve(1, NOON).startswith("HTTP 401: [API] Invalid API key")
    vendor.lapse(platforms=False)
    assert ask(vendor, "/shop.json").status == 401
    vendor.renew()
    assert ask(vendor, "/shop.json").status != 401
    assert vendor.serve(1, NOON) == ""


def test_the_platform_and_the_monitor_have_a_bucket_each() -> None:
    vendor = Rest(Books())
    assert vendor.serve(40, NOON) == ""
    assert vendor.serve(1, NOON).startswith("HTTP 429: Exceeded 2 calls per second")
    assert ask(vendor, "/shop.json").headers["X-Shopify-Shop-Api-Call-Limit"] == "1/40"


@pytest.mark.parametrize(
    ("asked", "at", "served"),
    [
        pytest.param("2026-10", datetime(2026, 11, 22, tzinfo=UTC), "2026-10", id="newest"),
        pytest.param("2026-01", datetime(2026, 11, 22, tzinfo=UTC), "2026-01", id="oldest left"),
        pytest.param("2025-10", datetime(2026, 11, 22, tzinfo=UTC), "2026-01", id="retired"),
        pytest.param("2025-01", datetime(2026, 3, 4, tzinfo=UTC), "2025-04", id="in spring"),
    ],
)
def test_a_retired_version_is_served_by_the_oldest_left(
    asked: str, at: datetime, served: str
) -> None:
    assert served_version(asked, at) == served
    answered = ask(Rest(Books()), f"/admin/api/{asked}/shop.json", at=at)
    assert answered.headers["X-Shopify-API-Version"] == served


async def test_shopify_is_served_below_its_address(visit: Visit) -> None:
    answer = await visit.client.post(
        "/vendors/shopify-uk-store/graphql.json",
        json={"query": "{ ordersCount(query: \"updated_at:>='2026-03-04T08:14:07Z'\") { count } }"},
        headers={"X-Shopify-Access-Token": TOKEN},
    )
    assert answer.status_code == 200
    assert answer.json()["data"]["ordersCount"]["count"] > 20
    assert (await visit.client.get("/vendors/nobody/x")).status_code == 404
