"""Fluent Order Management: GraphQL with errors inside HTTP 200 and lists without a total."""

from __future__ import annotations

import re
from datetime import timedelta

from checks.declare import (
    Answer,
    Auth,
    Call,
    Cause,
    Connector,
    Count,
    Credential,
    Keys,
    Life,
    Limit,
    Mark,
    No,
    NotOffered,
    Page,
    Probe,
    Refusal,
    Sample,
    Saying,
    Scheme,
    Shape,
    Source,
    Whose,
)
from checks.lists import fluent as lists
from checks.reading import find, since_utc, usual_refusal

DOCS = "https://docs.fluentcommerce.com"
OPERATIONS = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/essential-knowledge/graphql-operations")
EXPIRY = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/essential-knowledge/authentication-token-expiry")
CLIENTS = Source(mark=Mark.THIRD_PARTY, url="https://prismatic.io/docs/components/fluent-commerce")
RECALLED = Source(mark=Mark.RECALLED)
PAGE = 500  # of up to 5000: a query's complexity must stay below 11,111
COMPLEXITY = Source(mark=Mark.CONFIRMED, url=f"{DOCS}/essential-knowledge/graphql-query-limits")
SAYINGS = (
    Saying(pattern=r"query.{0,40}complexity", cause=Cause.LASTING, source=COMPLEXITY),
    Saying(pattern=r"invalid[_ ]token|unauthenticated", cause=Cause.CREDENTIAL, source=RECALLED),
    Saying(pattern=r"access (?:is )?denied", cause=Cause.NOT_PERMITTED, source=RECALLED),
)
CREDENTIAL_WORDS = re.compile(
    r"invalid[_ ]token|unauthenticated|token (has )?expired", re.IGNORECASE
)
RIGHT_WORDS = re.compile(
    r"access (is )?denied|not (authori[sz]ed|permitted)|forbidden", re.IGNORECASE
)

TOKEN = Credential(
    name="access token",
    life=Life.TOLD_AT_ISSUE,
    lasts=timedelta(hours=24),
    source=CLIENTS,
    renews_itself=True,
    note="may be invalidated sooner; asking for tokens in a loop is to be avoided",
)
PASSWORD = Credential(
    name="user's password", life=Life.DECLARED, lasts=None, source=EXPIRY, needs_person=True
)
AUTH = Auth(
    name="password",
    scheme=Scheme.PASSWORD_GRANT,
    secrets={
        "client_id": "client id of the account",
        "client_secret": "client secret of the account",
        "username": "user made for the monitor",
        "password": "that user's password",
    },
    credential=TOKEN.name,
    source=CLIENTS,
    details={"token_url": "/oauth/token", "scope": "api"},
)


def _messages(answer: Answer) -> str:
    """What the errors of a GraphQL answer say, their codes too."""
    errors = find(answer.data, "errors")
    said = errors if isinstance(errors, list) else []
    parts = (find(error, path) for error in said for path in ("message", "extensions.code"))
    return " ".join(part for part in parts if isinstance(part, str))


def _refusal(answer: Answer) -> Refusal | None:
    """By status, or by the words of an error inside HTTP 200 (words recalled, not confirmed).

    A query that is too complex or too large (413) is our mistake and none of the three.
    """
    said = _messages(answer) if answer.status in (200, 400) else ""
    if CREDENTIAL_WORDS.search(said):
        return Refusal(no=No.CREDENTIAL, words="the token is not accepted")
    if RIGHT_WORDS.search(said):
        return Refusal(no=No.NOT_PERMITTED, words="access denied")
    return usual_refusal(answer)


def _page_of(connection: str, answer: Answer) -> Page:
    """A page of a Relay connection; an answer with errors may be partial, so it tells nothing."""
    edges = find(answer.data, f"data.{connection}.edges")
    more = find(answer.data, f"data.{connection}.pageInfo.hasNextPage")
    if find(answer.data, "errors") or not isinstance(edges, list) or not isinstance(more, bool):
        raise ValueError(f"the answer has no whole page of {connection}")
    if not more:
        return Page(number=len(edges), after=None)
    cursor = find(edges[-1], "cursor") if edges else None
    if not isinstance(cursor, str):
        raise ValueError(f"the answer has a further page of {connection} without a cursor")
    return Page(number=len(edges), after={"cursor": cursor})


