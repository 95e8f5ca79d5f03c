"""Klaviyo: profiles and events behind two fixed windows for each endpoint."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from checks.declare import (
    SAMPLED_AT,
    Answer,
    Auth,
    Call,
    Cause,
    Connector,
    Count,
    Credential,
    Event,
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
    Signal,
    Source,
    StatusPage,
    Whose,
)
from checks.lists import klaviyo as lists
from checks.reading import (
    after,
    find,
    listed_at,
    number_in,
    parameter_of,
    since_utc,
    usual_refusal,
)

SPECIFICATION = Source(
    mark=Mark.CONFIRMED,
    url="https://github.com/klaviyo/openapi/blob/main/openapi/stable.json",
)
PROFILE = Source(mark=Mark.THIRD_PARTY, url="https://github.com/api-evangelist/klaviyo")
POLICY = Source(
    mark=Mark.THIRD_PARTY,
    url="https://developers.klaviyo.com/en/docs/api_versioning_and_deprecation_policy",
)
COMMUNITY = "https://community.klaviyo.com/developer-group-64"
SAYINGS = (
    Saying(pattern="request was throttled", cause=Cause.LIMIT, source=PROFILE),
    Saying(
        pattern="not_authenticated",
        cause=Cause.CREDENTIAL,
        source=Source(mark=Mark.RECALLED),
    ),
    Saying(
        pattern="permission_denied",
        cause=Cause.NOT_PERMITTED,
        source=Source(
            mark=Mark.THIRD_PARTY,
            url=f"{COMMUNITY}/api-patch-action-status-403-code-permission-denied-9225",
        ),
    ),
    Saying(
        pattern="profile already exists with one of these identifiers",
        cause=Cause.LASTING,
        source=Source(
            mark=Mark.THIRD_PARTY,
            url=f"{COMMUNITY}/409-a-profile-already-exists-with-one-of-these-identifiers-15864",
        ),
    ),
    Saying(pattern=r"\b410\b.*revision", cause=Cause.LASTING, source=POLICY),
)
REVISION = "2026-07-15"
HEADERS = {"revision": "{revision}", "Accept": "application/vnd.api+json"}

KEY = Credential(
    name="private key",
    life=Life.DECLARED,
    lasts=None,
    source=SPECIFICATION,
    note="a beta call lists keys with status and scopes, but no expiry",
)
ACCESS_TOKEN = Credential(
    name="OAuth access token",
    life=Life.TOLD_AT_ISSUE,
    lasts=timedelta(hours=1),
    source=PROFILE,
    renews_itself=True,
)
REFRESH_TOKEN = Credential(
    name="OAuth refresh token",
    life=Life.DECLARED,
    lasts=timedelta(days=90),
    source=PROFILE,
    renews_itself=True,
    needs_person=True,
    note="valid until uninstall; dropped after 90 days without use",
)
AUTH = Auth(
    name="private key",
    scheme=Scheme.HEADER,
    secrets={"token": "private API key (pk_...) with read scopes"},
    credential=KEY.name,
    source=SPECIFICATION,
    details={"header": "Authorization", "value": "Klaviyo-API-Key {token}"},
)


def _window(answer: Answer) -> tuple[LimitReading, ...]:
    """The window nearest to its end. A refusal carries none of it, which means unknown.

    The limit may be followed by both windows: "350, 350;w=1, 3500;w=60". A window of one call is
    used up by the very call that reads it, so it says nothing of others, and without its limit
    a window could be that one.
    """
    left = number_in(answer.headers, "ratelimit-remaining")
    size = re.match(r"\s*(\d{1,9})\s*(?:$|,\s*\d+\s*;)", answer.headers.get("ratelimit-limit", ""))
    if left is None or size is None or int(size[1]) <= 1:
        return ()
    reset = number_in(answer.headers, "ratelimit-reset")
    return (
        LimitReading(
            size=float(size[1]),
            remaining=left,
            resets_at=after(answer, reset),
            scope=_endpoint(answer),
        ),
    )


def _endpoint(answer: Answer) -> str:
    """The path of the answer's own link: every endpoint has a counter of its own."""
    link = find(answer.data, "links.self")
    try:
        return urlsplit(link).path if isinstance(link, str) else ""
    except ValueError:
        return ""


def _records(answer: Answer) -> Page:
    number = listed_at(answer.data, "data")
    links = find(answer.data, "links")
    if not isinstance(links, dict) or "next" not in links:
        raise ValueError("the answer does not say whether there are more records")
    if links["next"] is None:
        return Page(number=number, after=None)
    cursor = parameter_of(links["next"], "page[cursor]")
    if cursor is None:
        raise ValueError("the answer has a next page without a cursor")
    return Page(number=number, after={"page[cursor]": cursor})


def _just_before(at: datetime) -> str:
    """Profiles can only be asked for by "greater than", which would leave out the moment itself."""
    before = at.astimezone(UTC) - timedelta(milliseconds=1)
    return f"{before:%Y-%m-%dT%H:%M:%S}.{before.microsecond // 1000:03d}Z"


def _retired(answer: Answer) -> str | None:
    return "the revision in the settings is retired" if answer.status == 410 else None


def _limit(endpoint: str, per_second: int, per_minute: int) -> tuple[Published, ...]:
    periods = ((per_second, timedelta(seconds=1)), (per_minute, timedelta(minutes=1)))
    return tuple(
        Published(amount=amount, per=per, source=SPECIFICATION, plan=endpoint)
        for amount, per in periods
    )


