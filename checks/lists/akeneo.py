"""Akeneo's products, by uuid, in an order that goes on after the last one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from checks.declare import Answer, Call, Mark, Source
from checks.listing import Key, Recorded, RecordPage, Records, fields, instant
from checks.reading import find
from checks.reconcile.model import Record
from checks.record_rows import linked, rows_at
from checks.records import By

FILTERS = Source(mark=Mark.CONFIRMED, url="https://api.akeneo.com/documentation/filter.html")


def _ask(search: str) -> Call:
    return Call(
        path="/api/rest/v1/products-uuid",
        params={"pagination_type": "search_after", "limit": "100", "search": search},
    )


def _page(answer: Answer) -> RecordPage:
    rows = rows_at(answer.data, "_embedded.items")
    link = find(answer.data, "_links.next.href")
    return RecordPage(rows=rows, after=linked(link, "search_after"))


def _second_before(at: datetime) -> str:
    return (at.astimezone(UTC) - timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _in_json(key: str) -> str:
    return json.dumps(key)[1:-1]


CREATED = datetime(2026, 11, 1, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 11, 40, 2, tzinfo=UTC)
ROW = (
    '{"uuid":"25566245","family":"tents","enabled":true,"created":"2026-11-01T09:00:00+00:00",'
    '"updated":"2026-11-21T11:40:02+00:00",'
    '"values":{"sku":[{"locale":null,"scope":null,"data":"TENT-2"}]}}'
)
FIRST = Record(
    key="TENT-2",
    fields={
        "sku": "TENT-2",
        "uuid": "25566245",
        "family": "tents",
        "enabled": True,
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="25566245",
    place="products-uuid",
    at=CHANGED,
    changed_at=CHANGED,
)
NEXT = '"next":{"href":"https://theirs.example/api/rest/v1/products-uuid?search_after=25566245"}'
BODY = '{"_links":{%s},"_embedded":{"items":[%s]}}'
AKENEO = (
    Records(
        entity="products",
        place="products-uuid",
        by=By.CHANGED,
        call=_ask('{"updated":[{"operator":"BETWEEN","value":["{since}","{until}"]}]}'),
        moment=_second_before,
        moment_until=_utc,
        read=_page,
        keys=(
            Key(
                field="sku",
                call=_ask('{"sku":[{"operator":"=","value":"{key}"}]}'),
                write=_in_json,
            ),
            Key(
                field="uuid",
                call=_ask('{"uuid":[{"operator":"IN","value":["{key}"]}]}'),
                write=_in_json,
            ),
        ),
        fields=fields(
            sku="values.sku.0.data",
            uuid="uuid",
            family="family",
            enabled="enabled",
            created_at=instant("created"),
            changed_at=instant("updated"),
        ),
        id="uuid",
        at="updated",
        changed_at="updated",
        source=FILTERS,
        note="sku is the usual identifier; another attribute is values.CODE.0.data. Times are "
        "asked for in the server's zone: UTC for SaaS",
        samples=(
            Recorded(body=BODY % (NEXT, ROW), records=(FIRST,), after={"search_after": "25566245"}),
            Recorded(body=BODY % ("", "")),
            Recorded(body=BODY % ("", ROW), records=(FIRST,), key="sku"),
        ),
    ),
)
