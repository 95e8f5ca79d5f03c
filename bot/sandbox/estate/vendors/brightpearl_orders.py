"""Brightpearl's orders: as a row of a search, and whole, with their totals and lines.

https://api-docs.brightpearl.com/order/order/search.html (columns) and .../order/order/get.html
(the whole order; its names are recalled).
"""

from __future__ import annotations

from bot.sandbox.estate.vendors.orders import CURRENCY, Line, Order

ORDER_COLUMNS = (
    "orderId",
    "orderTypeId",
    "contactId",
    "orderStatusId",
    "orderStockStatusId",
    "createdOn",
    "createdById",
    "customerRef",
    "orderPaymentStatusId",
    "updatedOn",
    "parentOrderId",
    "orderShippingStatusId",
    "externalRef",
    "warehouseId",
)
_FIRST_ID = 100_000
"""Added to a shop's number it is Brightpearl's own id of the order."""
_BOUGHT = 5_000_000
"""Added for a purchase order."""
_WRITTEN = "%Y-%m-%dT%H:%M:%S.000+00:00"


def number_of(order_id: str | None) -> str | None:
    """The shop's number of an order, by Brightpearl's id; None without one."""
    if order_id is None:
        return None
    known = order_id.isascii() and order_id.isdigit() and int(order_id) > _FIRST_ID
    return str(int(order_id) - _FIRST_ID) if known else "none"


def order_row(order: Order, *, bought: bool) -> list[object]:
    """A row of the search: values in the order of ORDER_COLUMNS."""
    at = order.placed_at.strftime(_WRITTEN)
    return [
        order.number + _FIRST_ID + (_BOUGHT if bought else 0),
        2 if bought else 1,
        4000 + order.number % 700,
        4,
        3,
        at,
        7,
        order.reference or None,
        2,
        at,
        None,
        1,
        None if bought else str(order.number),
        2,
    ]


def order_body(order: Order) -> dict[str, object]:
    """The order itself."""
    at = order.placed_at.strftime(_WRITTEN)
    net = order.total - order.tax
    return {
        "id": order.number + _FIRST_ID,
        "orderTypeCode": "SO",
        "reference": order.reference,
        "externalRef": str(order.number),
        "createdOn": at,
        "updatedOn": at,
        "placedOn": at,
        "orderStatus": {"orderStatusId": 4, "name": "Invoiced"},
        "currency": {
            "accountingCurrencyCode": CURRENCY,
            "orderCurrencyCode": CURRENCY,
            "exchangeRate": "1.000000",
        },
        "totalValue": {"net": f"{net}", "taxAmount": f"{order.tax}", "total": f"{order.total}"},
        "parties": {
            "delivery": {
                "addressFullName": order.name,
                "addressLine1": order.address,
                "addressLine3": order.town,
                "postalCode": order.postcode,
                "countryIsoCode": "GB",
                "email": order.email,
            }
        },
        "orderRows": {str(order.number * 10 + n): _row(n, line) for n, line in _numbered(order)},
    }


def _numbered(order: Order) -> list[tuple[int, Line]]:
    return list(enumerate(order.lines, 1))


def _row(place: int, line: Line) -> dict[str, object]:
    return {
        "orderRowSequence": str(place * 10),
        "productSku": line.sku,
        "productName": line.title,
        "quantity": {"magnitude": f"{line.quantity}.0000"},
        "rowValue": {"rowNet": {"currencyCode": CURRENCY, "value": f"{line.amount}"}},
    }
