"""Brightpearl: orders and contacts behind a pool of 200 calls a minute and refusals by 503."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from checks.declare import (
    SAMPLED_AT,
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
    No,
    NotOffered,
    Probe,
    Published,
    Refusal,
    Sample,
    Saying,
    Scheme,
    Shape,
    Source,
    Whose,
)
from checks.lists import brightpearl as lists
from checks.reading import after, count_at, find, number_in, usual_refusal, wait_of

THROTTLE = Source(
    mark=Mark.CONFIRMED,
    url="https://help.brightpearl.com/hc/en-us/articles/212644823-Request-throttling",
)
CLIENT = Source(mark=Mark.THIRD_PARTY, url="https://github.com/Zookal/tap-brightpearl")
SEARCH = Source(mark=Mark.CONFIRMED, url="https://api-docs.brightpearl.com/order/order/search.html")
RECALLED = Source(mark=Mark.RECALLED)
THROTTLED_BY = Source(
    mark=Mark.THIRD_PARTY, url="https://github.com/davemorrissey/brightpearl-api-client-java"
)
SAYINGS = (  # its 503 is an outage only without these words
    Saying(pattern="too many requests", cause=Cause.LIMIT, source=THROTTLED_BY),
    Saying(pattern=r"\b503\b.*requests-remaining\W+0\b", cause=Cause.LIMIT, source=THROTTLE),
)
APP = {"brightpearl-app-ref": "{app_ref}"}

ACCOUNT_TOKEN = Credential(
    name="account token of a private app",
    life=Life.DECLARED,
    lasts=None,
    source=CLIENT,
    note="lives until the private app is changed or removed",
)
ACCESS_TOKEN = Credential(
    name="OAuth access token",
    life=Life.TOLD_AT_ISSUE,
    lasts=timedelta(days=7),
    source=RECALLED,
    renews_itself=True,
    note="7 days is recalled; expires_in at issue tells. A person grants the first one",
)
AUTH = Auth(
    name="private app",
    scheme=Scheme.HEADER,
    secrets={"token": "account token of a private app made for the monitor"},
    credential=ACCOUNT_TOKEN.name,
    source=CLIENT,
    details={"header": "brightpearl-account-token"},
)


def _is_empty(answer: Answer) -> bool:
    """Plain lists answer 404 when nothing is in them, in the form of every other error.

    https://www.brightpearl.com/developer/latest/concept/index.html
    """
    return find(answer.data, "errors.0.code") is not None


def _pool(answer: Answer) -> tuple[LimitReading, ...]:
    """Calls left and milliseconds to the next period; the size of the pool is not told."""
    left = number_in(answer.headers, "brightpearl-requests-remaining")
    if left is None:
        return ()
    return (LimitReading(size=None, remaining=left, resets_at=after(answer, _period(answer))),)


def _period(answer: Answer) -> float | None:
    milliseconds = number_in(answer.headers, "brightpearl-next-throttle-period")
    return None if milliseconds is None else milliseconds / 1000


def _refusal(answer: Answer) -> Refusal | None:
    """Only the words in the body tell a throttling 503 from an outage, which is no refusal."""
    throttled = answer.status == 503 and "too many requests" in answer.text.lower()
    if throttled or answer.status == 429:
        seconds = _period(answer)
        rest = wait_of(answer) if seconds is None else timedelta(seconds=seconds)
        return Refusal(no=No.NOT_NOW, words="too many requests", retry_after=rest)
    if answer.status == 401:
        words = "unauthorised: a lapsed token, or a wrong or missing app or developer reference"
        return Refusal(no=No.CREDENTIAL, words=words)
    return usual_refusal(answer)


def _period_since(at: datetime) -> str:
    """A period that is open to the right: 2026-11-21T12:00:00.000Z/."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z/")


def _exactly(answer: Answer) -> Counted:
    return Counted(number=count_at(answer.data, "response.metaData.resultsAvailable"), exact=True)


def _roughly(answer: Answer) -> Counted:
    """Client code asks for what was created as well, so what never changed may be left out."""
    return replace(_exactly(answer), exact=False)


def _search(path: str, **only: str) -> Call:
    """A search for what changed; one row is enough, for the total stands beside it."""
    params = {"updatedOn": "{since}", "pageSize": "1", **only}
    return Call(path=f"/public-api/{{account}}{path}", params=params, headers=APP)


