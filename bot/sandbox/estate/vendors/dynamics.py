"""Look-alikes of Dynamics 365: Business Central, Finance & Operations and Dataverse, with Entra.

Sources: https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/dynamics-rate-limits
and the page on its operational limits; https://learn.microsoft.com/power-apps/developer/data-platform/api-limits
(the seconds that are left come with a comma: third party);
https://learn.microsoft.com/dynamics365/fin-ops-core/dev-itpro/data-entities/service-protection-api-limits.
Counting, and the bodies of Business Central's errors, are recalled.
"""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from bot.sandbox.estate.vendors import central_orders
from bot.sandbox.estate.vendors.answering import (
    LONG_AGO,
    answer_json,
    bearer,
    moment,
    sent_json,
    whole_seconds,
)
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.copies import Copies
from bot.sandbox.estate.vendors.entra import CLIENT, SECRETS, TENANT, Entra
from bot.sandbox.estate.vendors.limiters import Concurrency, Limiter, SlidingWindow
from bot.sandbox.estate.vendors.lookalike import Lookalike
from bot.sandbox.estate.vendors.odata import BadQuery
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Shop

FIVE_MINUTES = timedelta(minutes=5)
BC_REQUESTS, BC_AT_ONCE, BC_QUEUED, BC_MOST_IN_BATCH = 6000, 5, 95, 100
DV_REQUESTS, DV_SECONDS, DV_AT_ONCE, DV_MOST_COUNTED = 6000, 1200, 52, 5000
_EXECUTION = 0.12  # seconds that a call is worked on
_FO_RETRY_AFTER = "60"
_CENTRAL = "business-central"
_COMPANY = "5f8b2a10-7c3d-4e7e-9d0a-2f4b8c6d1e90"


_Lists = Mapping[str, str]
"""Of each list: the records in it."""


class Dynamics(Lookalike):
    """What the three have in common: Entra's tokens, OData's counts, limits of one user each."""

    shares = False
    says_unauthorised = "HTTP 401 Unauthorized: AADSTS7000222 client secret keys are expired"
    changed_by: ClassVar[str]
    lists: ClassVar[_Lists]
    most_counted: ClassVar[int] = 10**9

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._entra = Entra()

    @abstractmethod
    def error(self, status: int, code: str, text: str) -> Answered:
        """An error as this one of the three says it."""

    def lapse(self, *, platforms: bool) -> None:
        super().lapse(platforms=platforms)
        if not platforms:
            self._entra.forget()

    def grant(self, asked: Asked) -> Answered | None:
        return self._entra.grant(asked, expired=self._monitor_lapsed)

    def admits(self, asked: Asked) -> bool:
        return self._entra.accepts(bearer(asked), asked.at)

    def count(self, path: str, asked: Asked) -> Answered:
        """A list that is asked how long it is, by `/$count` or by `$count=true`."""
        name, _, plain = path.partition("/")
        if asked.method != "GET" or name not in self.lists or plain not in ("", "$count"):
            return self.error(404, "NotFound", f"No resource was found at {path}.")
        since = self._since(asked.query.get("$filter", ""))
        if isinstance(since, str):
            return self.error(400, "BadRequest", since)
        total = self._books.changed(self.lists[name], since, asked.at)
        if plain:
            return Answered(body=str(min(total, self.most_counted)), content_type="text/plain")
        rows = {"value": [{"id": str(number)} for number in range(min(total, _top(asked)))]}
        if asked.query.get("$count") == "true":
            return answer_json({"@odata.count": min(total, self.most_counted), **rows})
        return answer_json(rows)

    def _since(self, told: str) -> datetime | str:
        """Since when records are wanted, or what is wrong with the filter."""
        if not told:
            return LONG_AGO
        found = re.fullmatch(r"\(?(\w+) g[te] ([^ ']+?)\)?", told.strip())
        if not found:
            return "The filter is not understood."
        if found[1] != self.changed_by:
            return f"Could not find a property named '{found[1]}'."
        return moment(found[2]) or f"Unrecognised literal '{found[2]}'."


