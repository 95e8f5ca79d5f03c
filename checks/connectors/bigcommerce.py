"""BigCommerce: its V2 and V3 REST APIs, with one quota per store that all apps share."""

from __future__ import annotations

from datetime import timedelta

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
from checks.lists import bigcommerce as lists
from checks.reading import (
    after,
    count_at,
    find,
    number_in,
    since_utc,
    usual_refusal,
    wait_of,
)

REPOSITORY = "https://github.com/bigcommerce/docs/blob/main"
LIMITS = Source(
    mark=Mark.CONFIRMED, url=f"{REPOSITORY}/docs/api-docs/getting-started/api-rate-limits.mdx"
)
ABOUT = Source(mark=Mark.CONFIRMED, url=f"{REPOSITORY}/docs/start/about/index.mdx")
ACCOUNTS = Source(
    mark=Mark.CONFIRMED, url=f"{REPOSITORY}/docs/start/authentication/api-accounts.mdx"
)
TIME = Source(mark=Mark.CONFIRMED, url=f"{REPOSITORY}/reference/store_information.v2.yml")
ORDERS = Source(mark=Mark.CONFIRMED, url=f"{REPOSITORY}/reference/orders.v2.oas2.yml")
PRODUCTS = Source(
    mark=Mark.CONFIRMED, url=f"{REPOSITORY}/reference/catalog/products_catalog.v3.yml"
)
CUSTOMERS = Source(mark=Mark.CONFIRMED, url=f"{REPOSITORY}/reference/customers.v3.yml")
CLIENTS = Source(mark=Mark.THIRD_PARTY, url="https://github.com/w6w-io/w6w-apps")
RECALLED = Source(mark=Mark.RECALLED)
STATUSES = Source(
    mark=Mark.CONFIRMED,
    url="https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes",
)
SAYINGS = (Saying(pattern="required scope to access", cause=Cause.NOT_PERMITTED, source=STATUSES),)
WINDOW, HOUR = timedelta(seconds=30), timedelta(hours=1)
INCOMPLETE = 0  # the status of a checkout that was never finished: no ERP has it


def _window(answer: Answer) -> tuple[LimitReading, ...]:
    """Stores with an unlimited plan send none of these headers: unknown, not nothing."""
    left = number_in(answer.headers, "X-Rate-Limit-Requests-Left")
    if left is None:
        return ()
    reset = number_in(answer.headers, "X-Rate-Limit-Time-Reset-Ms")
    return (
        LimitReading(
            size=number_in(answer.headers, "X-Rate-Limit-Requests-Quota"),
            remaining=left,
            resets_at=None if reset is None else after(answer, reset / 1000),
        ),
    )


def _hour(answer: Answer) -> tuple[LimitReading, ...]:
    left = number_in(answer.headers, "X-BC-ApiLimit-Remaining")
    return () if left is None else (LimitReading(size=None, remaining=left),)


def _refusal(answer: Answer) -> Refusal | None:
    """A 429 without the quota's headers is the platform shedding load, not the store's quota."""
    if answer.status != 429:
        return usual_refusal(answer)
    seconds = number_in(answer.headers, "X-Retry-After")
    reset = number_in(answer.headers, "X-Rate-Limit-Time-Reset-Ms")
    waits = [wait_of(answer), _span(seconds), _span(None if reset is None else reset / 1000)]
    longest = max((wait for wait in waits if wait is not None), default=None)
    words = "the platform sheds load" if longest is None else "the store's quota is used up"
    return Refusal(no=No.NOT_NOW, words=words, retry_after=longest)


def _span(seconds: float | None) -> timedelta | None:
    """The longer of two waits is to be honoured; what is beyond a day is no wait."""
    return None if seconds is None or seconds > 86_400 else timedelta(seconds=seconds)


def _orders(answer: Answer) -> Counted:
    """Without Incomplete ones, as far as the statuses add up to the count."""
    total = count_at(answer.data, "count")
    statuses = find(answer.data, "statuses")
    listed = statuses if isinstance(statuses, list) else []
    by_status = [(find(status, "id"), count_at(status, "count")) for status in listed]
    if sum(number for _, number in by_status) != total:
        return Counted(number=total, exact=False)
    finished = [number for status, number in by_status if status != INCOMPLETE]
    return Counted(number=sum(finished), exact=True)


def _total(answer: Answer) -> Counted:
    return Counted(number=count_at(answer.data, "meta.pagination.total"), exact=True)


def _version(answer: Answer) -> str | None:
    return answer.headers.get("x-bc-store-version") or None


def _changed(entity: str, path: str, source: Source) -> Count:
    return Count(
        entity=entity,
        call=Call(path=path, params={"date_modified:min": "{since}", "limit": "1"}),
        since=since_utc,
        read=_total,
        source=source,
    )


