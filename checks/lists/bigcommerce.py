"""BigCommerce's orders, by its V2 API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from checks.declare import Answer, Call, Mark, Source
from checks.listing import Key, Recorded, RecordPage, Records, Row, fields, instant, integer, money
from checks.reading import find, since_utc
from checks.reconcile.model import Record, Value
from checks.record_rows import digits, last_of, rows_at, value_at
from checks.records import By

ORDERS = Source(
    mark=Mark.CONFIRMED,
    url="https://github.com/bigcommerce/docs/blob/main/reference/orders.v2.oas2.yml",
)
INCOMPLETE = 0  # the status of a checkout that was never finished: no ERP has it


def _ask(**only: str) -> Call:
    """By id, which only rises."""
    return Call(path="/v2/orders", params={**only, "sort": "id:asc", "limit": "250"})


def _page(answer: Answer) -> RecordPage:
    """The least id asked for is part of the answer; an empty page, told by 204, is the end."""
    rows = rows_at(answer.data)
    after = {"min_id": str(int(digits(last_of(rows, "id"))) + 1)} if rows else None
    return RecordPage(rows=_finished(rows), after=after)


def _found(answer: Answer) -> RecordPage:
    return RecordPage(rows=_finished(rows_at(answer.data)))


def _finished(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(row for row in rows if find(row, "status_id") != INCOMPLETE)


def _date(name: str) -> Callable[[Row], Value]:
    """Tue, 20 Nov 2026 00:00:00 +0000, as e-mail has it."""

    def read(row: Row) -> Value:
        told = value_at(row, name)
        if not isinstance(told, str) or not told:
            return None
        at = parsedate_to_datetime(told)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

    return read


def _is_nothing(answer: Answer) -> bool:
    return answer.status == 204


CREATED = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 9, 4, 10, tzinfo=UTC)
ROW = (
    '{"id":1001,"external_id":null,"status_id":11,"total_inc_tax":"149.5000",'
    '"currency_code":"GBP","items_total":2,"date_created":"Sat, 21 Nov 2026 09:00:00 +0000",'
    '"date_modified":"Sat, 21 Nov 2026 09:04:10 +0000"}'
)
FIRST = Record(
    key=1001,
    fields={
        "number": 1001,
        "external_number": None,
        "total": "149.5000",
        "currency": "GBP",
        "units": 2,
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="1001",
    place="orders",
    at=CREATED,
    changed_at=CHANGED,
)
BIGCOMMERCE = (
    Records(
        entity="orders",
        place="orders",
        by=By.CREATED,
        call=_ask(min_date_created="{since}", max_date_created="{until}", min_id="{min_id}"),
        start={"min_id": "1"},
        moment=since_utc,
        read=_page,
        keys=(
            Key(
                field="number",
                call=_ask(min_id="{key}", max_id="{key}"),
                write=digits,
                read=_found,
            ),
            Key(field="external_number", call=_ask(external_order_id="{key}"), read=_found),
        ),
        fields=fields(
            number="id",
            external_number="external_id",
            total=money("total_inc_tax"),
            currency="currency_code",
            units=integer("items_total"),
            created_at=instant(_date("date_created")),
            changed_at=instant(_date("date_modified")),
        ),
        id="id",
        at=_date("date_created"),
        changed_at=_date("date_modified"),
        source=ORDERS,
        empty=_is_nothing,
        note="checkouts that were never finished (status Incomplete) are left out; items_total "
        "counts pieces, not lines",
        samples=(
            Recorded(body=f"[{ROW}]", records=(FIRST,), after={"min_id": "1002"}),
            Recorded(status=204, body=""),
            Recorded(
                body='[{"id":1002,"status_id":0,"date_created":"","date_modified":""}]',
                after={"min_id": "1003"},
            ),
            Recorded(body=f"[{ROW}]", records=(FIRST,), key="number"),
        ),
    ),
)
