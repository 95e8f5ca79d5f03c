"""LoyaltyLion: a loyalty scheme that tells nothing about its limit until it refuses."""

from __future__ import annotations

import re
from datetime import timedelta

from checks.declare import (
    Answer,
    Auth,
    Call,
    Connector,
    Count,
    Credential,
    Life,
    Limit,
    Mark,
    NotOffered,
    Page,
    Probe,
    Published,
    Sample,
    Scheme,
    Shape,
    Source,
    Whose,
)
from checks.lists import loyaltylion as lists
from checks.reading import find, listed_at, parameter_of, since_utc, usual_refusal

LIMITS = Source(
    mark=Mark.CONFIRMED, url="https://developers.loyaltylion.com/api-reference/introduction.md"
)
KEYS = Source(
    mark=Mark.CONFIRMED,
    url="https://developers.loyaltylion.com/api-reference/authentication/api-keys",
)
CLIENT = Source(mark=Mark.THIRD_PARTY, url="https://github.com/ChintanpatelTH/tap-loyaltylion")
FULL_PAGE = 500

KEY = Credential(
    name="API key",
    life=Life.DECLARED,
    lasts=None,
    source=KEYS,
    note="has scopes; can be disabled or deleted",
)
AUTH = Auth(
    name="API key",
    scheme=Scheme.BEARER,
    secrets={"token": "API key (pat_...) with the scope read_customers"},
    credential=KEY.name,
    source=KEYS,
)


def _customers(answer: Answer) -> Page:
    """A page of customers; a full page that does not say how to go on tells nothing."""
    number = listed_at(answer.data, "customers")
    if isinstance(find(answer.data, "cursor"), dict):
        cursor = find(answer.data, "cursor.next")
    else:
        link = re.search(r'<([^>]*)>;\s*rel="?next"?', answer.headers.get("link", ""))
        cursor = parameter_of(link[1], "cursor") if link else None
        if cursor is None and number >= FULL_PAGE:
            raise ValueError("the answer does not say whether there are more customers")
    return Page(number=number, after={"cursor": cursor} if isinstance(cursor, str) else None)


CUSTOMER = '{"id": 5511, "merchant_id": "8812", "updated_at": "2026-11-21T11:58:02Z"}'
TWO = f'{{"customers": [{CUSTOMER}, {CUSTOMER}], "cursor": {{"prev": null, "next": "bzE1NQ"}}}}'
LAST = f'{{"customers": [{CUSTOMER}], "cursor": {{"prev": "bzE1NA", "next": null}}}}'
SAMPLES = (
    Sample(of="probe", body=TWO),
    Sample(of="count customers", body=TWO, means=Page(number=2, after={"cursor": "bzE1NQ"})),
    Sample(of="count customers", body=LAST, means=Page(number=1, after=None)),
    Sample(of="not now", status=429, body='{"error": "Too many requests"}'),
    Sample(of="not permitted", status=403, body='{"error": "Insufficient scope"}'),
    Sample(of="credential", status=401, body='{"error": "Unauthorized"}'),
)
CONNECTORS = (
    Connector(
        kind="loyaltylion",
        title="LoyaltyLion",
        docs="https://developers.loyaltylion.com",
        base_url="https://api.loyaltylion.com",
        placeholders={},
        auths=(AUTH,),
        credentials=(KEY,),
        probe=Probe(
            call=Call(path="/v2/customers", params={"limit": "1"}),
            proves="reachable, key accepted, customers may be read",
            source=LIMITS,
        ),
        limits=(
            Limit(
                name="calls",
                shape=Shape.UNREADABLE,
                whose=Whose.NOBODYS,
                published=(Published(amount=20, per=timedelta(seconds=1), source=LIMITS),),
                read=NotOffered("its answers carry no usage"),
                source=LIMITS,
            ),
        ),
        counts=(
            Count(
                entity="customers",
                call=Call(
                    path="/v2/customers",
                    params={"updated_at_min": "{since}", "limit": str(FULL_PAGE)},
                ),
                since=since_utc,
                read=_customers,
                source=CLIENT,
                note="no total: pages of up to 500 are counted",
            ),
        ),
        keys=NotOffered("its orders are copies of the shop's; it adds points, not orders"),
        refusal=usual_refusal,
        lists=lists.LOYALTYLION,
        status_page=NotOffered("no status page was found"),
        signals=NotOffered("no sign of a version or a deprecation was found in its answers"),
        samples=SAMPLES,
    ),
)
