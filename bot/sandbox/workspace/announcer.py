"""Sends events to the app, and again when they are not acknowledged.

https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.sandbox.workspace import payloads
from bot.sandbox.workspace.background import Background
from bot.sandbox.workspace.delivery import Ack, Delivery, Envelope
from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.state import Workspace


class Announcer:
    """Tells the app what happened, at least once, with the same event_id every time."""

    def __init__(
        self,
        workspace: Workspace,
        delivery: Delivery,
        background: Background,
        redelivery: tuple[timedelta, ...],
    ) -> None:
        self._workspace = workspace
        self._delivery = delivery
        self._background = background
        self._redelivery = redelivery

    async def message(self, message: Message) -> Ack | None:
        """Deliver the events of a message; the last acknowledgement, None if nobody asked."""
        ack = None
        for inner in payloads.message_events(self._workspace, message):
            ack = await self._deliver(inner)
        return ack

    async def home_opened(self, user: User, tab: str, view: Json | None) -> Ack | None:
        """Deliver app_home_opened; None when the app did not subscribe to it."""
        settings = self._workspace.manifest.get("settings", {}).get("event_subscriptions", {})
        if "app_home_opened" not in (settings.get("bot_events") or []):
            return None
        return await self._deliver(payloads.home_opened(self._workspace, user, tab, view))

    async def _deliver(self, inner: Json) -> Ack:
        payload = payloads.event(self._workspace, inner)
        ack = await self._delivery.deliver(Envelope(kind="events_api", payload=payload))
        if not ack.acked:
            self._background.start(self._deliver_again(payload, ack.failure))
        return ack

    async def _deliver_again(self, payload: Json, failure: str) -> None:
        for attempt, pause in enumerate(self._redelivery, start=1):
            await asyncio.sleep(pause.total_seconds())
            ack = await self._delivery.deliver(
                Envelope(
                    kind="events_api",
                    payload=payload,
                    retry_attempt=attempt,
                    retry_reason=failure,
                )
            )
            if ack.acked:
                return
            failure = ack.failure
