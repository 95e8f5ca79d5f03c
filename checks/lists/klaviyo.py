"""The order events of Klaviyo's metric."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from checks.declare import Answer, Call, Mark, NotOffered, Source
from checks.listing import Key, Recorded, RecordPage, Records, fields, instant, money
from checks.reading import find, since_utc
from checks.reconcile.model import Record
from checks.record_rows import either, linked, rows_at
from checks.records import By

SPECIFICATION = Source(
    mark=Mark.CONFIRMED,
    url="https://github.com/klaviyo/openapi/blob/main/openapi/stable.json",
)
PROPERTIES = "attributes.event_properties"
NUMBERS = tuple(f"{PROPERTIES}.{name}" for name in ("OrderNumber", "OrderId", "order_number"))


def _page(answer: Answer) -> RecordPage:
    links = find(answer.data, "links")
    if not isinstance(links, dict) or "next" not in links:
        raise ValueError("the answer does not say whether there are more events")
    return RecordPage(
        rows=rows_at(answer.data, "data"), after=linked(links["next"], "page[cursor]")
    )


AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
ROW = (
    '{"type":"event","id":"4vRpBT","attributes":{"datetime":"2026-11-21T09:00:00+00:00",'
    '"event_properties":{"OrderId":"1001","$value":149.50,"currency":"GBP"}}}'
)
FIRST = Record(
    key="1001",
    fields={
        "number": "1001",
        "total": Decimal("149.50"),
        "currency": "GBP",
        "created_at": AT,
    },
    id="4vRpBT",
    place="events",
    at=AT,
)
NEXT = '"https://theirs.example/api/events?page%5Bcursor%5D=bmV4dA"'


SAMPLES = (
    Recorded(
        body=f'{{"data":[{ROW}],"links":{{"next":{NEXT}}}}}',
        records=(FIRST,),
        after={"page[cursor]": "bmV4dA"},
    ),
    Recorded(body='{"data":[],"links":{"next":null}}'),
)


KEYS = (
    Key(
        field="number",
        call=NotOffered("events cannot be searched by what they carry"),
    ),
)


LISTED = fields(
    number=either(*NUMBERS, f"{PROPERTIES}.$event_id"),
    total=money(f"{PROPERTIES}.$value"),
    currency=either(f"{PROPERTIES}.currency", f"{PROPERTIES}.$currency_code"),
    created_at=instant("attributes.datetime"),
)


def events(headers: dict[str, str]) -> tuple[Records, ...]:
    return (
        Records(
            entity="orders",
            place="events",
            by=By.CREATED,
            call=Call(
                path="/api/events",
                params={
                    "filter": 'equals(metric_id,"{order_metric}"),'
                    "greater-or-equal(datetime,{since}),less-than(datetime,{until})",
                    "fields[event]": "datetime,event_properties",
                    "sort": "datetime",
                    "page[size]": "200",
                },
                headers=headers,
            ),
            moment=since_utc,
            read=_page,
            keys=KEYS,
            fields=LISTED,
            id="id",
            at="attributes.datetime",
            changed_at="",
            source=SPECIFICATION,
            note="what an event carries is the sender's choice (recalled: OrderId and $value); "
            "name another key by its path, such as attributes.event_properties.order",
            samples=SAMPLES,
        ),
    )
