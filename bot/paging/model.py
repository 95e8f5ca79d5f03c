"""The words of paging: what is sent out, what is heard back, and the key both are known by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

OUR_NAME = "Seamwatch"
RING = re.compile(r"[/-]again-[0-9]{1,4}\Z")


class PageAct(StrEnum):
    """What a paging service is told. A RESOLVE is never held back: nobody else would end it."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


class HeardAct(StrEnum):
    """What a person did on the other side."""

    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One thing to tell a paging service about one incident.

    `key` is the same for the life of the incident (see `key_of`), `row_id` the same for every
    attempt at this one message. `title` is one line, `by` who did it, by name, `url` where to look
    or "". The text may hold foreign names: each pager makes it plain and clips it. `ring` counts
    how often nobody had it any more after somebody did: an alert that is acknowledged there stays
    quiet, so that each ring needs one of its own.
    """

    act: PageAct
    incident_id: int
    key: str
    title: str
    sentence: str
    severity: Literal["low", "high", "critical"]
    by: str
    at: datetime
    url: str
    facts: tuple[tuple[str, str], ...]
    row_id: str
    ring: int = 0

    @property
    def ring_key(self) -> str:
        """The key of the alert that rings now."""
        return _ring_key(self.key, self.ring)

    @property
    def earlier_keys(self) -> tuple[str, ...]:
        """The keys of the alerts that rang before, which a new ring and the end resolve; to the
        services a resolve of what is not open is nothing."""
        if self.act is PageAct.ACKNOWLEDGE:
            return ()
        return tuple(_ring_key(self.key, ring) for ring in range(self.ring))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a paging service says that somebody did there. `at` is by the other side's clock."""

    pager: str
    incident_key: str
    incident_id: int
    act: HeardAct
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A letter that is about no incident, as text and as a page of HTML that says the same.

    `subject` is one line and may hold foreign names; `name` is what the page is called as a file.
    `row_id` is the same for every attempt.
    """

    subject: str
    text: str
    page: str
    name: str
    at: datetime
    row_id: str


class Pager(Protocol):
    """A paging service; one file a kind."""

    @property
    def name(self) -> str:
        """Its name in the settings."""
        ...

    async def send(self, page: Page) -> str:
        """Tell it; returns the other side's reference, or "".

        Raises bot.outbox.TryLater, Ambiguous or NeedsPerson, none of which holds a secret.
        """
        ...


@runtime_checkable
class Mailer(Protocol):
    """A pager that sends letters too."""

    async def mail(self, mail: Mail) -> str:
        """Send it; returns its id. Raises as `Pager.send` does."""
        ...


def key_of(estate: str, incident_id: int) -> str:
    """The name of an incident on every other side, such as seamwatch/Acme Outdoors/42."""
    return f"seamwatch/{estate}/{incident_id}"


def _ring_key(key: str, ring: int) -> str:
    return f"{key}/again-{ring}" if ring else key


def alias_of(key: str) -> str:
    """The key where it stands in a URL's path, in which proxies do not bear slashes or blanks."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", key).strip("-")


def incident_id_of(estate: str, told: str) -> int | None:
    """The incident that a key or an alias names, of any ring of it; None when it is not one of this
    estate."""
    known = _known(estate, told)
    return known if known is not None else _known(estate, RING.sub("", told))


def _known(estate: str, told: str) -> int | None:
    number = re.search(r"[0-9]{1,15}\Z", told)
    if number is None:
        return None
    key = key_of(estate, int(number[0]))
    return int(number[0]) if told in (key, alias_of(key)) else None
