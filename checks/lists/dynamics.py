"""Orders of Microsoft Dynamics 365: Business Central, Finance & Operations, and Dataverse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from checks.declare import Call, Mark, Source
from checks.listing import Key, Listed, Recorded, Records, fields, instant, integer, money
from checks.reading import since_utc
from checks.reconcile.model import Record, Value
from checks.record_rows import items_at, odata_page, quoted
from checks.records import By

LEARN = "https://learn.microsoft.com"
BC = f"{LEARN}/dynamics365/business-central/dev-itpro/api-reference/v2.0/resources"
RECALLED = Source(mark=Mark.RECALLED)
TABLE = Source(
    mark=Mark.CONFIRMED,
    url=f"{LEARN}/power-apps/developer/data-platform/reference/entities/salesorder",
)
IN_PAGES = {"Prefer": "odata.maxpagesize=1000"}
CREATED = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANGED = datetime(2026, 11, 21, 9, 4, 10, 500000, tzinfo=UTC)
LINK = ',"@odata.nextLink":"https://theirs.example/orders?$skiptoken=a%2Bb"'


def _select(names: tuple[str, ...]) -> str:
    """Whole properties: a path inside one is taken off the answer."""
    return "".join(f",{name.partition('.')[0]}" for name in names)


def _samples(row: str, record: Record, key: str) -> tuple[Recorded, ...]:
    return (
        Recorded(body=f'{{"value":[{row}]{LINK}}}', records=(record,), after={"$skiptoken": "a+b"}),
        Recorded(body='{"value":[]}'),
        Recorded(body=f'{{"value":[{row}]}}', records=(record,), key=key),
    )


# Business Central: a posted order leaves salesOrders and becomes an invoice and shipments.


POSTED_TO = ("salesInvoices", "salesShipments")
ADDRESS = ("AddressLine1", "AddressLine2", "City", "Country", "State", "PostCode")
DOCUMENTED = (
    *("customerNumber", "customerName", "billToName", "shipToName", "shipToContact"),
    *("discountAmount", "totalAmountExcludingTax", "totalTaxAmount", "phoneNumber", "email"),
    *(f"{whose}{part}" for whose in ("sellTo", "billTo", "shipTo") for part in ADDRESS),
)
"""Of what its pages on both resources name, the part that people compare."""


def _posted(
    place: str,
    lines: str,
    names: str,
    own: Mapping[str, str],
    listed: tuple[Listed, ...],
    samples: tuple[Recorded, ...],
    source: Source,
) -> Records:
    """`own` is where the order's number stands there; lines are asked for with their order."""

    def call(only: str) -> Call:
        select = f"id,externalDocumentNumber,lastModifiedDateTime,{names}{{more}}"
        params = {"$filter": only, "$select": select, "$expand": f"{lines}($select=id)"}
        return Call(path=f"companies({{company}})/{place}", params=params, headers=IN_PAGES)

    def key(field: str, name: str) -> Key:
        between = f"' or {name} eq '"
        return Key(field=field, call=call(f"{name} eq '{{key}}'"), write=quoted, between=between)

    return Records(
        entity="orders",
        place=place,
        by=By.CHANGED,
        call=call("lastModifiedDateTime ge {since} and lastModifiedDateTime lt {until}"),
        moment=since_utc,
        read=odata_page,
        keys=(
            key("external_number", "externalDocumentNumber"),
            *(key(field, name) for field, name in own.items()),
        ),
        other=key("", "{field}"),
        fields=listed,
        id="id",
        at="lastModifiedDateTime",
        changed_at="lastModifiedDateTime",
        source=source,
        samples=samples,
        select=_select,
        moves_to=POSTED_TO if place == "salesOrders" else (),
        known=DOCUMENTED,
        note="it tells no moment of creation, so what changes again leaves the window; a posted "
        "order leaves salesOrders: name salesInvoices (or salesShipments) in also_in",
    )


def _bc_record(place: str, **fields: Value) -> Record:
    told = {"external_number": "#1001", "line_count": 2, "changed_at": CHANGED, **fields}
    return Record(key="#1001", fields=told, id="6f0c", place=place, at=CHANGED, changed_at=CHANGED)


