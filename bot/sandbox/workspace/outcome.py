"""Watches what the app does after a gesture, and tells it as the control API's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.sandbox.workspace.feed import Change
from bot.sandbox.workspace.gestures import Gesture
from bot.sandbox.workspace.messages import Json

_WORDS = {"message": "posted", "changed": "updated", "deleted": "deleted", "ephemeral": "ephemeral"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the app did: its acknowledgement, its messages, the modal and the Home tab it showed."""

    gesture: Gesture
    messages: list[Json] = field(default_factory=list)
    view: Json | None = None
    home: Json | None = None

    def as_json(self) -> Json:
        ack = self.gesture.ack
        return {
            "ok": True,
            "ack": ack.payload if ack else None,
            "acked": bool(ack and ack.acked),
            "ack_ms": round(ack.ms, 3) if ack else 0.0,
            "messages": self.messages,
            "view": self.view,
            "home": self.home,
            "notice": self.gesture.notice,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for the first reaction, and for how much quiet after the last one.

    Without `quiet` everything within `settle` is waited for.
    """

    settle: timedelta
    quiet: timedelta | None = None


async def settled(
    queue: asyncio.Queue[Change], app: str, user: str | None, gesture: Gesture, patience: Patience
) -> Outcome:
    """Everything the app did that this user can see, once the app is quiet.

    What went through another interaction's response_url belongs to that one and is left out.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience.settle.total_seconds()
    seen: list[Change] = []
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                change = await queue.get()
        except TimeoutError:
            break
        if _is_consequence(change, app, user, gesture):
            seen.append(change)
            if patience.quiet is not None:
                deadline = loop.time() + patience.quiet.total_seconds()
    return Outcome(
        gesture=gesture,
        messages=[_told(change) for change in seen if change.kind in _WORDS],
        view=_last(seen, "view"),
        home=_last(seen, "home"),
    )


def _last(seen: Sequence[Change], kind: str) -> Json | None:
    """The last view of this kind that was shown; None when none was, or the last was closed."""
    shown = [change.detail[kind] for change in seen if change.kind == kind and change.detail]
    return shown[-1] if shown else None


def _is_consequence(change: Change, app: str, user: str | None, gesture: Gesture) -> bool:
    visible = user is None or change.concerns(user)
    return change.by == app and visible and change.via in (None, gesture.via)


def _told(change: Change) -> Json:
    where = {"channel": change.channel, "ts": change.ts}
    return {"kind": _WORDS[change.kind]} | where | (change.message or {})