def _orders(answer: Answer) -> Page:
    return _page_of("orders", answer)


def _products(answer: Answer) -> Page:
    return _page_of("variantProducts", answer)


def _customers(answer: Answer) -> Page:
    return _page_of("customers", answer)


def _inventory(answer: Answer) -> Page:
    return _page_of("inventoryPositions", answer)


def _list(connection: str) -> Call:
    """A page of what changed; `cursor` goes into the variables and is null for the first page."""
    query = (
        f"query ($since: DateTime, $cursor: String) {{ {connection}"
        f"(first: {PAGE}, after: $cursor, updatedOn: {{ from: $since }}) "
        "{ pageInfo { hasNextPage } edges { cursor node { id } } } }"
    )
    variables = {"since": "{since}", "cursor": None}
    return Call(path="/graphql", method="POST", body={"query": query, "variables": variables})


COUNTS = tuple(
    Count(
        entity=entity,
        call=_list(connection),
        since=since_utc,
        read=read,
        source=RECALLED,
        note=f"no total is known: {connection} are counted by pages of {PAGE}",
    )
    for entity, connection, read in (
        ("orders", "orders", _orders),
        ("products", "variantProducts", _products),
        ("customers", "customers", _customers),
        ("inventory", "inventoryPositions", _inventory),
    )
)


def _listing(connection: str, more: bool) -> str:
    return (
        f'{{"data": {{"{connection}": {{"pageInfo": {{"hasNextPage": {str(more).lower()}}}, '
        '"edges": [{"cursor": "Y3Vyc29yMQ", "node": {"id": "7001"}}, '
        '{"cursor": "Y3Vyc29yMg", "node": {"id": "7002"}}]}}}'
    )


DENIED = '{"errors": [{"message": "Access is denied", "path": ["orders"]}], "data": null}'
LAPSED = '{"error": "invalid_token", "error_description": "Invalid access token"}'
MORE = Page(number=2, after={"cursor": "Y3Vyc29yMg"})
LAST = Page(number=2, after=None)
SAMPLES = (
    Sample(of="probe", body='{"data": {"me": {"id": "42"}}}'),
    Sample(of="count orders", body=_listing("orders", True), means=MORE),
    Sample(of="count orders", body=_listing("orders", False), means=LAST),
    Sample(of="count products", body=_listing("variantProducts", False), means=LAST),
    Sample(of="count customers", body=_listing("customers", False), means=LAST),
    Sample(of="count inventory", body=_listing("inventoryPositions", False), means=LAST),
    Sample(
        of="not now",
        status=429,
        headers={"retry-after": "30"},
        body="{}",
        means=timedelta(seconds=30),
    ),
    Sample(of="not permitted", body=DENIED),
    Sample(of="credential", status=401, body=LAPSED),
)
CONNECTORS = (
    Connector(
        kind="fluent",
        title="Fluent Order Management",
        docs=DOCS,
        base_url="https://{account}.api.fluentretail.com",
        placeholders={"account": "the account's name in its address"},
        auths=(AUTH,),
        credentials=(TOKEN, PASSWORD),
        probe=Probe(
            call=Call(path="/graphql", method="POST", body={"query": "{ me { id } }"}),
            proves="reachable, token accepted",
            source=RECALLED,
        ),
        limits=(
            Limit(
                name="calls",
                shape=Shape.UNREADABLE,
                whose=Whose.NOBODYS,
                published=(),
                read=NotOffered("neither a rate limit nor a usage header was found"),
                source=OPERATIONS,
            ),
        ),
        counts=COUNTS,
        keys=Keys(
            number="ref",
            changed_at="updatedOn",
            total="totalPrice",
            currency=NotOffered("the currency is the items'"),
            line_count="items",
            source=RECALLED,
        ),
        refusal=_refusal,
        lists=lists.FLUENT,
        status_page=NotOffered("no status page was found"),
        signals=NotOffered("no sign of a version or a deprecation was found in its answers"),
        sayings=SAYINGS,
        samples=SAMPLES,
    ),
)