class BusinessCentral(Dynamics):
    """An environment. Posted orders are no longer among the orders but among the invoices."""

    says_too_many = "HTTP 429 Too Many Requests"
    changed_by = "lastModifiedDateTime"
    lists: ClassVar[_Lists] = {
        "items": "products",
        "customers": "customers",
        "itemLedgerEntries": "inventory",
    }

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._copies = Copies(books, books.loss, posts=True)

    def limiters(self) -> tuple[Limiter, ...]:
        requests = SlidingWindow(BC_REQUESTS, lasts=FIVE_MINUTES)
        return (requests, Concurrency(BC_AT_ONCE + BC_QUEUED))

    def shut_out(self, _asked: Asked) -> Answered:
        text = "The credentials provided are incorrect"
        return self.error(401, "Authentication_InvalidCredentials", text)

    def turn_away(self, _asked: Asked) -> Answered:
        """Nothing says how long to wait."""
        return self.error(429, "Application_TooManyRequests", "Too many requests reached.")

    def error(self, status: int, code: str, text: str) -> Answered:
        return answer_json({"error": {"code": code, "message": text}}, status)

    def find(self, asked: Asked) -> Answered:
        path = asked.path.strip("/")
        if asked.method == "GET" and path == "companies":
            return answer_json({"value": [{"id": _COMPANY, "name": "Fell & Harbour Outdoors"}]})
        if (asked.method, path) == ("POST", "$batch"):
            return self._batch(asked)
        company, _, rest = path.partition("/")
        within = rest if company == f"companies({_COMPANY})" else path
        return self._orders(within, asked) or self.count(within, asked)

    def _orders(self, path: str, asked: Asked) -> Answered | None:
        if asked.method != "GET":
            return None
        host = asked.headers.get("host", "")
        url = f"http://{host}/vendors/{_CENTRAL}{asked.path}"
        try:
            return central_orders.answer(self._copies, path, url, asked)
        except BadQuery as bad:
            return self.error(400, "BadRequest", str(bad))

    def _batch(self, asked: Asked) -> Answered:
        """Several calls in one, each with an answer of its own inside."""
        told = sent_json(asked)
        requests = told.get("requests") if isinstance(told, dict) else None
        if not isinstance(requests, list) or len(requests) > BC_MOST_IN_BATCH:
            return self.error(400, "BadRequest", "The batch is not understood.")
        return answer_json({"responses": [self._part(each, asked) for each in requests]})

    def _part(self, request: Mapping[str, str], asked: Asked) -> dict[str, object]:
        url = urlsplit(request["url"])
        inner = replace(
            asked, method=request["method"], path=url.path, query=dict(parse_qsl(url.query))
        )
        found = self.find(inner)
        body = json.loads(found.body) if found.content_type == "application/json" else found.body
        return {"id": request["id"], "status": found.status, "headers": {}, "body": body}


class FinanceOperations(Dynamics):
    """An environment. No number of calls is published: it refuses when it is busy as a whole."""

    shares = True
    says_too_many = "HTTP 429 Too Many Requests: high resource utilization"
    changed_by = "ModifiedDateTime"
    lists: ClassVar[_Lists] = {
        "SalesOrderHeadersV2": "orders",
        "ReleasedProductsV2": "products",
        "CustomersV3": "customers",
    }

    def limiters(self) -> tuple[Limiter, ...]:
        return (Concurrency(100),)  # hundredths of what the environment can carry

    def shut_out(self, _asked: Asked) -> Answered:
        return self.error(401, "Unauthorized", "Unauthorized")

    def turn_away(self, _asked: Asked) -> Answered:
        text = "This request was not processed because of high resource utilization."
        return answer_json({"Message": text}, 429, {"Retry-After": _FO_RETRY_AFTER})

    def error(self, status: int, code: str, text: str) -> Answered:
        return answer_json({"Message": text, "ExceptionType": code}, status)

    def find(self, asked: Asked) -> Answered:
        path = asked.path.strip("/")
        if path == "data/LegalEntities":
            return answer_json({"value": [{"LegalEntityId": "FH01"}]})
        return self.count(path.removeprefix("data/"), asked)


