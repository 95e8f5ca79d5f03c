"""Akeneo PIM: product data behind limits on calls at the same time and calls a second."""

from __future__ import annotations

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
    Mark,
    No,
    NotOffered,
    Probe,
    Published,
    Refusal,
    Sample,
    Saying,
    Scheme,
    Shape,
    Signal,
    Source,
    Whose,
)
from checks.lists import akeneo as lists
from checks.reading import count_at, find, number_in, usual_refusal

DOCS = "https://api.akeneo.com"
PRACTICES = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/documentation/good-practices.html")
GRAPHQL = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/graphql/limitations.html")
LOGIN = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/documentation/authentication.html")
APPS = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/apps/authentication-and-authorization.html")
FILTERS = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/documentation/filter.html")
SWAGGER = Source(
    mark=Mark.CONFIRMED,
    url="https://github.com/akeneo/pim-api-docs/blob/master/content/swagger/akeneo-web-api.json",
)
ANSWERS = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/documentation/responses.html")
TOKENS = Source(
    mark=Mark.THIRD_PARTY, url="https://github.com/akeneo/pim-community-dev/issues/6618"
)
NO_CLIENT = "does not match any client, or secret is invalid"
NO_USER = "no user found for the given username and password"
SAYINGS = (
    Saying(pattern="authentication is required", cause=Cause.CREDENTIAL, source=ANSWERS),
    Saying(pattern=NO_CLIENT, cause=Cause.CREDENTIAL, source=TOKENS),
    Saying(pattern=NO_USER, cause=Cause.CREDENTIAL, source=TOKENS),
    Saying(pattern="invalid json message received", cause=Cause.LASTING, source=ANSWERS),
)
SECOND = timedelta(seconds=1)

ACCESS_TOKEN = Credential(
    name="connection access token",
    life=Life.TOLD_AT_ISSUE,
    lasts=timedelta(hours=1),
    source=LOGIN,
    renews_itself=True,
    note="the monitor gets each one by password, from a connection of its own",
)
REFRESH_TOKEN = Credential(
    name="connection refresh token",
    life=Life.TOLD_AT_ISSUE,
    lasts=timedelta(days=14),
    source=LOGIN,
    renews_itself=True,
    rotates=True,
    note="each use replaces the pair, so the platform's is left alone",
)
PASSWORD = Credential(
    name="connection password", life=Life.DECLARED, lasts=None, source=LOGIN, needs_person=True
)
APP_TOKEN = Credential(
    name="app token", life=Life.DECLARED, lasts=None, source=APPS, note="can be revoked"
)
BY_PASSWORD = Auth(
    name="connection",
    scheme=Scheme.PASSWORD_GRANT,
    secrets={
        "client_id": "client id of the monitor's own connection",
        "client_secret": "its secret",
        "username": "its user",
        "password": "its user's password",
    },
    credential=ACCESS_TOKEN.name,
    source=LOGIN,
    details={"token_url": "/api/oauth/v1/token", "send": "basic"},
)
BY_APP = Auth(
    name="app",
    scheme=Scheme.BEARER,
    secrets={"token": "token of a custom app made for the monitor"},
    credential=APP_TOKEN.name,
    source=APPS,
)


def _limit(name: str, shape: Shape, *published: Published) -> Limit:
    return Limit(
        name=name,
        shape=shape,
        whose=Whose.NOBODYS,
        published=published,
        read=NotOffered("its answers carry no usage; only a refusal tells"),
        source=published[0].source,
    )


LIMITS = (
    _limit(
        "calls at the same time, one connection",
        Shape.CONCURRENCY,
        Published(amount=4, per=None, source=PRACTICES),
    ),
    _limit(
        "calls at the same time, whole instance",
        Shape.CONCURRENCY,
        Published(amount=10, per=None, source=PRACTICES),
    ),
    _limit(
        "calls to the instance",
        Shape.UNREADABLE,
        Published(amount=100, per=SECOND, source=PRACTICES),
        Published(amount=3, per=SECOND, source=PRACTICES, plan="attribute options"),
        Published(amount=500, per=10 * SECOND, source=GRAPHQL, plan="GraphQL"),
    ),
)


