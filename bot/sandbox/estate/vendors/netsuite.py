"""NetSuite: SuiteQL and the REST services of one account, whose limit is calls at the same time.

https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_1525253248.html (the limit),
https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_158394344595.html (SuiteQL).
What REST says at the limit, the words of a failed login and the names of the fields of the
governance limits are recalled, not confirmed. An account of tier 1 is imitated; the monitor and
the platform share it, and calls sign with OAuth 1.0a.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.sandbox.estate.vendors import suiteql
from bot.sandbox.estate.vendors.answering import LONG_AGO, answer_json, at_most, sent_json
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.copies import Copies
from bot.sandbox.estate.vendors.limiters import Concurrency, Limiter
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.oauth1 import Keys, is_signed
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

AT_ONCE = 15
KEYS = Keys(
    consumer_key="made-up-netsuite-consumer",
    consumer_secret="made-up-netsuite-consumer-secret",  # noqa: S106 (made up for the sandbox)
    token="made-up-netsuite-token",  # noqa: S106 (made up for the sandbox)
    token_secret="made-up-netsuite-token-secret",  # noqa: S106 (made up for the sandbox)
    realm="7770001",
)
_NAME = "netsuite-production"
_RECORDS = {"salesorder": "orders", "inventoryitem": "products", "customer": "customers"}
_TABLES = {
    "transaction": "orders",
    "item": "products",
    "customer": "customers",
    "inventoryitemlocations": "inventory",
}
_FROM = re.compile(r"\bfrom\s+(\w+)", re.IGNORECASE)
_COUNTED = re.compile(r"\bcount\s*\(\s*(?:\*|[\w.]+)\s*\)(?:\s+as\s+(\w+))?", re.IGNORECASE)
_CHANGED = re.compile(
    r"\blastmodifieddate\s*(>=|>|<=|<)\s*to_(?:date|timestamp(?:_tz)?)\s*\(\s*'([^']+)'",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\blastModifiedDate\s+(?:ON_OR_)?AFTER\s+\"?([\d/\-T:.Z]+)", re.IGNORECASE)
_PLACED = re.compile(
    _CHANGED.pattern.replace("lastmodified", "(?:created|lastmodified)"), re.IGNORECASE
)
_LISTED = re.compile(r"^\s*select\s+(?!count\b)", re.IGNORECASE)
_NAMED = re.compile(r"'#?(?:SO)?(\d{4,})'", re.IGNORECASE)
_SHOWN_FOR = timedelta(days=31)
_SECOND = timedelta(seconds=1)
_LOGIN = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
    "Setup > Users/Roles > User Management > View Login Audit Trail."
)


class NetSuite(Lookalike):
    """One account; every call holds one of its slots for as long as it lasts."""

    says_unauthorised = f"HTTP 401: {_LOGIN}"
    says_too_many = "HTTP 429: CONCURRENCY_LIMIT_EXCEEDED Concurrent request limit exceeded."

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._copies = Copies(books)

    def limiters(self) -> Sequence[Limiter]:
        return (Concurrency(AT_ONCE),)

    def admits(self, asked: Asked) -> bool:
        host = asked.headers.get("host", "")
        return is_signed(asked, KEYS, f"http://{host}/vendors/{_NAME}{asked.path}")

    def shut_out(self, asked: Asked) -> Answered:
        del asked
        return _problem(401, "Unauthorized", "INVALID_LOGIN", _LOGIN)

    def turn_away(self, asked: Asked) -> Answered:
        del asked
        says = "Concurrent request limit exceeded. Request blocked."
        return _problem(429, "Too Many Requests", "CONCURRENCY_LIMIT_EXCEEDED", says)

    def find(self, asked: Asked) -> Answered:
        match asked.method, asked.path.split("/")[3:]:
            case "POST", ["query", "v1", "suiteql"]:
                return self._suiteql(asked)
            case "GET", ["system", "v1", "governanceLimits"]:
                return self._governance()
            case "GET", ["record", "v1", kind] if kind.lower() in _RECORDS:
                return self._records(_RECORDS[kind.lower()], asked)
            case _:
                return _problem(404, "Not Found", "NONEXISTENT_ID", "The resource does not exist.")

    def _suiteql(self, asked: Asked) -> Answered:
        sent = sent_json(asked)
        query = sent.get("q") if isinstance(sent, dict) else None
        if "transient" not in asked.headers.get("prefer", ""):
            says = "Missing the Prefer: transient header."
            return _problem(400, "Bad Request", "INVALID_HEADER", says)
        table = _FROM.search(query) if isinstance(query, str) else None
        if not isinstance(query, str) or table is None:
            return _bad_query("Search error occurred: Invalid or unsupported search")
        counted, name = _COUNTED.search(query), table[1].lower()
        if name not in {*_TABLES, "dual"}:
            return _bad_query(f"Search error occurred: Record '{table[1]}' was not found.")
        if name == "transaction" and _LISTED.search(query):
            return self._listed(query, asked)
        if name == "dual" or counted is None:
            return answer_json(_rows([{"expr1": "1"}]))
        window = _window(query, asked.at)
        if window is None:
            return _bad_query("Search error occurred: Invalid or unsupported search")
        since, until = window
        total = self._changed(_TABLES[name], since, until, asked.at)
        return answer_json(_rows([{(counted[1] or "expr1").lower(): str(total)}]))

    def _changed(self, entity: str, since: datetime, until: datetime, now: datetime) -> int:
        if entity == "orders":
            return self._copies.count(since, until, now)
        return self._books.changed(entity, since, until)

    def _listed(self, query: str, asked: Asked) -> Answered:
        """A page of the orders that a query finds; of the last month where it says no time."""
        since, until = _span(query, asked.at)
        named = [int(number) for number in _NAMED.findall(query)]
        if named:
            copies = [copy for number in named if (copy := self._copies.find(number, asked.at))]
        else:
            copies = self._copies.changed(since, until, asked.at)
        try:
            found = suiteql.answer(query, copies)
        except suiteql.BadSuiteQL as bad:
            return _bad_query(str(bad))
        return _page(found, asked)

    def _records(self, entity: str, asked: Asked) -> Answered:
        """A page of links; only the total tells more than the limit."""
        after = _AFTER.search(asked.query.get("q", ""))
        since = _moment(after[1]) if after else None
        total = self._changed(entity, since or LONG_AGO, asked.at, asked.at)
        shown = range(1, min(total, at_most(asked.query.get("limit"), 1000, 1000)) + 1)
        return answer_json(
            _rows([{"id": str(number)} for number in shown]) | {"totalResults": total}
        )

    def _governance(self) -> Answered:
        return answer_json(
            {
                "accountConcurrencyLimit": AT_ONCE,
                "accountUnallocatedConcurrencyLimit": AT_ONCE,
                "limitType": "accountLimit",
            }
        )


def _window(query: str, now: datetime) -> tuple[datetime, datetime] | None:
    """The window on the moment of change; None for one that NetSuite could not read either."""
    since, until = LONG_AGO, now
    compared = [(comparison, _moment(text)) for comparison, text in _CHANGED.findall(query)]
    if len(compared) != query.lower().count("lastmodifieddate"):
        return None
    for comparison, at in compared:
        if at is None:
            return None
        if comparison.startswith(">"):
            since = max(since, at)
        else:
            until = min(until, at)
    return since, until


def _span(query: str, now: datetime) -> tuple[datetime, datetime]:
    """A span that holds all that a query could find, not longer than a month."""
    since, until = now - _SHOWN_FOR, now
    for comparison, text in _PLACED.findall(query):
        at = _moment(text)
        if at is not None and comparison.startswith(">"):
            since = max(since, at)
        elif at is not None:
            until = min(until, at + _SECOND)
    return since, until


def _moment(text: str) -> datetime | None:
    """A moment in any of the usual forms; the account keeps UTC."""
    for form in ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%Y %H:%M:%S"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        told = datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-"))
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _rows(items: Sequence[Mapping[str, str]]) -> dict[str, object]:
    listed = [{"links": [], **item} for item in items]
    page = {"links": [], "count": len(listed), "hasMore": False, "offset": 0}
    return {**page, "items": listed, "totalResults": len(listed)}


def _page(found: Sequence[Mapping[str, str]], asked: Asked) -> Answered:
    """`limit` and `offset` stand in the address; the next page is linked."""
    limit = max(1, at_most(asked.query.get("limit"), 1000, 1000))
    offset = at_most(asked.query.get("offset"), 10**9, 0)
    if offset % limit:
        return _bad_query("Invalid offset: it must be divisible by limit.")
    shown, more = found[offset : offset + limit], offset + limit < len(found)
    url = f"http://{asked.headers.get('host', '')}/vendors/{_NAME}{asked.path}"
    following = {"rel": "next", "href": f"{url}?limit={limit}&offset={offset + limit}"}
    told = {"links": [following] if more else [], "hasMore": more, "offset": offset}
    return answer_json({**_rows(shown), **told, "totalResults": len(found)})


def _bad_query(says: str) -> Answered:
    return _problem(400, "Bad Request", "INVALID_PARAMETER", f"Invalid search query. {says}")


def _problem(status: int, title: str, code: str, detail: str) -> Answered:
    errors = [{"detail": detail, "o:errorCode": code}]
    body = {"type": "about:blank", "title": title, "status": status, "o:errorDetails": errors}
    headers = {"WWW-Authenticate": f'OAuth realm="{KEYS.realm}"'} if status == 401 else {}
    return answer_json(body, status, headers)


SHOPS = (
    Shop(
        name=_NAME,
        kind="netsuite",
        system="NetSuite",
        open=NetSuite,
        settings={"account": "7770001", "auth": "token-based"},
        secrets={
            "consumer_key": KEYS.consumer_key,
            "consumer_secret": KEYS.consumer_secret,
            "token": KEYS.token,
            "token_secret": KEYS.token_secret,
            "realm": KEYS.realm,
        },
    ),
)
