"""Adobe Commerce: the REST API of one's own shop, and of the cloud service.

https://developer.adobe.com/commerce/webapi/get-started/rate-limiting/ (no limit unless switched
on), https://developer.adobe.com/commerce/webapi/rest/use-rest/performing-searches/ (counting).
A shop of one's own takes OAuth 1.0a signatures; the cloud service takes IMS tokens, of 24 hours.
The words about a revoked token are recalled; that an overrun host answers 429 stands for whatever
its own proxy does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.sandbox.estate.vendors.answering import (
    LONG_AGO,
    answer_json,
    at_most,
    bearer,
    form,
    moment,
)
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.limiters import Limiter
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.oauth1 import Keys, is_signed
from bot.sandbox.estate.vendors.orders import CURRENCY, Order, Orders
from bot.sandbox.estate.vendors.tokens import Tokens
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

KEYS = Keys(
    consumer_key="made-up-commerce-consumer",
    consumer_secret="made-up-commerce-consumer-secret",  # noqa: S106 (made up for the sandbox)
    token="made-up-commerce-token",  # noqa: S106 (made up for the sandbox)
    token_secret="made-up-commerce-token-secret",  # noqa: S106 (made up for the sandbox)
)
CLIENT, SECRET = "made-up-ims-client", "made-up-ims-secret"
TOKEN_PATH = "/ims/token/v3"  # noqa: S105 (a path)
SCOPE = "commerce.accs"

_OWN, _CLOUD = "adobe-commerce", "adobe-commerce-cloud"
_USUAL_PAGE = 20
_LISTS = {"orders": "orders", "products": "products", "customers/search": "customers"}
_FILTER = re.compile(
    r"^search_?criteria\[filter_?groups\]\[(\d+)\]\[filters\]\[(\d+)\]\[(field|value|condition_?type)\]$",
    re.IGNORECASE,
)
_MOMENTS = {"updated_at", "created_at"}
_FIELDS = {"ext_order_id", "updated_at", "created_at", "status", "entity_id", "increment_id", "sku"}


class AdobeCommerce(Lookalike):
    """A shop on its owner's host: nothing is limited, until the host itself is overrun."""

    says_unauthorised = "HTTP 401: oauth_problem=token_revoked"
    says_too_many = 'HTTP 429: {"message":"Too Many Requests","trace":null}'

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._busy = 0.0
        self._orders = Orders(books)

    def limiters(self) -> Sequence[Limiter]:
        return ()

    def take(self, _asked: Asked, /) -> bool:
        return self._busy < 1

    def serve(self, calls: int, at: datetime) -> str:
        return super().serve(calls, at) or (self.says_too_many if self._busy >= 1 else "")

    def crowd(self, share: float, at: datetime) -> None:
        del at
        self._busy = share

    def admits(self, asked: Asked) -> bool:
        host = asked.headers.get("host", "")
        return is_signed(asked, KEYS, f"http://{host}/vendors/{_OWN}{asked.path}")

    def shut_out(self, _asked: Asked) -> Answered:
        says = self.says_unauthorised.removeprefix("HTTP 401: ")
        return answer_json({"message": says}, 401)

    def turn_away(self, _asked: Asked) -> Answered:
        return answer_json({"message": "Too Many Requests", "trace": None}, 429)

    def find(self, asked: Asked) -> Answered:
        path = asked.path.removeprefix("/V1/").strip("/")
        if asked.method == "GET" and path == "store/storeConfigs":
            return answer_json([{"id": 1, "code": "default", "timezone": "Europe/London"}])
        if asked.method == "GET" and path == "modules":
            return answer_json(["Magento_Store", "Magento_Sales", "Magento_Catalog"])
        if asked.method == "GET" and path in _LISTS:
            return self._search(_LISTS[path], asked)
        return answer_json({"message": "Request does not match any route."}, 404)

    def _search(self, entity: str, asked: Asked) -> Answered:
        since, until = LONG_AGO, asked.at
        for one in _filters(asked.query):
            if one.get("field") not in _FIELDS:
                says = f"Column not found: Unknown column '{one.get('field')}' in 'where clause'"
                return answer_json({"message": says}, 400)
            at = moment(one.get("value", "")) if one["field"] in _MOMENTS else None
            if at is not None and one.get("condition") in {"gt", "gteq", "from"}:
                since = max(since, at)
            elif at is not None and one.get("condition") in {"lt", "lteq", "to"}:
                until = min(until, at)
        flat = _flat(asked.query)
        size = at_most(flat.get("searchcriteria[pagesize]"), 300, _USUAL_PAGE)
        if entity == "orders":
            total, items = self._order_page(flat, asked, since, until, size)
        else:
            total = self._books.changed(entity, since, until)
            items = [{"entity_id": number} for number in range(1, min(total, size) + 1)]
        page: dict[str, object] = {
            "items": items,
            "search_criteria": {"filter_groups": [], "page_size": size},
            "total_count": total,
        }
        wanted = asked.query.get("fields", "")
        kept = {key: value for key, value in page.items() if key in wanted} if wanted else page
        return answer_json(kept)

    def _order_page(
        self, flat: Mapping[str, str], asked: Asked, since: datetime, until: datetime, size: int
    ) -> tuple[int, list[dict[str, object]]]:
        """How many there are, and those of the page; a page after the last is the last again."""
        numbers = self._orders.between(since, until)
        for one in _filters(asked.query):
            told, number = one.get("field"), one.get("value", "").lstrip("0")
            if told == "entity_id" and one.get("condition") == "gt":
                numbers = range(max(numbers.start, int(number or 0) + 1), numbers.stop)
            elif told in ("increment_id", "entity_id"):
                named = self._orders.named(number, asked.at)
                numbers = named if named and named[0] in numbers else range(0)
            elif told == "ext_order_id":
                numbers = range(0)  # no order of this shop came from elsewhere
        last = max(1, -(-len(numbers) // max(1, size)))
        page = min(last, max(1, at_most(flat.get("searchcriteria[currentpage]"), 10**6, 1)))
        falls = any(
            name.endswith("[direction]") and told.upper() == "DESC" for name, told in flat.items()
        )
        found = self._orders.page(numbers, page, size, asked.at, falls=falls)
        return len(numbers), [_order(order) for order in found]


class CloudService(AdobeCommerce):
    """The same API of the cloud service: a token of Adobe's identity service lets in."""

    says_unauthorised = "HTTP 401: Oauth token is not valid"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._tokens = Tokens(lasts=timedelta(hours=24))

    def admits(self, asked: Asked) -> bool:
        return self._tokens.accepts(bearer(asked), asked.at)

    def shut_out(self, _asked: Asked) -> Answered:
        return answer_json({"error_code": "401013", "message": "Oauth token is not valid"}, 401)

    def grant(self, asked: Asked) -> Answered | None:
        if asked.path != TOKEN_PATH:
            return None
        told = form(asked)
        shown = (told.get("grant_type"), told.get("client_id"), told.get("client_secret"))
        if self._monitor_lapsed or shown != ("client_credentials", CLIENT, SECRET):
            says = "invalid client_secret parameter"
            return answer_json({"error": "invalid_client", "error_description": says}, 400)
        if SCOPE not in told.get("scope", ""):
            return answer_json({"error": "invalid_scope"}, 400)
        lasts = int(self._tokens.lasts.total_seconds())
        token = self._tokens.issue(asked.at).access
        return answer_json({"access_token": token, "token_type": "bearer", "expires_in": lasts})


def _order(order: Order) -> dict[str, object]:
    """Times are of UTC, without saying so."""
    at = order.placed_at.strftime("%Y-%m-%d %H:%M:%S")
    return {
        "entity_id": order.number,
        "increment_id": f"{order.number:09}",
        "ext_order_id": None,
        "created_at": at,
        "updated_at": at,
        "state": "processing",
        "status": "processing",
        "grand_total": float(order.total),
        "tax_amount": float(order.tax),
        "order_currency_code": CURRENCY,
        "base_currency_code": CURRENCY,
        "total_item_count": len(order.lines),
        "total_qty_ordered": sum(line.quantity for line in order.lines),
        "customer_firstname": order.first_name,
        "customer_lastname": order.last_name,
        "customer_email": order.email,
        "billing_address": {
            "firstname": order.first_name,
            "lastname": order.last_name,
            "street": [order.address],
            "city": order.town,
            "postcode": order.postcode,
            "country_id": "GB",
        },
        "items": [
            {"item_id": place, "sku": line.sku, "name": line.title, "qty_ordered": line.quantity}
            for place, line in enumerate(order.lines, start=1)
        ],
    }


def _filters(query: Mapping[str, str]) -> list[dict[str, str]]:
    """Each filter with its field, value and condition; a filter without one compares with eq."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name, value in query.items():
        if part := _FILTER.match(name):
            key = "condition" if part[3].lower().startswith("condition") else part[3].lower()
            found.setdefault((part[1], part[2]), {})[key] = value
    return list(found.values())


def _flat(query: Mapping[str, str]) -> Mapping[str, str]:
    """Names as Commerce compares them: either spelling of searchCriteria will do."""
    return {name.lower().replace("_", ""): value for name, value in query.items()}


SHOPS = (
    Shop(
        name=_OWN,
        kind="adobe_commerce",
        system="",
        open=AdobeCommerce,
        settings={"host": "shop.fell-harbour.example"},
        secrets={
            "consumer_key": KEYS.consumer_key,
            "consumer_secret": KEYS.consumer_secret,
            "token": KEYS.token,
            "token_secret": KEYS.token_secret,
        },
    ),
    Shop(
        name=_CLOUD,
        kind="adobe_commerce_saas",
        system="",
        open=CloudService,
        settings={
            "region": "na1",
            "tenant_id": "FellHarbour0001",
            "client_id": CLIENT,
            "organisation_id": "FELLHARBOUR@AdobeOrg",
        },
        secrets={"client_secret": SECRET},
    ),
)
