"""A look-alike of Fluent Order Management: GraphQL with a budget of complexity, tokens of a day.

Sources: https://docs.fluentcommerce.com/essential-knowledge/graphql-query-limits (complexity, page
sizes, the largest request), https://prismatic.io/docs/components/fluent-commerce (password grant;
third party). How connections are filtered, and the bodies of errors, are recalled. No limit of
calls is published, so there is none here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.sandbox.estate.vendors.answering import (
    LONG_AGO,
    answer_json,
    bearer,
    form,
    moment,
    sent_json,
)
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.graphql import Field, project, selected
from bot.sandbox.estate.vendors.limiters import Limiter
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.numbering import Numbering
from bot.sandbox.estate.vendors.orders import Order, Orders
from bot.sandbox.estate.vendors.tokens import Tokens
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

MOST_COMPLEX, LARGEST_PAGE, LARGEST_REQUEST = 11_111, 5000, 2 * 1024**2
_USUAL_PAGE = 10
TOKEN_LASTS = timedelta(seconds=86_399)
_SECRETS = {
    "client_id": "FELLHARBOUR",
    "client_secret": "made-up-fluent-secret",
    "username": "fellharbour_watch",
    "password": "made-up-fluent-password",
}
_ENTITIES = {
    "orders": "orders",
    "products": "products",
    "variantProducts": "products",
    "customers": "customers",
    "inventoryPositions": "inventory",
}


class Fluent(Lookalike):
    """An account, asked by GraphQL."""

    says_unauthorised = "HTTP 401 Unauthorized: invalid_token, Access token expired"
    says_too_many = ""

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._orders = Orders(books)
        self._numbers: Mapping[str, Numbering] = {
            each: Numbering(books, each) for each in ("products", "customers", "inventory")
        } | {"orders": self._orders}
        self._tokens = Tokens(lasts=TOKEN_LASTS)

    def limiters(self) -> Sequence[Limiter]:
        return ()

    def lapse(self, *, platforms: bool) -> None:
        super().lapse(platforms=platforms)
        if not platforms:
            self._tokens.forget()

    def grant(self, asked: Asked) -> Answered | None:
        """Credentials come in the query or in a form."""
        if (asked.method, asked.path) != ("POST", "/oauth/token"):
            return None
        told = {**asked.query, **form(asked)}
        right = all(told.get(name) == secret for name, secret in _SECRETS.items())
        if self._monitor_lapsed or not right or told.get("grant_type") != "password":
            return answer_json(
                {"error": "invalid_grant", "error_description": "Bad credentials"}, 400
            )
        token = self._tokens.issue(asked.at).access
        lasts = int(TOKEN_LASTS.total_seconds())
        return answer_json(
            {"access_token": token, "token_type": "bearer", "expires_in": lasts, "scope": "api"}
        )

    def admits(self, asked: Asked) -> bool:
        return self._tokens.accepts(bearer(asked), asked.at)

    def shut_out(self, asked: Asked) -> Answered:
        expired = self._tokens.knows(bearer(asked))
        why = "Access token expired" if expired else "Invalid access token"
        return answer_json({"error": "invalid_token", "error_description": why}, 401)

    def turn_away(self, _asked: Asked) -> Answered:
        raise NotImplementedError("no limit of calls is known")

    def find(self, asked: Asked) -> Answered:
        if len(asked.body) > LARGEST_REQUEST:
            return Answered(status=413, body="Request Entity Too Large", content_type="text/plain")
        if (asked.method, asked.path) != ("POST", "/graphql"):
            return answer_json({"error": "Not Found"}, 404)
        query = _filled(sent_json(asked))
        complexity = complexity_of(query)
        if complexity > MOST_COMPLEX:
            return _error(f"maximum query complexity exceeded {complexity} > {MOST_COMPLEX}")
        if re.search(r"\bme\b", query):
            return answer_json({"data": {"me": {"id": "7", "username": _SECRETS["username"]}}})
        try:
            (wanted,) = selected(*_told(sent_json(asked)))
            return self._connection(wanted, asked.at)
        except ValueError as fault:
            return _error(f"Validation error of type FieldUndefined: {fault}")

    def _connection(self, wanted: Field, at: datetime) -> Answered:
        """A page of a connection: cursors and nodes, and whether there is more; no total."""
        if wanted.name not in _ENTITIES:
            return _error(f"Validation error of type FieldUndefined: {wanted.name}")
        if unknown := wanted.arguments.keys() - _KNOWN_ARGUMENTS:
            return _error(f"Validation error of type UnknownArgument: {min(unknown)}")
        size = wanted.arguments.get("first", _USUAL_PAGE)
        if not isinstance(size, int) or not 1 <= size <= LARGEST_PAGE:
            return _error(f"first must be between 1 and {LARGEST_PAGE}")
        numbers = self._found(_ENTITIES[wanted.name], wanted.arguments, at)
        shown = numbers[:size]
        edges = [
            {"cursor": str(number), "node": node}
            for number, node in zip(shown, self._nodes(wanted.name, shown, at), strict=True)
        ]
        page = {"hasNextPage": len(shown) < len(numbers), "hasPreviousPage": False}
        told = project(wanted.fields, {"edges": edges, "pageInfo": page}, "Connection")
        return answer_json({"data": {wanted.answers_as: told}})

    def _found(self, entity: str, told: Mapping[str, object], at: datetime) -> range:
        """The numbers of what the arguments let through, after the cursor."""
        numbers = self._numbers[entity]
        windows = [_window(told.get(name), at) for name in ("createdOn", "updatedOn")]
        found = numbers.between(max(s for s, _ in windows), min(u for _, u in windows))
        if isinstance(refs := told.get("ref"), list):
            one = numbers.named(str(refs[0]) if refs else "", at)
            found = one if one and one[0] in found else range(0)
        after = int(str(told.get("after") or 0))
        return range(max(found.start, min(found.stop, after + 1)), found.stop)

    def _nodes(self, name: str, numbers: range, at: datetime) -> Iterator[dict[str, object]]:
        if name == "orders":
            return (_order(order) for order in self._orders.each(numbers, at))
        return (_node(*each) for each in self._numbers[_ENTITIES[name]].times(numbers, at))


_KNOWN_ARGUMENTS = {"first", "after", "last", "before", "updatedOn", "createdOn", "ref"}


def _window(told: object, now: datetime) -> tuple[datetime, datetime]:
    """A range such as `{from: "...", to: "..."}`, with either side open."""
    sides = told if isinstance(told, dict) else {}
    since = moment(str(sides.get("from"))) or LONG_AGO
    return since, min(moment(str(sides.get("to"))) or now, now)


def _order(order: Order) -> dict[str, object]:
    person = {"firstName": order.first_name, "lastName": order.last_name}
    return {
        **_node(order.number, order.placed_at),
        "ref": str(order.number),
        "type": "HD",
        "status": "BOOKED",
        "totalPrice": float(order.total),
        "totalTaxPrice": float(order.tax),
        "customer": {"ref": f"C{order.number % 900:05}", **person},
    }


def _node(number: int, at: datetime) -> dict[str, object]:
    told = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"id": str(70_000 + number), "ref": f"FH-{number}", "createdOn": told, "updatedOn": told}


def complexity_of(query: str) -> int:
    """How many look-ups a query may cause: a connection is one for each row that it hangs on."""
    return sum(_lookups(query))


def _lookups(query: str) -> Iterator[int]:
    rows, wanted = [1], 1
    for sign in re.findall(r"first:\s*\d+|[{}]", re.sub(r":\s*\{[^{}]*\}", "", query)):
        if sign == "{":
            rows.append(rows[-1] * wanted)
            wanted = 1
        elif sign == "}":
            rows = rows[:-1] or [1]
        else:
            yield rows[-1]
            wanted = int(sign.split(":")[1])


def _filled(body: object) -> str:
    """The query with its variables filled in and its declaration left out; "" for what is none."""
    told = body if isinstance(body, dict) else {}
    query, variables = told.get("query"), told.get("variables")
    if not isinstance(query, str):
        return ""
    query = re.sub(r"^\s*query\s*\w*\s*\([^()]*\)", "", query)
    for name, value in (variables if isinstance(variables, dict) else {}).items():
        written = re.sub(r'"(\w+)":', r"\1:", json.dumps(value))
        query = re.sub(rf"\${name}\b", written.replace("\\", r"\\"), query)
    return query


def _told(body: object) -> tuple[str, Mapping[str, object]]:
    """The document and its variables. Raises ValueError for what is none."""
    told = body if isinstance(body, dict) else {}
    query, variables = told.get("query"), told.get("variables")
    if not isinstance(query, str):
        raise ValueError("the document is missing")
    return query, variables if isinstance(variables, dict) else {}


def _error(message: str) -> Answered:
    """An error of GraphQL comes with status 200."""
    return answer_json({"data": None, "errors": [{"message": message}]})


SHOPS = (
    Shop(
        name="fluent-orders",
        kind="fluent",
        system="",
        open=Fluent,
        settings={"account": "fellharbour"},
        secrets=_SECRETS,
    ),
)
