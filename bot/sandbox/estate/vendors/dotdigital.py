"""A look-alike of Dotdigital: a window a minute for each tier of calls, its end told as an epoch.

Sources (third party): https://github.com/api-evangelist/dotdigital, citing
https://marketing.developer.dotdigital.com/docs/call-rate-limits. The tiers' numbers depend on the
customer's package: these are made up. An account on the older scheme has 2000 calls an hour and
answers 400.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.sandbox.estate.vendors.answering import LONG_AGO, answer_json, at_most, basic, moment
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.limiters import FixedWindow, Limiter
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

TIERS: Mapping[str, int] = {"low": 30, "medium": 150, "high": 600}
_TIER_OF = {"/v2/account-info": "high", "/v2/contacts/count": "medium", "/contacts/v3": "low"}
"""Calls that are in no tier here (`/v2/server-time`) are not limited."""
AN_HOUR = 2000
_SECRETS = {"username": "apiuser-watch@apiconnector.com", "password": "made-up-dotdigital"}


class Dotdigital(Lookalike):
    """An account with one API user; the platform's calls are in the medium tier."""

    says_unauthorised = "HTTP 401 Unauthorized: Authorization has been denied for this request"
    says_too_many = "HTTP 429 Too Many Requests: rate limit exceeded"

    def __init__(self, books: Books) -> None:
        self._tiers = {
            tier: FixedWindow(size, lasts=timedelta(minutes=1)) for tier, size in TIERS.items()
        }
        super().__init__(books)

    def limiters(self) -> Sequence[Limiter]:
        return (self._tiers["medium"],)

    def crowd(self, share: float, at: datetime) -> None:
        super().crowd(share, at)
        for window in self._tiers.values():
            window.others = share

    def admits(self, asked: Asked) -> bool:
        shown = asked.headers.get("authorization")
        return shown == basic(_SECRETS["username"], _SECRETS["password"])

    def shut_out(self, _asked: Asked) -> Answered:
        return answer_json({"message": "Authorization has been denied for this request."}, 401)

    def take(self, asked: Asked) -> bool:
        tier = _TIER_OF.get(asked.path)
        return tier is None or self._tiers[tier].take(asked.at)

    def turn_away(self, asked: Asked) -> Answered:
        return answer_json({"message": "Rate limit exceeded."}, 429, self.tells(asked))

    def tells(self, asked: Asked) -> Mapping[str, str]:
        tier = _TIER_OF.get(asked.path)
        if tier is None:
            return {}
        window = self._tiers[tier]
        return {
            "X-RateLimit-Limit": f"{window.size:.0f}",
            "X-RateLimit-Remaining": f"{window.left(asked.at):.0f}",
            "X-RateLimit-Reset": f"{window.resets_at(asked.at).timestamp():.0f}",
            "X-RateLimit-Scope": tier,
        }

    def find(self, asked: Asked) -> Answered:
        match asked.method, asked.path:
            case "GET", "/v2/account-info":
                return answer_json({"id": 2026, "properties": []})
            case "GET", "/v2/server-time":
                return answer_json(asked.at.isoformat())
            case "GET", "/v2/contacts/count":
                return answer_json(self._books.changed("customers", LONG_AGO, asked.at))
            case "GET", "/contacts/v3":
                return self._contacts(asked)
            case _:
                return answer_json({"message": "ERROR_NOT_FOUND"}, 404)

    def _contacts(self, asked: Asked) -> Answered:
        """A page of contacts after a marker; `~modified` narrows them with `gte::` or `gt::`."""
        operator, _, told = asked.query.get("~modified", "").rpartition("::")
        since = moment(told) if told else LONG_AGO
        if since is None or operator not in ("", "gt", "gte"):
            return answer_json({"message": "The filter is not valid."}, 400)
        size = at_most(asked.query.get("limit"), 1000, 1000)
        first = at_most(asked.query.get("marker"), 10**9, 0)
        last = min(first + size, self._books.changed("customers", since, asked.at))
        rows = [{"contactId": number} for number in range(first, last)]
        links = {"next": {"marker": str(last)}} if len(rows) == size else {}
        return answer_json({"_items": rows, "_links": links})


class OlderDotdigital(Dotdigital):
    """An account on the older scheme: so many calls an hour, and nothing told of them."""

    says_too_many = "HTTP 400 Bad Request: Your account has been temporarily capped"

    def limiters(self) -> Sequence[Limiter]:
        return (FixedWindow(AN_HOUR, lasts=timedelta(hours=1)),)

    def take(self, asked: Asked) -> bool:
        return self._ours[0].take(asked.at)

    def turn_away(self, _asked: Asked) -> Answered:
        text = "Your account has been temporarily capped: too many API calls this hour."
        return answer_json({"message": text}, 400)

    def tells(self, _asked: Asked) -> Mapping[str, str]:
        return {}


SHOPS = (
    Shop(
        name="dotdigital-newsletters",
        kind="dotdigital",
        system="Dotdigital",
        open=OlderDotdigital,
        settings={"region": "r1"},
        secrets=_SECRETS,
    ),
    Shop(
        name="dotdigital-tiered",
        kind="dotdigital",
        system="",
        open=Dotdigital,
        settings={"region": "r2"},
        secrets=_SECRETS,
    ),
)
