"""Shopify's orders, by GraphQL with a cursor and by the legacy REST API."""

from __future__ import annotations

from datetime import UTC, datetime

from checks.declare import Answer, Call, Mark, Source
from checks.graphql_fields import check_errors, select
from checks.listing import (
    Key,
    Recorded,
    RecordPage,
    Records,
    fields,
    instant,
    integer,
    money,
)
from checks.reading import find, since_utc
from checks.reconcile.model import Record
from checks.record_rows import digits, items_at, last_of, rows_at
from checks.records import By

DOCS = "https://shopify.dev/docs/api"
ORDERS = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/admin-graphql/latest/queries/orders")
REST = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/admin-rest/latest/resources/order")
PAGE = 100  # a query may cost 1,000 points, and each order here is about three
REST_PAGE = 250

# In the order of creation nothing moves while it is read.
QUERY = (
    "query ($search: String, $cursor: String) { orders("
    f"first: {PAGE}, after: $cursor, query: $search, sortKey: CREATED_AT) "
    "{ pageInfo { hasNextPage endCursor } nodes { id legacyResourceId name createdAt updatedAt "
    "currencyCode currentTotalPriceSet { shopMoney { amount } } {more} } } }"
)


def _ask(search: str) -> Call:
    return Call(
        path="/graphql.json",
        method="POST",
        body={"query": QUERY, "variables": {"search": search, "cursor": None}},
    )


def _page(answer: Answer) -> RecordPage:
    """An answer with errors may be partial, so it tells nothing."""
    check_errors(answer.data)
    rows, info = (
        rows_at(answer.data, "data.orders.nodes"),
        find(answer.data, "data.orders.pageInfo"),
    )
    more, cursor = find(info, "hasNextPage"), find(info, "endCursor")
    if not isinstance(more, bool) or (more and not isinstance(cursor, str)):
        raise ValueError("the answer does not tell its next page")
    return RecordPage(rows=rows, after={"cursor": str(cursor)} if more else None)


def _in_search(key: str) -> str:
    return key.replace("\\", "\\\\").replace("'", "\\'")


NODE = (
    '{"id":"gid://shopify/Order/5120001","legacyResourceId":"5120001","name":"#1001",'
    '"createdAt":"2026-11-21T09:00:00Z","updatedAt":"2026-11-21T09:04:10Z","currencyCode":"GBP",'
    '"currentTotalPriceSet":{"shopMoney":{"amount":"149.50"}}}'
)
PAGES = '{"data":{"orders":{"pageInfo":{"hasNextPage":%s,"endCursor":%s},"nodes":[%s]}}}'
CREATED = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 9, 4, 10, tzinfo=UTC)
FIRST = Record(
    key="#1001",
    fields={
        "number": "#1001",
        "shop_id": "5120001",
        "total": "149.50",
        "currency": "GBP",
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="gid://shopify/Order/5120001",
    place="orders",
    at=CREATED,
    changed_at=CHANGED,
)
DOCUMENTED = (
    *("email", "phone", "poNumber", "note", "displayFinancialStatus", "displayFulfillmentStatus"),
    *(
        f"{whose}Address.{part}"
        for whose in ("shipping", "billing")
        for part in ("address1", "address2", "city", "zip", "name", "company", "phone")
    ),
)
"""Of what its page on the order names, the part that people compare."""
GRAPHQL = (
    Records(
        entity="orders",
        place="orders",
        by=By.CREATED,
        call=_ask("created_at:>='{since}' created_at:<'{until}'"),
        moment=since_utc,
        read=_page,
        keys=(
            Key(
                field="number",
                call=_ask("name:'{key}'"),
                write=_in_search,
                between="' OR name:'",
            ),
            Key(field="shop_id", call=_ask("id:{key}"), write=digits, between=" OR id:"),
        ),
        fields=fields(
            number="name",
            shop_id="legacyResourceId",
            total=money("currentTotalPriceSet.shopMoney.amount"),
            currency="currencyCode",
            created_at=instant("createdAt"),
            changed_at=instant("updatedAt"),
        ),
        id="id",
        at="createdAt",
        changed_at="updatedAt",
        source=ORDERS,
        select=select,
        known=DOCUMENTED,
        note="totals in the shop's currency, after edits and refunds; what is older than 60 days "
        "needs the scope read_all_orders; lines are not counted: they would cost 20 times as much",
        samples=(
            Recorded(
                body=PAGES % ("true", '"eyJsYXN0X2lkIjo1MX0="', NODE),
                records=(FIRST,),
                after={"cursor": "eyJsYXN0X2lkIjo1MX0="},
            ),
            Recorded(body=PAGES % ("false", "null", "")),
            Recorded(body=PAGES % ("false", '"eyJs"', NODE), records=(FIRST,), key="number"),
        ),
    ),
)


def _rest_page(answer: Answer) -> RecordPage:
    """By id, which only rises; an empty page is the end, for a page may be shorter than asked."""
    rows = rows_at(answer.data, "orders")
    return RecordPage(rows=rows, after={"since_id": last_of(rows, "id")} if rows else None)


def _rest_found(answer: Answer) -> RecordPage:
    return RecordPage(rows=rows_at(answer.data, "orders"))


REST_ROW = (
    '{"orders":[{"id":5120001,"name":"#1001","created_at":"2026-11-21T09:00:00+00:00",'
    '"updated_at":"2026-11-21T09:04:10+00:00","currency":"GBP","current_total_price":"149.50",'
    '"line_items":[{"id":1},{"id":2}]}]}'
)
REST_FIRST = Record(
    key="#1001",
    fields={
        "number": "#1001",
        "shop_id": 5120001,
        "total": "149.50",
        "currency": "GBP",
        "line_count": 2,
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="5120001",
    place="orders",
    at=CREATED,
    changed_at=CHANGED,
)
REST_API = (
    Records(
        entity="orders",
        place="orders",
        by=By.CREATED,
        call=Call(
            path="/orders.json",
            params={
                "status": "any",
                "created_at_min": "{since}",
                "created_at_max": "{until}",
                "since_id": "{since_id}",
                "limit": str(REST_PAGE),
            },
        ),
        start={"since_id": "0"},
        moment=since_utc,
        read=_rest_page,
        keys=(
            Key(
                field="number",
                call=Call(path="/orders.json", params={"status": "any", "name": "{key}"}),
                read=_rest_found,
            ),
            Key(
                field="shop_id",
                call=Call(path="/orders.json", params={"status": "any", "ids": "{key}"}),
                write=digits,
                read=_rest_found,
            ),
        ),
        fields=fields(
            number="name",
            shop_id="id",
            total=money("current_total_price"),
            currency="currency",
            line_count=integer(items_at("line_items")),
            created_at=instant("created_at"),
            changed_at=instant("updated_at"),
        ),
        id="id",
        at="created_at",
        changed_at="updated_at",
        source=REST,
        samples=(
            Recorded(body=REST_ROW, records=(REST_FIRST,), after={"since_id": "5120001"}),
            Recorded(body='{"orders":[]}'),
            Recorded(body=REST_ROW, records=(REST_FIRST,), key="number"),
        ),
    ),
)
