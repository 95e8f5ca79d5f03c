"""SAP Business One: the Service Layer, by a login session."""

from __future__ import annotations

import re
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
    Mark,
    No,
    NotOffered,
    Probe,
    Refusal,
    Sample,
    Saying,
    Scheme,
    Shape,
    Signal,
    Source,
    Whose,
)
from checks.lists import sap_b1 as lists
from checks.reading import find, odata_count, usual_refusal

RECALLED = Source(mark=Mark.RECALLED)
LOGIN = Source(
    mark=Mark.THIRD_PARTY,
    url="https://support.huaweicloud.com/bestpractice-sparkpack/zh-cn_topic_0000002510618029.html",
)
B1SLAYER = Source(mark=Mark.THIRD_PARTY, url="https://github.com/bgmulinari/B1SLayer")

SAYINGS = (  # a session that timed out is opened anew; that it stays so means it cannot be
    Saying(pattern=r"code\W+100000027\b|login failed", cause=Cause.CREDENTIAL, source=LOGIN),
    Saying(
        pattern=r"(?:error |[\"'])code\W+301\b|invalid session or session",
        cause=Cause.CREDENTIAL,
        source=B1SLAYER,
    ),
    Saying(pattern=r"code\W+5006\b", cause=Cause.NOT_PERMITTED, source=RECALLED),
)
NO_SESSION, LOGIN_FAILED, NO_RIGHT = "301", "100000027", "-5006"  # the last one is recalled
NOES = {
    NO_SESSION: (No.CREDENTIAL, "the session is not valid any more"),
    LOGIN_FAILED: (No.CREDENTIAL, "the login failed"),
    NO_RIGHT: (No.NOT_PERMITTED, "the user has no right to this object"),
}

SESSION = Credential(
    name="session",
    life=Life.SESSION,
    lasts=timedelta(minutes=30),
    source=B1SLAYER,
    renews_itself=True,
    note="idles out after SessionTimeout of b1s.conf; every open session holds capacity, so it is "
    "closed after use",
)
PASSWORD = Credential(
    name="password",
    life=Life.DECLARED,
    lasts=None,
    source=RECALLED,
    needs_person=True,
    note="ends by the password policy of the company database",
)


def _session(answer: Answer) -> Mapping[str, str]:
    """The cookies of a login; ROUTEID keeps a session on its node behind the load balancer."""
    told = find(answer.data, "SessionId")
    if not isinstance(told, str) or not re.fullmatch(r"[\w-]{1,128}", told, re.ASCII):
        raise ValueError("the login answer has no SessionId")
    route = re.search(r"\bROUTEID=([\w.-]{1,64})", answer.headers.get("set-cookie", ""))
    return {"cookie": f"B1SESSION={told}" + (f"; ROUTEID={route[1]}" if route else "")}


AUTH = Auth(
    name="login",
    scheme=Scheme.LOGIN,
    secrets={
        "username": "a Service Layer user of the monitor's own, with read rights only",
        "password": "that user's password",
    },
    credential=PASSWORD.name,
    source=LOGIN,
    open=Call(
        path="/b1s/{version}/Login",
        method="POST",
        body={"CompanyDB": "{company}", "UserName": "{username}", "Password": "{password}"},
    ),
    session=_session,
    close=Call(path="/b1s/{version}/Logout", method="POST"),
)


def _refusal(answer: Answer) -> Refusal | None:
    """By the code in the body, a number or a string; an HTTP status only where none is told."""
    no = NOES.get(str(find(answer.data, "error.code")))
    return Refusal(no=no[0], words=no[1]) if no else usual_refusal(answer)


def _earliest_day(at: datetime) -> str:
    """The earliest day that any zone has at a moment.

    UpdateDate has no time of day and is in the zone of the company's server, which is not told:
    this may count a day too much and never misses a change.
    """
    return (at.astimezone(UTC) - timedelta(hours=12)).strftime("%Y-%m-%d")


