"""One call of a Web API method: who calls, with which parameters, in which workspace."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.sandbox.workspace.credentials import Caller
from bot.sandbox.workspace.messages import Channel, Json, Message
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.refusal import Refusal, explained
from bot.sandbox.workspace.site import Site

Item = TypeVar("Item")
MOST_PER_PAGE = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Parameters are merged from query and body; values may be strings, numbers or JSON."""

    site: Site
    caller: Caller
    params: Json

    def text(self, name: str) -> str | None:
        """A parameter as a string, None when absent or empty."""
        value = self.params.get(name)
        return None if value in (None, "") else str(value)

    def required(self, name: str, error: str = "invalid_arguments") -> str:
        """A parameter that must be there. Raises Refusal(error)."""
        value = self.text(name)
        if value is None:
            raise explained(error, [f"missing required field: {name}"], listed=False)
        return value

    def flag(self, name: str) -> bool:
        return str(self.params.get(name, "")).lower() in ("1", "true")

    def limit(self, default: int = 100) -> int:
        """How many items a page may hold. Raises Refusal invalid_limit."""
        try:
            wanted = int(self.text("limit") or 0) or default
        except (TypeError, ValueError) as wrong:
            raise Refusal("invalid_limit") from wrong
        if not 0 < wanted <= MOST_PER_PAGE + 1:
            raise Refusal("invalid_limit")
        return min(wanted, MOST_PER_PAGE)

    def channel(self, name: str = "channel") -> Channel:
        """The conversation with this id, if the caller may know of it. Raises Refusal."""
        channel = self.site.workspace.channels.get(self.text(name) or "")
        hidden = channel and (channel.is_private or channel.im_user)
        if channel is None or (hidden and self.caller.user.id not in channel.members):
            raise Refusal("channel_not_found")
        return channel

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """The message at this ts. Raises Refusal message_not_found; ephemerals do not count."""
        message = self.site.workspace.find(channel.id, self.text(name))
        if message is None or message.visible_to:
            raise Refusal("message_not_found")
        return message

    def user(self, name: str = "user") -> User:
        """The user with this id. Raises Refusal user_not_found."""
        user = self.site.workspace.users.get(self.text(name) or "")
        if user is None:
            raise Refusal("user_not_found")
        return user

    def page(
        self, items: Sequence[Item], key: Callable[[Item], str], *, default: int = 100
    ) -> tuple[Sequence[Item], Json]:
        """One page of the items, and the response_metadata that leads to the next.

        The cursor names the first item of the next page, so that new items do not shift it.
        """
        start = 0
        if cursor := self.text("cursor"):
            wanted = _decoded(cursor)
            keys = [key(item) for item in items]
            if wanted not in keys:
                raise Refusal("invalid_cursor")
            start = keys.index(wanted)
        end = start + self.limit(default)
        following = _encoded(key(items[end])) if end < len(items) else ""
        return items[start:end], {"response_metadata": {"next_cursor": following}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A Web API method: what it does, the scope it needs, and the kinds of token it takes."""

    run: Callable[[Call], Json]
    scope: str | None = None
    tokens: tuple[str, ...] = ("xoxb", "xoxp")


def _encoded(key: str) -> str:
    return base64.b64encode(f"next:{key}".encode()).decode()


def _decoded(cursor: str) -> str:
    try:
        plain = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as wrong:
        raise Refusal("invalid_cursor") from wrong
    return plain.removeprefix("next:")
