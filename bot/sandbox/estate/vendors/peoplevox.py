"""Descartes Peoplevox: SOAP, where what went wrong stands inside an HTTP 200.

https://github.com/melvin-hamilton-digital/peoplevox-api (calls and answers) and Patchworks' pages
on its connector (an invalid session). No limit and no life of a session is published: calls are
never refused here, and a session ends after half an hour without a call.
"""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import escape

from defusedxml.ElementTree import ParseError, fromstring

from bot.sandbox.estate.vendors.answering import LONG_AGO
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

SESSION_LASTS = timedelta(minutes=30)
CLIENT, USERNAME = "fellharbour1", "seamwatch"
PASSWORD = b64encode(b"made-up-peoplevox-password").decode()
CHANGED = "Last modified"
SAYS_INVALID = "System : Security - Invalid Session"
SAYS_REJECTED = "System : Security - Invalid login details"

_PATH = "/resources/integrationservicev4.asmx"
_SPACE = "http://www.peoplevox.net/"
_TEMPLATES = {"Sales orders": "orders", "Item types": "products", "Customers": "customers"}
_COMPARED = re.compile(r"\[?([A-Za-z][\w ]*?)\]?\s*(>=|<=|>|<)\s*(?P<what>[^)]*?\)|[^\s)]+[^)]*)")
_NUMBERS = re.compile(r"\d+")
Told = Mapping[str, str]


class Peoplevox:
    """One client's warehouse. `_sessions` holds when each was last used."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._sessions: dict[str, datetime] = {}
        self._platform_lapsed = self._monitor_lapsed = False

    def answer(self, asked: Asked) -> Answered:
        if asked.method == "GET" and "wsdl" in {name.lower() for name in asked.query}:
            return _xml('<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>')
        if asked.path != _PATH or asked.method != "POST":
            return Answered(status=404, body="Not Found", content_type="text/html")
        action, told = _read(asked)
        match action:
            case "Authenticate":
                return self._authenticate(told, asked.at)
            case "GetData":
                return self._get_data(told, asked.at)
            case _:
                says = f"Server did not recognize the value of HTTP Header SOAPAction: {action}."
                return _xml(_FAULT.format(says=escape(says)), status=500)

    def serve(self, calls: int, at: datetime) -> str:
        del calls, at
        return f"ResponseId -1: {SAYS_REJECTED}" if self._platform_lapsed else ""

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

    def _authenticate(self, told: Told, at: datetime) -> Answered:
        shown = (told.get("clientId"), told.get("username"), told.get("password"))
        if self._monitor_lapsed or shown != (CLIENT, USERNAME, PASSWORD):
            return _result("Authenticate", -1, SAYS_REJECTED)
        session = secrets.token_hex(16)
        self._sessions[session] = at
        return _result("Authenticate", 0, f"{CLIENT},{session}", total=1)

    def _get_data(self, told: Told, at: datetime) -> Answered:
        if not self._is_open(told, at):
            return _result("GetData", -1, SAYS_INVALID)
        entity = _TEMPLATES.get(told.get("TemplateName", ""))
        if entity is None:
            return _result("GetData", -1, f"Template {told.get('TemplateName')} was not found")
        window = _window(told.get("SearchClause", ""), at)
        if window is None:
            return _result("GetData", -1, "The search clause is not valid")
        total = self._books.changed(entity, *window)
        asked = told.get("ItemsPerPage", "")
        shown = min(total, int(asked) if asked.isdigit() and int(asked) else 50)
        rows = [f"{number},{at:%d/%m/%Y %H:%M:%S}" for number in range(1, shown + 1)]
        return _result("GetData", 0, "\n".join(["Number," + CHANGED, *rows]), total=total)

    def _is_open(self, told: Told, at: datetime) -> bool:
        """Whether the session in the header is known; a call keeps it open."""
        session = told.get("SessionId", "")
        used_at = self._sessions.get(session)
        if told.get("ClientId") != CLIENT or used_at is None or at - used_at > SESSION_LASTS:
            return False
        self._sessions[session] = at
        return True


def _read(asked: Asked) -> tuple[str, Told]:
    """The call's name, and every leaf of the envelope by its local name."""
    try:
        envelope = fromstring(asked.body)
    except ParseError:
        return "", {}
    leaves = {_local(one.tag): (one.text or "").strip() for one in envelope.iter() if not len(one)}
    body = next((one for one in envelope if _local(one.tag) == "Body"), ())
    return next((_local(call.tag) for call in body), ""), leaves


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _window(clause: str, now: datetime) -> tuple[datetime, datetime] | None:
    """The window of a search clause on the moment of change; None for one on anything else."""
    since, until = LONG_AGO, now
    for column, comparison, what in _COMPARED.findall(clause):
        at = _moment(what)
        if column.strip() != CHANGED or at is None:
            return None
        since, until = (max(since, at), until) if ">" in comparison else (since, min(until, at))
    return (since, until) if since != LONG_AGO or not clause.strip() else None


def _moment(text: str) -> datetime | None:
    """The moment whose numbers stand in a text, the date year first or the British way."""
    numbers = [int(digits) for digits in _NUMBERS.findall(text)]
    if not 3 <= len(numbers) <= 6:
        return None
    first, month, last, hour, minute, second = [*numbers, 0, 0, 0][:6]
    year, day = (first, last) if first > 31 else (last, first)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _result(call: str, response_id: int, detail: str, total: int = 0) -> Answered:
    return _xml(
        f'<{call}Response xmlns="{_SPACE}"><{call}Result>'
        f"<ResponseId>{response_id}</ResponseId><TotalCount>{total}</TotalCount>"
        f"<Detail>{escape(detail)}</Detail><Statuses /><ImportingQueueId>0</ImportingQueueId>"
        f"<SalesOrdersToDespatchIds /></{call}Result></{call}Response>"
    )


_FAULT = (
    "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>{says}</faultstring></soap:Fault>"
)


def _xml(inner: str, status: int = 200) -> Answered:
    body = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<soap:Body>{inner}</soap:Body></soap:Envelope>"
    )
    return Answered(status=status, body=body, content_type="text/xml")


SHOPS = (
    Shop(
        name="peoplevox-warehouse",
        kind="peoplevox",
        system="Peoplevox",
        open=Peoplevox,
        settings={"client_id": CLIENT, "changed_column": CHANGED},
        secrets={"username": USERNAME, "password": PASSWORD},
    ),
)
