"""Shopify: the GraphQL Admin API, which counts points, and the legacy REST one, which counts calls.

https://shopify.dev/docs/api/usage/limits and https://shopify.dev/docs/api/usage/versioning. The
sizes are those of the Standard plan; a bucket is kept for each app, so that the platform's and the
monitor's are two.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.sandbox.estate.vendors.answering import LONG_AGO, answer_json, moment, sent_json
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.graphql import Field, SyntaxFault, selected
from bot.sandbox.estate.vendors.limiters import LeakyBucket, Limiter, PointsBucket
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.orders import Orders
from bot.sandbox.estate.vendors.shopify_costs import COUNT_COSTS, LISTED, MOST_FOR_ONE, cost_of
from bot.sandbox.estate.vendors.shopify_orders import changed_between, one_order, order_list
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

TOKEN = "shpat_made_up_0c5e1f7a9b"  # noqa: S105 (made up for the sandbox)
NEWEST = "2026-10"
RESTORES, POINTS = 100.0, 2000.0
CALLS, DRAINS = 40.0, 2.0
FREE_COUNT = 10_000
"""How far a count goes that is given no limit of its own."""

_ROOT = re.compile(r"^(?:/admin/api/(?P<version>\d{4}-\d{2}))?(?P<path>/.*)$")
_COUNTED = {"ordersCount": "orders", "productsCount": "products", "customersCount": "customers"}
_SHOP = {"name": "Fell & Harbour Outdoors", "currencyCode": "GBP", "ianaTimezone": "Europe/London"}
_STILL_OPEN = 5  # one order in so many


class _Shopify(Lookalike):
    """What both interfaces share: the token, the versions."""

    shares = False
    says_unauthorised = (
        "HTTP 401: [API] Invalid API key or access token (unrecognized login or wrong password)"
    )

    def admits(self, asked: Asked) -> bool:
        return asked.headers.get("x-shopify-access-token") == TOKEN

    def shut_out(self, asked: Asked) -> Answered:
        del asked
        return answer_json({"errors": self.says_unauthorised.removeprefix("HTTP 401: ")}, 401)

    def find(self, asked: Asked) -> Answered:
        root = _ROOT.match(asked.path)
        found = self.at(root["path"] if root else "", asked)
        return found or answer_json({"errors": "Not Found"}, 404)

    def tells(self, asked: Asked) -> Mapping[str, str]:
        root = _ROOT.match(asked.path)
        version = (root and root["version"]) or newest_version(asked.at)
        return {"X-Shopify-API-Version": served_version(version, asked.at)}

    @abstractmethod
    def at(self, path: str, asked: Asked) -> Answered | None:
        """The answer below the version's address; None for no such thing."""


class GraphQl(_Shopify):
    """`POST graphql.json`; a query costs points, and what went wrong stands inside an HTTP 200."""

    says_too_many = "HTTP 200: errors: Throttled (code THROTTLED)"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._orders = Orders(books)

    def limiters(self) -> Sequence[Limiter]:
        return (PointsBucket(POINTS, restores=RESTORES),)

    def take(self, asked: Asked) -> bool:
        return self._ours[0].take(asked.at, _cost(asked))

    def serve(self, calls: int, at: datetime) -> str:
        if self._platform_lapsed:
            return self.says_unauthorised
        return "" if self._platforms[0].take(at, calls * COUNT_COSTS) else self.says_too_many

    def turn_away(self, asked: Asked) -> Answered:
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return answer_json({"errors": [error], "extensions": self._extensions(asked, None)})

    def at(self, path: str, asked: Asked) -> Answered | None:
        if path != "/graphql.json" or asked.method != "POST":
            return None
        try:
            fields = _asked_fields(asked)
        except SyntaxFault as fault:
            return answer_json({"errors": [{"message": str(fault)}]})
        if unknown := [_problem(field) for field in fields if _problem(field)]:
            return answer_json({"errors": [{"message": says} for says in unknown]})
        if _cost(asked) > MOST_FOR_ONE:
            return _too_dear(_cost(asked))
        try:
            data = {field.answers_as: self._value(field, asked) for field in fields}
        except SyntaxFault as fault:
            return answer_json({"errors": [{"message": str(fault)}]})
        actual = sum(cost_of(field, data[field.answers_as]) for field in fields)
        self._ours[0].add(asked.at, actual - _cost(asked))
        return answer_json({"data": data, "extensions": self._extensions(asked, actual)})

    def _value(self, field: Field, asked: Asked) -> dict[str, object] | None:
        if field.name == "shop":
            return {one.answers_as: _SHOP.get(one.name) for one in field.fields}
        if field.name == "orders":
            return order_list(field, self._orders, asked.at)
        if field.name in LISTED:
            return one_order(field, self._orders, asked.at)
        since, until = changed_between(str(field.arguments.get("query", "")), asked.at)
        count = self._books.changed(_COUNTED[field.name], since, until)
        limit = field.arguments.get("limit", FREE_COUNT)
        is_cut = isinstance(limit, int) and count >= limit
        told = {
            "count": limit if is_cut else count,
            "precision": "AT_LEAST" if is_cut else "EXACT",
        }
        return {one.answers_as: told[one.name] for one in field.fields}

    def _extensions(self, asked: Asked, cost: float | None) -> dict[str, object]:
        bucket = self._ours[0]
        throttle = {
            "maximumAvailable": bucket.size,
            "currentlyAvailable": float(int(bucket.left(asked.at))),
            "restoreRate": RESTORES,
        }
        costs = {"requestedQueryCost": _cost(asked), "actualQueryCost": cost}
        return {"cost": {**costs, "throttleStatus": throttle}}


