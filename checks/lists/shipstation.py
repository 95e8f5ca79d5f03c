"""ShipStation's orders (V1) and shipments (V2)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from checks.declare import Answer, Call, Mark, Source
from checks.listing import NO_SEARCH, Key, Recorded, RecordPage, Records, instant, integer, money
from checks.listing import fields as listed
from checks.reading import count_at, since_utc
from checks.reconcile.model import Record
from checks.record_rows import items_at, rows_at
from checks.records import By

DOCS = "https://docs.shipstation.com"
V1_SPECIFICATION = Source(
    mark=Mark.CONFIRMED, url=f"{DOCS}/_bundle/apis/@shipstation-v1/openapi.json"
)
RECALLED = Source(mark=Mark.RECALLED)
PACIFIC = ZoneInfo("America/Los_Angeles")


def _page(rows: str, answer: Answer) -> RecordPage:
    """Pages are numbered, and the answer tells how many there are."""
    page, pages = count_at(answer.data, "page"), count_at(answer.data, "pages")
    return RecordPage(rows=rows_at(answer.data, rows), after={} if page < pages else None)


def _orders(answer: Answer) -> RecordPage:
    return _page("orders", answer)


def _shipments(answer: Answer) -> RecordPage:
    return _page("shipments", answer)


def _in_pacific(at: datetime) -> str:
    return at.astimezone(PACIFIC).strftime("%Y-%m-%d %H:%M:%S")


def _v1(**only: str) -> Call:
    paged = {"sortBy": "CreateDate", "sortDir": "ASC", "pageSize": "500", "page": "{page}"}
    return Call(path="/orders", params={**only, **paged})


def _v2(**only: str) -> Call:
    paged = {"sort_by": "created_at", "sort_dir": "asc", "page_size": "100", "page": "{page}"}
    return Call(path="/shipments", params={**only, **paged})


CREATED = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 9, 4, 10, tzinfo=UTC)
V1_ROW = (
    '{"orderId":94113592,"orderNumber":"1001","orderTotal":149.50,"items":[{},{}],'
    '"createDate":"2026-11-21T01:00:00.0000000","modifyDate":"2026-11-21T01:04:10.0000000"}'
)
V1_FIRST = Record(
    key="1001",
    fields={
        "number": "1001",
        "total": Decimal("149.50"),
        "line_count": 2,
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="94113592",
    place="orders",
    at=CREATED,
    changed_at=CHANGED,
)
V1_PAGE = '{"orders":[%s],"total":3,"page":1,"pages":%d}'
V1 = (
    Records(
        entity="orders",
        place="orders",
        by=By.CREATED,
        call=_v1(createDateStart="{since}", createDateEnd="{until}"),
        moment=_in_pacific,
        read=_orders,
        keys=(Key(field="number", call=_v1(orderNumber="{key}")),),
        fields=listed(
            number="orderNumber",
            total=money("orderTotal"),
            line_count=integer(items_at("items")),
            created_at=instant("createDate"),
            changed_at=instant("modifyDate"),
        ),
        id="orderId",
        at="createDate",
        changed_at="modifyDate",
        source=V1_SPECIFICATION,
        zone=PACIFIC,
        note="times are Pacific (recalled); an order tells no currency: say it at the side",
        samples=(
            Recorded(body=V1_PAGE % (V1_ROW, 3), records=(V1_FIRST,), after={}),
            Recorded(body='{"orders":[],"total":0,"page":1,"pages":0}'),
            Recorded(body=V1_PAGE % (V1_ROW, 1), records=(V1_FIRST,), key="number"),
        ),
    ),
)
V2_ROW = (
    '{"shipment_id":"se-7","shipment_number":"1001","external_shipment_id":"A-7",'
    '"items":[{}],"created_at":"2026-11-21T09:00:00Z","modified_at":"2026-11-21T09:04:10Z"}'
)
V2_FIRST = Record(
    key="1001",
    fields={
        "number": "1001",
        "external_number": "A-7",
        "line_count": 1,
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="se-7",
    place="shipments",
    at=CREATED,
    changed_at=CHANGED,
)
V2_PAGE = '{"shipments":[%s],"total":3,"page":1,"pages":%d}'
V2 = (
    Records(
        entity="orders",
        place="shipments",
        by=By.CREATED,
        call=_v2(created_at_start="{since}", created_at_end="{until}"),
        moment=since_utc,
        read=_shipments,
        keys=(
            Key(field="number", call=_v2(shipment_number="{key}")),
            Key(field="external_number", call=NO_SEARCH),
        ),
        fields=listed(
            number="shipment_number",
            external_number="external_shipment_id",
            line_count=integer(items_at("items")),
            created_at=instant("created_at"),
            changed_at=instant("modified_at"),
        ),
        id="shipment_id",
        at="created_at",
        changed_at="modified_at",
        source=RECALLED,
        note="V2 has shipments for orders, and a split order is several",
        samples=(
            Recorded(body=V2_PAGE % (V2_ROW, 2), records=(V2_FIRST,), after={}),
            Recorded(body='{"shipments":[],"total":0,"page":1,"pages":0}'),
            Recorded(body=V2_PAGE % (V2_ROW, 1), records=(V2_FIRST,), key="number"),
        ),
    ),
)