def _refusal(answer: Answer) -> Refusal | None:
    """By status; a connection that is not known any more gets 422 when it asks for a token."""
    said = str(find(answer.data, "message")).casefold() if answer.status == 422 else ""
    if NO_CLIENT in said or NO_USER in said:
        return Refusal(no=No.CREDENTIAL, words="the connection is not known")
    return usual_refusal(answer)


def _second_before(at: datetime) -> str:
    """The filter is "after", to the second, which would leave out the moment itself."""
    return (at.astimezone(UTC) - SECOND).strftime("%Y-%m-%d %H:%M:%S")


def _items(answer: Answer) -> Counted:
    return Counted(number=count_at(answer.data, "items_count"), exact=True)


def _version(answer: Answer) -> str | None:
    version, edition = find(answer.data, "version"), find(answer.data, "edition")
    if not isinstance(version, str) or not isinstance(edition, str):
        return None
    return f"{version} ({edition})"


def _deprecations(answer: Answer) -> str | None:
    number = number_in(answer.headers, "x-deprecations-count")
    return f"{number:.0f} deprecated fields in use" if number else None


INFORMATION = '{"version": "7.0.42", "edition": "Growth"}'
PRODUCTS = (
    '{"_links": {"self": {"href": "https://acme.cloud.akeneo.com/api/rest/v1/products-uuid"}}, '
    '"current_page": 1, "items_count": 318, "_embedded": {"items": '
    '[{"uuid": "25566245-55c3-42ce-86d9-8610ac459fa8", "updated": "2026-11-21T11:40:02+00:00"}]}}'
)
SAMPLES = (
    Sample(of="probe", body=INFORMATION),
    Sample(of="count products", body=PRODUCTS, means=318),
    Sample(
        of="not now",
        status=429,
        headers={"retry-after": "15"},
        body='{"code": 429, "message": "Too many requests"}',
        means=timedelta(seconds=15),
    ),
    Sample(
        of="not permitted",
        status=403,
        body='{"code": 403, "message": "Access forbidden. You are not allowed to list products."}',
    ),
    Sample(
        of="credential",
        status=401,
        body='{"code": 401, "message": "Authentication is required"}',
    ),
    Sample(
        of="credential",
        status=422,
        body='{"code": 422, "message": "No user found for the given username and password"}',
    ),
)
CONNECTORS = (
    Connector(
        kind="akeneo",
        title="Akeneo PIM",
        docs=DOCS,
        base_url="https://{host}",
        placeholders={"host": "the PIM's host name"},
        auths=(BY_PASSWORD, BY_APP),
        credentials=(ACCESS_TOKEN, REFRESH_TOKEN, PASSWORD, APP_TOKEN),
        probe=Probe(
            call=Call(path="/api/rest/v1/system-information"),
            proves="reachable, token accepted; tells version and edition",
            source=SWAGGER,
        ),
        limits=LIMITS,
        counts=(
            Count(
                entity="products",
                call=Call(
                    path="/api/rest/v1/products-uuid",
                    params={
                        "pagination_type": "page",
                        "with_count": "true",
                        "limit": "1",
                        "search": '{"updated":[{"operator":">","value":"{since}"}]}',
                    },
                ),
                since=_second_before,
                read=_items,
                source=FILTERS,
                note="times are in the server's zone: UTC for SaaS, maybe another if self-hosted; "
                "items_count is recalled; dear on a large catalogue",
            ),
        ),
        keys=Keys(
            number="uuid",
            changed_at="updated",
            total=NotOffered("a product has no total"),
            currency=NotOffered("a product has no currency of its own"),
            line_count=NotOffered("a product has no lines"),
            source=SWAGGER,
        ),
        refusal=_refusal,
        lists=lists.AKENEO,
        status_page=NotOffered(
            "https://status.akeneo.com is there; that it answers JSON was not confirmed"
        ),
        signals=(
            Signal(name="version", read=_version, source=SWAGGER),
            Signal(
                name="deprecations",
                read=_deprecations,
                source=GRAPHQL,
                warns=True,
                means="Akeneo tells that we ask for fields which it will take away",
            ),
        ),
        sayings=SAYINGS,
        samples=SAMPLES,
    ),
)
