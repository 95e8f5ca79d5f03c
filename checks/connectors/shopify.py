"""Shopify: the GraphQL Admin API, and the legacy REST Admin API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from checks.announced import years_after
from checks.declare import (
    Answer,
    Auth,
    Call,
    Cause,
    Connector,
    Count,
    Counted,
    Credential,
    Event,
    Keys,
    Life,
    Limit,
    LimitReading,
    Mark,
    No,
    Probe,
    Published,
    Refusal,
    Sample,
    Saying,
    Scheme,
    Shape,
    Signal,
    Source,
    StatusPage,
    Whose,
)
from checks.lists import shopify as lists
from checks.reading import count_at, find, leaky, number_at, since_utc, usual_refusal, wait_of

DEV = "https://shopify.dev"
BUILD = f"{DEV}/docs/apps/build"
TOKENS = f"{BUILD}/authentication-authorization/access-tokens"
LIMITS = Source(mark=Mark.CONFIRMED, url=f"{BUILD}/apis/graphql-admin/rate-limits")
REST_LIMITS = Source(mark=Mark.CONFIRMED, url=f"{DEV}/docs/api/admin-rest/usage/rate-limits")
COST = Source(
    mark=Mark.THIRD_PARTY,
    url="https://community.shopify.com/t/graphql-admin-api-example-throttled-requests-response/8456",
)
OFFLINE = Source(mark=Mark.CONFIRMED, url=f"{TOKENS}/offline-access-tokens")
EXPIRING = Source(
    mark=Mark.CONFIRMED,
    url=f"{BUILD}/security/credentials-and-data/use-expiring-offline-access-tokens",
)
OWN_ORGANISATION = Source(
    mark=Mark.THIRD_PARTY, url="https://github.com/nuxt-modules/shopify/issues/217"
)
COUNTS = Source(
    mark=Mark.CONFIRMED, url=f"{DEV}/docs/api/admin-graphql/latest/queries/ordersCount.md"
)
REST_COUNTS = "https://rdrr.io/github/ben519/shopr/man/shopr_get_{}_count.html"
REST = Source(mark=Mark.CONFIRMED, url=f"{DEV}/docs/api/admin-rest")
CLIENTS = Source(mark=Mark.THIRD_PARTY, url="https://github.com/w6w-io/w6w-apps")
REASONS = Source(
    mark=Mark.CONFIRMED, url=f"{DEV}/changelog/graphql-return-actual-deprecation-reasons"
)
VERSIONS = Source(mark=Mark.CONFIRMED, url="https://help.shopify.com/en/api/versioning")
RECALLED = Source(mark=Mark.RECALLED)
STATUSES = Source(mark=Mark.CONFIRMED, url=f"{DEV}/docs/api/usage/response-codes")
SAYINGS = (
    Saying(pattern=r"\bthrottled\b", cause=Cause.LIMIT, source=COST),
    Saying(pattern=r"exceeded [0-9]+ calls per second", cause=Cause.LIMIT, source=REST_LIMITS),
    Saying(
        pattern="ACCESS_DENIED|requires merchant approval",
        cause=Cause.NOT_PERMITTED,
        source=RECALLED,
    ),
    Saying(
        pattern="invalid API key or access token",
        cause=Cause.CREDENTIAL,
        source=Source(
            mark=Mark.THIRD_PARTY,
            url="https://community.shopify.com/t/errors-api-invalid-api-key-or-access-token-"
            "unrecognized-login-or-wrong-password/3332",
        ),
    ),
    Saying(  # a frozen or locked shop: its owner must act
        pattern=r"\b402\b.{0,20}payment required|\b423\b.{0,20}locked|SHOP_INACTIVE",
        cause=Cause.LASTING,
        source=STATUSES,
    ),
    Saying(pattern="INTERNAL_SERVER_ERROR", cause=Cause.PASSING, source=STATUSES),
)
SECOND = timedelta(seconds=1)


def _points(answer: Answer) -> tuple[LimitReading, ...]:
    status = find(answer.data, "extensions.cost.throttleStatus")
    size, left = number_at(status, "maximumAvailable"), number_at(status, "currentlyAvailable")
    if size is None or left is None:
        return ()
    rate = number_at(status, "restoreRate")
    return (LimitReading(size=size, remaining=left, restored_per_second=rate),)


def _calls(answer: Answer) -> tuple[LimitReading, ...]:
    return leaky(answer.headers, "X-Shopify-Shop-Api-Call-Limit", None)


def _refusal(answer: Answer) -> Refusal | None:
    """GraphQL says no inside HTTP 200 or by the status: sources differ, so either counts."""
    errors = find(answer.data, "errors")
    said = [find(error, "extensions.code") for error in errors] if isinstance(errors, list) else []
    said += [find(error, "message") for error in errors] if isinstance(errors, list) else []
    if "THROTTLED" in said or "Throttled" in said:
        wait = wait_of(answer) or _until_affordable(answer)
        return Refusal(no=No.NOT_NOW, words="throttled", retry_after=wait)
    if "ACCESS_DENIED" in said:
        return Refusal(no=No.NOT_PERMITTED, words="access denied")
    return usual_refusal(answer)


def _until_affordable(answer: Answer) -> timedelta | None:
    """How long until the points for the same query are back; the bucket fills steadily."""
    wanted = number_at(answer.data, "extensions.cost.requestedQueryCost")
    for reading in _points(answer):
        if wanted is not None and reading.restored_per_second:
            missing = max(0.0, wanted - (reading.remaining or 0.0))
            return timedelta(seconds=min(missing / reading.restored_per_second, 3600))
    return None


def _counted(query: str, answer: Answer) -> Counted:
    number = count_at(answer.data, f"data.{query}.count")
    return Counted(number=number, exact=find(answer.data, f"data.{query}.precision") == "EXACT")


def _rest_counted(answer: Answer) -> Counted:
    return Counted(number=count_at(answer.data, "count"), exact=True)


def _header(name: str, answer: Answer) -> str | None:
    return answer.headers.get(name) or None


def _count(entity: str, query: str, note: str) -> Count:
    asked = (
        f"query($since: String!) {{ {query}(query: $since, limit: null) {{ count precision }} }}"
    )
    return Count(
        entity=entity,
        call=Call(
            path="/graphql.json",
            method="POST",
            body={"query": asked, "variables": {"since": "updated_at:>='{since}'"}},
        ),
        since=since_utc,
        read=partial(_counted, query),
        source=COUNTS,
        note=f"{note}; uncapped since 2025-07; one that is not exact is not reconciled",
    )


def _rest_count(entity: str, note: str, **also: str) -> Count:
    return Count(
        entity=entity,
        call=Call(path=f"/{entity}/count.json", params={"updated_at_min": "{since}", **also}),
        since=since_utc,
        read=_rest_counted,
        source=Source(mark=Mark.THIRD_PARTY, url=REST_COUNTS.format(entity)),
        note=note,
    )


def _published(source: Source, **plans: float) -> tuple[Published, ...]:
    return tuple(
        Published(amount=amount, per=SECOND, source=source, plan=plan)
        for plan, amount in plans.items()
    )


CREDENTIALS = (
    Credential(
        name="offline token",
        life=Life.DECLARED,
        lasts=None,
        source=OFFLINE,
        note="lives until the app is uninstalled or its secret revoked",
    ),
    Credential(
        name="expiring offline token",
        life=Life.TOLD_AT_ISSUE,
        lasts=timedelta(hours=1),
        source=EXPIRING,
        renews_itself=True,
        rotates=True,
        note="its refresh token is replaced at every use, so the monitor has an app of its own",
    ),
    Credential(
        name="client credentials token",
        life=Life.TOLD_AT_ISSUE,
        lasts=timedelta(hours=24),
        source=OWN_ORGANISATION,
        renews_itself=True,
        note="only between apps and shops of one organisation",
    ),
)
AUTH = Auth(
    name="token",
    scheme=Scheme.HEADER,
    secrets={"token": "Admin API access token of the monitor's own custom app"},
    credential="offline token",
    source=REST,
    details={"header": "X-Shopify-Access-Token"},
)
SIGNALS = (
    Signal(
        name="deprecated fields in use",
        read=partial(_header, "x-shopify-api-deprecated-reason"),
        source=REASONS,
        warns=True,
        means="Shopify tells that we ask for fields which it will take away",
    ),
    Signal(
        name="version that served the call",
        read=partial(_header, "x-shopify-api-version"),
        source=VERSIONS,
        ends=partial(years_after, years=1),
        means="Shopify need no longer support this version of its API",
    ),
)
UNAUTHORISED = '{"errors":"[API] Invalid API key or access token (unrecognized login)"}'
SAMPLES = (
    Sample(of="credential", status=401, body=UNAUTHORISED),
    Sample(
        of="not permitted",
        status=403,
        body='{"errors":"[API] This action requires merchant approval for read_orders scope."}',
    ),
)
COST_SAMPLE = (
    '"extensions":{"cost":{"requestedQueryCost":%s,"actualQueryCost":%s,"throttleStatus":'
    '{"maximumAvailable":2000.0,"currentlyAvailable":%s,"restoreRate":100.0}}}'
)
THROTTLED = '{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],%s}' % (
    COST_SAMPLE % (752, "null", 402)
)

GRAPHQL = Connector(
    kind="shopify",
    title="Shopify",
    docs=f"{DEV}/docs/api/admin-graphql",
    base_url="https://{shop}.myshopify.com/admin/api/{version}",
    placeholders={
        "shop": "the part of the shop's address before .myshopify.com",
        "version": "API version as YYYY-MM; each is supported for at least 12 months",
    },
    defaults={"version": "2026-10"},
    auths=(AUTH,),
    credentials=CREDENTIALS,
    probe=Probe(
        call=Call(path="/graphql.json", method="POST", body={"query": "{ shop { name } }"}),
        proves="the shop answers and the token is accepted",
        source=RECALLED,
    ),
    limits=(
        Limit(
            name="query points",
            shape=Shape.POINTS,
            whose=Whose.OWN,
            published=_published(LIMITS, Standard=100, Advanced=200, Plus=1000, Enterprise=2000),
            read=_points,
            source=COST,
        ),
    ),
    counts=(
        _count("orders", "ordersCount", "needs read_orders; older than 60 days a further scope"),
        _count("products", "productsCount", "needs read_products"),
        _count("customers", "customersCount", "needs read_customers"),
    ),
    keys=Keys(
        number="name",
        changed_at="updatedAt",
        total="currentTotalPriceSet",
        currency="currencyCode",
        line_count="lineItems",
        source=RECALLED,
    ),
    refusal=_refusal,
    lists=lists.GRAPHQL,
    status_page=StatusPage(
        url="https://www.shopifystatus.com/api/v2/summary.json", components=(), source=CLIENTS
    ),
    signals=SIGNALS,
    events=(
        Event(
            what="Shopify refuses non-expiring offline tokens of public apps",
            on=datetime(2027, 1, 1, tzinfo=UTC),
            whom="public apps; custom and merchant-created apps are exempt",
            source=OFFLINE,
        ),
    ),
    sayings=SAYINGS,
    samples=(
        *SAMPLES,
        Sample(of="probe", body='{"data":{"shop":{"name":"Acme"}},%s}' % (COST_SAMPLE % (1, 1, 1))),
        Sample(
            of="limit query points",
            body='{"data":{"shop":{"name":"Acme"}},%s}' % (COST_SAMPLE % (1, 1, 1999)),
            means=LimitReading(size=2000, remaining=1999, restored_per_second=100),
        ),
        Sample(
            of="count orders",
            body='{"data":{"ordersCount":{"count":131,"precision":"EXACT"}}}',
            means=Counted(number=131, exact=True),
        ),
        Sample(
            of="count products",
            body='{"data":{"productsCount":{"count":10000,"precision":"AT_LEAST"}}}',
            means=Counted(number=10000, exact=False),
        ),
        Sample(
            of="count customers",
            body='{"data":{"customersCount":{"count":0,"precision":"EXACT"}}}',
            means=Counted(number=0, exact=True),
        ),
        Sample(of="not now", body=THROTTLED, means=timedelta(seconds=3.5)),
        Sample(of="not now", status=429, body=THROTTLED, means=timedelta(seconds=3.5)),
        Sample(
            of="not permitted",
            body='{"errors":[{"message":"Access denied for ordersCount field.",'
            '"extensions":{"code":"ACCESS_DENIED"}}],"data":{"ordersCount":null}}',
        ),
    ),
)

REST_API = Connector(
    kind="shopify_rest",
    title="Shopify (legacy REST)",
    docs=REST.url,
    base_url=GRAPHQL.base_url,
    placeholders=GRAPHQL.placeholders,
    defaults=GRAPHQL.defaults,
    auths=(AUTH,),
    credentials=CREDENTIALS,
    probe=Probe(
        call=Call(path="/shop.json"),
        proves="the shop answers and the token is accepted; it needs no further scope",
        source=CLIENTS,
    ),
    limits=(
        Limit(
            name="calls",
            shape=Shape.LEAKY_BUCKET,
            whose=Whose.OWN,
            published=_published(REST_LIMITS, Standard=2, Advanced=4, Plus=20),
            read=_calls,
            source=CLIENTS,
        ),
    ),
    counts=(
        _rest_count("orders", "without status=any only open orders would count", status="any"),
        _rest_count("products", "not with versions that serve products in GraphQL alone"),
    ),
    keys=Keys(
        number="name",
        changed_at="updated_at",
        total="current_total_price",
        currency="currency",
        line_count="line_items",
        source=RECALLED,
    ),
    refusal=usual_refusal,
    lists=lists.REST_API,
    status_page=GRAPHQL.status_page,
    signals=SIGNALS,
    events=GRAPHQL.events,
    sayings=SAYINGS,
    samples=(
        *SAMPLES,
        Sample(of="probe", body='{"shop":{"id":548380009,"name":"Acme","plan_name":"basic"}}'),
        Sample(
            of="limit calls",
            headers={"X-Shopify-Shop-Api-Call-Limit": "32/40"},
            body='{"shop":{"id":548380009}}',
            means=LimitReading(size=40, remaining=8),
        ),
        Sample(of="count orders", body='{"count":131}', means=Counted(number=131, exact=True)),
        Sample(of="count products", body='{"count":0}', means=Counted(number=0, exact=True)),
        Sample(
            of="not now",
            status=429,
            headers={"Retry-After": "2.0"},
            body='{"errors":"Exceeded 2 calls per second for api client."}',
            means=timedelta(seconds=2),
        ),
    ),
)
CONNECTORS = (GRAPHQL, REST_API)
