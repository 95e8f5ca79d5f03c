"""The sales of Lightspeed Retail as R-Series and X-Series tell them, and R's ways to narrow them.

https://developers.lightspeedhq.com/retail/introduction/parameters/ (operators of R) and
https://x-series-api.lightspeedhq.com/reference/search-1; the names of X's first version are
recalled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.sandbox.estate.vendors.answering import LONG_AGO, moment
from bot.sandbox.estate.vendors.orders import Line, Order

FAR_AHEAD = datetime(9000, 1, 1, tzinfo=UTC)
TICKET = "22"
"""What a ticket's number begins with; ten digits of the sale's follow."""
_SECOND = timedelta(seconds=1)
_TIMES = ("createTime", "completeTime", "timeStamp")
Window = tuple[datetime, datetime]


def window_of(query: Mapping[str, str]) -> Window:
    """Between which moments R-Series is asked for. Raises ValueError for what is no moment."""
    windows = [_compared(query[name]) for name in _TIMES if query.get(name)]
    since = max((since for since, _ in windows), default=LONG_AGO)
    return since, min((until for _, until in windows), default=FAR_AHEAD)


def _compared(text: str) -> Window:
    operator, *told = text.split(",")
    moments = [moment(each.replace(" ", "+")) for each in told]
    match operator, moments:
        case ">", [datetime() as at]:
            return at, FAR_AHEAD
        case ">=", [datetime() as at]:
            return at, FAR_AHEAD
        case "<", [datetime() as at]:
            return LONG_AGO, at
        case "<=", [datetime() as at]:
            return LONG_AGO, at + _SECOND
        case "><", [datetime() as first, datetime() as last]:
            return first, last + _SECOND
    raise ValueError(f"{text} is not valid")


def r_sale(order: Order) -> dict[str, object]:
    """A sale of R-Series: every value is a text."""
    at = order.placed_at.isoformat(timespec="seconds")
    return {
        "saleID": str(order.number),
        "ticketNumber": f"{TICKET}{order.number:010}",
        "createTime": at,
        "updateTime": at,
        "completeTime": at,
        "timeStamp": at,
        "completed": "true",
        "archived": "false",
        "voided": "false",
        "referenceNumber": order.reference,
        "calcSubtotal": f"{order.total - order.tax}",
        "calcTax1": f"{order.tax}",
        "calcTotal": f"{order.total}",
        "total": f"{order.total}",
        "balance": "0",
        "customerID": str(order.number % 900),
        "shopID": "1",
        "registerID": "1",
        "employeeID": str(order.number % 4 + 1),
    }


def x_sale(order: Order, lines: str = "register_sale_products") -> dict[str, object]:
    """A sale of X-Series; a list of today's version calls its `lines` otherwise than the first."""
    at = f"{order.placed_at:%Y-%m-%d %H:%M:%S}"
    return {
        "id": f"{order.number:08x}-0af7-11ef-f1e5-3c2b4d5e6f70",
        "invoice_number": str(order.number),
        "status": "CLOSED",
        "state": "closed",
        "source": "USER",
        "note": order.reference or None,
        "sale_date": at,
        "created_at": at,
        "updated_at": at,
        "customer_id": f"{order.number % 900:08x}-0af7-11ef-f1e5-0000c0570000",
        "register_id": f"{order.number % 2 + 1:08x}-0af7-11ef-f1e5-0000c1700000",
        "total_price": float(order.total - order.tax),
        "total_tax": float(order.tax),
        lines: [_x_line(line) for line in order.lines],
    }


def _x_line(line: Line) -> dict[str, object]:
    return {"product_id": line.sku, "quantity": float(line.quantity), "price": float(line.price)}
