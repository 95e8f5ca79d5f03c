"""Shopify's orders as GraphQL has them: one by its id or name, and lists by what was searched for.

https://shopify.dev/docs/api/admin-graphql/latest/queries/orders and .../objects/Order. Money is a
decimal in quotes, with as few zeros as it can do with; the cursor's content is nobody's business.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from bot.sandbox.estate.vendors.answering import LONG_AGO, moment, stamp
from bot.sandbox.estate.vendors.graphql import Field, SyntaxFault, project
from bot.sandbox.estate.vendors.orders import CURRENCY, Line, Order, Orders

MOST_A_PAGE = 250
ID_PREFIX = "gid://shopify/Order/"
_ID_OFFSET = 5_400_000_000_000
_COMPARED = re.compile(r"(?:updated|created|processed)_at:\s*(>=|>|<=|<)\s*['\"]?([\d:.TZ+-]+)")
_NAMED = re.compile(r"\bname:\s*['\"]?#?(\w+)")
_SECOND = timedelta(seconds=1)
_SORTS = {"UPDATED_AT", "CREATED_AT", "PROCESSED_AT", "ID", "ORDER_NUMBER"}


def order_list(field: Field, orders: Orders, now: datetime) -> dict[str, object]:
    """The connection `orders(first, after, query, sortKey, reverse)`. Raises SyntaxFault."""
    told = field.arguments
    sort = told.get("sortKey", "PROCESSED_AT")
    if sort not in _SORTS:
        raise SyntaxFault(f"Argument 'sortKey' has an invalid value ({sort}).")
    query = str(told.get("query") or "")
    numbers = orders.between(*changed_between(query, now))
    after = _read_cursor(told.get("after"))
    if _NAMED.search(query):
        left = [each for each in _named(query, numbers) if after is None or each > after]
        singles = (range(each, each + 1) for each in left[: _first(field)])
        named = [order for single in singles for order in orders.each(single, now)]
        return _connection(field, map(_node, named), named, has_more=len(left) > _first(field))
    if told.get("reverse") is True:
        stop = numbers.stop if after is None else min(numbers.stop, after)
        start = max(numbers.start, stop - _first(field))
        shown = list(orders.each(range(start, stop), now))[::-1]
        return _connection(field, map(_node, shown), shown, has_more=start > numbers.start)
    start = numbers.start if after is None else max(numbers.start, after + 1)
    stop = min(numbers.stop, start + _first(field))
    shown = list(orders.each(range(start, stop), now))
    return _connection(field, map(_node, shown), shown, has_more=stop < numbers.stop)


def one_order(field: Field, orders: Orders, now: datetime) -> dict[str, object] | None:
    """`order(id)`, and `orderByIdentifier(identifier: {id})`; None where there is none."""
    told: Mapping[str, object] = field.arguments
    if isinstance(identifier := told.get("identifier"), dict):
        told = identifier
    text = str(told.get("id", "")).removeprefix(ID_PREFIX)
    number = int(text) - _ID_OFFSET if text.isascii() and text.isdigit() else 0
    order = orders.find(number, now)
    return None if order is None else project(field.fields, _node(order), "Order")


def changed_between(query: str, now: datetime) -> tuple[datetime, datetime]:
    """The window of a search; a filter that Shopify does not know narrows nothing down.

    Its moments are whole seconds.
    """
    since, until = LONG_AGO, now
    for comparison, text in _COMPARED.findall(query):
        if (at := moment(text)) is None:
            continue
        if comparison.startswith(">"):
            since = max(since, at if comparison == ">=" else at + _SECOND)
        else:
            until = min(until, at if comparison == "<" else at + _SECOND)
    return since, until


def _named(query: str, among: range) -> list[int]:
    """The orders that a search names, one or several joined by OR."""
    told = (each for each in _NAMED.findall(query) if each.isascii() and each.isdigit())
    return sorted(each for each in {int(name) for name in told} if each in among)


def _first(field: Field) -> int:
    first = field.arguments.get("first")
    if not isinstance(first, int):
        says = f"you must provide one of first or last on {field.name}"
        raise SyntaxFault(says)
    if not 0 < first <= MOST_A_PAGE:
        raise SyntaxFault(f"first must be between 1 and {MOST_A_PAGE}")
    return first


def _connection(
    field: Field,
    nodes: Iterable[Mapping[str, object]],
    shown: Sequence[Order | Line],
    *,
    has_more: bool,
) -> dict[str, object]:
    listed = list(nodes)
    cursors = [_cursor(one.number if isinstance(one, Order) else n) for n, one in enumerate(shown)]
    page = {
        "hasNextPage": has_more,
        "hasPreviousPage": "after" in field.arguments,
        "startCursor": cursors[0] if cursors else None,
        "endCursor": cursors[-1] if cursors else None,
    }
    edges = [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, listed, strict=True)]
    kind = "OrderConnection" if field.name == "orders" else "LineItemConnection"
    return project(field.fields, {"nodes": listed, "edges": edges, "pageInfo": page}, kind)


def _node(order: Order) -> dict[str, object]:
    """Everything that can be asked of an order."""
    at = stamp(order.placed_at)
    person = {"firstName": order.first_name, "lastName": order.last_name}
    lines = order.lines

    def line_items(field: Field) -> dict[str, object]:
        shown = lines[: _first(field)]
        return _connection(field, map(_line, shown), shown, has_more=len(shown) < len(lines))

    return {
        "id": f"{ID_PREFIX}{_ID_OFFSET + order.number}",
        "legacyResourceId": str(_ID_OFFSET + order.number),
        "name": f"#{order.number}",
        "number": order.number,
        "createdAt": at,
        "processedAt": at,
        "updatedAt": at,
        "cancelledAt": None,
        "test": False,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "email": order.email,
        "phone": None,
        "poNumber": order.reference or None,
        "note": None,
        "tags": [],
        "currencyCode": CURRENCY,
        "presentmentCurrencyCode": CURRENCY,
        "totalPriceSet": _money(order.total),
        "currentTotalPriceSet": _money(order.total),
        "originalTotalPriceSet": _money(order.total),
        "subtotalPriceSet": _money(order.total),
        "currentSubtotalPriceSet": _money(order.total),
        "totalTaxSet": _money(order.tax),
        "currentTotalTaxSet": _money(order.tax),
        "subtotalLineItemsQuantity": sum(line.quantity for line in lines),
        "currentSubtotalLineItemsQuantity": sum(line.quantity for line in lines),
        "customer": {**person, "displayName": order.name, "email": order.email},
        "shippingAddress": _address(order),
        "billingAddress": _address(order),
        "lineItems": line_items,
    }


def _line(line: Line) -> dict[str, object]:
    return {
        "id": f"gid://shopify/LineItem/{line.sku}",
        "sku": line.sku,
        "title": line.title,
        "name": line.title,
        "quantity": line.quantity,
        "currentQuantity": line.quantity,
        "originalUnitPriceSet": _money(line.price),
    }


def _address(order: Order) -> dict[str, object]:
    return {
        "firstName": order.first_name,
        "lastName": order.last_name,
        "name": order.name,
        "company": None,
        "address1": order.address,
        "address2": None,
        "city": order.town,
        "zip": order.postcode,
        "country": "United Kingdom",
        "countryCodeV2": "GB",
        "phone": None,
    }


def _money(amount: Decimal) -> dict[str, object]:
    text = f"{amount:f}".rstrip("0")
    told = {"amount": text + "0" if text.endswith(".") else text, "currencyCode": CURRENCY}
    return {"shopMoney": told, "presentmentMoney": told}


def _cursor(number: int) -> str:
    return urlsafe_b64encode(f'{{"last":{number}}}'.encode()).decode()


def _read_cursor(told: object) -> int | None:
    if not isinstance(told, str):
        return None
    try:
        return int(urlsafe_b64decode(told).decode().removeprefix('{"last":').removesuffix("}"))
    except ValueError:
        raise SyntaxFault(f"{told} is not a valid cursor") from None
