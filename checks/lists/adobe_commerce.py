"""Orders of Adobe Commerce (Magento 2), by search criteria; of both editions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from checks.declare import Answer, Call, Mark, Source
from checks.listing import Key, Recorded, RecordPage, Records, fields, instant, integer, money
from checks.reading import count_at, find
from checks.reconcile.model import Record
from checks.record_rows import last_of, rows_at
from checks.records import By

SCHEMA = Source(
    mark=Mark.CONFIRMED,
    url="https://github.com/AdobeDocs/commerce-webapi/blob/main/src/openapi/admin-schema-2.4.8.yaml",
)
FIELDS = (
    "entity_id,increment_id,ext_order_id,grand_total,order_currency_code,total_item_count,"
    "created_at,updated_at"
)
CREATED = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 9, 4, 10, tzinfo=UTC)


def _ask(headers: Mapping[str, str], *filters: tuple[str, str, str]) -> Call:
    """By entity_id, which only rises. `fields` trims what is sent: no customer's name comes."""
    params = {
        "searchCriteria[sortOrders][0][field]": "entity_id",
        "searchCriteria[sortOrders][0][direction]": "ASC",
        "searchCriteria[pageSize]": "200",
        "fields": f"items[{FIELDS}{{more}}],total_count",
    }
    for place, (name, condition, value) in enumerate((*filters, ("entity_id", "gt", "{after}"))):
        criterion = f"searchCriteria[filter_groups][{place}][filters][0]"
        params[f"{criterion}[field]"] = name
        params[f"{criterion}[condition_type]"] = condition
        params[f"{criterion}[value]"] = value
    return Call(path="/V1/orders", params=params, headers=headers)


def _page(answer: Answer) -> RecordPage:
    """`total_count` counts what comes after the last one seen, and null is an empty list."""
    total = count_at(answer.data, "total_count")
    if total == 0 and find(answer.data, "items") is None:
        return RecordPage(rows=())
    rows = rows_at(answer.data, "items")
    more = total > len(rows)
    return RecordPage(rows=rows, after={"after": last_of(rows, "entity_id")} if more else None)


def _select(names: tuple[str, ...]) -> str:
    """a.b as a[b]; several of one object stand side by side."""
    return "".join(f",{'['.join(name.split('.'))}{']' * name.count('.')}" for name in names)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


ROW = (
    '{"entity_id":51,"increment_id":"000001001","ext_order_id":"A-7","grand_total":149.50,'
    '"order_currency_code":"GBP","total_item_count":2,"created_at":"2026-11-21 09:00:00",'
    '"updated_at":"2026-11-21 09:04:10"}'
)
FIRST = Record(
    key="000001001",
    fields={
        "number": "000001001",
        "external_number": "A-7",
        "total": Decimal("149.50"),
        "currency": "GBP",
        "line_count": 2,
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="51",
    place="orders",
    at=CREATED,
    changed_at=CHANGED,
)


SAMPLES = (
    Recorded(
        body=f'{{"items":[{ROW}],"total_count":7}}',
        records=(FIRST,),
        after={"after": "51"},
    ),
    Recorded(body='{"items":[],"total_count":0}'),
    Recorded(body='{"items":null,"total_count":0}'),
    Recorded(body=f'{{"items":[{ROW}],"total_count":1}}', records=(FIRST,), key="number"),
)


LISTED = fields(
    number="increment_id",
    external_number="ext_order_id",
    total=money("grand_total"),
    currency="order_currency_code",
    line_count=integer("total_item_count"),
    created_at=instant("created_at"),
    changed_at=instant("updated_at"),
)


def orders(headers: Mapping[str, str]) -> tuple[Records, ...]:
    def key(field: str, name: str) -> Key:
        return Key(field=field, call=_ask(headers, (name, "eq", "{key}")))

    created = (("created_at", "gteq", "{since}"), ("created_at", "lt", "{until}"))
    return (
        Records(
            entity="orders",
            place="orders",
            by=By.CREATED,
            call=_ask(headers, *created),
            start={"after": "0"},
            moment=_utc,
            read=_page,
            keys=(key("number", "increment_id"), key("external_number", "ext_order_id")),
            other=key("", "{field}"),
            fields=LISTED,
            id="entity_id",
            at="created_at",
            changed_at="updated_at",
            source=SCHEMA,
            select=_select,
            note="times are in UTC (recalled)",
            samples=SAMPLES,
        ),
    )
