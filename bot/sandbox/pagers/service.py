"""What every look-alike over HTTP can do: take a request, and make one of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.sandbox.pagers.board import Alert, Board, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request to a look-alike; `path` begins after the service's own part."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What it answers, and the alert that it changed, with the act and whose it was."""

    status: int
    body: Json
    alert: Alert | None = None
    act: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """A request that it makes to whoever listens."""

    headers: Mapping[str, str]
    body: bytes


class Service(Protocol):
    """One look-alike."""

    def take(self, board: Board, asked: Asked) -> Answer:
        """Check and carry out a request."""
        ...

    def call_back(self, alert: Alert, act: str, user: str | None, by_api: bool) -> CallBack:
        """What it tells when `act` was done: by a person, over the API, or (no user) by time."""
        ...
