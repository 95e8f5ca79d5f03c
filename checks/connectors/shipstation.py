"""ShipStation: the legacy V1 and the V2, two interfaces with keys and limits of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

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
    StatusPage,
    Whose,
)
from checks.lists import shipstation as lists
from checks.reading import after, count_at, find, number_in, since_utc, usual_refusal

DOCS = "https://docs.shipstation.com"
RECALLED = Source(mark=Mark.RECALLED)
V1_REQUIREMENTS = Source(
    mark=Mark.CONFIRMED, url=f"{DOCS}/apis/shipstation-v1/docs/start-here/requirements"
)
V1_FORTY = Source(
    mark=Mark.THIRD_PARTY,
    url="https://support.techship.io/support/solutions/articles/260383",
)
V1_SPECIFICATION = Source(
    mark=Mark.CONFIRMED, url=f"{DOCS}/_bundle/apis/@shipstation-v1/openapi.json"
)
V2_LIMITS = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/rate-limits")
V2_SANDBOX = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/apis/shipengine/docs/guides/rate-limits")
W6W = Source(mark=Mark.THIRD_PARTY, url="https://github.com/w6w-io/w6w-apps")
V2_SAYINGS = (  # what a carrier refuses says nothing of our key or our allowance
    Saying(pattern=r"error_source\W+carrier\b", cause=Cause.UNKNOWN, source=V2_LIMITS),
)
MINUTE = timedelta(minutes=1)
PACIFIC = ZoneInfo("America/Los_Angeles")
KEY = Credential(
    name="API key",
    life=Life.DECLARED,
    lasts=None,
    source=RECALLED,
    needs_person=True,
    note="does not end by itself; it can be replaced or revoked at any time",
)


def _status(component: str) -> StatusPage:
    """Carriers are components too; only the interface that we call concerns us."""
    return StatusPage(
        url="https://status.shipstation.com/api/v2/components.json",
        components=(component,),
        source=W6W,
    )


# V1


def _window(answer: Answer) -> tuple[LimitReading, ...]:
    """Limit and remaining, and seconds until the next window."""
    size = number_in(answer.headers, "x-rate-limit-limit")
    remaining = number_in(answer.headers, "x-rate-limit-remaining")
    if size is None and remaining is None:
        return ()
    resets_at = after(answer, number_in(answer.headers, "x-rate-limit-reset"))
    return (LimitReading(size=size, remaining=remaining, resets_at=resets_at),)


def _v1_refusal(answer: Answer) -> Refusal | None:
    """By status; a 429 without Retry-After tells the seconds to the next window."""
    refusal = usual_refusal(answer)
    seconds = number_in(answer.headers, "x-rate-limit-reset")
    if refusal is None or refusal.no != No.NOT_NOW or refusal.retry_after or seconds is None:
        return refusal
    return replace(refusal, retry_after=timedelta(seconds=seconds))


def _in_pacific(at: datetime) -> str:
    return at.astimezone(PACIFIC).strftime("%Y-%m-%d %H:%M:%S")


def _v1_orders(answer: Answer) -> Counted:
    return Counted(number=count_at(answer.data, "total"), exact=True)


V1_HEADERS = {
    "x-rate-limit-limit": "40",
    "x-rate-limit-remaining": "31",
    "x-rate-limit-reset": "12",
}
V1 = Connector(
    kind="shipstation_v1",
    title="ShipStation (V1)",
    docs=f"{DOCS}/apis/shipstation-v1/openapi.md",
    base_url="https://ssapi.shipstation.com",
    placeholders={},
    auths=(
        Auth(
            name="key and secret",
            scheme=Scheme.BASIC,
            secrets={"username": "the API key", "password": "the API secret"},
            credential=KEY.name,
            source=V1_REQUIREMENTS,
        ),
    ),
    credentials=(KEY,),
    probe=Probe(
        call=Call(path="/accounts/listtags"),
        proves="the service answers and the key is accepted",
        source=V1_SPECIFICATION,
    ),
    limits=(
        Limit(
            name="requests",
            shape=Shape.WINDOW,
            whose=Whose.OWN,  # one per key and secret
            published=(Published(amount=40, per=MINUTE, source=V1_FORTY),),
            read=_window,
            source=V1_REQUIREMENTS,
        ),
    ),
    counts=(
        Count(
            entity="orders",
            call=Call(path="/orders", params={"modifyDateStart": "{since}", "pageSize": "1"}),
            since=_in_pacific,
            read=_v1_orders,
            source=V1_SPECIFICATION,
            note="the only entity with a filter by change; that times are Pacific is recalled",
        ),
    ),
    keys=Keys(
        number="orderNumber",
        changed_at="modifyDate",
        total="orderTotal",
        currency=NotOffered("an order has none"),
        line_count="items",
        source=RECALLED,
    ),
    refusal=_v1_refusal,
    lists=lists.V1,
    status_page=_status("Companion API V1"),
    signals=NotOffered("V1 is called legacy in the documentation, and no answer says so"),
    samples=(
        Sample(of="probe", headers=V1_HEADERS, body='[{"tagId":8362,"name":"Gift"}]'),
        Sample(
            of="limit",
            headers={"x-rate-limit-limit": "40", "x-rate-limit-remaining": "31"},
            means=LimitReading(size=40, remaining=31),
        ),
        Sample(
            of="count orders",
            headers=V1_HEADERS,
            body='{"orders":[{"orderId":94113592}],"total":74,"page":1,"pages":74}',
            means=74,
        ),
        Sample(
            of="not now",
            status=429,
            headers={**V1_HEADERS, "x-rate-limit-remaining": "0"},
            body='{"message":"Too Many Requests"}',
            means=timedelta(seconds=12),
        ),
        Sample(of="not permitted", status=403, body='{"message":"Forbidden"}'),
        Sample(of="credential", status=401, body="401 Unauthorized"),
    ),
)

# V2


def _v2_refusal(answer: Answer) -> Refusal | None:
    """By status, and by who refused: a carrier's no is not about our key or our allowance."""
    refusal = usual_refusal(answer)
    if refusal is None or not _only_carriers(find(answer.data, "errors")):
        return refusal
    if refusal.no != No.NOT_NOW:
        return None
    return replace(refusal, words="a carrier behind ShipStation: too many requests")


