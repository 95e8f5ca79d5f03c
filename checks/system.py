"""Reads one configured system as its connector describes it: reachable, how much, since when."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from pydantic import SecretStr

from checks.answers import any_json, excerpt
from checks.asking import Asking, wanted_by
from checks.budget import Budget
from checks.calls import PLACEHOLDER, continued, fill
from checks.declare import (
    Answer,
    Auth,
    Connector,
    Count,
    Counted,
    LimitReading,
    NotOffered,
    Page,
)
from checks.proof import spellings
from checks.reconcile.model import Record
from checks.record_reading import Looked, RecordReading
from checks.records import AS_DECLARED, RecordList, Wanted
from checks.transport import Patience, Question, Transport
from checks.unreadable import Refused, Unavailable, Unreadable
from checks.vendor import Vendor, read_vendor

MOST_PAGES = 50  # a longer list is counted so far and said to be inexact
LIMITS_EVERY = timedelta(hours=1)
STATUS_BUDGET = 10  # calls a minute to the vendor's status page, which is nobody's allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """A system that answered. `at` is UTC, `took` the time of the probe call alone.

    `limits` are the readings told on the way, each with its limit's name. `credential_ends_at`
    (UTC) is the end of the token in use where one was told at issue or stands in the token.
    """

    at: datetime
    took: timedelta
    limits: tuple[tuple[str, LimitReading], ...]
    signals: Mapping[str, str]
    credential_ends_at: datetime | None


class System:
    """One configured system. `probe` and `count` raise Refused or Unavailable."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        name: str,
        connector: Connector,
        auth: Auth,
        settings: Mapping[str, str],
        secrets: Mapping[str, SecretStr],
        budget: Budget,
        concurrency: int,
        now: Callable[[], datetime],
        patience: Patience | None = None,
    ) -> None:
        """`settings` may override `base_url` and `token_url`. Raises ValueError, in one sentence
        without a secret, for what it cannot work with."""
        self.name, self._connector, self._now = name, connector, now
        hidden = {each: secret.get_secret_value() for each, secret in secrets.items()}
        known = {**connector.defaults, **settings, **hidden}
        self._hide = tuple(spelt for secret in hidden.values() for spelt in spellings(secret))
        patience = patience or Patience()
        try:
            _check(connector, auth, settings, known)
            self._asking = Asking(
                http,
                name=name,
                connector=connector,
                auth=auth,
                known=known,
                base_url=_base_url(connector, settings, known),
                hide=self._hide,
                budget=budget,
                concurrency=concurrency,
                now=now,
                patience=patience,
            )
        except ValueError as unfit:
            raise ValueError(f"{name}: {unfit}") from None
        self._reading = RecordReading(name, connector.lists, self._asking.ask, self._hide)
        self._asked_at: datetime | None = None
        self._told: dict[tuple[str, str], LimitReading] = {}
        self._vendor = Transport(
            http, system=connector.title, budget=Budget(STATUS_BUDGET), patience=patience
        )

    def __repr__(self) -> str:
        return f"System({self.name!r}, {self._connector.kind!r})"

    async def probe(self) -> Probed:
        """The cheap call that shows that the system can be reached."""
        self._asking.limits.clear()
        probe = self._connector.probe
        answer = await self._asking.ask(probe.call, may_be_empty=probe.empty is not None)
        if answer.status == 404 and not (probe.empty and probe.empty(answer)):
            raise self._no_such_address("asked for its probe")
        await self._ask_for_limits()
        return Probed(
            at=answer.at,
            took=answer.took,
            limits=tuple((name, told) for (name, _), told in self._asking.limits.items()),
            signals=dict(self._asking.signals),
            credential_ends_at=self._asking.credential_ends_at,
        )

    async def _ask_for_limits(self) -> None:
        """What no other answer tells, now and then; being refused it says nothing of the system."""
        now = self._now()
        if self._asked_at is not None and now - self._asked_at < LIMITS_EVERY:
            self._asking.limits.update(self._told)
            return
        self._asked_at = now
        before = dict(self._asking.limits)
        for limit in self._connector.limits:
            try:
                if limit.ask is not None:
                    await self._asking.ask(limit.ask)
            except Unreadable:
                continue
        self._told = {key: told for key, told in self._asking.limits.items() if key not in before}

    async def count(self, entity: str, since: datetime) -> Counted:
        """How many records changed since a moment; inexact when a list is longer than we read.

        Raises ValueError for an entity that the system does not offer.
        """
        count = self._count_of(entity)
        told, call = {"since": count.since(since)}, count.call
        total, seen = 0, set[frozenset[tuple[str, str]]]()
        for _ in range(MOST_PAGES):
            answer = await self._asking.ask(call, told, may_be_empty=True)
            page = self._read(count, answer)
            if isinstance(page, Counted):
                return page
            total += page.number
            if page.after is None:
                return Counted(number=total, exact=True)
            place = frozenset(page.after.items())
            if place in seen:
                raise self._senseless(answer, f"goes round in circles in its list of {entity}")
            seen.add(place)
            call, told = continued(count.call, page.after), {**told, **page.after}
        return Counted(number=total, exact=False)

    @property
    def lists(self) -> tuple[RecordList, ...]:
        """The lists whose records can be read."""
        return self._reading.lists

    def records(
        self,
        entity: str,
        place: str,
        since: datetime,
        until: datetime,
        wanted: Wanted = AS_DECLARED,
    ) -> AsyncIterator[tuple[Record, ...]]:
        """As `checks.records.RecordSource.records`."""
        return self._reading.records(entity, place, since, until, wanted)

    async def record(
        self, entity: str, place: str, key: str, wanted: Wanted = AS_DECLARED
    ) -> tuple[Record, ...]:
        """As `checks.records.RecordSource.record`."""
        return await self._reading.record(entity, place, key, wanted)

    async def several(
        self, entity: str, place: str, keys: Sequence[str], wanted: Wanted = AS_DECLARED
    ) -> tuple[Record, ...]:
        """As `checks.records.AsksTogether.several`."""
        return await self._reading.several(entity, place, keys, wanted)

    async def look(self, entity: str, place: str, since: datetime, until: datetime) -> Looked:
        """What the first page of a list looks like; no value of it is kept.

        Raises Refused, Unavailable, and ValueError for what is not offered.
        """
        return await self._reading.look(entity, place, since, until)

    async def status(self) -> Vendor | None:
        """What the vendor says of itself; None where nothing can be read. It proves nothing."""
        page = self._connector.status_page
        if isinstance(page, NotOffered):
            return None
        question = Question(method="GET", url=httpx.URL(page.url))
        try:
            received = await self._vendor.ask(question)
            if not received.response.is_success:
                return None
            return read_vendor(any_json(received.content), page.components, self._now())
        except (Unreadable, ValueError):
            return None

    async def close(self) -> None:
        """Ends an open session; one that cannot be ended is left to time out."""
        try:
            await self._asking.close()
        except Unreadable:
            return

    def _count_of(self, entity: str) -> Count:
        counts = self._connector.counts
        offered = {} if isinstance(counts, NotOffered) else {each.entity: each for each in counts}
        if entity not in offered:
            counted = ", ".join(offered) or "nothing"
            raise ValueError(f"{self.name} does not count {entity}; what it counts: {counted}")
        return offered[entity]

    def _read(self, count: Count, answer: Answer) -> Counted | Page:
        """Some systems answer 404 for an empty list: the connector's reader has the word on it."""
        try:
            return count.read(answer)
        except ValueError as untold:
            what = excerpt(str(untold), self._hide)
        if answer.status == 404:
            raise self._no_such_address(f"asked to count {count.entity}")
        raise self._senseless(answer, f"does not tell how many {count.entity} changed: {what}")

    def _no_such_address(self, when: str) -> Refused:
        return Refused(
            f"{self.name} answered with 404 when {when}: it knows no such address; check the "
            "address in the settings",
            status=404,
        )

    def _senseless(self, answer: Answer, what: str) -> Unavailable:
        return Unavailable(f"{self.name} {what}; the next round asks again", status=answer.status)


