"""Look-alikes of Lightspeed Retail: R-Series with its leaky bucket, X-Series with its window.

Sources: https://developers.lightspeedhq.com/retail/introduction/ratelimits/ (R: bucket, burst,
headers), https://x-series-api.lightspeedhq.com/docs/rate_limiting (X: window by registers),
https://x-series-api.lightspeedhq.com/changelog/2025-03-refresh-token-flow-update (X: tokens).
X's wait as a date is third party; R's lists and token life are recalled.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode

from bot.sandbox.estate.vendors.answering import (
    LONG_AGO,
    answer_json,
    at_most,
    bearer,
    moment,
    whole_seconds,
)
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.lightspeed_sales import TICKET, r_sale, window_of, x_sale
from bot.sandbox.estate.vendors.limiters import FixedWindow, LeakyBucket, Limiter
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.numbering import Numbering
from bot.sandbox.estate.vendors.orders import Orders
from bot.sandbox.estate.vendors.rotating import RotatingGrant
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

R_SIZE, R_DRAINS, R_BURST = 90, 1.0, 20
R_TOKEN_LASTS, X_TOKEN_LASTS = timedelta(minutes=30), timedelta(days=7)
REGISTERS = 2
X_WINDOW, X_LASTS = 300 * REGISTERS + 50, timedelta(minutes=5)
X_VERSION, X_OLDEST = "2026-07", "2026-01"
_ACCOUNT = "83050"
_R_SECRETS = {"token": "made-up-lightspeed-r-token"}
_X_SECRETS = {"token": "made-up-lightspeed-x-token"}


class Brim(LeakyBucket):
    """R-Series lets the call in that makes its bucket overflow, and none after it."""

    def used(self, at: datetime) -> float:
        return self.held(at) + self.others * self.size

    def fits(self, at: datetime, cost: float = 1.0) -> bool:
        del cost
        return self.used(at) < self.size


class LightspeedR(Lookalike):
    """An account with one register; each application has a bucket of its own."""

    shares = False
    says_unauthorised = "HTTP 401 Unauthorized: Invalid access token"
    says_too_many = "HTTP 429 Too Many Requests: Rate Limit Exceeded"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._orders = Orders(books)
        self._numbers = _numbers(books, self._orders)
        self._grant = RotatingGrant(R_TOKEN_LASTS, fixed=_R_SECRETS["token"])

    def limiters(self) -> tuple[Limiter, ...]:
        burst = FixedWindow(R_BURST, lasts=timedelta(seconds=1))
        return (Brim(R_SIZE, drains=R_DRAINS), burst)

    def lapse(self, *, platforms: bool) -> None:
        super().lapse(platforms=platforms)
        if not platforms:
            self._grant.forget()

    def grant(self, asked: Asked) -> Answered | None:
        if (asked.method, asked.path) != ("POST", "/auth/oauth/token"):
            return None
        return self._grant.answer(asked, accepted=not self._monitor_lapsed)

    def admits(self, asked: Asked) -> bool:
        return self._grant.accept(bearer(asked), asked.at)

    def shut_out(self, _asked: Asked) -> Answered:
        return _unauthorised("Invalid access token.")

    def take(self, asked: Asked) -> bool:
        bucket, burst = self._ours
        free = bucket.fits(asked.at) and burst.fits(asked.at)
        if free:
            bucket.add(asked.at, _cost(asked))
            burst.add(asked.at, 1)
        return free

    def turn_away(self, asked: Asked) -> Answered:
        bucket, burst = self._ours
        full, kind = (bucket, "leaky-bucket") if not bucket.fits(asked.at) else (burst, "burst")
        text = "Rate Limit Exceeded" if full is bucket else "burst rate limit exceeded"
        told = {
            **self.tells(asked),
            "X-LS-API-RateLimit-Type": f"api-{kind}" + ("-limiter" if full is burst else ""),
            "Retry-After": whole_seconds(full.wait(asked.at)),
        }
        body = {"httpCode": "429", "httpMessage": "Too Many Requests", "message": text}
        return answer_json(body, 429, told)

    def tells(self, asked: Asked) -> Mapping[str, str]:
        bucket, burst = self._ours
        return {
            "X-LS-Acct-Id": _ACCOUNT,
            "X-LS-API-Bucket-Level": f"{round(bucket.used(asked.at), 2):g}/{R_SIZE}",
            "X-LS-API-Burst-Level": f"{math.ceil(burst.used(asked.at))}/{R_BURST}",
            "X-LS-API-Drip-Rate": f"{R_DRAINS:g}",
            "X-LS-API-Request-Cost": f"{_cost(asked):g}",
        }

    def find(self, asked: Asked) -> Answered:
        if asked.method != "GET":
            return _not_found()
        match asked.path.removesuffix(".json").strip("/").split("/"):
            case ["Account"]:
                account = {"accountID": _ACCOUNT, "name": "Fell & Harbour Outdoors"}
                return answer_json({"@attributes": {"count": "1"}, "Account": account})
            case ["Account", account_id] if account_id == _ACCOUNT:
                return answer_json(
                    {"@attributes": {"count": "1"}, "Account": {"accountID": _ACCOUNT}}
                )
            case ["Account", account_id, name] if account_id == _ACCOUNT and name in _R_LISTS:
                return self._listed(name, asked)
            case _:
                return _not_found()

    def _listed(self, name: str, asked: Asked) -> Answered:
        """A page of up to 100; an empty one has no list in it, a single row comes alone."""
        try:
            found = self._found(_R_LISTS[name], asked)
        except ValueError as bad:
            return answer_json({"httpCode": "400", "message": str(bad)}, 400)
        size = max(1, at_most(asked.query.get("limit"), 100, 100))
        after = at_most(asked.query.get("after"), 10**9, 0)
        rest = range(max(found.start, min(found.stop, after + 1)), found.stop)
        shown = rest[:size]
        following = ""
        if len(shown) < len(rest):
            told = {**asked.query, "after": str(shown[-1])}
            following = f"{_R_ADDRESS}/{name}.json?{urlencode(told)}"
        attributes = {"next": following, "previous": ""}
        rows = self._rows(name, shown, asked.at)
        told_rows = {name: rows[0] if len(rows) == 1 else rows} if rows else {}
        return answer_json({"@attributes": attributes, **told_rows})

    def _found(self, entity: str, asked: Asked) -> range:
        """The numbers that the query finds. Raises ValueError for one that is not valid."""
        numbers, query = self._numbers[entity], asked.query
        since, until = window_of(query)
        found = numbers.between(since, min(until, asked.at))
        ticket = query.get("ticketNumber")
        for text in (query.get("saleID"), ticket and ticket.removeprefix(TICKET)):
            if text is not None:
                one = numbers.named(text, asked.at)
                found = one if one and one[0] in found else range(0)
        return found

    def _rows(self, name: str, numbers: range, at: datetime) -> list[dict[str, object]]:
        if name == "Sale":
            return [r_sale(order) for order in self._orders.each(numbers, at)]
        return [{f"{name.lower()}ID": str(number)} for number in numbers]


_R_ADDRESS = f"https://api.lightspeedapp.com/API/V3/Account/{_ACCOUNT}"
_R_LISTS = {"Sale": "orders", "Item": "products", "Customer": "customers"}


class LightspeedX(Lookalike):
    """A retailer with two registers; each application has a window of its own."""

    shares = False
    says_unauthorised = "HTTP 401 Unauthorized"
    says_too_many = "HTTP 429 Too Many Requests"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._orders = Orders(books)
        self._numbers = _numbers(books, self._orders)
        self._grant = RotatingGrant(X_TOKEN_LASTS, fixed=_X_SECRETS["token"])

    def limiters(self) -> tuple[FixedWindow, ...]:
        return (FixedWindow(X_WINDOW, lasts=X_LASTS),)

    def lapse(self, *, platforms: bool) -> None:
        super().lapse(platforms=platforms)
        if not platforms:
            self._grant.forget()

    def grant(self, asked: Asked) -> Answered | None:
        if (asked.method, asked.path) != ("POST", "/1.0/token"):
            return None
        return self._grant.answer(asked, accepted=not self._monitor_lapsed)

    def admits(self, asked: Asked) -> bool:
        return self._grant.accept(bearer(asked), asked.at)

    def shut_out(self, _asked: Asked) -> Answered:
        return _unauthorised("The access token is invalid or has expired.")

    def turn_away(self, asked: Asked) -> Answered:
        window = self._ours[0]
        until = format_datetime(asked.at + window.wait(asked.at), usegmt=True)
        return answer_json({"error": "Too Many Requests"}, 429, {"Retry-After": until})

    def tells(self, asked: Asked) -> Mapping[str, str]:
        left = int(self._ours[0].left(asked.at))
        return {"X-RateLimit-Limit": str(X_WINDOW), "X-RateLimit-Remaining": str(left)}

    def find(self, asked: Asked) -> Answered:
        if asked.method != "GET":
            return _not_found()
        match asked.path.strip("/").split("/"):
            case [name] if name in _X_FIRST_LISTS:
                return self._of_first_version(name, asked)
            case ["2.0", name] if name in _X_LISTS:
                return self._by_version(_X_LISTS[name], asked)
            case [version, *_] if not X_OLDEST <= version <= X_VERSION:
                return _not_found()
            case [_, "retailer"]:
                return answer_json({"data": {"id": "made-up", "name": "Fell & Harbour"}})
            case [_, "search"] if asked.query.get("type") in _X_LISTS:
                return self._search(_X_LISTS[asked.query["type"]], asked)
            case [_, name] if name in _X_LISTS:
                return self._by_version(_X_LISTS[name], asked)
            case _:
                return _not_found()

    def _of_first_version(self, name: str, asked: Asked) -> Answered:
        """A page with a total, as lists of the first version have it."""
        since = moment(asked.query.get("since", "")) or LONG_AGO
        size = max(1, at_most(asked.query.get("page_size"), 200, 50))
        page = max(1, at_most(asked.query.get("page"), 10**6, 1))
        found = self._numbers[_X_FIRST_LISTS[name]].between(since, asked.at)
        shown = found[(page - 1) * size : page * size]
        pages = -(-len(found) // size)
        told = {"results": len(found), "page": page, "page_size": size, "pages": pages}
        rows = self._rows(_X_FIRST_LISTS[name], shown, asked.at, "register_sale_products")
        return answer_json({"pagination": told, name: rows})

    def _search(self, entity: str, asked: Asked) -> Answered:
        """Rows of a stretch of time from an offset; there is no total."""
        since = moment(asked.query.get("date_from", "")) or LONG_AGO
        until = moment(asked.query.get("date_to", "")) or asked.at
        found = self._numbers[entity].between(since, min(until, asked.at))
        if (number := asked.query.get("invoice_number")) is not None:
            one = self._numbers[entity].named(number, asked.at)
            found = one if one and one[0] in found else range(0)
        size = max(1, at_most(asked.query.get("page_size"), 1000, 100))
        first = at_most(asked.query.get("offset"), 10**9, 0)
        return answer_json({"data": self._rows(entity, found[first : first + size], asked.at)})

    def _by_version(self, entity: str, asked: Asked) -> Answered:
        """Everything with a version after the one given, which rises at every change."""
        size = max(1, at_most(asked.query.get("page_size"), 1000, 100))
        after = at_most(asked.query.get("after"), 10**12, 0)
        every = self._numbers[entity].between(LONG_AGO, asked.at)
        rows = self._rows(entity, every[after : after + size], asked.at)
        told = [{**row, "version": after + n} for n, row in enumerate(rows, 1)]
        span = {"min": after + 1, "max": after + len(told)} if told else {"min": 0, "max": 0}
        return answer_json({"data": told, "version": span})

    def _rows(
        self, entity: str, numbers: range, at: datetime, lines: str = "line_items"
    ) -> list[dict[str, object]]:
        if entity == "orders":
            return [x_sale(order, lines) for order in self._orders.each(numbers, at)]
        return [{"id": str(number)} for number in numbers]


_X_FIRST_LISTS = {"register_sales": "orders", "products": "products", "customers": "customers"}
_X_LISTS = {"sales": "orders", "products": "products", "customers": "customers"}


def _numbers(books: Books, orders: Orders) -> Mapping[str, Numbering]:
    others = {each: Numbering(books, each) for each in ("products", "customers")}
    return {**others, "orders": orders}


def _cost(asked: Asked) -> float:
    """A call weighs 1; one that asks for related records weighs 10."""
    return 10.0 if "load_relations" in asked.query else 1.0


def _unauthorised(text: str) -> Answered:
    return answer_json({"httpCode": "401", "httpMessage": "Unauthorized", "message": text}, 401)


def _not_found() -> Answered:
    return answer_json({"httpCode": "404", "httpMessage": "Not Found", "message": "Not found"}, 404)


SHOPS = (
    Shop(
        name="lightspeed-r",
        kind="lightspeed_r",
        system="",
        open=LightspeedR,
        settings={"account_id": _ACCOUNT},
        secrets=_R_SECRETS,
    ),
    Shop(
        name="lightspeed-x",
        kind="lightspeed_x",
        system="",
        open=LightspeedX,
        settings={"prefix": "fellharbour", "version": X_VERSION},
        secrets=_X_SECRETS,
    ),
)
