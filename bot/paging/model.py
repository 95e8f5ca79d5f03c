"""The words of paging: what is sent out, what is heard back, and the key both are known by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

OUR_NAME = "Seamwatch"


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
    or "". The text may hold foreign names: each pager makes it plain and clips it.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a paging service says that somebody did there. `at` is by the other side's clock."""

    pager: str
    incident_key: str
    incident_id: int
    act: HeardAct
    who: str
    at: datetime


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


def key_of(estate: str, incident_id: int) -> str:
    """The name of an incident on every other side, such as seamwatch/Acme Outdoors/42."""
    return f"seamwatch/{estate}/{incident_id}"


def alias_of(key: str) -> str:
    """The key where it stands in a URL's path, in which proxies do not bear slashes or blanks."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", key).strip("-")


def incident_id_of(estate: str, told: str) -> int | None:
    """The incident that a key or an alias names; None when it is not one of this estate."""
    number = re.search(r"[0-9]{1,15}\Z", told)
    if number is None:
        return None
    key = key_of(estate, int(number[0]))
    return int(number[0]) if told in (key, alias_of(key)) else None