class Dataverse(Dynamics):
    """An environment with one web server. It never counts further than 5,000."""

    says_too_many = "HTTP 429 Too Many Requests: 0x80072322 Number of requests exceeded the limit"
    changed_by = "modifiedon"
    most_counted = DV_MOST_COUNTED
    lists: ClassVar[_Lists] = {
        "salesorders": "orders",
        "products": "products",
        "contacts": "customers",
        "accounts": "customers",
    }

    def limiters(self) -> tuple[Limiter, ...]:
        requests = SlidingWindow(DV_REQUESTS, lasts=FIVE_MINUTES)
        seconds = SlidingWindow(DV_SECONDS, lasts=FIVE_MINUTES)
        return requests, seconds, Concurrency(DV_AT_ONCE)

    def take(self, asked: Asked) -> bool:
        requests, seconds, at_once = self._ours
        free = requests.fits(asked.at) and seconds.fits(asked.at, _EXECUTION)
        if free := free and at_once.fits(asked.at):
            requests.add(asked.at, 1)
            seconds.add(asked.at, _EXECUTION)
        return free

    def shut_out(self, _asked: Asked) -> Answered:
        return Answered(status=401, headers={"WWW-Authenticate": "Bearer"})

    def turn_away(self, asked: Asked) -> Answered:
        requests, seconds, at_once = self._ours
        if not requests.fits(asked.at):
            full, code, text = requests, "0x80072322", f"Number of requests exceeded {DV_REQUESTS}"
        elif not seconds.fits(asked.at, _EXECUTION):
            full, code, text = seconds, "0x80072321", "Combined execution time exceeded the limit"
        else:
            full, code, text = at_once, "0x80072326", "Number of concurrent requests exceeded"
        refused = self.error(429, code, f"{text} over time window of 300 seconds.")
        wait = {"Retry-After": whole_seconds(full.wait(asked.at))}
        return Answered(status=429, body=refused.body, headers=wait)

    def tells(self, asked: Asked) -> Mapping[str, str]:
        requests, seconds, _ = self._ours
        return {
            "x-ms-ratelimit-burst-remaining-xrm-requests": f"{requests.left(asked.at):.0f}",
            "x-ms-ratelimit-time-remaining-xrm-requests": f"{seconds.left(asked.at):,.2f}",
            "OData-Version": "4.0",
        }

    def error(self, status: int, code: str, text: str) -> Answered:
        return answer_json({"error": {"code": code, "message": text}}, status)

    def find(self, asked: Asked) -> Answered:
        path = asked.path.strip("/")
        if path == "WhoAmI":
            return answer_json({"UserId": "made-up", "OrganizationId": "made-up"})
        return self.count(path, asked)


def _top(asked: Asked) -> int:
    told = asked.query.get("$top", "")
    return int(told) if told.isascii() and told.isdigit() else 100


_APP = {"tenant": TENANT, "client_id": CLIENT}
SHOPS = (
    Shop(
        name=_CENTRAL,
        kind="business_central",
        system="Business Central",
        open=BusinessCentral,
        settings={**_APP, "environment": "Production", "company": _COMPANY},
        secrets=SECRETS,
    ),
    Shop(
        name="finance-operations",
        kind="finance_operations",
        system="",
        open=FinanceOperations,
        settings={**_APP, "host": "fell-harbour.operations.dynamics.com"},
        secrets=SECRETS,
    ),
    Shop(
        name="dataverse",
        kind="dataverse",
        system="",
        open=Dataverse,
        settings={**_APP, "host": "fell-harbour.crm4.dynamics.com"},
        secrets=SECRETS,
    ),
)