def _changed(answer: Answer) -> Counted:
    return Counted(number=odata_count(answer.data), exact=False)


def _version(answer: Answer) -> str | None:
    told = find(answer.data, "Version") if find(answer.data, "SessionId") else None
    return told if isinstance(told, str) else None


def _count(entity: str, collection: str, key: str, also: str = "") -> Count:
    return Count(
        entity=entity,
        call=Call(
            path=f"/b1s/{{version}}/{collection}",
            params={
                "$inlinecount": "allpages",
                "$filter": f"UpdateDate ge '{{since}}'{also}",
                "$select": key,
                "$top": "1",
            },
        ),
        since=_earliest_day,
        read=_changed,
        source=B1SLAYER,
        note="whole days, in the zone of the company's server: never exact",
    )


def _error(code: object, words: str) -> str:
    quoted = code if isinstance(code, int) else f'"{code}"'
    return f'{{"error":{{"code":{quoted},"message":{{"lang":"en-us","value":"{words}"}}}}}}'


SAMPLES = (
    Sample(
        of="login",
        headers={"set-cookie": "B1SESSION=5c7e-11;HttpOnly;, ROUTEID=.node2; path=/b1s"},
        body='{"SessionId":"5c7e-11","Version":"1000190","SessionTimeout":30}',
    ),
    Sample(of="probe", body='{"value":[{"DocEntry":90211}]}'),
    Sample(of="count orders", body='{"odata.count":"184","value":[{"DocEntry":90211}]}', means=184),
    Sample(of="count products", body='{"@odata.count":12,"value":[{"ItemCode":"A1"}]}', means=12),
    Sample(of="count customers", body='{"odata.count":"0","value":[]}', means=0),
    # The Service Layer has no known limit of requests; a proxy in front of it may have one.
    Sample(of="not now", status=429, headers={"retry-after": "10"}),
    Sample(of="not permitted", status=400, body=_error(-5006, "The user has no permission")),
    Sample(of="credential", status=401, body=_error(100000027, "Login failed")),
    Sample(of="credential", status=401, body=_error("301", "Invalid session or session timeout")),
)

CONNECTORS = (
    Connector(
        kind="sap_b1",
        title="SAP Business One",
        docs="https://learning.sap.com/courses/leveraging-the-sap-business-one-service-layer/",
        base_url="https://{host}:50000",
        placeholders={
            "host": "the server of the Service Layer, for example b1.acme.example",
            "company": "the company database (CompanyDB)",
            "version": "v1 (OData 3) or v2 (OData 4)",
        },
        auths=(AUTH,),
        credentials=(PASSWORD, SESSION),
        probe=Probe(
            # /ping/ needs no session: it would never tell that the login stopped working.
            call=Call(path="/b1s/{version}/Orders", params={"$select": "DocEntry", "$top": "1"}),
            proves="the company database answers, the session is accepted",
            source=B1SLAYER,
        ),
        limits=(
            Limit(
                name="requests",
                shape=Shape.UNREADABLE,
                whose=Whose.NOBODYS,
                published=(),
                read=NotOffered("bounded by worker processes, sessions and licences; none told"),
                source=RECALLED,
            ),
        ),
        counts=(
            _count("orders", "Orders", "DocEntry"),
            _count("products", "Items", "ItemCode"),
            _count("customers", "BusinessPartners", "CardCode", " and CardType eq 'cCustomer'"),
        ),
        keys=Keys(
            number="DocNum",
            changed_at="UpdateDate",
            total="DocTotal",
            currency="DocCurrency",
            line_count="DocumentLines",
            source=RECALLED,
        ),
        refusal=_refusal,
        lists=lists.SAP_B1,
        status_page=NotOffered("runs on the customer's own server"),
        signals=(Signal(name="version", read=_version, source=LOGIN),),
        sayings=SAYINGS,
        samples=SAMPLES,
        defaults={"version": "v1"},
    ),
)