class Rest(_Shopify):
    """`GET {thing}.json` and `{things}/count.json`: every call weighs one."""

    says_too_many = (
        "HTTP 429: Exceeded 2 calls per second for api client. "
        "Reduce request rates to resume uninterrupted service."
    )

    def limiters(self) -> Sequence[Limiter]:
        return (LeakyBucket(CALLS, drains=DRAINS),)

    def turn_away(self, asked: Asked) -> Answered:
        wait = self._ours[0].wait(asked.at).total_seconds()
        headers = {**self.tells(asked), "Retry-After": f"{max(1.0, wait):.1f}"}
        return answer_json({"errors": self.says_too_many.removeprefix("HTTP 429: ")}, 429, headers)

    def tells(self, asked: Asked) -> Mapping[str, str]:
        used, size = self._ours[0].used(asked.at), self._ours[0].size
        bucket = {"X-Shopify-Shop-Api-Call-Limit": f"{round(used)}/{size:.0f}"}
        return {**super().tells(asked), **bucket}

    def at(self, path: str, asked: Asked) -> Answered | None:
        if asked.method != "GET":
            return None
        if path == "/shop.json":
            return answer_json({"shop": {"id": 5501, "name": _SHOP["name"], "currency": "GBP"}})
        entity = path.removeprefix("/").removesuffix("/count.json")
        if path != f"/{entity}/count.json" or entity not in _COUNTED.values():
            return None
        since = moment(asked.query.get("updated_at_min", "")) or LONG_AGO
        until = moment(asked.query.get("updated_at_max", "")) or asked.at
        count = self._books.changed(entity, since, until)
        only_open = entity == "orders" and asked.query.get("status", "open") == "open"
        return answer_json({"count": count // _STILL_OPEN if only_open else count})


def newest_version(at: datetime) -> str:
    """The version of the quarter; what is asked without one is answered with it."""
    return f"{at.year}-{(at.month - 1) // 3 * 3 + 1:02}"


def served_version(asked: str, at: datetime) -> str:
    """Which version answers: each lives a year, and a retired one is served by the oldest left."""
    quarter = (at.month - 1) // 3 * 3 + 1
    oldest = f"{at.year - 1}-{quarter + 3:02}" if quarter < 10 else f"{at.year}-01"
    return max(asked, oldest)


def _asked_fields(asked: Asked) -> tuple[Field, ...]:
    sent = sent_json(asked)
    body = sent if isinstance(sent, dict) else {}
    variables = body.get("variables")
    return selected(str(body.get("query", "")), variables if isinstance(variables, dict) else {})


def _cost(asked: Asked) -> float:
    try:
        fields = _asked_fields(asked)
    except SyntaxFault:
        return 1.0
    return sum(map(cost_of, fields), 0.0)


def _too_dear(cost: float) -> Answered:
    says = f"Query cost is {cost:.0f}, which exceeds the single query max cost limit (1000)."
    told = {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": MOST_FOR_ONE}
    return answer_json({"errors": [{"message": says, "extensions": told}]})


def _problem(field: Field) -> str:
    """Why a field cannot be answered, "" when it can."""
    owner, known = "QueryRoot", {"shop", *_COUNTED}
    if field.name in LISTED:
        return ""
    if field.name in known:
        owner, known = ("Shop", set(_SHOP)) if field.name == "shop" else ("Count", _COUNT_FIELDS)
        unknown = [one.name for one in field.fields if one.name not in known]
    else:
        unknown = [field.name]
    return f"Field '{unknown[0]}' doesn't exist on type '{owner}'" if unknown else ""


_COUNT_FIELDS = {"count", "precision"}


def _shop(name: str, kind: str, system: str, look_alike: type[_Shopify]) -> Shop:
    def opened(books: Books) -> _Shopify:
        return look_alike(books)

    return Shop(
        name=name,
        kind=kind,
        system=system,
        open=opened,
        settings={"shop": "fell-and-harbour", "version": NEWEST},
        secrets={"token": TOKEN},
    )


SHOPS = (
    _shop("shopify-uk-store", "shopify", "Shopify", GraphQl),
    _shop("shopify-legacy-rest", "shopify_rest", "", Rest),
)
