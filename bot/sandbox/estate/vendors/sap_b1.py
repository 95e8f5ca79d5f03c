"""SAP Business One's Service Layer: OData behind a session that ends when it is not used.

https://github.com/bgmulinari/B1SLayer (ping, counts, errors) and
https://learning.sap.com/courses/leveraging-the-sap-business-one-service-layer/. No limit is
published, and so nothing is ever refused for one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.sandbox.estate.vendors.answering import LONG_AGO, answer_json, at_most, sent_json
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

SESSION_LASTS = timedelta(minutes=30)
COMPANY, USERNAME, PASSWORD = "FELLHARBOUR_UK", "seamwatch", "made-up-b1-password"
VERSION = "1000190"

_PATH = re.compile(r"^/b1s/(?P<version>v[12])/(?P<what>\w+)(?P<count>/\$count)?$")
_SETS = {"Orders": "orders", "Items": "products", "BusinessPartners": "customers"}
_CHANGED = re.compile(r"\bUpdateDate\s+(ge|gt)\s+(?:datetime)?'?(\d{4}-\d{2}-\d{2})")
_SESSION = re.compile(r"\bB1SESSION=([^;\s]+)")
_PAGE = 20
_DAY = timedelta(days=1)


class ServiceLayer:
    """One company database. `_sessions` holds when each was last used."""

    def __init__(self, books: Books) -> None:
        self._books = books
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
        since = _since(asked.query.get("$filter", ""))
        if since is None:
            return _error(400, 201, "Query string error: the filter is not valid")
        total = self._books.changed(entity, since, asked.at)
        if found["count"]:
            return Answered(body=str(total), content_type="text/plain")
        return answer_json(_page(total, asked.query, found["version"]))


def _page(total: int, query: Mapping[str, str], version: str) -> dict[str, object]:
    """A page of keys, with the total where it was asked for in the version's own way."""
    page: dict[str, object] = {}
    if query.get("$inlinecount") == "allpages":
        page["odata.count" if version == "v1" else "@odata.count"] = (
            str(total) if version == "v1" else total
        )
    elif query.get("$count") == "true" and version == "v2":
        page["@odata.count"] = total
    shown = min(total, at_most(query.get("$top"), _PAGE, _PAGE))
    page["value"] = [{"DocEntry": number} for number in range(1, shown + 1)]
    return page


def _since(text: str) -> datetime | None:
    """From when a filter counts, to the day, which is all that UpdateDate tells; None when it is
    not one."""
    found = _CHANGED.search(text)
    if found is None:
        return None if "UpdateDate" in text else LONG_AGO
    try:
        day = datetime.fromisoformat(found[2]).replace(tzinfo=UTC)
    except ValueError:
        return None
    return day + _DAY if found[1] == "gt" else day


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
