"""The sales of Lightspeed Retail: R-Series and X-Series."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from checks.declare import Answer, Call, Mark, Source
from checks.listing import Key, Recorded, RecordPage, Records, Row, fields, instant, integer, money
from checks.reading import count_at, find
from checks.reconcile.model import Record, Value
from checks.reconcile.values import read_amount, text
from checks.record_rows import digits, items_at, linked, rows_at, value_at
from checks.records import By

RECALLED = Source(mark=Mark.RECALLED)
CREATED = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 9, 4, 10, tzinfo=UTC)

# R-Series


def _r(**only: str) -> Call:
    return Call(
        path="/Account/{account_id}/Sale.json",
        params={**only, "sort": "saleID", "limit": "100"},
    )


def _r_page(answer: Answer) -> RecordPage:
    """A single sale comes as an object instead of a list, an empty page as none."""
    link = find(answer.data, "@attributes.next")
    if not isinstance(link, str):
        raise ValueError("the answer does not tell its next page")
    told = find(answer.data, "Sale")
    rows = [] if told is None else told if isinstance(told, list) else [told]
    return RecordPage(rows=rows_at({"Sale": rows}, "Sale"), after=linked(link, "after"))


def _with_offset(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


R_ROW = (
    '{"saleID":"5121","ticketNumber":"220000005121","calcTotal":"149.5","completed":"true",'
    '"createTime":"2026-11-21T09:00:00+00:00","timeStamp":"2026-11-21T09:04:10+00:00"}'
)
R_FIRST = Record(
    key="5121",
    fields={
        "number": "5121",
        "ticket_number": "220000005121",
        "total": "149.5",
        "completed": "true",
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="5121",
    place="Sale",
    at=CREATED,
    changed_at=CHANGED,
)
R_NEXT = "https://theirs.example/Sale.json?after=WzUxMjFd"
R_SERIES = (
    Records(
        entity="orders",
        place="Sale",
        by=By.CREATED,
        call=_r(createTime="><,{since},{until}"),
        moment=_with_offset,
        read=_r_page,
        keys=(
            Key(field="number", call=_r(saleID="{key}"), write=digits),
            Key(field="ticket_number", call=_r(ticketNumber="{key}")),
        ),
        fields=fields(
            number="saleID",
            ticket_number="ticketNumber",
            total=money("calcTotal"),
            completed="completed",
            created_at=instant("createTime"),
            changed_at=instant("timeStamp"),
        ),
        id="saleID",
        at="createTime",
        changed_at="timeStamp",
        source=RECALLED,
        note="a sale tells no currency: say it at the side; lines cost a further drip and are not "
        "asked for",
        samples=(
            Recorded(
                body=f'{{"@attributes":{{"next":"{R_NEXT}"}},"Sale":[{R_ROW}]}}',
                records=(R_FIRST,),
                after={"after": "WzUxMjFd"},
            ),
            Recorded(body='{"@attributes":{"next":""}}'),
            Recorded(
                body=f'{{"@attributes":{{"next":""}},"Sale":{R_ROW}}}',
                records=(R_FIRST,),
                key="number",
            ),
        ),
    ),
)

# X-Series


def _x_page(answer: Answer) -> RecordPage:
    """Pages are numbered, and the answer tells how many there are."""
    page, pages = (count_at(answer.data, f"pagination.{name}") for name in ("page", "pages"))
    return RecordPage(
        rows=rows_at(answer.data, "register_sales"), after={} if page < pages else None
    )


def _x_found(answer: Answer) -> RecordPage:
    return RecordPage(rows=rows_at(answer.data, "data"))


def _space_between(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _total(row: Row) -> Value:
    """With tax: a sale tells its price and its tax."""
    parts = [read_amount(text(value_at(row, name))) for name in ("total_price", "total_tax")]
    amounts = [part for part in parts if part is not None]
    return sum(amounts, Decimal(0)) if len(amounts) == len(parts) else None


def _lines(row: Row) -> Value:
    """Named otherwise by the search than by the list."""
    return items_at("line_items" if "line_items" in row else "register_sale_products")(row)


X_ROW = (
    '{"id":"02d5","invoice_number":"1001","total_price":124.58,"total_tax":24.92,"status":"CLOSED",'
    '"created_at":"2026-11-21 09:00:00","updated_at":"2026-11-21 09:04:10","%s":[{},{}]}'
)
X_FIRST = Record(
    key="1001",
    fields={
        "number": "1001",
        "total": Decimal("149.50"),
        "line_count": 2,
        "status": "CLOSED",
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="02d5",
    place="register_sales",
    at=CHANGED,
    changed_at=CHANGED,
)
X_BODY = '{"pagination":{"results":3,"page":1,"page_size":200,"pages":%d},"register_sales":[%s]}'
X_SERIES = (
    Records(
        entity="orders",
        place="register_sales",
        by=By.CHANGED,
        call=Call(
            path="/register_sales",
            params={"since": "{since}", "page_size": "200", "page": "{page}"},
        ),
        moment=_space_between,
        read=_x_page,
        keys=(
            Key(
                field="number",
                call=Call(
                    path="/{version}/search",
                    params={"type": "sales", "invoice_number": "{key}", "page_size": "100"},
                ),
                read=_x_found,
            ),
        ),
        fields=fields(
            number="invoice_number",
            total=money(_total),
            line_count=integer(_lines),
            status="status",
            created_at=instant("created_at"),
            changed_at=instant("updated_at"),
        ),
        id="id",
        at="updated_at",
        changed_at="updated_at",
        source=RECALLED,
        note="it is asked since a moment and not until one, so all that came later is read too; a "
        "sale tells no currency: say it at the side",
        samples=(
            Recorded(
                body=X_BODY % (3, X_ROW % "register_sale_products"), records=(X_FIRST,), after={}
            ),
            Recorded(body=X_BODY % (0, "")),
            Recorded(
                body='{"data":[%s]}' % (X_ROW % "line_items"), records=(X_FIRST,), key="number"
            ),
        ),
    ),
)
