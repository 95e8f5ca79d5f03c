"""A look-alike of Gorgias: one leaky bucket for the account, told as `used/size`.

The bucket holds 40 calls for an API key and empties in 20 seconds (Enterprise: in 10); source:
https://developers.gorgias.com/reference/limitations.md. How lists page is recalled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.sandbox.estate.vendors.answering import (
    LONG_AGO,
    answer_json,
    at_most,
    basic,
    whole_seconds,
)
from bot.sandbox.estate.vendors.limiters import LeakyBucket
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

SIZE, EMPTIES = 40, timedelta(seconds=20)
_SECRETS = {"username": "watch@fell-harbour.example", "password": "made-up-gorgias-key"}


class Gorgias(Lookalike):
    """An account with an API key."""

    says_unauthorised = "HTTP 401 Unauthorized: The API key is not valid"
    says_too_many = "HTTP 429 Too Many Requests: API call limit exceeded"

    def limiters(self) -> tuple[LeakyBucket, ...]:
        return (LeakyBucket(SIZE, drains=SIZE / EMPTIES.total_seconds()),)

    def admits(self, asked: Asked) -> bool:
        shown = asked.headers.get("authorization")
        return shown == basic(_SECRETS["username"], _SECRETS["password"])

    def shut_out(self, _asked: Asked) -> Answered:
        return answer_json({"error": {"msg": "The API key is not valid."}}, 401)

    def turn_away(self, asked: Asked) -> Answered:
        told = {"Retry-after": whole_seconds(self._ours[0].wait(asked.at)), **self.tells(asked)}
        return answer_json({"error": {"msg": "API call limit exceeded."}}, 429, told)

    def tells(self, asked: Asked) -> Mapping[str, str]:
        used = round(self._ours[0].used(asked.at))
        return {"X-Gorgias-Account-Api-Call-Limit": f"{used}/{SIZE}"}

    def find(self, asked: Asked) -> Answered:
        match asked.method, asked.path.strip("/").split("/"):
            case "GET", ["api", "account"]:
                return answer_json({"domain": "fell-harbour", "created_datetime": "2025-05-12"})
            case "GET", ["api", "customers"]:
                return self._customers(asked)
            case _:
                return answer_json({"error": {"msg": "Not found."}}, 404)

    def _customers(self, asked: Asked) -> Answered:
        """A page by cursor; a list tells no total."""
        size = at_most(asked.query.get("limit"), 100, 30)
        first = at_most(asked.query.get("cursor"), 10**9, 0)
        total = self._books.changed("customers", LONG_AGO, asked.at)
        rows = [{"id": number} for number in range(first, min(first + size, total))]
        following = str(first + size) if first + size < total else None
        return answer_json({"data": rows, "object": "list", "meta": {"next_cursor": following}})


SHOPS = (
    Shop(
        name="gorgias-helpdesk",
        kind="gorgias",
        system="Gorgias",
        open=Gorgias,
        settings={"account": "fell-harbour"},
        secrets=_SECRETS,
    ),
)
