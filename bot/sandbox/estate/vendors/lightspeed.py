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

from bot.sandbox.estate.vendors.answering import (
    LONG_AGO,
    answer_json,
    at_most,
    bearer,
    moment,
    whole_seconds,
)
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.limiters import FixedWindow, LeakyBucket, Limiter
from bot.sandbox.estate.vendors.lookalike import Lookalike
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
        """A page of up to 100; an empty one has no list in it. There is no total."""
        operator, _, told = asked.query.get("timeStamp", "").rpartition(",")
        since = moment(told.replace(" ", "+")) if told else LONG_AGO
        if since is None or operator not in ("", ">", ">="):
            return answer_json({"httpCode": "400", "message": "timeStamp is not valid"}, 400)
        size = max(1, at_most(asked.query.get("limit"), 100, 100))
        first = at_most(asked.query.get("after"), 10**9, 0)
        total = self._books.changed(_R_LISTS[name], since, asked.at)
        last = min(first + size, total)
        rows = [{f"{name.lower()}ID": str(number)} for number in range(first, last)]
        address = f"https://api.lightspeedapp.com/API/V3/Account/{_ACCOUNT}/{name}.json"
        following = f"{address}?limit={size}&after={last}" if last < total else ""
        attributes = {"next": following, "previous": ""}
        return answer_json({"@attributes": attributes, **({name: rows} if rows else {})})


_R_LISTS = {"Sale": "orders", "Item": "products", "Customer": "customers"}


class LightspeedX(Lookalike):
    """A retailer with two registers; each application has a window of its own."""

    shares = False
    says_unauthorised = "HTTP 401 Unauthorized"
    says_too_many = "HTTP 429 Too Many Requests"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
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
        total = self._books.changed(_X_FIRST_LISTS[name], since, asked.at)
        rows = [{"id": str(n)} for n in range((page - 1) * size, min(page * size, total))]
        pages = {"results": total, "page": page, "page_size": size, "pages": -(-total // size)}
        return answer_json({"pagination": pages, name: rows})

    def _search(self, entity: str, asked: Asked) -> Answered:
        """Rows of a stretch of time from an offset; there is no total."""
        since = moment(asked.query.get("date_from", "")) or LONG_AGO
        until = moment(asked.query.get("date_to", "")) or asked.at
        size = max(1, at_most(asked.query.get("page_size"), 1000, 100))
        first = at_most(asked.query.get("offset"), 10**9, 0)
        total = self._books.changed(entity, since, min(until, asked.at))
        rows = range(first, min(first + size, total))
        return answer_json({"data": [{"id": str(number)} for number in rows]})

    def _by_version(self, entity: str, asked: Asked) -> Answered:
        """Everything with a version after the one given, which rises at every change."""
        size = max(1, at_most(asked.query.get("page_size"), 1000, 100))
        after = at_most(asked.query.get("after"), 10**12, 0)
        newest = self._books.changed(entity, LONG_AGO, asked.at)
        versions = range(after + 1, min(after + size, newest) + 1)
        span = {"min": versions[0], "max": versions[-1]} if versions else {"min": 0, "max": 0}
        rows = [{"id": str(number), "version": number} for number in versions]
        return answer_json({"data": rows, "version": span})


_X_FIRST_LISTS = {"register_sales": "orders", "products": "products", "customers": "customers"}
_X_LISTS = {"sales": "orders", "products": "products", "customers": "customers"}


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
