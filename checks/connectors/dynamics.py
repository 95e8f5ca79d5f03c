"""Microsoft Dynamics 365: Business Central, Finance & Operations, and Dataverse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from checks import entra
from checks.declare import (
    CALLS,
    Answer,
    Call,
    Cause,
    Connector,
    Count,
    Counted,
    Keys,
    Limit,
    LimitReading,
    Mark,
    No,
    NotOffered,
    Probe,
    Published,
    Refusal,
    Sample,
    Saying,
    Shape,
    Source,
    Whose,
)
from checks.lists import dynamics as lists
from checks.reading import find, odata_count, since_utc, usual_refusal

LEARN = "https://learn.microsoft.com"
BC = f"{LEARN}/dynamics365/business-central/dev-itpro"
FO = f"{LEARN}/dynamics365/fin-ops-core/dev-itpro"
RECALLED = Source(mark=Mark.RECALLED)
BC_LIMITS = Source(mark=Mark.CONFIRMED, url=f"{BC}/administration/operational-limits-online")
BC_ANSWERS = Source(mark=Mark.CONFIRMED, url=f"{BC}/api-reference/v2.0/dynamics-rate-limits")
BC_ORDER = Source(mark=Mark.CONFIRMED, url=f"{BC}/api-reference/v2.0/resources/dynamics_salesorder")
FO_LIMITS = Source(mark=Mark.CONFIRMED, url=f"{FO}/data-entities/service-protection-api-limits")
DV_LIMITS = Source(
    mark=Mark.CONFIRMED, url=f"{LEARN}/power-apps/developer/data-platform/api-limits"
)
DV_SAYINGS = (
    Saying(pattern="0x8007232[126]|-2147015(?:898|902|903)", cause=Cause.LIMIT, source=DV_LIMITS),
    *entra.SAYINGS,
)
FO_SAYINGS = (
    Saying(
        pattern="high resource utili[sz]ation",
        cause=Cause.LIMIT,
        source=Source(mark=Mark.THIRD_PARTY, url=FO_LIMITS.url),
    ),
    *entra.SAYINGS,
)
FIVE_MINUTES = timedelta(minutes=5)
NO_STATUS = NotOffered("Microsoft shows its service health only inside the admin centres")
NO_SIGNALS = NotOffered("the version stands in the path; answers tell no deprecation")


def _refusal(answer: Answer) -> Refusal | None:
    """By status, also of the parts of a batch, which is itself HTTP 200.

    A 503 is none: Business Central also answers it after eight minutes in its queue, and nothing
    documented tells that from an outage.
    """
    for part in _parts(answer):
        if (refusal := _refusal(part)) is not None:
            return refusal
    refusal = usual_refusal(answer)
    code = str(find(answer.data, "error.code"))
    if refusal and refusal.no == No.NOT_NOW and code in DV_WORDS:
        return replace(refusal, words=DV_WORDS[code])
    return refusal


def _parts(answer: Answer) -> Iterator[Answer]:
    """The answers inside a JSON batch."""
    parts = find(answer.data, "responses")
    for part in parts if isinstance(parts, list) else []:
        status, headers = find(part, "status"), find(part, "headers")
        told = headers if isinstance(headers, dict) else {}
        yield replace(
            answer,
            status=status if isinstance(status, int) else 0,
            headers={str(name).lower(): str(value) for name, value in told.items()},
            data={"error": find(part, "body.error"), "body": find(part, "body")},
        )


def _total(answer: Answer) -> Counted:
    return Counted(number=odata_count(answer.data), exact=True)


def _error(code: str, words: str) -> str:
    return f'{{"error":{{"code":"{code}","message":"{words}"}}}}'


TOO_MANY = _error("TooManyRequests", "Too many requests")
REFUSED = (
    Sample(of="not permitted", status=403, body=_error("Forbidden", "No permission")),
    Sample(of="credential", status=401, body=_error("Unauthorized", "Unauthorized")),
)


def _found(number: int) -> str:
    return f'{{"@odata.count":{number},"value":[{{"id":"6f0c"}}]}}'


def _count(
    entity: str,
    path: str,
    changed: str,
    *,
    read: Callable[[Answer], Counted] = _total,
    also: Mapping[str, str] | None = None,
    note: str = "",
) -> Count:
    """Asks for one record and the total: that these lists tell one is recalled."""
    query = {"$count": "true", "$top": "1", "$filter": f"{changed} ge {{since}}"}
    return Count(
        entity=entity,
        call=Call(path=path, params={**query, **(also or {})}),
        since=since_utc,
        read=read,
        source=RECALLED,
        note=note,
    )


def _limit(
    name: str,
    amount: int,
    per: timedelta | None,
    source: Source,
    read: Callable[[Answer], tuple[LimitReading, ...]] | None = None,
    *,
    unit: str = CALLS,
) -> Limit:
    """One of the allowances that each user has; few are told, and only to that user."""
    shape = Shape.CONCURRENCY if per is None else Shape.REMAINING if read else Shape.WINDOW
    plan = "each user and web server" if source is DV_LIMITS else "each user"
    return Limit(
        name=name,
        shape=shape,
        whose=Whose.OWN if read else Whose.NOBODYS,
        published=(Published(amount=amount, per=per, source=source, plan=plan),),
        read=read or NotOffered("no answer tells it"),
        source=source,
        unit=unit,
    )


# Business Central

BC_COMPANY = "companies({company})"
BC_CHANGED = "lastModifiedDateTime"


def _in_batch(collection: str) -> dict[str, str]:
    query = f"$count=true&$top=1&$filter={BC_CHANGED}%20ge%20{{since}}"
    return {"id": collection, "method": "GET", "url": f"{BC_COMPANY}/{collection}?{query}"}


def _orders_and_invoices(answer: Answer) -> Counted:
    bodies = [find(part.data, "body") for part in _parts(answer) if part.status == 200]
    if len(bodies) != 2:
        raise ValueError("the answer has not both orders and invoices")
    return Counted(number=sum(odata_count(body) for body in bodies), exact=False)


BC_ORDERS = Count(
    entity="orders",
    call=Call(
        path="/$batch",
        method="POST",
        body={"requests": [_in_batch("salesOrders"), _in_batch("salesInvoices")]},
    ),
    since=since_utc,
    read=_orders_and_invoices,
    source=RECALLED,
    note="a posted order leaves salesOrders and becomes an invoice, so both are counted; a partly "
    "posted one stands in both, so the sum is not exact",
)
BC_BATCH = (
    '{"responses":[{"id":"salesOrders","status":200,"headers":{},"body":%s},'
    '{"id":"salesInvoices","status":%d,"headers":{"Retry-After":"9"},"body":%s}]}'
)
BUSINESS_CENTRAL = Connector(
    kind="business_central",
    title="Dynamics 365 Business Central",
    docs=BC_ANSWERS.url,
    base_url="https://api.businesscentral.dynamics.com/v2.0/{tenant}/{environment}/api/v2.0",
    placeholders={
        **entra.TENANT,
        "environment": "the environment, for example Production",
        "company": "the id of the company",
    },
    auths=(entra.sign_in("https://api.businesscentral.dynamics.com"),),
    credentials=entra.CREDENTIALS,
    probe=Probe(
        call=Call(path="/companies"),
        proves="the environment answers and the app is accepted",
        source=BC_ANSWERS,
    ),
    limits=(
        _limit("requests", 6000, FIVE_MINUTES, BC_LIMITS),
        _limit("requests at a time", 5, None, BC_LIMITS),
        _limit("requests in the queue", 95, None, BC_LIMITS),
        _limit("connections", 100, None, BC_LIMITS),
    ),
    counts=(
        BC_ORDERS,
        _count("products", f"{BC_COMPANY}/items", BC_CHANGED),
        _count("customers", f"{BC_COMPANY}/customers", BC_CHANGED),
        _count("inventory", f"{BC_COMPANY}/itemLedgerEntries", BC_CHANGED, note="stock movements"),
    ),
    keys=Keys(
        number="externalDocumentNumber",  # the web shop's number; its own is `number`
        changed_at="lastModifiedDateTime",
        total="totalAmountIncludingTax",
        currency="currencyCode",
        line_count="salesOrderLines",
        source=BC_ORDER,
    ),
    refusal=_refusal,
    lists=lists.BUSINESS_CENTRAL,
    status_page=NO_STATUS,
    signals=NO_SIGNALS,
    sayings=entra.SAYINGS,
    samples=(
        Sample(of="probe", body='{"value":[{"id":"9a1c","name":"Acme Outdoors"}]}'),
        Sample(of="count orders", body=BC_BATCH % (_found(41), 200, _found(203)), means=244),
        Sample(of="count products", body=_found(17), means=17),
        Sample(of="count customers", body=_found(0), means=0),
        Sample(of="count inventory", body=_found(1904), means=1904),
        Sample(of="not now", status=429, body=TOO_MANY),
        Sample(of="not now", body=BC_BATCH % (_found(41), 429, TOO_MANY)),
        *REFUSED,
    ),
)

# Finance & Operations

FO_CHANGED = "{changed_field}"
FO_ALL = {"cross-company": "true"}  # without it, only the app's own legal entity is counted
FO_NOTE = "not every data entity shows when a record last changed"
FINANCE_OPERATIONS = Connector(
    kind="finance_operations",
    title="Dynamics 365 Finance & Operations",
    docs=FO_LIMITS.url,
    base_url="https://{host}",
    placeholders={
        **entra.TENANT,
        "host": "the environment's host, for example acme.operations.dynamics.com",
        "changed_field": "the field of the data entities that holds the moment of change",
    },
    auths=(entra.sign_in("https://{host}"),),
    credentials=entra.CREDENTIALS,
    probe=Probe(
        call=Call(path="/data/LegalEntities", params={"$top": "1", "$select": "LegalEntityId"}),
        proves="the environment answers and the app is accepted",
        source=RECALLED,
    ),
    limits=(
        Limit(
            name="resources",
            shape=Shape.UNREADABLE,
            whose=Whose.NOBODYS,
            published=(),
            read=NotOffered("throttled by the load of the environment: there is no number"),
            source=FO_LIMITS,
        ),
    ),
    counts=(
        _count("orders", "/data/SalesOrderHeadersV2", FO_CHANGED, also=FO_ALL, note=FO_NOTE),
        _count("products", "/data/ReleasedProductsV2", FO_CHANGED, also=FO_ALL, note=FO_NOTE),
        _count("customers", "/data/CustomersV3", FO_CHANGED, also=FO_ALL, note=FO_NOTE),
    ),
    keys=NotOffered("which fields identify an order is not confirmed for its data entities"),
    refusal=_refusal,
    lists=lists.FINANCE_OPERATIONS,
    status_page=NO_STATUS,
    signals=NO_SIGNALS,
    sayings=FO_SAYINGS,
    samples=(
        Sample(of="probe", body='{"value":[{"LegalEntityId":"USMF"}]}'),
        Sample(of="count orders", body=_found(88), means=88),
        Sample(of="count products", body=_found(0), means=0),
        Sample(of="count customers", body=_found(5), means=5),
        Sample(
            of="not now", status=429, headers={"retry-after": "62"}, means=timedelta(seconds=62)
        ),
        *REFUSED,
    ),
    defaults={"changed_field": "ModifiedDateTime"},
)

# Dataverse

DV_WORDS = {
    "0x80072322": "too many requests in five minutes",
    "0x80072321": "too much execution time in five minutes",
}
DV_COUNT_CAP = 5000  # @odata.count stops there; recalled
DV_NOTE = f"the count stops at {DV_COUNT_CAP:,}: from there on it is not exact"


def _left(header: str) -> Callable[[Answer], tuple[LimitReading, ...]]:
    """Reads what is left, written with a comma at a thousand: 1,199.97.

    It is for debugging, says Microsoft: it starts anew whenever another web server answers.
    """

    def read(answer: Answer) -> tuple[LimitReading, ...]:
        told = answer.headers.get(header, "")
        if not re.fullmatch(r"(\d{1,3}(,\d{3}){1,3}|\d{1,9})(\.\d{1,6})?", told, re.ASCII):
            return ()
        return (LimitReading(size=None, remaining=float(told.replace(",", ""))),)

    return read


def _capped(answer: Answer) -> Counted:
    number = odata_count(answer.data)
    return Counted(number=number, exact=number < DV_COUNT_CAP)


DV_REQUESTS = "x-ms-ratelimit-burst-remaining-xrm-requests"
DV_SECONDS = "x-ms-ratelimit-time-remaining-xrm-requests"
DATAVERSE = Connector(
    kind="dataverse",
    title="Dynamics 365 on Dataverse",
    docs=DV_LIMITS.url,
    base_url="https://{host}/api/data/v9.2",
    placeholders={
        **entra.TENANT,
        "host": "the environment's host, for example acme.crm4.dynamics.com",
    },
    auths=(entra.sign_in("https://{host}"),),
    credentials=entra.CREDENTIALS,
    probe=Probe(
        call=Call(path="/WhoAmI"),
        proves="the environment answers and knows the app as a user",
        source=RECALLED,
    ),
    limits=(
        _limit("requests", 6000, FIVE_MINUTES, DV_LIMITS, _left(DV_REQUESTS)),
        _limit(
            "seconds of execution", 1200, FIVE_MINUTES, DV_LIMITS, _left(DV_SECONDS), unit="seconds"
        ),
        _limit("requests at a time", 52, None, DV_LIMITS),
    ),
    counts=(
        _count("orders", "/salesorders", "modifiedon", read=_capped, note=DV_NOTE),
        _count("products", "/products", "modifiedon", read=_capped, note=DV_NOTE),
        _count("customers", "/contacts", "modifiedon", read=_capped, note=DV_NOTE),
    ),
    keys=NotOffered("which fields identify an order is not confirmed for its tables"),
    refusal=_refusal,
    lists=lists.DATAVERSE,
    status_page=NO_STATUS,
    signals=NO_SIGNALS,
    sayings=DV_SAYINGS,
    samples=(
        Sample(of="probe", body='{"UserId":"0b7e","OrganizationId":"51fa"}'),
        Sample(
            of="limit",
            headers={DV_REQUESTS: "5994", DV_SECONDS: "1,199.97"},
            means=tuple(LimitReading(size=None, remaining=left) for left in (5994, 1199.97)),
        ),
        Sample(of="count orders", body=_found(5000), means=Counted(number=5000, exact=False)),
        Sample(of="count products", body=_found(61), means=Counted(number=61, exact=True)),
        Sample(of="count customers", body=_found(0), means=0),
        Sample(
            of="not now",
            status=429,
            headers={"retry-after": "218"},
            body=_error("0x80072322", "Number of requests exceeded"),
            means=timedelta(seconds=218),
        ),
        *REFUSED,
    ),
)

CONNECTORS = (BUSINESS_CENTRAL, FINANCE_OPERATIONS, DATAVERSE)