def _check(
    connector: Connector, auth: Auth, settings: Mapping[str, str], known: Mapping[str, str]
) -> None:
    """Raises ValueError for a setting that is missing, and for a credential that rotates."""
    credentials = {credential.name: credential for credential in connector.credentials}
    if auth.credential not in credentials:
        raise ValueError(f"its way in, {auth.name}, uses a credential that nothing describes")
    if credentials[auth.credential].rotates:
        raise ValueError(
            f"its {auth.credential} is replaced at every use, so using it would break the "
            "integration that is watched; give the monitor a credential of its own"
        )
    base_url = "" if settings.get("base_url") else connector.base_url
    used = {*wanted_by(connector), *PLACEHOLDER.findall(base_url)}
    needed = {**connector.placeholders, **auth.secrets}
    missing = [
        f"{name} ({what})"
        for name, what in needed.items()
        if not known.get(name) and (name in used or name in auth.secrets)
    ]
    if missing:
        raise ValueError(f"its settings lack {', '.join(missing)}")


def address_fault(connector: Connector, name: str, value: str) -> str:
    """What is wrong with a setting that the address is made of; "" when it will do.

    A value may not change which host is asked: the credential goes there.
    """
    _, _, after = connector.base_url.partition(f"{{{name}}}")
    domain = re.match(r"\.[^/{:]+", after)
    if domain and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", value):
        return f'expected {name} to be only what stands before "{domain[0]}" in the address'
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*(:\d{1,5})?(/[A-Za-z0-9._-]+)*", value):
        return f"expected {name} to be part of an address, without a scheme, blanks or signs"
    return ""


def _base_url(connector: Connector, settings: Mapping[str, str], known: Mapping[str, str]) -> str:
    if not settings.get("base_url"):
        for name in PLACEHOLDER.findall(connector.base_url):
            if fault := address_fault(connector, name, known.get(name, "")):
                raise ValueError(fault)
    filled = fill(settings.get("base_url") or connector.base_url, known).rstrip("/")
    try:
        url = httpx.URL(filled)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.query or url.userinfo:
        raise ValueError("its base_url is not an address such as https://example.com")
    return filled
