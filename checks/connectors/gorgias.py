"""Gorgias: a customer service desk behind a leaky bucket per account."""

from __future__ import annotations

from datetime import timedelta

from checks.declare import (
    Answer,
    Auth,
    Call,
    Connector,
    Credential,
    Life,
    Limit,
    LimitReading,
    Mark,
    NotOffered,
    Probe,
    Published,
    Sample,
    Scheme,
    Shape,
    Source,
    Whose,
)
from checks.reading import leaky, used_of, usual_refusal

LIMITS = Source(mark=Mark.CONFIRMED, url="https://developers.gorgias.com/reference/limitations.md")
DOCS = Source(mark=Mark.CONFIRMED, url="https://github.com/gorgias/gorgias-api-docs")
OAUTH = Source(mark=Mark.CONFIRMED, url="https://developers.gorgias.com/docs/oauth2-bearer-token")
BUCKET = "x-gorgias-account-api-call-limit"
WINDOW = timedelta(seconds=20)
ENTERPRISE = timedelta(seconds=10)

KEY = Credential(
    name="API key",
    life=Life.DECLARED,
    lasts=None,
    source=DOCS,
    note="belongs to a user; ends when the user or the key is removed",
)
TOKEN = Credential(
    name="OAuth access token",
    life=Life.TOLD_AT_ISSUE,
    lasts=timedelta(hours=24),
    source=OAUTH,
    renews_itself=True,
    note="its refresh token does not expire; the scope offline is needed to get one",
)
AUTH = Auth(
    name="API key",
    scheme=Scheme.BASIC,
    secrets={"username": "e-mail address of the user", "password": "the user's API key"},
    credential=KEY.name,
    source=DOCS,
)


def _bucket(answer: Answer) -> tuple[LimitReading, ...]:
    """Drains its size in 20 seconds; Enterprise, in 10, is not told apart, so the slower counts."""
    told = used_of(answer.headers, BUCKET)
    return leaky(answer.headers, BUCKET, told[1] / WINDOW.total_seconds()) if told else ()


ACCOUNT = (
    '{"domain": "acme-outdoors", "created_datetime": "2022-03-01T09:12:44.123456+00:00", '
    '"status": {"status": "active"}, "settings": []}'
)
LIMITED = '{"error": {"msg": "You have been rate limited"}}'
NO_RIGHT = '{"error": {"msg": "You do not have permission to do this"}}'
BAD_KEY = '{"error": {"msg": "The credentials are invalid"}}'
SAMPLES = (
    Sample(of="probe", headers={BUCKET: "3/40"}, body=ACCOUNT),
    Sample(
        of="limit",
        headers={BUCKET: "10/40"},
        body=ACCOUNT,
        means=LimitReading(size=40.0, remaining=30.0, restored_per_second=2.0),
    ),
    Sample(
        of="not now",
        status=429,
        headers={BUCKET: "40/40", "retry-after": "14"},
        body=LIMITED,
        means=timedelta(seconds=14),
    ),
    Sample(of="not permitted", status=403, body=NO_RIGHT),
    Sample(of="credential", status=401, body=BAD_KEY),
)
CONNECTORS = (
    Connector(
        kind="gorgias",
        title="Gorgias",
        docs="https://developers.gorgias.com",
        base_url="https://{account}.gorgias.com",
        placeholders={"account": "the account's name in its address"},
        auths=(AUTH,),
        credentials=(KEY, TOKEN),
        probe=Probe(call=Call(path="/api/account"), proves="reachable, key accepted", source=DOCS),
        limits=(
            Limit(
                name="calls of the account",
                shape=Shape.LEAKY_BUCKET,
                whose=Whose.SHARED,
                published=(
                    Published(amount=40, per=WINDOW, source=LIMITS, plan="API key"),
                    Published(amount=80, per=WINDOW, source=LIMITS, plan="OAuth app"),
                    Published(amount=40, per=ENTERPRISE, source=LIMITS, plan="Enterprise, API key"),
                    Published(
                        amount=80, per=ENTERPRISE, source=LIMITS, plan="Enterprise, OAuth app"
                    ),
                ),
                read=_bucket,
                source=LIMITS,
            ),
        ),
        counts=NotOffered(
            "its lists tell no total and take no moment to start from; they only sort by change"
        ),
        keys=NotOffered("it holds tickets and customers, no orders of its own"),
        refusal=usual_refusal,
        lists=NotOffered("it holds tickets: conversations, and no records that flows deliver"),
        status_page=NotOffered(
            "https://status.gorgias.com is there; whether it still answers JSON was not confirmed"
        ),
        signals=NotOffered("no sign of a version or a deprecation was found in its answers"),
        samples=SAMPLES,
    ),
)
