"""Dotdigital: contacts behind a counter for each tier; an older scheme refuses with 400."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks.declare import (
    SAMPLED_AT,
    Answer,
    Auth,
    Call,
    Cause,
    Connector,
    Count,
    Credential,
    Life,
    Limit,
    LimitReading,
    Mark,
    No,
    NotOffered,
    Page,
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
from checks.reading import (
    at_epoch,
    find,
    listed_at,
    number_in,
    parameter_of,
    since_utc,
    usual_refusal,
    wait_of,
)

RATES = Source(
    mark=Mark.THIRD_PARTY,
    url="https://github.com/api-evangelist/dotdigital/blob/main/"
    "rate-limits/dotdigital-rate-limits.yml",
)
ERRORS = Source(
    mark=Mark.THIRD_PARTY,
    url="https://github.com/api-evangelist/dotdigital/blob/main/errors/dotdigital-error-codes.yml",
)
CONTACTS = Source(
    mark=Mark.CONFIRMED,  # the vendor's own specification, mirrored
    url="https://github.com/api-evangelist/dotdigital/blob/main/"
    "openapi/_original/dotdigital-contacts-service.json",
)
CONVENTIONS = Source(
    mark=Mark.THIRD_PARTY,
    url="https://github.com/api-evangelist/dotdigital/blob/main/"
    "conventions/dotdigital-conventions.yml",
)
SAYINGS = (  # within a 400, as a rule
    Saying(
        pattern="ERROR_APIUSAGE_EXCEEDED|ERROR_ENROLMENT_ALLOWANCE_EXCEEDED"
        "|ERROR_IMPORT_TOOMANYACTIVEIMPORTS",
        cause=Cause.LIMIT,
        source=ERRORS,
    ),
    Saying(pattern="temporarily capped", cause=Cause.LIMIT, source=RATES),
    Saying(
        pattern="ERROR_INVALID_LOGIN|ERROR_APIUSER_INVALID|ERROR_MANAGED_USER_INVALID",
        cause=Cause.CREDENTIAL,
        source=ERRORS,
    ),
    Saying(
        pattern="ERROR_FEATURENOTACTIVE|ERROR_CAMPAIGN_SENDNOTPERMITTED",
        cause=Cause.NOT_PERMITTED,
        source=ERRORS,
    ),
    Saying(
        pattern="ERROR_ADDRESSBOOK_IN_USE|ERROR_ENROLMENT_IS_PROCESSING",
        cause=Cause.PASSING,
        source=ERRORS,
    ),
    Saying(pattern=r"\bERROR_[A-Z_]+", cause=Cause.LASTING, source=ERRORS),
)
HOURLY_WORDS = ("error_apiusage_exceeded", "temporarily capped")
LOGIN_WORDS = ("error_invalid_login", "error_apiuser_invalid")

API_USER = Credential(
    name="API user",
    life=Life.DECLARED,
    lasts=None,
    source=CONVENTIONS,
    note="a generated name and password; rights are the account's",
)
AUTH = Auth(
    name="API user",
    scheme=Scheme.BASIC,
    secrets={"username": "the API user's e-mail address", "password": "the API user's password"},
    credential=API_USER.name,
    source=CONVENTIONS,
)


def _tier(answer: Answer) -> tuple[LimitReading, ...]:
    """The counter of the tier that the call belongs to; the tier is its scope."""
    left = number_in(answer.headers, "x-ratelimit-remaining")
    if left is None:
        return ()
    return (
        LimitReading(
            size=number_in(answer.headers, "x-ratelimit-limit"),
            remaining=left,
            resets_at=_reset(answer),
            scope=answer.headers.get("x-ratelimit-scope", "").strip().lower(),
        ),
    )


def _reset(answer: Answer) -> datetime | None:
    """The reset is told in seconds since 1970."""
    return at_epoch(number_in(answer.headers, "x-ratelimit-reset"))


def _refusal(answer: Answer) -> Refusal | None:
    """The hourly scheme says not now, and a wrong login says so, by words within a 4xx."""
    said = answer.text.lower()
    if 400 <= answer.status < 500 and any(word in said for word in LOGIN_WORDS):
        return Refusal(no=No.CREDENTIAL, words="the API user is not accepted or switched off")
    if answer.status == 400 and any(word in said for word in HOURLY_WORDS):
        return Refusal(no=No.NOT_NOW, words="hourly cap", retry_after=wait_of(answer))
    if answer.status == 429:
        return Refusal(no=No.NOT_NOW, words="too many requests", retry_after=_rest(answer))
    if answer.status == 403:
        words = "access denied: a missing right, or the host of another region"
        return Refusal(no=No.NOT_PERMITTED, words=words)
    return usual_refusal(answer)


def _rest(answer: Answer) -> timedelta | None:
    told, reset = wait_of(answer), _reset(answer)
    if told or reset is None or reset <= answer.at:
        return told
    return reset - answer.at


def _contacts(answer: Answer) -> Page:
    number = listed_at(answer.data, "_items")
    if not isinstance(find(answer.data, "_links"), dict):
        raise ValueError("the answer does not say whether there are more contacts")
    marker = find(answer.data, "_links.next.marker") or parameter_of(
        find(answer.data, "_links.next.href"), "marker"
    )
    if marker is None and find(answer.data, "_links.next") is not None:
        raise ValueError("the answer has a next page without a marker")
    return Page(number=number, after={"marker": marker} if isinstance(marker, str) else None)


RESET = SAMPLED_AT + timedelta(minutes=1)
TIER = {
    "x-ratelimit-limit": "150",
    "x-ratelimit-remaining": "149",
    "x-ratelimit-reset": str(int(RESET.timestamp())),
    "x-ratelimit-scope": "high",
}
ACCOUNT = (
    '{"id": 271828, "properties": [{"name": "Name", "type": "String", "value": "Acme Outdoors"}, '
    '{"name": "ApiEndpoint", "type": "String", "value": "https://r1-api.dotdigital.com"}]}'
)
ITEMS = '"_items": [{"contactId": 901, "identifiers": {"email": "jo@example.com"}}]'
MORE = f'{{"_links": {{"next": {{"marker": "TWFya2VyIDI"}}}}, {ITEMS}}}'
LAST = f'{{"_links": {{"self": {{"marker": "TWFya2VyIDI"}}}}, {ITEMS}}}'
SAMPLES = (
    Sample(of="probe", headers=TIER, body=ACCOUNT),
    Sample(
        of="limit",
        headers=TIER,
        body=ACCOUNT,
        means=LimitReading(size=150.0, remaining=149.0, resets_at=RESET, scope="high"),
    ),
    Sample(of="count customers", body=MORE, means=Page(number=1, after={"marker": "TWFya2VyIDI"})),
    Sample(of="count customers", body=LAST, means=Page(number=1, after=None)),
    Sample(
        of="not now",
        status=429,
        headers={**TIER, "x-ratelimit-remaining": "0"},
        body='{"errorCode": "rateLimit:exceeded", "description": "Too many requests"}',
        means=timedelta(minutes=1),
    ),
    Sample(
        of="not now",
        status=400,
        body='{"message": "Your account has generated excess API activity and is being '
        'temporarily capped. ERROR_APIUSAGE_EXCEEDED"}',
    ),
    Sample(of="not permitted", status=403, body='{"message": "Access is denied."}'),
    Sample(of="credential", status=401, body='{"message": "Authorization has been denied."}'),
    Sample(of="credential", status=400, body='{"message": "Login failed. ERROR_INVALID_LOGIN"}'),
)
CONNECTORS = (
    Connector(
        kind="dotdigital",
        title="Dotdigital",
        docs="https://developer.dotdigital.com",
        base_url="https://{region}-api.dotdigital.com",
        placeholders={"region": "r1 (Europe), r2 (North America) or r3 (Asia Pacific)"},
        auths=(AUTH,),
        credentials=(API_USER,),
        probe=Probe(
            call=Call(path="/v2/account-info"),
            proves="reachable, API user accepted",
            source=CONVENTIONS,
        ),
        limits=(
            Limit(
                name="calls of one tier a minute",
                shape=Shape.WINDOW,
                whose=Whose.SHARED,
                published=(),  # the figures stand in the account's settings only
                read=_tier,
                source=RATES,
            ),
            Limit(
                name="calls an hour (older scheme)",
                shape=Shape.UNREADABLE,
                whose=Whose.NOBODYS,
                published=(
                    Published(
                        amount=2000, per=timedelta(hours=1), source=ERRORS, plan="older scheme"
                    ),
                ),
                read=NotOffered("the older scheme tells nothing until it refuses"),
                source=ERRORS,
                note="only of accounts that still count all calls together, by the hour; those on "
                "the newer scheme have a limit a minute for each tier of calls instead",
            ),
        ),
        counts=(
            Count(
                entity="customers",
                call=Call(
                    path="/contacts/v3", params={"~modified": "gte::{since}", "limit": "1000"}
                ),
                since=since_utc,
                read=_contacts,
                source=CONTACTS,
                note="no total: contacts are counted by pages of 1000",
            ),
        ),
        keys=NotOffered("it holds contacts; orders are insight data of the sender's shape"),
        refusal=_refusal,
        lists=NotOffered(
            "only an e-mail address identifies its contacts, and it leaves no comparison"
        ),
        status_page=NotOffered("https://dotdigitalstatus.com answers no JSON"),
        signals=NotOffered("versions are in the path; no header tells of a deprecation"),
        sayings=SAYINGS,
        samples=SAMPLES,
    ),
)
