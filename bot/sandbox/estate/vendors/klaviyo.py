"""A look-alike of Klaviyo: two fixed windows for each endpoint; its headers vanish when it refuses.

Sources: https://github.com/klaviyo/openapi (limits of each operation, filters, revisions),
https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling (headers; a refusal only has
Retry-After). The form of RateLimit-Limit ("350, 350;w=1, 3500;w=60") is third party; that it
begins with the window nearest to its end, and the bodies of errors, are recalled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from bot.sandbox.estate.vendors.answering import (
    LONG_AGO,
    answer_json,
    at_most,
    moment,
    sent_json,
    stamp,
    whole_seconds,
)
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.limiters import FixedWindow
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.numbering import Numbering
from bot.sandbox.estate.vendors.orders import CURRENCY, Order, Orders
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

LIMITS: Mapping[tuple[str, str], tuple[int, int]] = {
    ("GET", "/api/accounts"): (1, 15),
    ("GET", "/api/profiles"): (75, 750),
    ("GET", "/api/events"): (350, 3500),
    ("POST", "/api/metric-aggregates"): (3, 60),
}
"""Calls in a second and in a minute, by endpoint."""
_BULK_IMPORT = (10, 150)  # what the platform calls: profile-bulk-import-jobs
_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_RETIRES_AFTER = timedelta(days=730)
_METRIC = "PlAcEd"
_ADDRESS = "https://a.klaviyo.com"
_SECRETS = {"token": "pk_made_up_klaviyo"}


class Klaviyo(Lookalike):
    """An account; all private keys of it share the limits of each endpoint."""

    says_unauthorised = "HTTP 401 Unauthorized: not_authenticated, Incorrect authentication"
    says_too_many = "HTTP 429 Too Many Requests: throttled, Request was throttled"

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._orders, self._customers = Orders(books), Numbering(books, "customers")
        self._endpoints = {endpoint: _windows(*told) for endpoint, told in LIMITS.items()}

    def limiters(self) -> tuple[FixedWindow, ...]:
        return _windows(*_BULK_IMPORT)

    def crowd(self, share: float, at: datetime) -> None:
        super().crowd(share, at)
        for windows in self._endpoints.values():
            for window in windows:
                window.others = share

    def admits(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Klaviyo-API-Key {_SECRETS['token']}"

    def shut_out(self, _asked: Asked) -> Answered:
        return _error(401, "not_authenticated", "Authentication credentials were not provided.")

    def take(self, asked: Asked) -> bool:
        windows = self._windows_of(asked)
        free = all(window.fits(asked.at) for window in windows)
        for window in windows if free else ():
            window.add(asked.at, 1)
        return free

    def turn_away(self, asked: Asked) -> Answered:
        full = [window for window in self._windows_of(asked) if not window.fits(asked.at)]
        wait = whole_seconds(max(window.wait(asked.at) for window in full))
        detail = f"Request was throttled. Expected available in {wait} seconds."
        return _error(429, "throttled", detail, {"Retry-After": wait})

    def tells(self, asked: Asked) -> Mapping[str, str]:
        windows = self._windows_of(asked)
        if not windows:
            return {}
        second, minute = windows
        nearest = min(windows, key=lambda window: window.left(asked.at) / window.size)
        return {
            "RateLimit-Limit": f"{nearest.size:.0f}, {second.size:.0f};w=1, {minute.size:.0f};w=60",
            "RateLimit-Remaining": f"{nearest.left(asked.at):.0f}",
            "RateLimit-Reset": whole_seconds(nearest.wait(asked.at)),
        }

    def find(self, asked: Asked) -> Answered:
        if wrong := _wrong_revision(asked):
            return wrong
        match asked.method, asked.path.rstrip("/"):
            case "GET", "/api/accounts":
                links = {"self": f"{_ADDRESS}/api/accounts", "next": None}
                return answer_json({"data": [{"type": "account", "id": "FhOut1"}], "links": links})
            case "GET", "/api/profiles":
                return self._profiles(asked)
            case "GET", "/api/events":
                return self._events(asked)
            case "POST", "/api/metric-aggregates":
                return self._aggregates(asked)
            case _:
                return _error(404, "not_found", "The requested resource could not be found.")

    def _windows_of(self, asked: Asked) -> tuple[FixedWindow, ...]:
        return self._endpoints.get((asked.method, asked.path.rstrip("/")), ())

    def _profiles(self, asked: Asked) -> Answered:
        """Profiles can only be asked for after a moment."""
        told = asked.query.get("filter", "")
        since = _after(told, "updated", "greater-than") if told else LONG_AGO
        if since is None:
            return _error(400, "invalid", f"Invalid filter provided: {told}")
        numbers = self._customers.between(since, asked.at)
        return self._page("profile", numbers, self._updates, 100, asked)

    def _updates(self, numbers: range, at: datetime) -> list[dict[str, object]]:
        return [{"updated": stamp(then)} for _, then in self._customers.times(numbers, at)]

    def _events(self, asked: Asked) -> Answered:
        """Events of one metric since a moment; those of other metrics are none of ours."""
        told = asked.query.get("filter", "")
        since = _after(told, "datetime", "greater-or-equal")
        if since is None or f'equals(metric_id,"{_METRIC}")' not in told:
            return _error(400, "invalid", f"Invalid filter provided: {told}")
        until = _after(told, "datetime", "less-than") or asked.at
        numbers = self._orders.between(since, min(until, asked.at))
        return self._page("event", numbers, self._order_events, 200, asked)

    def _order_events(self, numbers: range, at: datetime) -> list[dict[str, object]]:
        return [_event(order) for order in self._orders.each(numbers, at)]

    def _page(
        self,
        kind: str,
        numbers: range,
        attributes: Callable[[range, datetime], list[dict[str, object]]],
        largest: int,
        asked: Asked,
    ) -> Answered:
        """A page by cursor; there is no total."""
        size = max(1, at_most(asked.query.get("page[size]"), largest, 20))
        after = at_most(asked.query.get("page[cursor]"), 10**9, 0)
        rest = range(max(numbers.start, min(numbers.stop, after + 1)), numbers.stop)
        shown = rest[:size]
        address = f"{_ADDRESS}{asked.path}"
        more = f"{address}?page%5Bcursor%5D={shown[-1]}" if len(shown) < len(rest) else None
        rows = [
            {"type": kind, "id": f"{kind}-{number}", "attributes": told}
            for number, told in zip(shown, attributes(shown, asked.at), strict=True)
        ]
        return answer_json({"data": rows, "links": {"self": address, "next": more}})

    def _aggregates(self, asked: Asked) -> Answered:
        """How often a metric happened, by hour; both ends of the time are wanted."""
        told = _attributes(sent_json(asked))
        filters = told.get("filter")
        bounds = ",".join(filters) if isinstance(filters, list) else ""
        since = _after(bounds, "datetime", "greater-or-equal")
        until = _after(bounds, "datetime", "less-than")
        if since is None or until is None:
            return _error(400, "invalid", "A greater-or-equal and a less-than datetime are needed.")
        if told.get("metric_id") != _METRIC:
            return _error(404, "not_found", "A metric with that id does not exist.")
        begins = [since + timedelta(hours=n) for n in range(-(-(until - since) // _HOUR))]
        counts = [self._placed(begin, min(begin + _HOUR, until), asked.at) for begin in begins]
        found = {"dimensions": [], "measurements": {"count": counts}}
        attributes = {"dates": [stamp(begin) for begin in begins], "data": [found]}
        return answer_json({"data": {"type": "metric-aggregate", "attributes": attributes}})

    def _placed(self, since: datetime, until: datetime, now: datetime) -> float:
        return float(self._books.changed("orders", since, min(until, now)))


_HOUR = timedelta(hours=1)


def _event(order: Order) -> dict[str, object]:
    """What the shop's integration sends of an order that was placed."""
    properties = {
        "OrderId": str(order.number),
        "$event_id": str(order.number),
        "$value": float(order.total),
        "currency": CURRENCY,
        "ItemNames": [line.title for line in order.lines],
    }
    return {"datetime": stamp(order.placed_at), "event_properties": properties}


