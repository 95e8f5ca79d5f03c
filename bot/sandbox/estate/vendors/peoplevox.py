"""Descartes Peoplevox: SOAP, where what went wrong stands inside an HTTP 200.

https://github.com/melvin-hamilton-digital/peoplevox-api (calls and answers),
https://docs.zynk.com/workflow/documentation/peoplevox/search-clauses.html (what a search clause
compares) and Patchworks' pages on its connector (an invalid session). No limit and no life of a
session is published: calls are never refused here, and a session ends after half an hour without
a call.
"""

from __future__ import annotations

import csv
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from io import StringIO

from defusedxml.ElementTree import ParseError, fromstring

from bot.sandbox.estate.vendors.answering import LONG_AGO
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.numbering import Numbering
from bot.sandbox.estate.vendors.orders import Order, Orders
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
_COMPARED = re.compile(
    r"\[?(?P<column>[A-Za-z][\w ]*?)\]?\s*(?P<operator>>=|<=|>|<)\s*(?P<what>.+)"
)
_NAMED = re.compile(r'SalesOrderNumber\.Equals\("([^"]*)"\)')
_NUMBERS = re.compile(r"\d+")
_WRITTEN = "%d/%m/%Y %H:%M:%S"
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "orders": (
        "SalesOrderNumber",
        "Customer",
        "CustomerPurchaseOrderReferenceNumber",
        "ShippingAddressLine1",
        "ShippingAddressCity",
        "ShippingAddressPostcode",
        "ShippingAddressCountry",
        "Status",
        "Email",
        "TotalSale",
        "TaxPaid",
        "Lines",
        "CreatedDate",
        CHANGED,
    ),
    "products": ("ItemCode", CHANGED),
    "customers": ("Customer", CHANGED),
}
"""The columns of each template, which are the customer's choice."""
Told = Mapping[str, str]


class Peoplevox:
    """One client's warehouse. `_sessions` holds when each was last used."""

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
        try:
            found = self._searched(entity, told.get("SearchClause", ""), at)
        except ValueError:
            return _result("GetData", -1, "The search clause is not valid")
        size = _number(told.get("ItemsPerPage", ""), 50)
        first = (_number(told.get("PageNo", ""), 1) - 1) * size
        shown = found[first : first + size]
        rows = self._rows(entity, shown, at)
        return _result("GetData", 0, _csv(_COLUMNS[entity], rows), total=len(found))

    def _searched(self, entity: str, clause: str, now: datetime) -> range:
        """The numbers that a clause finds. Raises ValueError for one that cannot be understood."""
        numbers = self._numbers[entity]
        if named := _NAMED.fullmatch(clause.strip()):
            return numbers.named(named[1], now) if entity == "orders" else range(0)
        return numbers.between(*_window(clause, now))

    def _rows(self, entity: str, numbers: range, now: datetime) -> list[list[object]]:
        if entity == "orders":
            return [_order_row(order) for order in self._orders.each(numbers, now)]
        return [
            [f"FH-{number:07}", f"{changed_at:{_WRITTEN}}"]
            for number, changed_at in self._numbers[entity].times(numbers, now)
        ]

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


def _window(clause: str, now: datetime) -> tuple[datetime, datetime]:
    """The window of a clause on the moment of change. Raises ValueError for any other clause."""
    since, until = LONG_AGO, now
    for part in re.split(r"\s+AND\s+", clause.strip()) if clause.strip() else ():
        compared = _COMPARED.fullmatch(part.strip("() "))
        at = _moment(compared["what"]) if compared else None
        if compared is None or compared["column"] != CHANGED or at is None:
            raise ValueError(part)
        after = ">" in compared["operator"]
        since, until = (max(since, at), until) if after else (since, min(until, at))
    return since, until


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


def _order_row(order: Order) -> list[object]:
    at = f"{order.placed_at:{_WRITTEN}}"
    return [
        order.number,
        order.name,
        order.reference,
        order.address,
        order.town,
        order.postcode,
        "United Kingdom",
        "New",
        order.email,
        order.total,
        order.tax,
        len(order.lines),
        at,
        at,
    ]


def _csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows as the service tells them: comma separated, under their columns."""
    told = StringIO()
    csv.writer(told).writerows([columns, *rows])
    return told.getvalue()


def _number(text: str, usual: int) -> int:
    """A number above nothing as it was asked for, else the usual one."""
    return int(text) if text.isascii() and text.isdigit() and int(text) else usual


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
