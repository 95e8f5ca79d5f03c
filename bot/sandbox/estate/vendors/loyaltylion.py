"""A look-alike of LoyaltyLion: 20 requests a second, nothing told of them, lists by cursor.

Sources: https://developers.loyaltylion.com/api-reference/introduction.md (the limit),
https://github.com/ChintanpatelTH/tap-loyaltylion (the pages; third party).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.sandbox.estate.vendors.answering import LONG_AGO, answer_json, at_most, moment, stamp
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.limiters import SlidingWindow
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.numbering import Numbering
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

A_SECOND = 20
_LARGEST_PAGE = 500
_SECRETS = {"token": "pat_made_up_loyaltylion"}


class LoyaltyLion(Lookalike):
    """A programme with one API key."""

    says_unauthorised = "HTTP 401 Unauthorized: API key is disabled"
    says_too_many = "HTTP 429 Too Many Requests"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._numbers = Numbering(books, "customers")

    def limiters(self) -> tuple[SlidingWindow, ...]:
        return (SlidingWindow(A_SECOND, lasts=timedelta(seconds=1)),)

    def admits(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {_SECRETS['token']}"

    def shut_out(self, _asked: Asked) -> Answered:
        return answer_json({"error": {"message": "Unauthorized"}}, 401)

    def turn_away(self, _asked: Asked) -> Answered:
        return answer_json({"error": {"message": "Too many requests"}}, 429)

    def find(self, asked: Asked) -> Answered:
        if (asked.method, asked.path.rstrip("/")) != ("GET", "/v2/customers"):
            return answer_json({"error": {"message": "Not found"}}, 404)
        since = moment(asked.query.get("updated_at_min", "")) or LONG_AGO
        until = moment(asked.query.get("updated_at_max", "")) or asked.at
        size = at_most(asked.query.get("limit"), _LARGEST_PAGE, 50)
        after = at_most(asked.query.get("cursor"), 10**9, 0)
        found = self._numbers.between(since, min(until, asked.at))
        rest = range(max(found.start, min(found.stop, after + 1)), found.stop)
        shown = rest[:size]
        following = str(shown[-1]) if len(shown) < len(rest) else None
        rows = [_customer(*each) for each in self._numbers.times(shown, asked.at)]
        return answer_json({"customers": rows, "cursor": {"prev": None, "next": following}})


def _customer(number: int, changed_at: datetime) -> dict[str, object]:
    return {
        "id": number,
        "merchant_id": str(300_000 + number),
        "email": f"member.{number}@customers.example",
        "points_approved": number % 480,
        "points_pending": number % 7 * 10,
        "enrolled": True,
        "updated_at": stamp(changed_at),
    }


SHOPS = (
    Shop(
        name="loyaltylion-rewards",
        kind="loyaltylion",
        system="LoyaltyLion",
        open=LoyaltyLion,
        secrets=_SECRETS,
    ),
)
