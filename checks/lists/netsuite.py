"""NetSuite's orders, invoices and cash sales, by SuiteQL."""

from __future__ import annotations

from datetime import UTC, datetime

from checks.declare import Answer, Call, Mark, Source
from checks.listing import Key, Recorded, RecordPage, Records, fields, instant, money
from checks.reading import find
from checks.reconcile.model import Record
from checks.record_rows import last_of, quoted, rows_at
from checks.records import By

HELP = "https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help"
SUITEQL = Source(mark=Mark.CONFIRMED, url=f"{HELP}/section_158394344595.html")
TIME = "'YYYY-MM-DD HH24:MI:SS'"
COLUMNS = (
    "SELECT t.id, t.tranid, t.otherrefnum, t.externalid, t.foreigntotal, c.symbol AS currency, "  # noqa: S608 (no foreign text)
    f"TO_CHAR(t.createddate, {TIME}) AS createddate, "
    f"TO_CHAR(t.lastmodifieddate, {TIME}) AS lastmodifieddate{{more}} "
    "FROM transaction t LEFT JOIN currency c ON c.id = t.currency "
)
LINES = (
    "(SELECT COUNT(*) FROM transactionline l "
    "WHERE l.transaction = t.id AND l.mainline = 'F' AND l.taxline = 'F') AS line_count"
)
TYPES = {"SalesOrd": "orders", "CustInvc": "invoices", "CashSale": "orders"}


def _ask(kind: str, only: str) -> Call:
    """By id, which only rises: what changes while it is read does not move."""
    where = f"WHERE t.type = '{kind}' AND {only} AND t.id > {{after}} ORDER BY t.id"
    return Call(
        path="/services/rest/query/v1/suiteql",
        method="POST",
        params={"limit": "1000"},
        headers={"Prefer": "transient"},
        body={"q": COLUMNS + where},
    )


def _moment(name: str) -> str:
    return f"TO_TIMESTAMP_TZ('{{{name}}}', 'YYYY-MM-DD HH24:MI:SS TZH:TZM')"


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S +00:00")


def _page(answer: Answer) -> RecordPage:
    rows, more = rows_at(answer.data, "items"), find(answer.data, "hasMore")
    if not isinstance(more, bool):
        raise ValueError("the answer does not tell whether there are more rows")
    return RecordPage(rows=rows, after={"after": last_of(rows, "id")} if more else None)


def _select(names: tuple[str, ...]) -> str:
    """Columns of the transaction, such as custbody_shop_number; line_count is counted."""
    columns = (LINES if name == "line_count" else f"t.{_column(name)}" for name in names)
    return "".join(f", {column}" for column in columns)


def _column(name: str) -> str:
    if "." in name or name != name.lower():
        raise ValueError(f"{name!r} is no column of a transaction: they are in small letters")
    return name


ROW = (
    '{"links":[],"id":"90211","tranid":"SO1001","otherrefnum":"#1001","foreigntotal":"149.5",'
    '"currency":"GBP","createddate":"2026-11-21 09:00:00","lastmodifieddate":"2026-11-21 09:04:10"}'
)
PAGE = '{"links":[],"count":%d,"hasMore":%s,"items":[%s],"offset":0}'


CREATED = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 9, 4, 10, tzinfo=UTC)
FIELDS = fields(
    number="tranid",
    external_number="otherrefnum",
    external_id="externalid",
    total=money("foreigntotal"),
    currency="currency",
    created_at=instant("createddate"),
    changed_at=instant("lastmodifieddate"),
)


def _samples(kind: str) -> tuple[Recorded, ...]:
    first = Record(
        key="SO1001",
        fields={
            "number": "SO1001",
            "external_number": "#1001",
            "external_id": None,
            "total": "149.5",
            "currency": "GBP",
            "created_at": CREATED,
            "changed_at": CHANGED,
        },
        id="90211",
        place=kind,
        at=CREATED,
        changed_at=CHANGED,
    )
    return (
        Recorded(body=PAGE % (1, "true", ROW), records=(first,), after={"after": "90211"}),
        Recorded(body=PAGE % (0, "false", "")),
        Recorded(body=PAGE % (1, "false", ROW), records=(first,), key="number"),
    )


def _key(kind: str, field: str, column: str) -> Key:
    return Key(field=field, call=_ask(kind, f"t.{column} = '{{key}}'"), write=quoted)


def _list(kind: str, entity: str) -> Records:
    window = f"t.createddate >= {_moment('since')} AND t.createddate < {_moment('until')}"
    return Records(
        entity=entity,
        place=kind,
        by=By.CREATED,
        call=_ask(kind, window),
        start={"after": "0"},
        moment=_utc,
        read=_page,
        keys=(
            _key(kind, "number", "tranid"),
            _key(kind, "external_number", "otherrefnum"),
            _key(kind, "external_id", "externalid"),
        ),
        other=_key(kind, "", "{field}"),
        fields=FIELDS,
        id="id",
        at="createddate",
        changed_at="lastmodifieddate",
        source=SUITEQL,
        samples=_samples(kind),
        select=_select,
        note="columns are recalled. Times are in the zone of the monitor's user: set that user to "
        "GMT, or say timezone at the side. Ask for the further field line_count to have the lines "
        "counted; a custom field, such as custbody_shop_number, may be the key",
    )


NETSUITE = tuple(_list(kind, entity) for kind, entity in TYPES.items())
