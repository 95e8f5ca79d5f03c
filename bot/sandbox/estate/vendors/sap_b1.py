"""SAP Business One's Service Layer: OData behind a session that ends when it is not used.

https://github.com/bgmulinari/B1SLayer (ping, counts, errors) and
https://learning.sap.com/courses/leveraging-the-sap-business-one-service-layer/. No limit is
published, and so nothing is ever refused for one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.sandbox.estate.vendors.answering import answer_json, at_most, sent_json
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.numbering import Numbering
from bot.sandbox.estate.vendors.orders import Orders
from bot.sandbox.estate.vendors.sap_b1_orders import narrowed, order_row, read_filter
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

SESSION_LASTS = timedelta(minutes=30)
COMPANY, USERNAME, PASSWORD = "FELLHARBOUR_UK", "seamwatch", "made-up-b1-password"
VERSION = "1000190"

_PATH = re.compile(r"^/b1s/(?P<version>v[12])/(?P<what>\w+)(?P<count>/\$count)?$")
_SETS = {"Orders": "orders", "Items": "products", "BusinessPartners": "customers"}
_SESSION = re.compile(r"\bB1SESSION=([^;\s]+)")
_KEYS = {"Items": "ItemCode", "BusinessPartners": "CardCode"}
_PAGE, _LARGEST = 20, 10**6


class ServiceLayer:
    """One company database. `_sessions` holds when each was last used."""

    def __init__(self, books: Books) -> None:
        self._orders = Orders(books)
        self._numbers: Mapping[str, Numbering] = {
            "orders": self._orders,
            "products": Numbering(books, "products"),
            "customers": Numbering(books, "customers"),
        }
        self._sessions: dict[str, datetime] = {}
        self._platform_lapsed = self._monitor_lapsed = False

    def answer(self, asked: Asked) -> Answered:
        if asked.path.rstrip("/") in {"/ping", "/ping/load-balancer"}:
            pong = {"message": "pong", "sender": "load balancer", "timestamp": asked.at.timestamp()}
            return answer_json(pong)
        found = _PATH.match(asked.path)
        if found is None:
            return _error(404, -2004, "Unrecognized resource path.")
        if found["what"] == "Login" and asked.method == "POST":
            return self._log_in(asked)
        if not self._is_open(asked):
            return _error(401, 301, "Invalid session or session already timeout.")
        if found["what"] == "Logout" and asked.method == "POST":
            del self._sessions[_session(asked)]
            return Answered(status=204, content_type="text/plain")
        return self._read(asked, found)

    def serve(self, calls: int, at: datetime) -> str:
        del calls, at
        return "HTTP 401: code 100000027: Login failed" if self._platform_lapsed else ""

    def lapse(self, *, platforms: bool) -> None:
        if platforms:
            self._platform_lapsed = True
        else:
            self._monitor_lapsed = True
            self._sessions.clear()

    def renew(self) -> None:
        self._platform_lapsed = self._monitor_lapsed = False

    def crowd(self, share: float, at: datetime) -> None:
        del share, at

    def _log_in(self, asked: Asked) -> Answered:
        sent = sent_json(asked)
        told = sent if isinstance(sent, dict) else {}
        shown = (told.get("CompanyDB"), told.get("UserName"), told.get("Password"))
        if self._monitor_lapsed or shown != (COMPANY, USERNAME, PASSWORD):
            return _error(401, 100000027, "Login failed")
        session = secrets.token_hex(16)
        self._sessions[session] = asked.at
        body = {
            "SessionId": session,
            "Version": VERSION,
            "SessionTimeout": int(SESSION_LASTS / timedelta(minutes=1)),
        }
        # A second cookie, ROUTEID, names the node; one Set-Cookie is all that fits in one header.
        return answer_json(body, headers={"Set-Cookie": f"B1SESSION={session}; path=/; HttpOnly"})

    def _is_open(self, asked: Asked) -> bool:
        """Whether the cookie's session lives; a call keeps it alive."""
        used_at = self._sessions.get(_session(asked))
        if used_at is None or asked.at - used_at >= SESSION_LASTS:
            return False
        self._sessions[_session(asked)] = asked.at
        return True

    def _read(self, asked: Asked, found: re.Match[str]) -> Answered:
        entity = _SETS.get(found["what"])
        if entity is None or asked.method != "GET":
            return _error(404, -2028, "No matching records found (ODBC -2028)")
        try:
            numbers = self._found(entity, asked.query.get("$filter", ""), asked.at)
        except ValueError as bad:
            return _error(400, 201, f"Query string error: {bad}")
        if found["count"]:
            return Answered(body=str(len(numbers)), content_type="text/plain")
        shown = numbers[: min(at_most(asked.query.get("$top"), _LARGEST, _LARGEST), _size(asked))]
        page: dict[str, object] = _total(len(numbers), asked.query, found["version"])
        page["value"] = [
            narrowed(row, asked.query.get("$select", ""))
            for row in self._rows(found["what"], shown, asked.at)
        ]
        return answer_json(page)

    def _found(self, entity: str, text: str, now: datetime) -> range:
        """The numbers of what a filter finds. Raises ValueError for one that is not valid."""
        numbers = self._numbers[entity]
        wanted = read_filter(text)
        found = numbers.between(wanted.since, min(wanted.until, now))
        if wanted.number is not None:
            one = numbers.named(wanted.number, now)
            found = one if one and one[0] in found else range(0)
        return range(max(found.start, min(found.stop, wanted.after + 1)), found.stop)

    def _rows(self, name: str, numbers: range, now: datetime) -> list[dict[str, object]]:
        if name == "Orders":
            return [order_row(order) for order in self._orders.each(numbers, now)]
        return [{_KEYS[name]: f"{number:07}"} for number in numbers]


def _size(asked: Asked) -> int:
    """So many rows on a page as `Prefer: odata.maxpagesize=` asks for, else 20."""
    told = re.search(r"odata\.maxpagesize=(\d+)", asked.headers.get("prefer", ""))
    return int(told[1]) if told else _PAGE


def _total(total: int, query: Mapping[str, str], version: str) -> dict[str, object]:
    """The total, where it was asked for in the version's own way."""
    if query.get("$inlinecount") == "allpages":
        return {"odata.count": str(total)} if version == "v1" else {"@odata.count": total}
    if query.get("$count") == "true" and version == "v2":
        return {"@odata.count": total}
    return {}


def _session(asked: Asked) -> str:
    found = _SESSION.search(asked.headers.get("cookie", ""))
    return found[1] if found else ""


def _error(status: int, code: int, says: str) -> Answered:
    message = {"lang": "en-us", "value": says}
    return answer_json({"error": {"code": code, "message": message}}, status)


SHOPS = (
    Shop(
        name="sap-b1",
        kind="sap_b1",
        system="",
        open=ServiceLayer,
        settings={"host": "b1.fell-harbour.example", "company": COMPANY},
        secrets={"username": USERNAME, "password": PASSWORD},
    ),
)