def _windows(second: int, minute: int) -> tuple[FixedWindow, ...]:
    return FixedWindow(second, lasts=_SECOND), FixedWindow(minute, lasts=_MINUTE)


def _after(filters: str, field: str, operator: str) -> datetime | None:
    """The moment that a filter compares a field with; None without such a filter."""
    found = re.search(rf"{operator}\({field},([^()]+)\)", filters)
    return moment(found[1]) if found else None


def _attributes(body: object) -> Mapping[str, object]:
    """The attributes of a body in the form of JSON:API; none where it has another form."""
    data = body.get("data") if isinstance(body, dict) else None
    told = data.get("attributes") if isinstance(data, dict) else None
    return told if isinstance(told, dict) else {}


def _wrong_revision(asked: Asked) -> Answered | None:
    """A revision is wanted; one is served for two years and then refused for good."""
    try:
        revision = date.fromisoformat(asked.headers.get("revision", ""))
    except ValueError:
        return _error(400, "invalid", "A revision header is required.")
    if revision + _RETIRES_AFTER < asked.at.date():
        return _error(410, "gone", f"The revision {revision} is retired.")
    return None


def _error(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> Answered:
    told = {"id": "made-up", "status": status, "code": code, "title": detail, "detail": detail}
    return answer_json({"errors": [told]}, status, headers)


SHOPS = (
    Shop(
        name="klaviyo-marketing",
        kind="klaviyo",
        system="Klaviyo",
        open=Klaviyo,
        settings={"revision": "2026-07-15", "order_metric": _METRIC},
        secrets=_SECRETS,
    ),
)