COUNTS = (
    Count(
        entity="customers",
        call=Call(
            path="/api/profiles",
            params={
                "filter": "greater-than(updated,{since})",
                "fields[profile]": "updated",
                "page[size]": "100",
            },
            headers=HEADERS,
        ),
        since=_just_before,
        read=_records,
        source=SPECIFICATION,
        note="no total: profiles are counted by pages of 100",
    ),
    Count(
        entity="orders",
        call=Call(
            path="/api/events",
            params={
                "filter": 'equals(metric_id,"{order_metric}"),greater-or-equal(datetime,{since})',
                "fields[event]": "datetime",
                "page[size]": "200",
            },
            headers=HEADERS,
        ),
        since=since_utc,
        read=_records,
        source=SPECIFICATION,
        note="events of the order metric by when they happened, not by when they changed",
    ),
)
SELF = '"self": "https://a.klaviyo.com/api/{}"'
ACCOUNT = (
    '{"data": [{"type": "account", "id": "XkR2pV", "attributes": {"timezone": "Europe/London"}}], '
    f'"links": {{{SELF.format("accounts")}, "next": null}}}}'
)
PROFILES = (
    '{"data": [{"type": "profile", "id": "01GDDKASAP8TKDDA2GRZDSVP4H"}, '
    '{"type": "profile", "id": "01GDDKASAP8TKDDA2GRZDSVP4J"}], "links": {'
    f"{SELF.format('profiles')}, "
    '"next": "https://a.klaviyo.com/api/profiles?page%5Bcursor%5D=bmV4dDo6aWQ6Ok5WRk9wdA"}}'
)
LAST_PROFILES = (
    '{"data": [{"type": "profile", "id": "01GDDKASAP8TKDDA2GRZDSVP4K"}], "links": {'
    f'{SELF.format("profiles")}, "next": null}}}}'
)
EVENTS = (
    '{"data": [{"type": "event", "id": "4vRpBT"}], "links": {'
    f'{SELF.format("events")}, "next": null}}}}'
)
WINDOWS = {
    "ratelimit-limit": "1, 1;w=1, 15;w=60",
    "ratelimit-remaining": "0",
    "ratelimit-reset": "1",
}


def _error(status: int, code: str, detail: str) -> str:
    return (
        f'{{"errors": [{{"id": "7f1c9a1e", "status": {status}, "code": "{code}", '
        f'"title": "{code}", "detail": "{detail}"}}]}}'
    )


SAMPLES = (
    Sample(of="probe", headers=WINDOWS, body=ACCOUNT),
    Sample(
        of="limit",
        headers={
            "ratelimit-limit": "75, 75;w=1, 750;w=60",
            "ratelimit-remaining": "74",
            "ratelimit-reset": "1",
        },
        body=PROFILES,
        means=LimitReading(
            size=75.0,
            remaining=74.0,
            resets_at=SAMPLED_AT + timedelta(seconds=1),
            scope="/api/profiles",
        ),
    ),
    Sample(
        of="count customers",
        body=PROFILES,
        means=Page(number=2, after={"page[cursor]": "bmV4dDo6aWQ6Ok5WRk9wdA"}),
    ),
    Sample(of="count customers", body=LAST_PROFILES, means=Page(number=1, after=None)),
    Sample(of="count orders", body=EVENTS, means=Page(number=1, after=None)),
    Sample(
        of="not now",
        status=429,
        headers={"retry-after": "37"},
        body=_error(429, "throttled", "Request was throttled. Expected available in 37 seconds."),
        means=timedelta(seconds=37),
    ),
    Sample(
        of="not permitted",
        status=403,
        body=_error(403, "permission_denied", "The key lacks the scope profiles:read."),
    ),
    Sample(
        of="credential",
        status=401,
        body=_error(401, "not_authenticated", "The API key specified is invalid."),
    ),
)
CONNECTORS = (
    Connector(
        kind="klaviyo",
        title="Klaviyo",
        docs="https://developers.klaviyo.com",
        base_url="https://a.klaviyo.com",
        placeholders={
            "revision": "the API revision to ask for",
            "order_metric": "the id of the metric that counts orders, such as Placed Order",
        },
        defaults={"revision": REVISION},
        auths=(AUTH,),
        credentials=(KEY, ACCESS_TOKEN, REFRESH_TOKEN),
        probe=Probe(
            call=Call(path="/api/accounts", headers=HEADERS),
            proves="reachable, key accepted; at most 15 a minute, shared by the account",
            source=SPECIFICATION,
        ),
        limits=(
            Limit(
                name="calls of the account to one endpoint",
                shape=Shape.WINDOW,
                whose=Whose.SHARED,
                published=(
                    *_limit("/api/accounts", 1, 15),
                    *_limit("/api/profiles", 75, 750),
                    *_limit("/api/events", 350, 3500),
                ),
                read=_window,
                source=PROFILE,
            ),
        ),
        counts=COUNTS,
        keys=NotOffered("orders are events here, with properties of the sender's choosing"),
        refusal=usual_refusal,
        lists=lists.events(HEADERS),
        status_page=StatusPage(
            url="https://status.klaviyo.com/api/v2/summary.json", components=(), source=PROFILE
        ),
        signals=(
            Signal(
                name="revision",
                read=_retired,
                source=POLICY,
                warns=True,
                means="Klaviyo no longer serves the revision that we ask for",
            ),
        ),
        sayings=SAYINGS,
        samples=SAMPLES,
        events=(
            Event(
                what=f"Klaviyo retires the API revision {REVISION}",
                on=datetime(2028, 7, 15, tzinfo=UTC),  # a year stable, a year deprecated
                whom="every caller of that revision; a later one in the settings ends later",
                source=POLICY,
            ),
        ),
    ),
)
