"""A look-alike of Brightpearl: 200 calls in any minute for all private apps, 503 beyond them.

Sources: https://help.brightpearl.com/hc/en-us/articles/212644823-Request-throttling (limit,
headers, 503), http://api-docs.brightpearl.com/order/order/search.html (search). That the wait is
told in milliseconds, and the text that tells a throttle from an outage, are third party; the
codes of errors are recalled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.sandbox.estate.vendors.answering import LONG_AGO, answer_json, at_most, moment
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.brightpearl_orders import (
    ORDER_COLUMNS,
    number_of,
    order_body,
    order_row,
)
from bot.sandbox.estate.vendors.limiters import SlidingWindow
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.orders import Orders
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

A_MINUTE = 200
_ACCOUNT, _APP = "fellharbour", "fellharbour_watch"
_SECRETS = {"token": "made-up-brightpearl-account-token"}
_SEARCHES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("product-service", "product-search"): ("products", "productTypeId"),
    ("contact-service", "contact-search"): ("customers", "isCustomer"),
}
"""Of each search: what it finds, and the column beside `updatedOn` that it can be narrowed by."""
_PAGING = {"pageSize", "firstResult", "sort", "columns"}
_SALES_ORDER = "1"
_PERIODS = ("createdOn", "updatedOn")
_ORDERS_BY = {*_PERIODS, "orderTypeId", "externalRef", "orderId"}
_OTHER_COLUMNS = ("id",)
_MOST_AT_ONCE = 200


class Brightpearl(Lookalike):
    """An account whose private apps share one pool of calls."""

    says_unauthorised = "HTTP 401 Unauthorized: Not authorised"
    says_too_many = "HTTP 503 Service Unavailable: You have sent too many requests"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._orders = Orders(books)

    def limiters(self) -> tuple[SlidingWindow, ...]:
        return (SlidingWindow(A_MINUTE, lasts=timedelta(minutes=1)),)

    def admits(self, asked: Asked) -> bool:
        """A good token without the app's reference is refused just the same."""
        token = asked.headers.get("brightpearl-account-token")
        return token == _SECRETS["token"] and asked.headers.get("brightpearl-app-ref") == _APP

    def shut_out(self, _asked: Asked) -> Answered:
        return answer_json({"response": "Not authenticated"}, 401)

    def turn_away(self, asked: Asked) -> Answered:
        text = {"response": "You have sent too many requests. Please wait before sending more."}
        return answer_json(text, 503, self.tells(asked))

    def tells(self, asked: Asked) -> Mapping[str, str]:
        pool = self._ours[0]
        left = int(pool.left(asked.at))
        wait = timedelta() if left else pool.wait(asked.at)
        return {
            "brightpearl-requests-remaining": str(left),
            "brightpearl-next-throttle-period": str(int(wait.total_seconds() * 1000)),
        }

    def find(self, asked: Asked) -> Answered:
        match asked.method, asked.path.strip("/").split("/"):
            case "GET", ["public-api", account, service, search] if account == _ACCOUNT:
                if (service, search) == ("order-service", "order-search"):
                    return self._search_orders(asked)
                if (service, search) in _SEARCHES:
                    return self._search(asked, *_SEARCHES[service, search])
            case "GET", ["public-api", account, "order-service", "order", ids] if (
                account == _ACCOUNT
            ):
                return self._find_orders(ids, asked.at)
        return _nothing()

    def _search(self, asked: Asked, entity: str, narrowing: str) -> Answered:
        unknown = asked.query.keys() - _PAGING - {"updatedOn", narrowing}
        if unknown:
            return _error(400, "CMNC-013", f"Unknown search parameter: {min(unknown)}")
        period = _period(asked.query.get("updatedOn", "/"), asked.at)
        if period is None:
            return _error(400, "CMNC-018", "Value of updatedOn is not a period")
        found = range(1, 1 + self._books.changed(entity, *period))
        return _page(asked, found, _OTHER_COLUMNS, lambda shown: [[number] for number in shown])

    def _search_orders(self, asked: Asked) -> Answered:
        """Purchase orders, one for eight sales orders, are orders too; they come last."""
        if unknown := asked.query.keys() - _PAGING - _ORDERS_BY:
            return _error(400, "CMNC-013", f"Unknown search parameter: {min(unknown)}")
        sales = self._narrowed(asked)
        if sales is None:
            return _error(400, "CMNC-018", "A value is not a period")
        wanted = asked.query.get("orderTypeId")
        sold = sales if wanted in (None, _SALES_ORDER) else range(0)
        bought = range(0) if wanted == _SALES_ORDER else sales[::8][: len(sales) // 8]

        def at(place: int) -> int:
            return sold[place] if place < len(sold) else bought[place - len(sold)]

        def rows(shown: Sequence[int]) -> list[list[object]]:
            return [
                order_row(order, bought=place >= len(sold))
                for place in shown
                for order in self._orders.each(range(at(place), at(place) + 1), asked.at)
            ]

        return _page(asked, range(len(sold) + len(bought)), ORDER_COLUMNS, rows)

    def _narrowed(self, asked: Asked) -> range | None:
        """The sales orders that the search finds; None where a period is none."""
        periods = [_period(asked.query.get(name, "/"), asked.at) for name in _PERIODS]
        known = [each for each in periods if each is not None]
        if len(known) < len(periods):
            return None
        found = self._orders.between(max(s for s, _ in known), min(u for _, u in known))
        named = {"externalRef": asked.query.get("externalRef")}
        named["orderId"] = number_of(asked.query.get("orderId"))
        for text in named.values():
            if text is not None:
                one = self._orders.named(text, asked.at)
                found = one if one and one[0] in found else range(0)
        return found

    def _find_orders(self, ids: str, now: datetime) -> Answered:
        """The orders of so many ids, with their rows; those that are not there are left out."""
        told = [number_of(each) or "" for each in ids.split(",")]
        if len(told) > _MOST_AT_ONCE:
            return _error(400, "CMNC-019", f"At most {_MOST_AT_ONCE} ids can be asked for")
        numbers = [number for each in told for number in self._orders.named(each, now)]
        found = [order_body(order) for n in numbers if (order := self._orders.find(n, now))]
        return answer_json({"response": found}) if found else _nothing()


def _page(
    asked: Asked,
    found: range,
    columns: Sequence[str],
    rows: Callable[[Sequence[int]], list[list[object]]],
) -> Answered:
    """A page of what was found; the first result is number 1."""
    first = max(1, at_most(asked.query.get("firstResult"), 10**9, 1))
    size = at_most(asked.query.get("pageSize"), 500, 500)
    shown = found[first - 1 : first - 1 + size]
    told = {
        "resultsAvailable": len(found),
        "resultsReturned": len(shown),
        "firstResult": first,
        "lastResult": first - 1 + len(shown),
        "morePagesAvailable": first - 1 + len(shown) < len(found),
        "columns": [{"name": name, "sortable": True, "filterable": True} for name in columns],
    }
    return answer_json({"response": {"metaData": told, "results": rows(shown)}, "reference": {}})


def _nothing() -> Answered:
    return _error(404, "CMNC-404", "The resource does not exist")


def _period(text: str, now: datetime) -> tuple[datetime, datetime] | None:
    """`from/to` with either side open, or one whole day; None for what is neither."""
    begins, slash, ends = text.partition("/")
    since = moment(begins) if begins else LONG_AGO
    if not slash:
        return (since, since + timedelta(days=1)) if since else None
    until = moment(ends) if ends else now
    return (since, min(until, now)) if since and until else None


def _error(status: int, code: str, message: str) -> Answered:
    return answer_json({"errors": [{"code": code, "message": message}]}, status)


SHOPS = (
    Shop(
        name="brightpearl-back-office",
        kind="brightpearl",
        system="Brightpearl",
        open=Brightpearl,
        settings={"datacenter": "euw1", "account": _ACCOUNT, "app_ref": _APP},
        secrets=_SECRETS,
    ),
)
