"""Fluent's orders, by GraphQL with a cursor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from checks.declare import Answer, Call, Mark, Source
from checks.graphql_fields import check_errors, select
from checks.listing import Key, Recorded, RecordPage, Records, fields, instant, money
from checks.reading import find, since_utc
from checks.reconcile.model import Record
from checks.record_rows import rows_at
from checks.records import By

RECALLED = Source(mark=Mark.RECALLED)
PAGE = 500  # a query's complexity must stay below 11,111


def _ask(what: str, only: str, variables: Mapping[str, object]) -> Call:
    query = (
        f"query ($cursor: String, {what}) {{ orders(first: {PAGE}, after: $cursor, {only}) "
        "{ pageInfo { hasNextPage } edges { cursor node "
        "{ id ref status totalPrice createdOn updatedOn {more} } } } }"
    )
    variables = {"cursor": None, **variables}
    return Call(path="/graphql", method="POST", body={"query": query, "variables": variables})


def _page(answer: Answer) -> RecordPage:
    """An answer with errors may be partial, so it tells nothing."""
    check_errors(answer.data)
    edges = rows_at(answer.data, "data.orders.edges")
    more = find(answer.data, "data.orders.pageInfo.hasNextPage")
    cursor = find(edges[-1], "cursor") if edges else None
    if not isinstance(more, bool) or (more and not isinstance(cursor, str)):
        raise ValueError("the answer does not tell its next page")
    nodes = rows_at({"nodes": [edge.get("node") for edge in edges]}, "nodes")
    return RecordPage(rows=nodes, after={"cursor": str(cursor)} if more else None)


CREATED = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 9, 4, 10, tzinfo=UTC)
NODE = (
    '{"cursor":"Y3Vy","node":{"id":"7001","ref":"1001","status":"BOOKED","totalPrice":149.50,'
    '"createdOn":"2026-11-21T09:00:00.000Z","updatedOn":"2026-11-21T09:04:10.000Z"}}'
)
FIRST = Record(
    key="1001",
    fields={
        "number": "1001",
        "status": "BOOKED",
        "total": Decimal("149.50"),
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="7001",
    place="orders",
    at=CREATED,
    changed_at=CHANGED,
)
BODY = '{"data":{"orders":{"pageInfo":{"hasNextPage":%s},"edges":[%s]}}}'
FLUENT = (
    Records(
        entity="orders",
        place="orders",
        by=By.CREATED,
        call=_ask(
            "$since: DateTime, $until: DateTime",
            "createdOn: { from: $since, to: $until }",
            {"since": "{since}", "until": "{until}"},
        ),
        moment=since_utc,
        read=_page,
        keys=(Key(field="number", call=_ask("$ref: [String!]", "ref: $ref", {"ref": ["{key}"]})),),
        fields=fields(
            number="ref",
            status="status",
            total=money("totalPrice"),
            created_at=instant("createdOn"),
            changed_at=instant("updatedOn"),
        ),
        id="id",
        at="createdOn",
        changed_at="updatedOn",
        source=RECALLED,
        select=select,
        note="an order tells no currency, only its items do: say it at the side",
        samples=(
            Recorded(body=BODY % ("true", NODE), records=(FIRST,), after={"cursor": "Y3Vy"}),
            Recorded(body=BODY % ("false", "")),
            Recorded(body=BODY % ("false", NODE), records=(FIRST,), key="number"),
        ),
    ),
)
