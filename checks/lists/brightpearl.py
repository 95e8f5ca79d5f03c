"""Brightpearl's sales orders, by its search."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from checks.declare import Answer, Call, Mark, Source
from checks.listing import (
    Detail,
    Key,
    Recorded,
    RecordPage,
    Records,
    Row,
    fields,
    instant,
    integer,
    money,
)
from checks.reading import count_at, find
from checks.reconcile.model import Record, Value
from checks.record_rows import digits, last_of, rows_at
from checks.records import By

SEARCH = Source(mark=Mark.CONFIRMED, url="https://api-docs.brightpearl.com/order/order/search.html")
SALES_ORDER = "1"


def _ask(**only: str) -> Call:
    return Call(
        path="/public-api/{account}/order-service/order-search",
        params={"orderTypeId": SALES_ORDER, "pageSize": "500", **only},
        headers={"brightpearl-app-ref": "{app_ref}"},
    )


def _page(answer: Answer) -> RecordPage:
    """Rows are lists of values; what each is stands once, beside them."""
    told, results = find(answer.data, "response.metaData"), find(answer.data, "response.results")
    columns, more = find(told, "columns"), find(told, "morePagesAvailable")
    if not (isinstance(columns, list) and isinstance(results, list) and isinstance(more, bool)):
        raise ValueError("the answer has no search result")
    names = [str(find(column, "name")) for column in columns]
    if any(not isinstance(row, list) or len(row) != len(names) for row in results):
        raise ValueError("the answer has rows that do not fit its columns")
    after = {"firstResult": str(count_at(told, "lastResult") + 1)} if more else None
    return RecordPage(
        rows=tuple(dict(zip(names, row, strict=True)) for row in results), after=after
    )


def _details(answer: Answer) -> Mapping[str, Row]:
    """Totals, currency and rows stand in the order itself."""
    rows = rows_at(answer.data, "response")
    return {last_of((row,), "id"): {"order": row} for row in rows}


def _lines(row: Row) -> Value:
    lines = find(row, "order.orderRows")
    return len(lines) if isinstance(lines, dict) else None


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


CREATED = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 9, 4, 10, tzinfo=UTC)
BODY = (
    '{"response":{"metaData":{"morePagesAvailable":%s,"firstResult":1,"lastResult":%d,"columns":'
    '[{"name":"orderId"},{"name":"customerRef"},{"name":"externalRef"},{"name":"createdOn"},'
    '{"name":"updatedOn"}]},"results":[%s]}}'
)
ROW = '[100231,"PO 7","#1001","2026-11-21T09:00:00.000Z","2026-11-21T09:04:10.000+00:00"]'
ORDER = (
    '{"response":[{"id":100231,"totalValue":{"net":"124.58","total":"149.50"},'
    '"currency":{"orderCurrencyCode":"GBP"},"orderRows":{"7":{},"8":{}}}]}'
)
FIRST = Record(
    key="#1001",
    fields={
        "external_number": "#1001",
        "customer_ref": "PO 7",
        "number": 100231,
        "total": "149.50",
        "currency": "GBP",
        "line_count": 2,
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="100231",
    place="order-search",
    at=CREATED,
    changed_at=CHANGED,
)
BRIGHTPEARL = (
    Records(
        entity="orders",
        place="order-search",
        by=By.CREATED,
        call=_ask(createdOn="{since}/{until}"),
        moment=_utc,
        read=_page,
        keys=(
            Key(field="external_number", call=_ask(externalRef="{key}")),
            Key(field="customer_ref", call=_ask(customerRef="{key}")),
            Key(field="number", call=_ask(orderId="{key}"), write=digits),
        ),
        fields=fields(
            external_number="externalRef",
            customer_ref="customerRef",
            number="orderId",
            total=money("order.totalValue.total"),
            currency="order.currency.orderCurrencyCode",
            line_count=integer(_lines),
            created_at=instant("createdOn"),
            changed_at=instant("updatedOn"),
        ),
        id="orderId",
        at="createdOn",
        changed_at="updatedOn",
        source=SEARCH,
        detail=Detail(
            call=Call(
                path="/public-api/{account}/order-service/order/{ids}",
                headers={"brightpearl-app-ref": "{app_ref}"},
            ),
            most=200,
            read=_details,
        ),
        note="totals and lines are asked for besides, 200 orders a call (their names are recalled)",
        samples=(
            Recorded(
                body=BODY % ("true", 1, ROW),
                records=(FIRST,),
                after={"firstResult": "2"},
                detail=ORDER,
            ),
            Recorded(body=BODY % ("false", 0, "")),
            Recorded(
                body=BODY % ("false", 1, ROW), records=(FIRST,), key="external_number", detail=ORDER
            ),
        ),
    ),
)
