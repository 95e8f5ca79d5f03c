"""NetSuite: SuiteQL over REST web services, with token-based access or an OAuth 2 certificate."""

from __future__ import annotations

from collections.abc import Mapping
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
from checks.lists import netsuite as lists
from checks.reading import count_at, find, number_at, usual_refusal, wait_of

HELP = "https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help"
CONCURRENCY = Source(mark=Mark.CONFIRMED, url=f"{HELP}/section_1525253248.html")
DEVELOPERS = Source(mark=Mark.CONFIRMED, url=f"{HELP}/section_1504769959.html")
TIERS = Source(
    mark=Mark.THIRD_PARTY,
    url="https://docs.jitterbit.com/integration-studio/design/connectors/netsuite/"
    "netsuite-troubleshooting/concurrency-governance",
)
GOVERNANCE = Source(mark=Mark.CONFIRMED, url=f"{HELP}/article_0625010817.html")
ACCESS = Source(mark=Mark.CONFIRMED, url=f"{HELP}/article_0907013045.html")
REFRESH = Source(mark=Mark.THIRD_PARTY, url="https://prismatic.io/docs/components/netsuite")
CERTIFICATES = Source(mark=Mark.CONFIRMED, url=f"{HELP}/subsect_162755332391.html")
ASSERTION = Source(mark=Mark.CONFIRMED, url=f"{HELP}/section_162790605110.html")
WAYS_IN = Source(mark=Mark.CONFIRMED, url=f"{HELP}/chapter_1540809676.html")
SUITEQL = Source(mark=Mark.CONFIRMED, url=f"{HELP}/section_158394344595.html")
CLIENTS = Source(mark=Mark.THIRD_PARTY, url="https://github.com/w6w-io/w6w-apps")
RECALLED = Source(mark=Mark.RECALLED)
TOO_MANY_AT = Source(mark=Mark.CONFIRMED, url=f"{HELP}/bridgehead_1525252812.html")
FAULTS = Source(mark=Mark.CONFIRMED, url=f"{HELP}/section_N3539420.html")
TOKEN_ERRORS = Source(mark=Mark.CONFIRMED, url=f"{HELP}/subsect_156935170194.html")
OVERLOADED = Source(
    mark=Mark.THIRD_PARTY, url="https://github.com/julbrs/netsuite-api-client/issues/26"
)
BLOCKED = Source(
    mark=Mark.THIRD_PARTY,
    url="https://help.qlik.com/en-US/stitch/troubleshooting/integrations/"
    "netsuite-suitetalk-extraction-error-reference",
)
REJECTED = "invalid[ _]login(?:[ _]attempt)?"
SAYINGS = (
    Saying(
        pattern="SSS_REQUEST_LIMIT_EXCEEDED|WS_CONCUR_SESSION_DISALLWD|WS_REQUEST_BLOCKED"
        "|Exceeded(?:Concurrent)?RequestLimitFault",
        cause=Cause.LIMIT,
        source=TOO_MANY_AT,
    ),
    Saying(pattern="CONCURRENCY_LIMIT_EXCEEDED", cause=Cause.LIMIT, source=RECALLED),
    Saying(pattern="concurrent request limit exceeded", cause=Cause.LIMIT, source=BLOCKED),
    Saying(  # told after about 60 s by an account that is overloaded; the 45 s are ours
        pattern=REJECTED,
        cause=Cause.PASSING,
        source=OVERLOADED,
        slower_than=timedelta(seconds=45),
    ),
    Saying(
        pattern=f"{REJECTED}|consumer_key_(?:refused|unknown)|token_rejected|FeatureDisabled",
        cause=Cause.CREDENTIAL,
        source=TOKEN_ERRORS,
    ),
    Saying(
        pattern="InvalidSessionFault|InvalidCredentialsFault|InvalidAccountFault",
        cause=Cause.CREDENTIAL,
        source=FAULTS,
    ),
    Saying(
        pattern="INSUFFICIENT_PERMISSION|InsufficientPermissionFault",
        cause=Cause.NOT_PERMITTED,
        source=FAULTS,
    ),
    Saying(
        pattern="role does not have permission|permission violation",
        cause=Cause.NOT_PERMITTED,
        source=BLOCKED,
    ),
    Saying(
        pattern="INVALID_KEY_OR_REF|invalid reference key",
        cause=Cause.LASTING,
        source=RECALLED,
    ),
)
TOKEN_URL = "https://{account}.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token"  # noqa: S105 (an address)