COUNTS = (
    Count(
        entity="orders",
        call=_search("/order-service/order-search", orderTypeId="1"),
        since=_period_since,
        read=_exactly,
        source=SEARCH,
        note="sales orders only (type 1, recalled)",
    ),
    Count(
        entity="products",
        call=_search("/product-service/product-search"),
        since=_period_since,
        read=_roughly,
        source=RECALLED,
        note="what was created and never changed may be left out",
    ),
    Count(
        entity="customers",
        call=_search("/contact-service/contact-search"),
        since=_period_since,
        read=_roughly,
        source=RECALLED,
        note="all contacts, suppliers too; what was created and never changed may be left out",
    ),
)
KEYS = Keys(
    number="externalRef",  # the web shop's number; Brightpearl's own is orderId
    changed_at="updatedOn",
    total=NotOffered("the order search carries no total; the order resource does"),
    currency=NotOffered("the order search carries no currency; the order resource does"),
    line_count=NotOffered("rows are in the order resource, not in the search"),
    source=SEARCH,
)


def _found(number: int) -> str:
    return (
        f'{{"response": {{"metaData": {{"resultsAvailable": {number}, "resultsReturned": 1, '
        '"firstResult": 1, "lastResult": 1, "morePagesAvailable": true}, "results": [[100231]]}}'
    )


THROTTLED = '{"errors": [{"code": "CMNC-503", "message": "You have sent too many requests"}]}'
LAPSED = '{"response": "Not authorized: invalid or expired access token"}'
NO_RIGHT = '{"errors": [{"code": "CMNC-403", "message": "Access to the resource is denied"}]}'
POOL = {"brightpearl-requests-remaining": "187", "brightpearl-next-throttle-period": "24500"}
EMPTY_POOL = {"brightpearl-requests-remaining": "0", "brightpearl-next-throttle-period": "9500"}
SAMPLES = (
    Sample(of="probe", headers=POOL, body=_found(48211)),
    Sample(
        of="limit",
        headers=POOL,
        body=_found(1),
        means=LimitReading(
            size=None, remaining=187.0, resets_at=SAMPLED_AT + timedelta(seconds=24.5)
        ),
    ),
    Sample(of="count orders", headers=POOL, body=_found(412), means=412),
    Sample(of="count products", headers=POOL, body=_found(0), means=0),
    Sample(of="count customers", headers=POOL, body=_found(57), means=57),
    Sample(
        of="not now", status=503, headers=EMPTY_POOL, body=THROTTLED, means=timedelta(seconds=9.5)
    ),
    Sample(of="not permitted", status=403, body=NO_RIGHT),
    Sample(of="credential", status=401, body=LAPSED),
)
CONNECTORS = (
    Connector(
        kind="brightpearl",
        title="Brightpearl",
        docs="https://api-docs.brightpearl.com",
        base_url="https://{datacenter}.brightpearlconnect.com",
        placeholders={
            "datacenter": "the account's data centre, for example euw1",
            "account": "the account code",
            "app_ref": "the reference of the monitor's private app",
        },
        auths=(AUTH,),
        credentials=(ACCOUNT_TOKEN, ACCESS_TOKEN),
        probe=Probe(
            call=Call(
                path="/public-api/{account}/order-service/order-search",
                params={"pageSize": "1"},
                headers=APP,
            ),
            proves="reachable, token accepted, orders may be read",
            source=SEARCH,
            empty=_is_empty,
        ),
        limits=(
            Limit(
                name="calls of the account's private apps",  # a public app has a pool of its own
                shape=Shape.REMAINING,
                whose=Whose.SHARED,
                published=(Published(amount=200, per=timedelta(minutes=1), source=THROTTLE),),
                read=_pool,
                source=THROTTLE,
            ),
        ),
        counts=COUNTS,
        keys=KEYS,
        refusal=_refusal,
        lists=lists.BRIGHTPEARL,
        status_page=NotOffered(
            "http://status.brightpearl.com has a feed (history.rss); JSON was not found"
        ),
        signals=NotOffered("no sign of a version or a deprecation was found in its answers"),
        sayings=SAYINGS,
        samples=SAMPLES,
    ),
)
