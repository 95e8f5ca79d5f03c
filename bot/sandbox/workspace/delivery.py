"""What is delivered to the app and what comes back, whichever way it travels."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from bot.sandbox.workspace.messages import Json

EnvelopeKind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One delivery. `retry_attempt` counts from 1 when an event is delivered again, and
    `retry_reason` is then the failure of the delivery before."""

    kind: EnvelopeKind
    payload: Json
    retry_attempt: int = 0
    retry_reason: str = ""

    @property
    def accepts_response(self) -> bool:
        return self.kind != "events_api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The app's acknowledgement, or its absence, and how long it took in milliseconds.

    `failure` says in Slack's words why there was none.
    """

    ms: float
    payload: Any = None
    failure: str = ""

    @property
    def acked(self) -> bool:
        return not self.failure


class Delivery(Protocol):
    """A way to the app."""

    async def deliver(self, envelope: Envelope) -> Ack:
        """Hand it over and wait for the acknowledgement, no longer than Slack would."""
        ...


def stopwatch() -> Callable[[], float]:
    """A function that tells the milliseconds since this call."""
    began = time.perf_counter()
    return lambda: (time.perf_counter() - began) * 1000
