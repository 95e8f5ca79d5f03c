"""The stream of everything that happens in the workspace, for the page and the control API."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "message", "changed", "deleted", "ephemeral", "clock", "app", "view", "home", "scenario"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened. `by` is the user who did it, `only_for` the only one who sees it.

    `via` names the response_url through which the app did it, if it was one.
    """

    kind: Kind
    by: str | None = None
    only_for: str | None = None
    via: str | None = None
    channel: str | None = None
    thread_ts: str | None = None
    ts: str | None = None
    message: dict[str, Any] | None = None
    detail: dict[str, Any] | None = None

    def concerns(self, user: str) -> bool:
        """Whether this user's client is told about it."""
        return self.only_for in (None, user)

    def as_json(self) -> dict[str, Any]:
        """What the page receives: the fields that are set, and the detail beside them."""
        fields = {
            "channel": self.channel,
            "thread_ts": self.thread_ts,
            "ts": self.ts,
            "message": self.message,
        }
        present = {name: value for name, value in fields.items() if value is not None}
        return {"kind": self.kind} | present | (self.detail or {})


class Feed:
    """Hands every change to everyone who listens at that moment."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Change]] = set()

    def publish(self, change: Change) -> None:
        for queue in self._listeners:
            queue.put_nowait(change)

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Change]]:
        """Everything published while the block runs arrives in the queue."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)
