"""A look-alike of BigCommerce: one quota a store, refilled every 30 seconds, told in milliseconds.

Sources (repository bigcommerce/docs): docs/api-docs/getting-started/api-rate-limits.mdx (quota,
headers, 429), reference/orders.v2.oas2.yml (order counts; status 0 is Incomplete),
reference/catalog/products_catalog.v3.yml and reference/customers.v3.yml (lists). The bodies of
errors are recalled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from bot.sandbox.estate.vendors.answering import (
    LONG_AGO,
    answer_json,
    at_most,
    moment,
    whole_seconds,
)
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.limiters import FixedWindow, SlidingWindow
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.orders import CURRENCY, Order, Orders
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

QUOTA, WINDOW = 150, timedelta(seconds=30)
AN_HOUR = 20_000
_SECRETS = {"token": "made-up-bigcommerce-token"}
_PAGING = {"limit", "page", "sort", "direction", "include_fields"}
_NARROWED_BY = {
    "products": {"date_modified:min", "date_modified:max", "is_visible", "channel_id:in"},
    "customers": {"date_modified:min", "date_modified:max", "channel_id:in"},
}


class BigCommerce(Lookalike):
    """A store on the Standard plan; all its apps share the quota."""

    says_unauthorised = "HTTP 401 Unauthorized: X-Auth-Token is not valid"
    says_too_many = "HTTP 429 Too Many Requests"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._orders = Orders(books)

    def limiters(self) -> tuple[FixedWindow, SlidingWindow]:
        window, hour = FixedWindow(QUOTA, lasts=WINDOW), timedelta(hours=1)
        return window, SlidingWindow(AN_HOUR, lasts=hour)

    def crowd(self, share: float, at: datetime) -> None:
        """A full window every 30 seconds is not yet a full hour."""
        super().crowd(share, at)
        _, hour = self._ours
        hour.others = share * QUOTA * (timedelta(hours=1) / WINDOW) / AN_HOUR

    def admits(self, asked: Asked) -> bool:
        return asked.headers.get("x-auth-token") == _SECRETS["token"]

    def shut_out(self, _asked: Asked) -> Answered:
        return _error(401, "Unauthorized")

    def turn_away(self, asked: Asked) -> Answered:
        wait = max(limit.wait(asked.at) for limit in self._ours if not limit.fits(asked.at))
        told = {**self.tells(asked), "X-Retry-After": whole_seconds(wait)}
        return answer_json({"status": 429, "title": "Too many requests"}, 429, told)

    def tells(self, asked: Asked) -> Mapping[str, str]:
        window, hour = self._ours
        return {
            "X-Rate-Limit-Time-Window-Ms": str(_ms(WINDOW)),
            "X-Rate-Limit-Time-Reset-Ms": str(_ms(window.wait(asked.at))),
            "X-Rate-Limit-Requests-Quota": str(QUOTA),
            "X-Rate-Limit-Requests-Left": str(int(window.left(asked.at))),
            "X-BC-ApiLimit-Remaining": str(int(hour.left(asked.at))),
            "X-BC-Store-Version": "7.6.0",
        }

    def find(self, asked: Asked) -> Answered:
        match asked.method, asked.path.strip("/").split("/"):
            case "GET", ["v2", "time"]:
                return answer_json({"time": int(asked.at.timestamp())})
            case "GET", ["v2", "orders", "count"]:
                return self._count_orders(asked)
            case "GET", ["v2", "orders"]:
                return self._list_orders(asked)
            case "GET", ["v2", "orders", number]:
                return self._one_order(number, asked)
            case "GET", ["v3", "catalog", "products"]:
                return self._listed("products", asked)
            case "GET", ["v3", "customers"]:
                return self._listed("customers", asked)
            case _:
                return _error(404, "The requested resource was not found.")

    def _list_orders(self, asked: Asked) -> Answered:
        """A page of a v2 list: an array, and 204 without a body where nothing is found."""
        query = asked.query
        starts = (_told(asked, "min_date_modified"), _told(asked, "min_date_created"))
        ends = (_told(asked, "max_date_modified"), _told(asked, "max_date_created"), asked.at)
        since = max(filter(None, starts), default=LONG_AGO)
        numbers = self._orders.between(since, min(filter(None, ends)))
        first = max(numbers.start, at_most(query.get("min_id"), 10**12, 0))
        last = min(numbers.stop - 1, at_most(query.get("max_id"), 10**12, numbers.stop))
        numbers = range(first, max(first, last + 1))
        if query.get("external_order_id"):
            numbers = range(0)  # no order of this shop came from elsewhere
        size = max(1, at_most(asked.query.get("limit"), 250, 50))
        page = max(1, at_most(asked.query.get("page"), 10**6, 1))
        falls = asked.query.get("sort", "").endswith(":desc")
        found = self._orders.page(numbers, page, size, asked.at, falls=falls)
        return answer_json([_order(order) for order in found]) if found else Answered(status=204)

    def _one_order(self, number: str, asked: Asked) -> Answered:
        for order in self._orders.each(self._orders.named(number, asked.at), asked.at):
            return answer_json(_order(order))
        says = "The requested resource was not found."
        return answer_json([{"status": 404, "message": says}], 404)

    def _count_orders(self, asked: Asked) -> Answered:
        """By status; unfinished checkouts are counted as Incomplete. Unknown filters do nothing."""
        placed = self._books.changed(
            "orders",
            _told(asked, "min_date_modified") or LONG_AGO,
            min(_told(asked, "max_date_modified") or asked.at, asked.at),
        )
        statuses = [
            {"id": 0, "name": "Incomplete", "count": placed // 10},
            {"id": 2, "name": "Shipped", "count": placed // 2},
            {"id": 11, "name": "Awaiting Fulfillment", "count": placed - placed // 2},
        ]
        wanted = asked.query.get("status_id")
        chosen = [each for each in statuses if wanted in (None, str(each["id"]))]
        count = sum(int(str(each["count"])) for each in chosen)
        return answer_json({"statuses": chosen, "count": count})

    def _listed(self, entity: str, asked: Asked) -> Answered:
        """A page of a v3 list, which refuses a filter that it does not have."""
        unknown = asked.query.keys() - _PAGING - _NARROWED_BY[entity]
        if unknown:
            return _error(422, f"The filter(s): {min(unknown)} are not valid filter parameter(s).")
        total = self._books.changed(
            entity,
            _told(asked, "date_modified:min") or LONG_AGO,
            min(_told(asked, "date_modified:max") or asked.at, asked.at),
        )
        size = max(1, at_most(asked.query.get("limit"), 250, 50))
        page = max(1, at_most(asked.query.get("page"), 10**6, 1))
        rows = [{"id": number + 1} for number in range((page - 1) * size, min(page * size, total))]
        told = {"total": total, "count": len(rows), "per_page": size, "current_page": page}
        pages = {**told, "total_pages": -(-total // size)}
        return answer_json({"data": rows, "meta": {"pagination": pages}})


def _order(order: Order) -> dict[str, object]:
    """An order of v2: its times as RFC 2822 has them, its money in quotes with four places."""
    at = format_datetime(order.placed_at)
    address = {
        "first_name": order.first_name,
        "last_name": order.last_name,
        "street_1": order.address,
        "city": order.town,
        "zip": order.postcode,
        "country_iso2": "GB",
        "email": order.email,
    }
    return {
        "id": order.number,
        "external_id": None,
        "customer_id": 0,
        "date_created": at,
        "date_modified": at,
        "status_id": 11,
        "status": "Awaiting Fulfillment",
        "subtotal_inc_tax": f"{order.total:.4f}",
        "total_ex_tax": f"{order.total - order.tax:.4f}",
        "total_inc_tax": f"{order.total:.4f}",
        "total_tax": f"{order.tax:.4f}",
        "items_total": sum(line.quantity for line in order.lines),
        "currency_code": CURRENCY,
        "default_currency_code": CURRENCY,
        "customer_message": order.reference,
        "billing_address": address,
        "is_deleted": False,
    }


def _told(asked: Asked, name: str) -> datetime | None:
    """A moment as ISO 8601 or RFC 2822; None where none is told."""
    text = asked.query.get(name, "")
    if (told := moment(text)) is not None:
        return told
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None


def _ms(wait: timedelta) -> int:
    return int(wait.total_seconds() * 1000)


def _error(status: int, title: str) -> Answered:
    return answer_json({"status": status, "title": title, "errors": {}}, status)


SHOPS = (
    Shop(
        name="bigcommerce-outlet",
        kind="bigcommerce",
        system="BigCommerce",
        open=BigCommerce,
        settings={"store_hash": "fh4outlet"},
        secrets=_SECRETS,
    ),
)
