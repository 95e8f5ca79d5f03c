"""A made-up connector, and a vendor that answers what it is told to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import SecretStr

from checks.budget import Budget
from checks.declare import (
    Answer,
    Auth,
    Call,
    Connector,
    Count,
    Counted,
    Credential,
    Life,
    Limit,
    Mark,
    NotOffered,
    Page,
    Probe,
    Scheme,
    Shape,
    Signal,
    Source,
    Whose,
)
from checks.reading import count_at, find, leaky, since_utc, usual_refusal
from checks.system import System
from checks.transport import Patience

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
QUICK = Patience(first_retry=timedelta(milliseconds=1))
SOURCE = Source(mark=Mark.RECALLED)
GOOD = httpx.Response(200, json={"shop": "Acme"})
NO_READING = NotOffered("made up")

Reply = httpx.Response | Exception
Respond = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


class Vendor:
    """Gives the listed answers in turn, the last one for ever, and remembers what was asked.

    A path of its own (`token=...` for /token) has answers of its own.
    """

    def __init__(self, *answers: Reply, **paths: list[Reply]) -> None:
        self.answers = {"": list(answers or (GOOD,)), **paths}
        self.asked: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        name = request.url.path.rpartition("/")[2]
        answers = self.answers.get(name) or self.answers[""]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=answer.content, request=request
        )

    def asked_for(self, name: str) -> list[httpx.Request]:
        return [each for each in self.asked if each.url.path.endswith(f"/{name}")]


def auth(scheme: Scheme, *secrets: str, **details: str) -> Auth:
    return Auth(
        name="the key",
        scheme=scheme,
        secrets=dict.fromkeys(secrets, "made up"),
        credential="key",
        source=SOURCE,
        details=details,
    )


BEARER = auth(Scheme.BEARER, "token")


def read_total(answer: Answer) -> Counted:
    return Counted(number=count_at(answer.data, "total"), exact=True)


def read_page(answer: Answer) -> Page:
    following = find(answer.data, "next")
    after = {"cursor": following} if isinstance(following, str) else None
    return Page(number=count_at(answer.data, "rows"), after=after)


def count_of(entity: str, call: Call, read: Callable[[Answer], Counted | Page]) -> Count:
    return Count(entity=entity, call=call, since=since_utc, read=read, source=SOURCE)


CONNECTOR = Connector(
    kind="made-up",
    title="Made Up",
    docs="https://vendor.example/docs",
    base_url="https://{account}.vendor.example/v{version}",
    placeholders={"account": "the name in the address"},
    defaults={"version": "1"},
    auths=(BEARER,),
    credentials=(Credential(name="key", life=Life.DECLARED, lasts=None, source=SOURCE),),
    probe=Probe(call=Call(path="/shop"), proves="it answers", source=SOURCE),
    limits=(
        Limit(
            name="calls",
            shape=Shape.LEAKY_BUCKET,
            whose=Whose.OWN,
            published=(),
            read=lambda answer: leaky(answer.headers, "x-used", 2.0),
            source=SOURCE,
        ),
    ),
    counts=(
        count_of("orders", Call(path="/orders", params={"since": "{since}"}), read_total),
        count_of("products", Call(path="/products", params={"since": "{since}"}), read_page),
    ),
    keys=NO_READING,
    refusal=usual_refusal,
    status_page=NO_READING,
    signals=(Signal(name="version", read=lambda a: a.headers.get("x-version"), source=SOURCE),),
    samples=(),
)


def system(
    vendor: Respond,
    *,
    connector: Connector = CONNECTOR,
    way: Auth = BEARER,
    settings: Mapping[str, str] | None = None,
    budget: Budget | None = None,
    concurrency: int = 4,
    now: Callable[[], datetime] | None = None,
    patience: Patience = QUICK,
    **secrets: str,
) -> System:
    """A System over the vendor; secrets that are not given are made up."""
    made_up = {name: f"made-up-{name}" for name in way.secrets}
    return System(
        httpx.AsyncClient(transport=httpx.MockTransport(vendor)),
        name="acme-shop",
        connector=connector,
        auth=way,
        settings={"account": "acme"} if settings is None else settings,
        secrets={name: SecretStr(told) for name, told in {**made_up, **secrets}.items()},
        budget=budget or Budget(10_000),
        concurrency=concurrency,
        now=now or Clock(),
        patience=patience,
    )


def with_page(connector: Connector, call: Call) -> Connector:
    """The connector, counting products by pages of another call."""
    return replace(connector, counts=(count_of("products", call, read_page),))
