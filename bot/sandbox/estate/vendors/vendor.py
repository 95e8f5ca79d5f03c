"""What a look-alike of a vendor is: asked over HTTP, it answers as the vendor would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.sandbox.estate.vendors.books import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request. `path` begins below the vendor's base URL; header names are lower case; `at` is
    the sandbox's time (UTC)."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer, as it goes out."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


class Vendor(Protocol):
    """One vendor's API for one customer; it lives on the sandbox's time.

    Everything that calls it spends the same allowance where the real one is shared.
    """

    def answer(self, asked: Asked) -> Answered:
        """What comes back to the monitor; spends the allowance that the real call spends."""
        ...

    def serve(self, calls: int, at: datetime) -> str:
        """So many calls of the platform, with the platform's own credential.

        "" when they were served; else what the vendor says, as a run's log quotes it: the
        credential is not accepted, or the allowance is used up.
        """
        ...

    def lapse(self, *, platforms: bool) -> None:
        """The platform's credential (or the monitor's) is not accepted any more."""
        ...

    def renew(self) -> None:
        """Every credential is accepted again."""
        ...

    def crowd(self, share: float, at: datetime) -> None:
        """Somebody else uses this share of the allowance from now on, all the time (0: nobody)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """One vendor of the made-up company, as the settings name it.

    `kind` and `settings` are what a `[[system]]` section says of it; `secrets` (made up) are told
    by file. `system` is the company's system that the platform's instance is of, or "" when no
    flow uses it. `open` makes the look-alike.
    """

    name: str
    kind: str
    system: str
    open: Callable[[Books], Vendor]
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