def _published(per: timedelta, **plans: float) -> tuple[Published, ...]:
    return tuple(
        Published(amount=amount, per=per, source=LIMITS, plan=plan.replace("_", " "))
        for plan, amount in plans.items()
    )


QUOTA = {
    "X-Rate-Limit-Time-Window-Ms": "30000",
    "X-Rate-Limit-Time-Reset-Ms": "15000",
    "X-Rate-Limit-Requests-Quota": "150",
    "X-Rate-Limit-Requests-Left": "35",
}
BIGCOMMERCE = Connector(
    kind="bigcommerce",
    title="BigCommerce",
    docs="https://developer.bigcommerce.com/docs/start/about",
    base_url="https://api.bigcommerce.com/stores/{store_hash}",
    placeholders={"store_hash": "the store's hash, as in store-HASH.mybigcommerce.com"},
    auths=(
        Auth(
            name="token",
            scheme=Scheme.HEADER,
            secrets={"token": "access token of the monitor's own API account"},
            credential="API account token",
            source=ACCOUNTS,
            details={"header": "X-Auth-Token"},
        ),
    ),
    credentials=(
        Credential(
            name="API account token",
            life=Life.DECLARED,
            lasts=None,
            source=ACCOUNTS,
            needs_person=True,
            note="it ends only when its API account is deleted; declare when it is to be renewed",
        ),
    ),
    probe=Probe(
        call=Call(path="/v2/time"),
        proves="the API answers and the token is accepted; it needs no scope",
        source=TIME,
    ),
    limits=(
        Limit(
            name="quota",
            shape=Shape.WINDOW,
            whose=Whose.SHARED,
            published=_published(WINDOW, Standard_and_Plus=150, Pro=450),
            read=_window,
            source=LIMITS,
        ),
        Limit(
            name="hourly quota",
            shape=Shape.REMAINING,
            whose=Whose.SHARED,
            published=_published(HOUR, Standard_and_Plus=20_000, Pro=60_000),
            read=_hour,
            source=ABOUT,
        ),
    ),
    counts=(
        Count(
            entity="orders",
            call=Call(path="/v2/orders/count", params={"min_date_modified": "{since}"}),
            since=since_utc,
            read=_orders,
            source=ORDERS,
            note="Incomplete orders are left out",
        ),
        _changed("products", "/v3/catalog/products", PRODUCTS),
        _changed("customers", "/v3/customers", CUSTOMERS),
    ),
    keys=Keys(
        number="id",
        changed_at="date_modified",
        total="total_inc_tax",
        currency="default_currency_code",
        line_count="items_total",
        source=RECALLED,
    ),
    refusal=_refusal,
    lists=lists.BIGCOMMERCE,
    status_page=StatusPage(
        url="https://status.bigcommerce.com/api/v2/summary.json",
        components=("API & Webhooks",),
        source=CLIENTS,
    ),
    signals=(Signal(name="version of the store", read=_version, source=ABOUT),),
    sayings=SAYINGS,
    samples=(
        Sample(of="probe", headers=QUOTA, body='{"time":1795262400}'),
        Sample(
            of="limit quota",
            headers=QUOTA,
            means=LimitReading(
                size=150, remaining=35, resets_at=SAMPLED_AT + timedelta(seconds=15)
            ),
        ),
        Sample(
            of="limit hourly quota",
            headers={"X-BC-ApiLimit-Remaining": "987"},
            means=LimitReading(size=None, remaining=987),
        ),
        Sample(
            of="count orders",
            headers=QUOTA,
            body='{"statuses":[{"id":0,"name":"Incomplete","count":4},'
            '{"id":11,"name":"Awaiting Fulfillment","count":38}],"count":42}',
            means=Counted(number=38, exact=True),
        ),
        Sample(
            of="count products",
            body='{"data":[{"id":77}],"meta":{"pagination":{"total":9,"count":1,"per_page":1}}}',
            means=Counted(number=9, exact=True),
        ),
        Sample(
            of="count customers",
            body='{"data":[],"meta":{"pagination":{"total":0,"count":0,"per_page":1}}}',
            means=Counted(number=0, exact=True),
        ),
        Sample(
            of="not now",
            status=429,
            headers=QUOTA | {"X-Rate-Limit-Requests-Left": "0", "X-Retry-After": "18"},
            body='{"status":429,"title":"Too Many Requests"}',
            means=timedelta(seconds=18),
        ),
        Sample(
            of="not now",
            status=429,
            means=Refusal(no=No.NOT_NOW, words="the platform sheds load"),
        ),
        Sample(
            of="not permitted",
            status=403,
            body='{"status":403,"title":"You don\'t have a required scope to access the endpoint",'
            '"type":"https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes",'
            '"errors":{}}',
        ),
        Sample(of="credential", status=401, body='{"status":401,"title":"Unauthorized"}'),
    ),
)
CONNECTORS = (BIGCOMMERCE,)