# How each of its interfaces says that the account's concurrency is used up; the SOAP and RESTlet
# ones are in https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/bridgehead_1525252812.html
# and the last, of REST web services, is recalled.
TOO_MANY = (
    "SSS_REQUEST_LIMIT_EXCEEDED",
    "ExceededRequestLimitFault",
    "WS_CONCUR_SESSION_DISALLWD",
    "ExceededConcurrentRequestLimitFault",
    "WS_REQUEST_BLOCKED",
    "CONCURRENCY_LIMIT_EXCEEDED",
)
# Told with 400: https://improvado.io/docs/oracle-netsuite-troubleshooting
NO_RIGHT = ("INSUFFICIENT_PERMISSION", "does not have permission to perform this action")
# Overload has surfaced as "Invalid login attempt" after about 60 s, while a login that is really
# rejected is so at once: https://github.com/julbrs/netsuite-api-client/issues/26. The line between
# the two is ours.
SLOW_LOGIN = timedelta(seconds=10)


def _refusal(answer: Answer) -> Refusal | None:
    """None for a login that was rejected slowly: the account may merely be overloaded."""
    if answer.status < 400:
        return None
    if any(code in answer.text for code in TOO_MANY):
        words = "the account's concurrent calls are used up"
        return Refusal(no=No.NOT_NOW, words=words, retry_after=wait_of(answer))
    if any(words in answer.text for words in NO_RIGHT):
        return Refusal(no=No.NOT_PERMITTED, words="the role lacks a permission")
    if answer.status == 401 and answer.took >= SLOW_LOGIN:
        return None
    return usual_refusal(answer)


def _concurrency(answer: Answer) -> tuple[LimitReading, ...]:
    """The limits, never their use: that is estimated from how many calls take how long."""
    told = {
        "account": number_at(answer.data, "accountConcurrencyLimit"),
        "not allocated": number_at(answer.data, "accountUnallocatedConcurrencyLimit"),
        "integration": number_at(answer.data, "integrationConcurrencyLimit"),
    }
    return tuple(
        LimitReading(size=size, remaining=None, scope=scope)
        for scope, size in told.items()
        if size is not None
    )


def _counted(answer: Answer) -> Counted:
    """The row's value. The `count` beside it is the number of rows, which is always one."""
    if find(answer.data, "hasMore") is True:
        raise ValueError("the answer has more than the one row of a count")
    return Counted(number=count_at(answer.data, "items.0.changed"), exact=True)


