"""trigger_ids and response_urls: what an interaction allows the app to do, and for how long.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from bot.sandbox.workspace import ids
from bot.sandbox.workspace.options import WorkspaceOptions
from bot.sandbox.workspace.refusal import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Who may be shown a modal, and from which view it was asked for, if from one."""

    user: str
    issued: float
    view_id: str | None = None


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """Where the answers to one interaction go. `message_ts` is the message that held the button."""

    id: str
    user: str
    channel: str
    issued: float
    message_ts: str | None = None
    uses: int = field(default=0)


class Triggers:
    """Every trigger_id handed out: good for three seconds, once."""

    def __init__(self, options: WorkspaceOptions) -> None:
        self._options = options
        self._issued: dict[str, Trigger] = {}
        self._used: set[str] = set()

    def issue(self, user: str, view_id: str | None = None) -> str:
        trigger_id = ids.trigger()
        now = self._options.monotonic()
        self._issued[trigger_id] = Trigger(user=user, issued=now, view_id=view_id)
        return trigger_id

    def redeem(self, trigger_id: object) -> Trigger:
        """Use up a trigger_id. Raises Refusal if it is unknown, used or too old."""
        trigger = self._issued.get(str(trigger_id))
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger_id in self._used:
            raise Refusal("exchanged_trigger_id")
        age = self._options.monotonic() - trigger.issued
        if age > self._options.trigger_life.total_seconds():
            raise Refusal("expired_trigger_id")
        self._used.add(str(trigger_id))
        return trigger


class ResponseUrls:
    """Every response_url handed out: good for five answers within thirty minutes."""

    def __init__(self, options: WorkspaceOptions) -> None:
        self._options = options
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, user: str, channel: str, message_ts: str | None = None) -> ResponseUrl:
        url = ResponseUrl(
            id=secrets.token_urlsafe(18),
            user=user,
            channel=channel,
            message_ts=message_ts,
            issued=self._options.monotonic(),
        )
        self._issued[url.id] = url
        return url

    def use(self, url_id: str) -> ResponseUrl:
        """Count one answer. Raises Refusal (HTTP 404) if unknown, used up or too old."""
        url = self._issued.get(url_id)
        if url is None:
            raise Refusal("invalid_url", status=404)
        if self._options.monotonic() - url.issued > self._options.response_url_life.total_seconds():
            raise Refusal("expired_url", status=404)
        if url.uses >= self._options.response_url_uses:
            raise Refusal("used_url", status=404)
        url.uses += 1
        return url
