"""A look-alike of Brightpearl: 200 calls in any minute for all private apps, 503 beyond them.

Sources: https://help.brightpearl.com/hc/en-us/articles/212644823-Request-throttling (limit,
headers, 503), http://api-docs.brightpearl.com/order/order/search.html (search). That the wait is
told in milliseconds, and the text that tells a throttle from an outage, are third party; the
codes of errors are recalled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.sandbox.estate.vendors.answering import LONG_AGO, answer_json, at_most, moment
from bot.sandbox.estate.vendors.limiters import SlidingWindow
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

A_MINUTE = 200
_ACCOUNT, _APP = "fellharbour", "fellharbour_watch"
_SECRETS = {"token": "made-up-brightpearl-account-token"}
_SEARCHES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("order-service", "order-search"): ("orders", "orderTypeId"),
    ("product-service", "product-search"): ("products", "productTypeId"),
    ("contact-service", "contact-search"): ("customers", "isCustomer"),
}
"""Of each search: what it finds, and the column beside `updatedOn` that it can be narrowed by."""
_PAGING = {"pageSize", "firstResult", "sort", "columns"}
_SALES_ORDER = "1"


class Brightpearl(Lookalike):
    """An account whose private apps share one pool of calls."""

    says_unauthorised = "HTTP 401 Unauthorized: Not authorised"
    says_too_many = "HTTP 503 Service Unavailable: You have sent too many requests"

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
                if (service, search) in _SEARCHES:
                    return self._search(asked, *_SEARCHES[service, search])
        return _error(404, "CMNC-404", "The resource does not exist")

    def _search(self, asked: Asked, entity: str, narrowing: str) -> Answered:
        unknown = asked.query.keys() - _PAGING - {"updatedOn", narrowing}
        if unknown:
            return _error(400, "CMNC-013", f"Unknown search parameter: {min(unknown)}")
        period = _period(asked.query.get("updatedOn", "/"), asked.at)
        if period is None:
            return _error(400, "CMNC-018", "Value of updatedOn is not a period")
        found = self._books.changed(entity, *period)
        if entity == "orders" and asked.query.get("orderTypeId") != _SALES_ORDER:
            found += found // 8  # purchase orders are orders too
        first = at_most(asked.query.get("firstResult"), 10**9, 1)
        size = at_most(asked.query.get("pageSize"), 500, 500)
        rows = [[number] for number in range(first, min(first + size, found + 1))]
        told = {"resultsAvailable": found, "resultsReturned": len(rows), "firstResult": first}
        return answer_json({"response": {"metaData": told, "results": rows}, "reference": {}})


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
