"""Look-alikes of ShipStation: V1 tells its window in seconds, V2 tells only how long to wait.

Sources: https://docs.shipstation.com/apis/shipstation-v1/docs/start-here/requirements (V1's
window and headers), https://docs.shipstation.com/rate-limits (V2). V1's 40 calls are third party;
that its times are Pacific, and V1's bodies of errors, are recalled.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from bot.sandbox.estate.vendors.limiters import FixedWindow
from bot.sandbox.estate.vendors.lookalike import Lookalike
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
        since = _pacific(asked.query.get("modifyDateStart", "")) or LONG_AGO
        until = _pacific(asked.query.get("modifyDateEnd", "")) or asked.at
        total = self._books.changed("orders", since, min(until, asked.at))
        return answer_json(_page("orders", "orderId", total, asked, "pageSize", 100))


class ShipStationV2(Lookalike):
    """The newer interface, which also tells whether it or a carrier refused."""

    says_unauthorised = "HTTP 401 Unauthorized: unauthorized, the API key is not valid"
    says_too_many = "HTTP 429 Too Many Requests: rate_limit_exceeded"

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
        since = moment(asked.query.get("modified_at_start", "")) or LONG_AGO
        until = moment(asked.query.get("modified_at_end", "")) or asked.at
        total = self._books.changed("orders", since, min(until, asked.at))
        return answer_json(_page("shipments", "shipment_id", total, asked, "page_size", 25))


def _page(
    rows: str, key: str, total: int, asked: Asked, sized_by: str, usual: int
) -> dict[str, object]:
    size = max(1, at_most(asked.query.get(sized_by), 500, usual))
    page = max(1, at_most(asked.query.get("page"), 10**6, 1))
    numbers = range((page - 1) * size, min(page * size, total))
    told = {"total": total, "page": page, "pages": -(-total // size)}
    return {rows: [{key: number} for number in numbers], **told}


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
