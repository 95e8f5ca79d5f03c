"""Look-alikes of ShipStation: V1 tells its window in seconds, V2 tells only how long to wait.

Sources: https://docs.shipstation.com/apis/shipstation-v1/docs/start-here/requirements (V1's
window and headers), https://docs.shipstation.com/rate-limits (V2). V1's 40 calls are third party;
that its times are Pacific, and V1's bodies of errors, are recalled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.sandbox.estate.vendors.answering import (
    LONG_AGO,
    answer_json,
    at_most,
    basic,
    moment,
    whole_seconds,
)
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.limiters import FixedWindow
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.orders import Order, Orders
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

V1_A_MINUTE, V2_A_MINUTE = 40, 200
PACIFIC = ZoneInfo("America/Los_Angeles")
_V1_SECRETS = {"username": "made-up-shipstation-key", "password": "made-up-shipstation-secret"}
_V2_SECRETS = {"token": "made-up-shipstation-v2-key"}
_MINUTE = timedelta(minutes=1)


class ShipStationV1(Lookalike):
    """The older interface; each pair of key and secret has a window of its own."""

    shares = False
    says_unauthorised = "HTTP 401 Unauthorized"
    says_too_many = "HTTP 429 Too Many Requests"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._kept = Orders(books)

    def limiters(self) -> tuple[FixedWindow, ...]:
        return (FixedWindow(V1_A_MINUTE, lasts=_MINUTE),)

    def admits(self, asked: Asked) -> bool:
        shown = asked.headers.get("authorization")
        return shown == basic(_V1_SECRETS["username"], _V1_SECRETS["password"])

    def shut_out(self, _asked: Asked) -> Answered:
        return Answered(status=401, body="401 Unauthorized", content_type="text/plain")

    def turn_away(self, asked: Asked) -> Answered:
        return answer_json({"message": "Too Many Requests"}, 429, self.tells(asked))

    def tells(self, asked: Asked) -> Mapping[str, str]:
        window = self._ours[0]
        return {
            "X-Rate-Limit-Limit": str(V1_A_MINUTE),
            "X-Rate-Limit-Remaining": f"{window.left(asked.at):.0f}",
            "X-Rate-Limit-Reset": whole_seconds(window.wait(asked.at)),
        }

    def find(self, asked: Asked) -> Answered:
        match asked.method, asked.path.rstrip("/"):
            case "GET", "/stores":
                return answer_json([{"storeId": 1, "storeName": "Fell & Harbour", "active": True}])
            case "GET", "/accounts/listtags":
                return answer_json([{"tagId": 1, "name": "Gift"}])
            case "GET", "/orders":
                return self._orders(asked)
            case _:
                return answer_json({"Message": "No HTTP resource was found."}, 404)

    def _orders(self, asked: Asked) -> Answered:
        """A page. What is no filter is not looked at, so a mistyped one finds every order."""
        query = asked.query
        starts = [_pacific(query.get(f"{name}DateStart", "")) for name in ("modify", "create")]
        ends = [_pacific(query.get(f"{name}DateEnd", "")) for name in ("modify", "create")]
        since = max(filter(None, starts), default=LONG_AGO)
        until = min(filter(None, ends), default=asked.at)
        number, now = asked.query.get("orderNumber"), asked.at
        numbers = (
            self._kept.named(number.removeprefix("#"), now)
            if number
            else self._kept.between(since, min(until, now))
        )
        size, falls = at_most(query.get("pageSize"), 500, 100), query.get("sortDir") == "DESC"
        return answer_json(_page("orders", _order, self._kept, numbers, asked, size, falls))


class ShipStationV2(Lookalike):
    """The newer interface, which also tells whether it or a carrier refused."""

    says_unauthorised = "HTTP 401 Unauthorized: unauthorized, the API key is not valid"
    says_too_many = "HTTP 429 Too Many Requests: rate_limit_exceeded"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._kept = Orders(books)

    def limiters(self) -> tuple[FixedWindow, ...]:
        return (FixedWindow(V2_A_MINUTE, lasts=_MINUTE),)

    def admits(self, asked: Asked) -> bool:
        return asked.headers.get("api-key") == _V2_SECRETS["token"]

    def shut_out(self, _asked: Asked) -> Answered:
        return _error(401, "security", "unauthorized", "The API key is not valid.")

    def turn_away(self, asked: Asked) -> Answered:
        wait = {"Retry-After": whole_seconds(self._ours[0].wait(asked.at))}
        text = "API calls quota exceeded."
        return _error(429, "request_limit", "rate_limit_exceeded", text, wait)

    def find(self, asked: Asked) -> Answered:
        match asked.method, asked.path.rstrip("/"):
            case "GET", "/warehouses":
                return answer_json({"warehouses": [{"warehouse_id": "se-1"}]})
            case "GET", "/tags":
                return answer_json({"tags": [{"tag_id": 1, "name": "Gift"}]})
            case "GET", "/shipments":
                return self._shipments(asked)
            case _:
                return _error(404, "business_rules", "not_found", "The resource was not found.")

    def _shipments(self, asked: Asked) -> Answered:
        """A page; every order is one shipment."""
        query = asked.query
        starts = [moment(query.get(f"{name}_at_start", "")) for name in ("modified", "created")]
        ends = [moment(query.get(f"{name}_at_end", "")) for name in ("modified", "created")]
        since = max(filter(None, starts), default=LONG_AGO)
        until = min(filter(None, ends), default=asked.at)
        numbers = self._kept.between(since, min(until, asked.at))
        if number := query.get("shipment_number"):
            numbers = self._kept.named(number, asked.at)
        size, falls = at_most(query.get("page_size"), 500, 25), query.get("sort_dir") == "desc"
        return answer_json(_page("shipments", _shipment, self._kept, numbers, asked, size, falls))


def _page(
    name: str,
    row: Callable[[Order], dict[str, object]],
    kept: Orders,
    numbers: range,
    asked: Asked,
    size: int,
    falls: bool,
) -> dict[str, object]:
    size = max(1, size)
    page = max(1, at_most(asked.query.get("page"), 10**6, 1))
    rows = [row(order) for order in kept.page(numbers, page, size, asked.at, falls=falls)]
    return {name: rows, "total": len(numbers), "page": page, "pages": -(-len(numbers) // size)}


def _shipment(order: Order) -> dict[str, object]:
    """Every order is one shipment of V2."""
    at = f"{order.placed_at:%Y-%m-%dT%H:%M:%S}.000Z"
    return {
        "shipment_id": f"se-{order.number}",
        "shipment_number": str(order.number),
        "external_shipment_id": None,
        "shipment_status": "pending",
        "items": [{"sku": line.sku, "quantity": line.quantity} for line in order.lines],
        "created_at": at,
        "modified_at": at,
    }


def _order(order: Order) -> dict[str, object]:
    """An order of V1, its times as the clock on the wall there shows them."""
    at = order.placed_at.astimezone(PACIFIC).strftime("%Y-%m-%dT%H:%M:%S.0000000")
    address = {
        "name": order.name,
        "street1": order.address,
        "city": order.town,
        "postalCode": order.postcode,
        "country": "GB",
    }
    return {
        "orderId": order.number,
        "orderNumber": str(order.number),
        "orderKey": f"fh-{order.number}",
        "orderDate": at,
        "createDate": at,
        "modifyDate": at,
        "orderStatus": "awaiting_shipment",
        "customerUsername": order.email,
        "customerEmail": order.email,
        "billTo": address,
        "shipTo": address,
        "items": [
            {
                "orderItemId": place,
                "sku": line.sku,
                "name": line.title,
                "quantity": line.quantity,
                "unitPrice": float(line.price),
            }
            for place, line in enumerate(order.lines, start=1)
        ],
        "orderTotal": float(order.total),
        "amountPaid": float(order.total),
        "taxAmount": float(order.tax),
        "advancedOptions": {"customField1": order.reference or None},
    }


def _pacific(text: str) -> datetime | None:
    """What the clock on V1's wall says; a zone in it is not looked at."""
    told = moment(text[:19])
    return told and told.replace(tzinfo=PACIFIC).astimezone(UTC)


def _error(
    status: int, kind: str, code: str, text: str, headers: Mapping[str, str] | None = None
) -> Answered:
    error = {"error_source": "shipstation", "error_type": kind, "error_code": code, "message": text}
    return answer_json({"request_id": "made-up", "errors": [error]}, status, headers)


SHOPS = (
    Shop(
        name="shipstation-dispatch",
        kind="shipstation_v1",
        system="ShipStation",
        open=ShipStationV1,
        secrets=_V1_SECRETS,
    ),
    Shop(
        name="shipstation-v2",
        kind="shipstation_v2",
        system="",
        open=ShipStationV2,
        secrets=_V2_SECRETS,
    ),
)