def _since(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S +00:00")


def _ask(query: str) -> Call:
    return Call(
        path="/services/rest/query/v1/suiteql",
        method="POST",
        headers={"Prefer": "transient"},
        body={"q": query},
    )


def _count(entity: str, table: str, only: str = "") -> Count:
    moment = "TO_TIMESTAMP_TZ('{since}', 'YYYY-MM-DD HH24:MI:SS TZH:TZM')"
    query = f"SELECT COUNT(*) AS changed FROM {table} WHERE {only}lastmodifieddate >= {moment}"  # noqa: S608 (no foreign text)
    return Count(
        entity=entity,
        call=_ask(query),
        since=_since,
        read=_counted,
        source=SUITEQL,
        note="it takes one of the account's concurrent calls; recalled: the database compares the "
        "moment in the zone of the monitor's user, so that user's zone must be set rightly",
    )


def _row(**values: str) -> str:
    cells = ",".join(f'"{name}":"{value}"' for name, value in values.items())
    row = f'{{"links":[],{cells}}}'
    return f'{{"links":[],"count":1,"hasMore":false,"items":[{row}],"offset":0,"totalResults":1}}'


def _error(title: str, status: int, code: str, detail: str) -> str:
    inner = f'[{{"detail":"{detail}","o:errorCode":"{code}"}}]'
    return f'{{"title":"{title}","status":{status},"o:errorDetails":{inner}}}'


def _published() -> tuple[Published, ...]:
    bases: Mapping[str, tuple[float, Source]] = {
        "shared service, and 10 more per SuiteCloud Plus licence": (5, CONCURRENCY),
        "service tier 1, and 10 more per SuiteCloud Plus licence": (15, TIERS),
        "developer account": (5, DEVELOPERS),
    }
    return tuple(
        Published(amount=amount, per=None, source=source, plan=plan)
        for plan, (amount, source) in bases.items()
    )


NETSUITE = Connector(
    kind="netsuite",
    title="NetSuite",
    docs=SUITEQL.url,
    base_url="https://{account}.suitetalk.api.netsuite.com",
    placeholders={"account": "the account as in its addresses, such as 1234567 or 1234567-sb1"},
    auths=(
        Auth(
            name="token-based",
            scheme=Scheme.OAUTH1,
            secrets={
                "consumer_key": "consumer key of the monitor's own integration record",
                "consumer_secret": "its consumer secret",
                "token": "token ID of a user and role that may read",
                "token_secret": "its token secret",
                "realm": "the account's ID as NetSuite shows it, such as 1234567_SB1",
            },
            credential="TBA token",
            source=WAYS_IN,
            details={"realm": "{realm}"},
        ),
        Auth(
            name="certificate",
            scheme=Scheme.CERTIFICATE,
            secrets={
                "client_id": "client ID of the monitor's own integration record",
                "certificate_id": "the ID that NetSuite gave the certificate",
                "private_key": "the certificate's private key (PEM)",
            },
            credential="OAuth 2 access token",
            source=ASSERTION,
            details={
                "token_url": TOKEN_URL,
                "client_id": "{client_id}",
                "key_id": "{certificate_id}",
                "algorithm": "PS256",
                "scope": "rest_webservices",
            },
        ),
    ),
    credentials=(
        Credential(
            name="TBA token",
            life=Life.DECLARED,
            lasts=None,
            source=RECALLED,
            needs_person=True,
            note="declare when it is to be renewed",
        ),
        Credential(
            name="OAuth 2 access token",
            life=Life.SELF_DESCRIBING,
            lasts=timedelta(hours=1),
            source=ACCESS,
            renews_itself=True,
        ),
        Credential(
            name="OAuth 2 refresh token",
            life=Life.SELF_DESCRIBING,
            lasts=timedelta(days=7),
            source=REFRESH,
            needs_person=True,
            note="after it a person must consent again: unattended use wants a certificate",
        ),
        Credential(
            name="M2M certificate",
            life=Life.ADMIN_API,
            lasts=timedelta(days=2 * 365),
            source=CERTIFICATES,
            needs_person=True,
            note="two years at most; NetSuite writes to administrators two months, one month and "
            "14 days before; a refresh of a sandbox clears its certificates",
        ),
    ),
    probe=Probe(
        call=_ask("SELECT 1 AS alive FROM DUAL"),
        proves="REST web services answer and the credential is accepted",
        source=RECALLED,
    ),
    limits=(
        Limit(
            name="concurrent calls",
            shape=Shape.CONCURRENCY,
            whose=Whose.SHARED,
            published=_published(),
            read=_concurrency,
            source=GOVERNANCE,
            ask=Call(path="/services/rest/system/v1/governanceLimits"),
        ),
    ),
    counts=(
        _count("orders", "transaction", only="type = 'SalesOrd' AND "),
        _count("products", "item"),
        _count("customers", "customer"),
    ),
    keys=Keys(
        number="tranid",
        changed_at="lastmodifieddate",
        total="foreigntotal",
        currency="currency",
        line_count="transactionline",
        source=RECALLED,
    ),
    refusal=_refusal,
    lists=lists.NETSUITE,
    status_page=StatusPage(
        url="https://status.netsuite.com/api/v2/summary.json",
        components=("SuiteTalk",),
        source=CLIENTS,
    ),
    signals=NotOffered("no answer tells a version or a deprecation"),
    sayings=SAYINGS,
    samples=(
        Sample(of="probe", body=_row(alive="1")),
        Sample(
            of="limit concurrent calls",
            body='{"type":"integrationSpecific","accountConcurrencyLimit":25,'
            '"accountUnallocatedConcurrencyLimit":10,"integrationConcurrencyLimit":5}',
            means=(
                LimitReading(size=25, remaining=None, scope="account"),
                LimitReading(size=10, remaining=None, scope="not allocated"),
                LimitReading(size=5, remaining=None, scope="integration"),
            ),
        ),
        Sample(of="count orders", body=_row(changed="42"), means=Counted(number=42, exact=True)),
        Sample(of="count products", body=_row(changed="0"), means=Counted(number=0, exact=True)),
        Sample(of="count customers", body=_row(changed="7"), means=Counted(number=7, exact=True)),
        Sample(
            of="not now",
            status=429,
            headers={"Retry-After": "5"},
            body=_error("Too Many Requests", 429, "CONCURRENCY_LIMIT_EXCEEDED", "Request blocked."),
            means=timedelta(seconds=5),
        ),
        Sample(
            of="not now",
            status=400,
            body='{"error":{"code":"SSS_REQUEST_LIMIT_EXCEEDED","message":"Request limit."}}',
        ),
        Sample(
            of="not permitted",
            status=400,
            body=_error(
                "Bad Request",
                400,
                "USER_ERROR",
                "Your current role does not have permission to perform this action.",
            ),
        ),
        Sample(
            of="credential",
            status=401,
            body=_error("Unauthorized", 401, "INVALID_LOGIN", "Invalid login attempt."),
        ),
    ),
)
CONNECTORS = (NETSUITE,)