BC_ROW = (
    '{"id":"6f0c",%s,"externalDocumentNumber":"#1001",'
    '"lastModifiedDateTime":"2026-11-21T09:04:10.5Z",%s}'
)
BC_MONEY = '"currencyCode":"GBP","totalAmountIncludingTax":149.50,'
TOTALS = "currencyCode,totalAmountIncludingTax"
BUSINESS_CENTRAL = (
    _posted(
        "salesOrders",
        "salesOrderLines",
        f"number,{TOTALS}",
        {"number": "number"},
        fields(
            external_number="externalDocumentNumber",
            number="number",
            total=money("totalAmountIncludingTax"),
            currency="currencyCode",
            line_count=integer(items_at("salesOrderLines")),
            changed_at=instant("lastModifiedDateTime"),
        ),
        _samples(
            BC_ROW % ('"number":"S-ORD101"', BC_MONEY + '"salesOrderLines":[{"id":1},{"id":2}]'),
            _bc_record("salesOrders", number="S-ORD101", total=Decimal("149.50"), currency="GBP"),
            "external_number",
        ),
        Source(mark=Mark.CONFIRMED, url=f"{BC}/dynamics_salesorder"),
    ),
    _posted(
        "salesInvoices",
        "salesInvoiceLines",
        f"number,orderNumber,{TOTALS}",
        {"number": "orderNumber", "invoice_number": "number"},
        fields(
            external_number="externalDocumentNumber",
            number="orderNumber",
            invoice_number="number",
            total=money("totalAmountIncludingTax"),
            currency="currencyCode",
            line_count=integer(items_at("salesInvoiceLines")),
            changed_at=instant("lastModifiedDateTime"),
        ),
        _samples(
            BC_ROW
            % (
                '"number":"PS-INV7","orderNumber":"S-ORD101"',
                BC_MONEY + '"salesInvoiceLines":[{"id":1},{"id":2}]',
            ),
            _bc_record(
                "salesInvoices",
                number="S-ORD101",
                invoice_number="PS-INV7",
                total=Decimal("149.50"),
                currency="GBP",
            ),
            "external_number",
        ),
        Source(mark=Mark.CONFIRMED, url=f"{BC}/dynamics_salesinvoice"),
    ),
    _posted(
        "salesShipments",
        "salesShipmentLines",
        "number,orderNumber",
        {"number": "orderNumber", "shipment_number": "number"},
        fields(
            external_number="externalDocumentNumber",
            number="orderNumber",
            shipment_number="number",
            line_count=integer(items_at("salesShipmentLines")),
            changed_at=instant("lastModifiedDateTime"),
        ),
        _samples(
            BC_ROW
            % (
                '"number":"S-SHP9","orderNumber":"S-ORD101"',
                '"salesShipmentLines":[{"id":1},{"id":2}]',
            ),
            _bc_record("salesShipments", number="S-ORD101", shipment_number="S-SHP9"),
            "external_number",
        ),
        Source(mark=Mark.CONFIRMED, url=f"{BC}/dynamics_salesshipment"),
    ),
)

# Finance & Operations


def _fo(only: str) -> Call:
    return Call(
        path="/data/SalesOrderHeadersV2",
        params={"cross-company": "true", "$filter": only, "$orderby": "SalesOrderNumber"},
        headers=IN_PAGES,
    )


FO_ROW = (
    '{"SalesOrderNumber":"SO-000101","CustomersOrderReference":"#1001","CurrencyCode":"GBP",'
    '"dataAreaId":"gbsi","ModifiedDateTime":"2026-11-21T09:04:10.5Z"}'
)
FINANCE_OPERATIONS = (
    Records(
        entity="orders",
        place="SalesOrderHeadersV2",
        by=By.CHANGED,
        call=_fo("{changed_field} ge {since} and {changed_field} lt {until}"),
        moment=since_utc,
        read=odata_page,
        keys=(
            Key(field="number", call=_fo("SalesOrderNumber eq '{key}'"), write=quoted),
            Key(
                field="external_number",
                call=_fo("CustomersOrderReference eq '{key}'"),
                write=quoted,
            ),
        ),
        other=Key(field="", call=_fo("{field} eq '{key}'"), write=quoted),
        fields=fields(
            number="SalesOrderNumber",
            external_number="CustomersOrderReference",
            currency="CurrencyCode",
            company="dataAreaId",
            changed_at=instant("ModifiedDateTime"),
        ),
        id="SalesOrderNumber",
        at="ModifiedDateTime",
        changed_at="ModifiedDateTime",
        source=RECALLED,
        samples=_samples(
            FO_ROW,
            Record(
                key="SO-000101",
                fields={
                    "number": "SO-000101",
                    "external_number": "#1001",
                    "currency": "GBP",
                    "company": "gbsi",
                    "changed_at": CHANGED,
                },
                id="SO-000101",
                place="SalesOrderHeadersV2",
                at=CHANGED,
                changed_at=CHANGED,
            ),
            "number",
        ),
        note="the header tells no total; which fields the data entity shows differs by version",
    ),
)

# Dataverse


def _dv(only: str) -> Call:
    names = "salesorderid,ordernumber,name,totalamount,createdon,modifiedon{more}"
    return Call(
        path="/salesorders",
        params={
            "$filter": only,
            "$select": names,
            "$expand": "transactioncurrencyid($select=isocurrencycode)",
            "$orderby": "createdon,salesorderid",
        },
        headers=IN_PAGES,
    )


DV_ROW = (
    '{"salesorderid":"6f0c","ordernumber":"ORD-01","name":"#1001","totalamount":149.50,'
    '"transactioncurrencyid":{"isocurrencycode":"GBP"},"createdon":"2026-11-21T09:00:00Z",'
    '"modifiedon":"2026-11-21T09:04:10.5Z"}'
)
DATAVERSE = (
    Records(
        entity="orders",
        place="salesorders",
        by=By.CREATED,
        call=_dv("createdon ge {since} and createdon lt {until}"),
        moment=since_utc,
        read=odata_page,
        keys=(
            Key(field="number", call=_dv("ordernumber eq '{key}'"), write=quoted),
            Key(field="name", call=_dv("name eq '{key}'"), write=quoted),
        ),
        other=Key(field="", call=_dv("{field} eq '{key}'"), write=quoted),
        fields=fields(
            number="ordernumber",
            name="name",
            total=money("totalamount"),
            currency="transactioncurrencyid.isocurrencycode",
            created_at=instant("createdon"),
            changed_at=instant("modifiedon"),
        ),
        id="salesorderid",
        at="createdon",
        changed_at="modifiedon",
        source=TABLE,
        samples=_samples(
            DV_ROW,
            Record(
                key="ORD-01",
                fields={
                    "number": "ORD-01",
                    "name": "#1001",
                    "total": Decimal("149.50"),
                    "currency": "GBP",
                    "created_at": CREATED,
                    "changed_at": CHANGED,
                },
                id="6f0c",
                place="salesorders",
                at=CREATED,
                changed_at=CHANGED,
            ),
            "number",
        ),
        select=_select,
    ),
)
