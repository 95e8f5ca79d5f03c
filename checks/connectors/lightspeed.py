"""Lightspeed Retail: the R-Series and the X-Series, two systems under one name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from checks.declare import (
    Answer,
    Auth,
    Call,
    Cause,
    Connector,
    Count,
    Counted,
    Credential,
    Keys,
    Life,
    Limit,
    LimitReading,
    Mark,
    NotOffered,
    Page,
    Probe,
    Published,
    Sample,
    Saying,
    Scheme,
    Shape,
    Source,
    Whose,
)
from checks.lists import lightspeed as lists
from checks.reading import (
    count_at,
    find,
    leaky,
    number_in,
    parameter_of,
    usual_refusal,
    wait_of,
)

X_DOCS = "https://x-series-api.lightspeedhq.com"
RECALLED = Source(mark=Mark.RECALLED)
MIRROR = Source(mark=Mark.THIRD_PARTY, url="https://github.com/api-evangelist/lightspeed")
X_LIMITS = Source(mark=Mark.CONFIRMED, url=f"{X_DOCS}/docs/rate_limiting")
X_AUTH = Source(mark=Mark.CONFIRMED, url=f"{X_DOCS}/docs/authorization")
X_REFRESH = Source(mark=Mark.CONFIRMED, url=f"{X_DOCS}/changelog/2025-03-refresh-token-flow-update")
X_PAGES = Source(mark=Mark.CONFIRMED, url="https://docs.vendhq.com/reference/pagination")
R_SAYINGS = (Saying(pattern="burst rate limit", cause=Cause.LIMIT, source=MIRROR),)
STATUS = NotOffered("status.lightspeedhq.com is for people; no JSON of it is confirmed")
NO_SIGNALS = NotOffered("neither versions nor deprecations are told in answers")

# R-Series


def _bucket(answer: Answer) -> tuple[LimitReading, ...]:
    """Used of size, and how fast it drains. The size differs with the number of registers."""
    drips = number_in(answer.headers, "x-ls-api-drip-rate")
    return leaky(answer.headers, "x-ls-api-bucket-level", drips)


def _burst(answer: Answer) -> tuple[LimitReading, ...]:
    return leaky(answer.headers, "x-ls-api-burst-level", None)


def _page_of(collection: str) -> Callable[[Answer], Page]:
    """Reads a page. A single record comes as an object instead of a list, an empty page as none."""

    def read(answer: Answer) -> Page:
        following = find(answer.data, "@attributes.next")
        if not isinstance(following, str):
            raise ValueError("the answer does not tell its next page")
        rows = find(answer.data, collection)
        if not isinstance(rows, list | dict | None):
            raise ValueError(f"the answer has no list of {collection}")
        number = len(rows) if isinstance(rows, list) else int(rows is not None)
        cursor = parameter_of(following, "after")
        if following and not cursor:
            raise ValueError("the link to the next page has no cursor")
        return Page(number=number, after={"after": cursor} if cursor else None)

    return read


def _with_offset(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _r_count(entity: str, collection: str) -> Count:
    return Count(
        entity=entity,
        call=Call(
            path=f"/Account/{{account_id}}/{collection}.json",
            params={"timeStamp": ">=,{since}", "sort": "timeStamp", "limit": "100"},
        ),
        since=_with_offset,
        read=_page_of(collection),
        source=RECALLED,
        note="no dependable total: pages of 100 are counted, each at the cost of a request",
    )


R_ACCESS = Credential(
    name="access token",
    life=Life.TOLD_AT_ISSUE,
    lasts=timedelta(minutes=30),
    source=RECALLED,
    note="from a grant of the monitor's own. Whatever keeps that grant fresh writes it to the file "
    "that the setting names",
)
R_REFRESH = Credential(
    name="refresh token",
    life=Life.TOLD_AT_ISSUE,
    lasts=None,
    source=MIRROR,
    rotates=True,
    needs_person=True,
    note="the platform's; it changes at each refresh, so nobody else may use it",
)
R_SALE = (
    '{"@attributes":{"next":"%s","previous":""},'
    '"Sale":[{"saleID":"5121","timeStamp":"2026-11-21T12:04:11+00:00"},{"saleID":"5122"}]}'
)
R_NEXT = "https://api.lightspeedapp.com/API/V3/Account/1/Sale.json?limit=100&after=WzUxMjJd"
R_HEADERS = {"x-ls-api-bucket-level": "12.5/90", "x-ls-api-drip-rate": "1"}
R_SAMPLES = (
    Sample(of="probe", headers=R_HEADERS, body='{"Account":{"accountID":"1","name":"Acme"}}'),
    Sample(
        of="limit",
        headers=R_HEADERS,
        means=LimitReading(size=90, remaining=77.5, restored_per_second=1),
    ),
    Sample(
        of="limit",
        headers={"x-ls-api-burst-level": "3/5"},
        means=LimitReading(size=5, remaining=2),
    ),
    Sample(
        of="count orders",
        body=R_SALE % R_NEXT,
        means=Page(number=2, after={"after": "WzUxMjJd"}),
    ),
    Sample(
        of="count products",
        body='{"@attributes":{"next":""},"Item":{"itemID":"7"}}',
        means=Page(number=1, after=None),
    ),
    Sample(
        of="count customers",
        body='{"@attributes":{"next":""}}',
        means=Page(number=0, after=None),
    ),
    Sample(
        of="not now",
        status=429,
        headers={"retry-after": "4"},
        body='{"httpCode":"429","message":"Rate limit exceeded"}',
        means=timedelta(seconds=4),
    ),
    Sample(of="not permitted", status=403, body='{"httpCode":"403","message":"Forbidden"}'),
    Sample(of="credential", status=401, body='{"httpCode":"401","message":"Unauthorized"}'),
)
R_SERIES = Connector(
    kind="lightspeed_r",
    title="Lightspeed Retail (R-Series)",
    docs="https://developers.lightspeedhq.com/retail/introduction/ratelimits/",
    base_url="https://api.lightspeedapp.com/API/V3",
    placeholders={"account_id": "the number of the account"},
    auths=(
        Auth(
            name="token",
            scheme=Scheme.BEARER,
            secrets={"token": "an access token of the monitor's own grant"},
            credential=R_ACCESS.name,
            source=MIRROR,
        ),
    ),
    credentials=(R_ACCESS, R_REFRESH),
    probe=Probe(
        call=Call(path="/Account.json"),
        proves="the service answers and the token is accepted",
        source=RECALLED,
    ),
    limits=(
        Limit(
            name="requests",
            shape=Shape.LEAKY_BUCKET,
            whose=Whose.OWN,  # whose is not published: the platform's use is not taken to be in it
            published=(
                Published(
                    amount=1,
                    per=timedelta(seconds=1),
                    source=MIRROR,
                    plan="one register, bucket of 90; each further adds 0.5 a second and 10",
                ),
            ),
            read=_bucket,
            source=MIRROR,
        ),
        Limit(
            name="burst",
            shape=Shape.LEAKY_BUCKET,
            whose=Whose.OWN,
            published=(),
            read=_burst,
            source=MIRROR,
        ),
    ),
    counts=(
        _r_count("orders", "Sale"),
        _r_count("products", "Item"),
        _r_count("customers", "Customer"),
    ),
    keys=Keys(
        number="saleID",
        changed_at="timeStamp",
        total="calcTotal",
        currency=NotOffered("one for the whole account"),
        line_count="SaleLines",
        source=RECALLED,
    ),
    refusal=usual_refusal,
    status_page=STATUS,
    signals=NO_SIGNALS,
    sayings=R_SAYINGS,
    samples=R_SAMPLES,
    lists=lists.R_SERIES,
)

# X-Series


def _window(answer: Answer) -> tuple[LimitReading, ...]:
    """Limit and remaining; the end of the window is told only with a refusal, as a date."""
    size = number_in(answer.headers, "x-ratelimit-limit")
    remaining = number_in(answer.headers, "x-ratelimit-remaining")
    if size is None and remaining is None:
        return ()
    wait = wait_of(answer) if answer.status == 429 else None
    resets_at = answer.at + wait if wait else None
    return (LimitReading(size=size, remaining=remaining, resets_at=resets_at),)


def _results(answer: Answer) -> Counted:
    return Counted(number=count_at(answer.data, "pagination.results"), exact=True)


def _space_between(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _x_count(entity: str, collection: str) -> Count:
    return Count(
        entity=entity,
        call=Call(path=f"/{collection}", params={"since": "{since}", "page_size": "1"}),
        since=_space_between,
        read=_results,
        source=X_PAGES,
        note="lists of the first version tell a total (its since filter is recalled); newer ones "
        "have only a version cursor, and search has neither a total nor a filter by change",
    )


X_PERSONAL = Credential(
    name="personal token", life=Life.DECLARED, lasts=None, source=X_AUTH, needs_person=True
)
X_ACCESS = Credential(
    name="access token",
    life=Life.TOLD_AT_ISSUE,
    lasts=timedelta(days=7),
    source=X_REFRESH,
    renews_itself=True,
    note="the platform's; seven days stand in the vendor's sample, the answer at issue tells",
)
X_REFRESH_TOKEN = Credential(
    name="refresh token",
    life=Life.TOLD_AT_ISSUE,
    lasts=None,
    source=X_REFRESH,
    rotates=True,
    needs_person=True,
    note="the platform's; the used one is revoked at each refresh, so nobody else may use it",
)
X_HEADERS = {"x-ratelimit-limit": "650", "x-ratelimit-remaining": "612"}
X_LIST = '{"pagination":{"results":%d,"page":1,"page_size":1,"pages":%d},"%s":[]}'
X_REFUSED = {
    "x-ratelimit-limit": "650",
    "x-ratelimit-remaining": "0",
    "date": "Sat, 21 Nov 2026 12:00:00 GMT",
    "retry-after": "Sat, 21 Nov 2026 12:02:30 GMT",
}
X_SAMPLES = (
    Sample(of="probe", headers=X_HEADERS, body='{"data":{"domain_prefix":"acme"}}'),
    Sample(of="limit", headers=X_HEADERS, means=LimitReading(size=650, remaining=612)),
    Sample(of="count orders", body=X_LIST % (311, 311, "register_sales"), means=311),
    Sample(of="count products", body=X_LIST % (8, 8, "products"), means=8),
    Sample(of="count customers", body=X_LIST % (0, 0, "customers"), means=0),
    Sample(of="not now", status=429, headers=X_REFUSED, means=timedelta(seconds=150)),
    Sample(of="not permitted", status=403, body='{"error":"Forbidden"}'),
    Sample(of="credential", status=401, body='{"error":"Unauthorized"}'),
)
X_SERIES = Connector(
    kind="lightspeed_x",
    title="Lightspeed Retail (X-Series)",
    docs=X_DOCS,
    base_url="https://{prefix}.retail.lightspeed.app/api",
    placeholders={
        "prefix": "the domain prefix of the store",
        "version": "the dated version of the interface, for example 2026-07",
    },
    auths=(
        Auth(
            name="token",
            scheme=Scheme.BEARER,
            secrets={"token": "a personal token of the monitor's own"},
            credential=X_PERSONAL.name,
            source=X_AUTH,
        ),
    ),
    credentials=(X_PERSONAL, X_ACCESS, X_REFRESH_TOKEN),
    probe=Probe(
        call=Call(path="/{version}/retailer"),
        proves="the service answers and the token is accepted (scopes retailer:read and "
        "payment_types:read)",
        source=MIRROR,
    ),
    limits=(
        Limit(
            name="requests",
            shape=Shape.WINDOW,
            whose=Whose.OWN,
            published=(
                Published(
                    amount=350,
                    per=timedelta(minutes=5),
                    source=X_LIMITS,
                    plan="one register; each further adds 300",
                ),
            ),
            read=_window,
            source=MIRROR,
        ),
    ),
    counts=(
        _x_count("orders", "register_sales"),
        _x_count("products", "products"),
        _x_count("customers", "customers"),
    ),
    keys=Keys(
        number="invoice_number",
        changed_at="updated_at",
        total=NotOffered("told in two parts, total_price and total_tax"),
        currency=NotOffered("one for the whole retailer"),
        line_count="line_items",
        source=RECALLED,
    ),
    refusal=usual_refusal,
    status_page=STATUS,
    signals=NO_SIGNALS,
    samples=X_SAMPLES,
    lists=lists.X_SERIES,
    defaults={"version": "2026-07"},
)

CONNECTORS = (R_SERIES, X_SERIES)