def _only_carriers(errors: object) -> bool:
    sources = [find(e, "error_source") for e in errors] if isinstance(errors, list) else []
    return bool(sources) and all(source == "carrier" for source in sources)


def _shipments(answer: Answer) -> Counted:
    return Counted(number=count_at(answer.data, "total"), exact=False)


def _v2_error(source: str, code: str) -> str:
    return f'{{"request_id":"7d1c","errors":[{{"error_source":"{source}","error_code":"{code}"}}]}}'


V2 = Connector(
    kind="shipstation_v2",
    title="ShipStation (V2)",
    docs=f"{DOCS}/rate-limits",
    base_url="https://api.shipstation.com/v2",
    placeholders={},
    auths=(
        Auth(
            name="key",
            scheme=Scheme.HEADER,
            secrets={"token": "the V2 API key"},
            credential=KEY.name,
            source=RECALLED,
            details={"header": "API-Key"},
        ),
    ),
    credentials=(KEY,),
    probe=Probe(
        call=Call(path="/tags"),
        proves="the service answers and the key is accepted",
        source=RECALLED,
    ),
    limits=(
        Limit(
            name="requests",
            shape=Shape.UNREADABLE,
            whose=Whose.NOBODYS,
            published=(
                Published(amount=200, per=MINUTE, source=V2_LIMITS, plan="by default"),
                Published(amount=20, per=MINUTE, source=V2_SANDBOX, plan="sandbox"),
            ),
            read=NotOffered("only a refusal says anything, by its Retry-After"),
            source=V2_LIMITS,
        ),
    ),
    counts=(
        Count(
            entity="orders",
            call=Call(path="/shipments", params={"modified_at_start": "{since}", "page_size": "1"}),
            since=since_utc,
            read=_shipments,
            source=RECALLED,
            note="filter and total stand in the sibling ShipEngine specification; V2 has shipments "
            "for orders, and a split order is several: not exact",
        ),
    ),
    keys=NotOffered("V2 has shipments, and which number of the order they carry is not confirmed"),
    refusal=_v2_refusal,
    lists=lists.V2,
    status_page=_status("Companion API V2"),
    signals=NotOffered("answers tell no version and no deprecation"),
    sayings=V2_SAYINGS,
    samples=(
        Sample(of="probe", body='{"tags":[{"tag_id":1,"name":"Gift"}]}'),
        Sample(of="count orders", body='{"shipments":[{}],"total":58,"page":1}', means=58),
        Sample(
            of="not now",
            status=429,
            headers={"retry-after": "30"},
            body=_v2_error("shipstation", "rate_limit_exceeded"),
            means=timedelta(seconds=30),
        ),
        Sample(of="not permitted", status=403, body=_v2_error("shipstation", "forbidden")),
        Sample(of="credential", status=401, body=_v2_error("shipstation", "unauthorized")),
    ),
)

CONNECTORS = (V1, V2)
