"""A look-alike of Akeneo PIM: calls at the same time, calls a second, tokens of an hour.

Sources: https://api.akeneo.com/documentation/good-practices.html (4 calls at a time for a
connection, 10 and 100 a second for an instance), .../authentication.html (token lives, rotation),
.../filter.html (what `updated` can be compared by),
https://github.com/akeneo/pim-community-dev/issues/6618 (422 for a wrong connection; third party).
`items_count` is recalled.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

from bot.sandbox.estate.vendors.answering import (
    LONG_AGO,
    answer_json,
    at_most,
    basic,
    bearer,
    form,
    moment,
    sent_json,
)
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.limiters import Concurrency, Limiter, SlidingWindow
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.tokens import Pair, Tokens
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

PER_CONNECTION, PER_INSTANCE, A_SECOND = 4, 10, 100
ACCESS_LASTS, REFRESH_LASTS = timedelta(hours=1), timedelta(days=14)
_RETRY_AFTER = "15"  # as in the vendor's example
_NO_CLIENT = 'Parameter "client_id" is missing or does not match any client, or secret is invalid'
_SECRETS = {
    "client_id": "1_made-up-akeneo-client",
    "client_secret": "made-up-akeneo-secret",
    "username": "watch_0042",
    "password": "made-up-akeneo-password",
}


class Akeneo(Lookalike):
    """An instance; the platform and the monitor have a connection each and share the instance."""

    shares = False
    says_unauthorised = "HTTP 401 Unauthorized: The access token provided has expired"
    says_too_many = "HTTP 429 Too Many Requests: too many concurrent calls for this connection"

    def __init__(self, books: Books) -> None:
        self._instance = (
            Concurrency(PER_INSTANCE),
            SlidingWindow(A_SECOND, lasts=timedelta(seconds=1)),
        )
        self._tokens = Tokens(lasts=ACCESS_LASTS, refresh_lasts=REFRESH_LASTS)
        super().__init__(books)

    def limiters(self) -> tuple[Limiter, ...]:
        return (Concurrency(PER_CONNECTION), *self._instance)

    def lapse(self, *, platforms: bool) -> None:
        super().lapse(platforms=platforms)
        if not platforms:
            self._tokens.forget()

    def grant(self, asked: Asked) -> Answered | None:
        if (asked.method, asked.path) != ("POST", "/api/oauth/v1/token"):
            return None
        client = basic(_SECRETS["client_id"], _SECRETS["client_secret"])
        if asked.headers.get("authorization") != client:
            return _error(422, _NO_CLIENT)
        told = _fields(asked)
        if told.get("grant_type") == "refresh_token":
            pair = self._tokens.refresh(told.get("refresh_token", ""), asked.at)
            return (
                _granted(pair) if pair else _error(422, "Refresh token is invalid or has expired")
            )
        known = all(told.get(name) == _SECRETS[name] for name in ("username", "password"))
        if self._monitor_lapsed or not known:
            return _error(422, "No user found for the given username and password")
        return _granted(self._tokens.issue(asked.at))

    def admits(self, asked: Asked) -> bool:
        return self._tokens.accepts(bearer(asked), asked.at)

    def shut_out(self, asked: Asked) -> Answered:
        if not bearer(asked):
            return _error(401, "Authentication is required")
        known = self._tokens.knows(bearer(asked))
        return _error(401, f"The access token provided {'has expired' if known else 'is invalid'}.")

    def turn_away(self, _asked: Asked) -> Answered:
        body = {"code": 429, "message": "You have exceeded the limit of calls."}
        return answer_json(body, 429, {"Retry-After": _RETRY_AFTER})

    def find(self, asked: Asked) -> Answered:
        match asked.method, asked.path:
            case "GET", "/api/rest/v1/system-information":
                return answer_json({"version": "7.0.21", "edition": "CE"})
            case "GET", "/api/rest/v1/products-uuid":
                return self._products(asked)
            case _:
                return _error(404, "No route found")

    def _products(self, asked: Asked) -> Answered:
        since = _updated_since(asked.query.get("search", "{}"), asked.at)
        if isinstance(since, str):
            return _error(422, since)
        if at_most(asked.query.get("limit"), 101, 10) > 100:
            return _error(422, "You cannot request more than 100 items.")
        size = max(1, at_most(asked.query.get("limit"), 100, 10))
        page = max(1, at_most(asked.query.get("page"), 10**6, 1))
        total = self._books.changed("products", since, asked.at)
        rows = [{"uuid": str(n)} for n in range((page - 1) * size, min(page * size, total))]
        answer: dict[str, object] = {"current_page": page, "_embedded": {"items": rows}}
        by_page = asked.query.get("pagination_type", "page") == "page"
        if asked.query.get("with_count") == "true" and by_page:
            answer["items_count"] = total
        return answer_json(answer)


def _updated_since(search: str, now: datetime) -> datetime | str:
    """Since when products are wanted, or what is wrong with the search."""
    try:
        told = json.loads(search)
    except ValueError:
        return "Search query parameter should be valid JSON."
    if not isinstance(told, dict) or told.keys() - {"updated", "enabled", "family"}:
        return "Filter on property is not supported or does not support operator."
    since = LONG_AGO
    for each in told.get("updated", ()):
        found = _compared(each.get("operator"), each.get("value"), now)
        if found is None:
            return 'Property "updated" expects a date in the format "yyyy-mm-dd H:i:s".'
        since = max(since, found)
    return since


def _compared(operator: object, value: object, now: datetime) -> datetime | None:
    """`>` with a moment written `yyyy-mm-dd H:i:s`, or `SINCE LAST N DAYS` with a number."""
    if operator == "SINCE LAST N DAYS" and isinstance(value, int):
        return now - timedelta(days=value)
    written = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value)
    told = moment(str(value)) if operator == ">" and written else None
    return told and told + timedelta(seconds=1)  # moments of change are kept to the second


def _fields(asked: Asked) -> dict[str, str]:
    """The body of a token call, as JSON or as a form."""
    told = sent_json(asked)
    return {**told} if isinstance(told, dict) else form(asked)


def _granted(pair: Pair) -> Answered:
    return answer_json(
        {
            "access_token": pair.access,
            "expires_in": int(ACCESS_LASTS.total_seconds()),
            "token_type": "bearer",
            "scope": None,
            "refresh_token": pair.refresh,
        }
    )


def _error(status: int, message: str) -> Answered:
    return answer_json({"code": status, "message": message}, status)


SHOPS = (
    Shop(
        name="akeneo-catalogue",
        kind="akeneo",
        system="Akeneo",
        open=Akeneo,
        settings={"host": "fell-harbour.cloud.akeneo.example", "auth": "connection"},
        secrets=_SECRETS,
    ),
)
