"""SAP Business One's sales orders, by the Service Layer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from checks.declare import Answer, Call, Mark, Source
from checks.listing import Key, Recorded, RecordPage, Records, Row, fields, instant, money
from checks.reconcile.model import Record, Value
from checks.reconcile.values import text
from checks.record_rows import digits, last_of, quoted, rows_at, value_at
from checks.records import By

RECALLED = Source(mark=Mark.RECALLED)
COLUMNS = (
    "DocEntry,DocNum,NumAtCard,DocTotal,DocTotalFc,DocCurrency,CreationDate,DocTime,"
    "UpdateDate,UpdateTime"
)


def _ask(only: str) -> Call:
    """By DocEntry, which only rises."""
    return Call(
        path="/b1s/{version}/Orders",
        params={
            "$filter": f"{only} and DocEntry gt {{after}}",
            "$select": f"{COLUMNS}{{more}}",
            "$orderby": "DocEntry",
        },
        headers={"Prefer": "odata.maxpagesize=500"},
    )


def _page(answer: Answer) -> RecordPage:
    """A server may send fewer than are asked for, so only an empty page is the end for sure."""
    rows = rows_at(answer.data, "value")
    return RecordPage(rows=rows, after={"after": last_of(rows, "DocEntry")} if rows else None)


def _select(names: tuple[str, ...]) -> str:
    return "".join(f",{name.partition('.')[0]}" for name in names)


def _earliest_day(at: datetime) -> str:
    """The earliest and the latest day that any zone has at a moment: the server's is not told."""
    return (at.astimezone(UTC) - timedelta(hours=12)).strftime("%Y-%m-%d")


def _latest_day(at: datetime) -> str:
    return (at.astimezone(UTC) + timedelta(hours=14)).strftime("%Y-%m-%d")


def _joined(row: Row, day: str, time: str) -> Value:
    date = text(value_at(row, day)).partition("T")[0]
    return f"{date}T{text(value_at(row, time)) or '00:00:00'}" if date else None


def _created(row: Row) -> Value:
    return _joined(row, "CreationDate", "DocTime")


def _changed(row: Row) -> Value:
    return _joined(row, "UpdateDate", "UpdateTime")


def _total(row: Row) -> Value:
    """In the document's currency: DocTotalFc is 0 where that is the company's own."""
    foreign = value_at(row, "DocTotalFc")
    return foreign or value_at(row, "DocTotal")


CREATED = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 9, 4, 10, tzinfo=UTC)
ROW = (
    '{"DocEntry":90211,"DocNum":1001,"NumAtCard":"#1001","DocTotal":149.50,"DocTotalFc":0.0,'
    '"DocCurrency":"GBP","CreationDate":"2026-11-21T00:00:00Z","DocTime":"09:00:00",'
    '"UpdateDate":"2026-11-21","UpdateTime":"09:04:10"}'
)
FIRST = Record(
    key="#1001",
    fields={
        "external_number": "#1001",
        "number": 1001,
        "total": Decimal("149.50"),
        "currency": "GBP",
        "created_at": CREATED,
        "changed_at": CHANGED,
    },
    id="90211",
    place="Orders",
    at=CREATED,
    changed_at=CHANGED,
)
SAP_B1 = (
    Records(
        entity="orders",
        place="Orders",
        by=By.CREATED,
        call=_ask("CreationDate ge '{since}' and CreationDate le '{until}'"),
        start={"after": "0"},
        moment=_earliest_day,
        moment_until=_latest_day,
        read=_page,
        keys=(
            Key(field="external_number", call=_ask("NumAtCard eq '{key}'"), write=quoted),
            Key(field="number", call=_ask("DocNum eq {key}"), write=digits),
        ),
        other=Key(field="", call=_ask("{field} eq '{key}'"), write=quoted),
        fields=fields(
            external_number="NumAtCard",
            number="DocNum",
            total=money(_total),
            currency="DocCurrency",
            created_at=instant(_created),
            changed_at=instant(_changed),
        ),
        id="DocEntry",
        at=_created,
        changed_at=_changed,
        source=RECALLED,
        select=_select,
        grows=True,
        note="it is asked by whole days, and times are in the zone of the company's server: say "
        "timezone at the side; lines come only with whole orders, so they are not counted",
        samples=(
            Recorded(body=f'{{"value":[{ROW}]}}', records=(FIRST,), after={"after": "90211"}),
            Recorded(body='{"value":[]}'),
            Recorded(
                body=f'{{"value":[{ROW}]}}',
                records=(FIRST,),
                after={"after": "90211"},
                key="external_number",
            ),
        ),
    ),
)
