"""Business Central's sales orders and sales invoices, as its API v2.0 lists them.

https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/resources/dynamics_salesorder
and .../dynamics_salesinvoice. An order that is posted leaves the one list and stands in the other.
The number that the web shop gave is the external document number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from bot.sandbox.estate.vendors.answering import LONG_AGO, answer_json, moment, stamp
from bot.sandbox.estate.vendors.copies import Copies, Copy
from bot.sandbox.estate.vendors.odata import BadQuery, Condition, condition, expanded, listed
from bot.sandbox.estate.vendors.orders import CURRENCY, Line
from bot.sandbox.estate.vendors.vendor import Answered, Asked

MOST_A_PAGE = 20_000
LISTS: Mapping[str, bool] = {
    "salesOrders": False,
    "salesInvoices": True,
    "salesShipments": True,
}
"""The lists, and whether what stands in them has been posted."""
CHANGED, KEY = "lastModifiedDateTime", "externalDocumentNumber"
_LINES: Mapping[str, str] = {
    "salesOrders": "salesOrderLines",
    "salesInvoices": "salesInvoiceLines",
    "salesShipments": "salesShipmentLines",
}
_PREFIX = {"salesOrders": "S-ORD", "salesInvoices": "PS-INV", "salesShipments": "S-SHP"}
_SHOWN_FOR = timedelta(days=31)
"""Rows are made of the last month only; counts know them all."""
_PAGE = re.compile(r"odata\.maxpagesize=(\d+)")
_ONE = re.compile(r"(\w+)\(([0-9a-fA-F-]{36})\)")
_NO_ID = "00000000-0000-0000-0000-000000000000"


def answer(copies: Copies, path: str, url: str, asked: Asked) -> Answered | None:
    """The answer to a GET below the company, None for what is not about orders.

    `url` is where the path is found. Raises BadQuery.
    """
    if one := _ONE.fullmatch(path):
        return _one(copies, one[1], UUID(one[2]), asked) if one[1] in LISTS else None
    name, _, plain = path.partition("/")
    if name not in LISTS or plain not in ("", "$count"):
        return None
    chosen = condition(asked.query.get("$filter", ""))
    if plain:
        return Answered(body=str(_count(copies, name, chosen, asked)), content_type="text/plain")
    page = _PAGE.search(asked.headers.get("prefer", ""))
    most = min(MOST_A_PAGE, max(1, int(page[1]))) if page else MOST_A_PAGE
    rows = list(_rows(copies, name, chosen, asked))
    found = listed(rows, asked.query, url, most)
    if asked.query.get("$count") == "true":
        found = {"@odata.count": _count(copies, name, chosen, asked), **found}
    return answer_json({"@odata.context": f"{url}/$metadata#{name}", **found})


def _one(copies: Copies, name: str, wanted: UUID, asked: Asked) -> Answered | None:
    copy = copies.find(wanted.int, asked.at)
    if copy is None or copy.posted is not LISTS[name]:
        return None
    return answer_json(_row(copy, name, expanded(asked.query)))


def _count(copies: Copies, name: str, chosen: Condition, asked: Asked) -> int:
    if all(one.field == CHANGED for one in chosen.comparisons) and not chosen.any_will_do:
        return copies.count(*_window(chosen, asked.at), asked.at, posted=LISTS[name])
    return sum(1 for _ in _rows(copies, name, chosen, asked))


def _rows(
    copies: Copies, name: str, chosen: Condition, asked: Asked
) -> Iterator[Mapping[str, object]]:
    """The rows for which the condition holds."""
    keys = [one.value for one in chosen.comparisons if (one.field, one.operator) == (KEY, "eq")]
    if keys:
        numbers = [int(key) for key in keys if key.isascii() and key.isdigit()]
        found = [copy for number in numbers if (copy := copies.find(number, asked.at))]
        found = [copy for copy in found if copy.posted is LISTS[name]]
    else:
        since, until = _window(chosen, asked.at)
        since = max(since, asked.at - _SHOWN_FOR)
        found = copies.changed(since, until, asked.at, posted=LISTS[name])
    for copy in found:
        row = _row(copy, name, expanded(asked.query))
        if chosen.holds(row):
            yield row


def _window(chosen: Condition, now: datetime) -> tuple[datetime, datetime]:
    """The span of changes, to the second and not narrower than what is asked for."""
    since, until = LONG_AGO, now
    for one in chosen.comparisons:
        at = moment(one.value) if one.field == CHANGED and not chosen.any_will_do else None
        if one.field == CHANGED and at is None and not chosen.any_will_do:
            raise BadQuery(f"Unrecognised literal '{one.value}'.")
        if at and one.operator in ("ge", "gt"):
            since = max(since, at + timedelta(microseconds=one.operator == "gt"))
        elif at and one.operator in ("le", "lt"):
            until = min(until, at + timedelta(microseconds=one.operator == "le"))
    return since, until


@lru_cache(maxsize=8_192)  # each page looks at the rows of its whole window
def _row(copy: Copy, name: str, relations: frozenset[str]) -> Mapping[str, object]:
    order, changed = copy.order, stamp(copy.changed_at)
    tax = order.tax
    row: dict[str, object] = {
        "@odata.etag": f'W/"{order.number}-{changed}"',
        "id": str(UUID(int=order.number)),
        "number": f"{_PREFIX[name]}{order.number}",
        KEY: str(order.number),
        **_dates(copy),
        "customerId": _NO_ID,
        "customerNumber": "WEB",
        "customerName": order.name,
        "billToName": order.name,
        **_addresses(copy),
        "currencyId": _NO_ID,
        "currencyCode": CURRENCY,
        "pricesIncludeTax": True,
        "salesperson": "",
        "discountAmount": 0,
        "totalAmountExcludingTax": float(order.total - tax),
        "totalTaxAmount": float(tax),
        "totalAmountIncludingTax": float(order.total),
        "status": "Open",
        CHANGED: changed,
        "phoneNumber": "",
        "email": order.email,
    }
    lines = _LINES[name]
    if lines in relations:
        row[lines] = [_line(line, number) for number, line in enumerate(order.lines, start=1)]
    return row


def _dates(copy: Copy) -> dict[str, object]:
    """What only orders, and what only invoices have."""
    placed, changed = copy.order.placed_at.date(), copy.changed_at.date()
    if not copy.posted:
        return {
            "orderDate": str(placed),
            "postingDate": str(placed),
            "requestedDeliveryDate": "0001-01-01",
            "partialShipping": True,
            "fullyShipped": False,
        }
    return {
        "invoiceDate": str(changed),
        "postingDate": str(changed),
        "dueDate": str(changed),
        "orderId": str(UUID(int=copy.order.number)),
        "orderNumber": f"S-ORD{copy.order.number}",
        "customerPurchaseOrderReference": copy.order.reference,
        "remainingAmount": 0,
    }


def _addresses(copy: Copy) -> dict[str, object]:
    order = copy.order
    told: dict[str, object] = {"shipToName": order.name, "shipToContact": order.name}
    for whose in ("sellTo", "billTo", "shipTo"):
        told[f"{whose}AddressLine1"] = order.address
        told[f"{whose}AddressLine2"] = ""
        told[f"{whose}City"] = order.town
        told[f"{whose}Country"] = "GB"
        told[f"{whose}State"] = ""
        told[f"{whose}PostCode"] = order.postcode
    return told


def _line(line: Line, number: int) -> dict[str, object]:
    return {
        "id": str(UUID(int=number)),
        "sequence": number * 10_000,
        "lineType": "Item",
        "lineObjectNumber": line.sku,
        "description": line.title,
        "quantity": line.quantity,
        "unitPrice": float(line.price),
        "amountIncludingTax": float(line.amount),
    }
