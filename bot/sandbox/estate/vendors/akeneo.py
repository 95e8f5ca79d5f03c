"""A look-alike of Akeneo PIM: calls at the same time, calls a second, tokens of an hour.

Sources: https://api.akeneo.com/documentation/good-practices.html (4 calls at a time for a
connection, 10 and 100 a second for an instance), .../authentication.html (token lives, rotation),
.../pagination.html (by page, and after the last one seen),
https://github.com/akeneo/pim-community-dev/issues/6618 (422 for a wrong connection; third party).
`items_count` is recalled.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from bot.sandbox.estate.vendors.akeneo_products import BadSearch, Catalogue, uuid_of
from bot.sandbox.estate.vendors.answering import (
    answer_json,
    at_most,
    basic,
    bearer,
    form,
    sent_json,
)
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.limiters import Concurrency, Limiter, SlidingWindow
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.tokens import Pair, Tokens
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

PER_CONNECTION, PER_INSTANCE, A_SECOND = 4, 10, 100
ACCESS_LASTS, REFRESH_LASTS = timedelta(hours=1), timedelta(days=14)
_ADDRESS = "https://fell-harbour.cloud.akeneo.example/api/rest/v1/products-uuid"
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
        self._catalogue = Catalogue(books)
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
        try:
            numbers = self._catalogue.search(asked.query.get("search", "{}"), asked.at)
        except BadSearch as bad:
            return _error(422, str(bad))
        if at_most(asked.query.get("limit"), 101, 10) > 100:
            return _error(422, "You cannot request more than 100 items.")
        size = max(1, at_most(asked.query.get("limit"), 100, 10))
        if asked.query.get("pagination_type", "page") == "search_after":
            return self._after_last(asked, numbers, size)
        page = max(1, at_most(asked.query.get("page"), 10**6, 1))
        shown = numbers[(page - 1) * size : page * size]
        answer = {"current_page": page, **self._listed(shown, asked.at)}
        if asked.query.get("with_count") == "true":
            answer["items_count"] = len(numbers)
        return answer_json(answer)

    def _after_last(self, asked: Asked, numbers: Sequence[int], size: int) -> Answered:
        """The products after the one named; by their uuids, which rise here."""
        after = asked.query.get("search_after", "")
        rest = [number for number in numbers if uuid_of(number) > after]
        shown = rest[:size]
        links: dict[str, object] = {"self": {"href": _ADDRESS}}
        if len(shown) < len(rest):
            told = {**asked.query, "search_after": uuid_of(shown[-1])}
            links["next"] = {"href": f"{_ADDRESS}?{urlencode(told)}"}
        return answer_json({"_links": links, **self._listed(shown, asked.at)})

    def _listed(self, numbers: Sequence[int], now: datetime) -> dict[str, object]:
        return {"_embedded": {"items": self._catalogue.rows(numbers, now)}}


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
