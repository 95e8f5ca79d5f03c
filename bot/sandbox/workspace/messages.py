"""What a channel and a message are, and how they look in the Web API's JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conversation. `im_user` is set for a direct message between that person and the app."""

    id: str
    name: str
    topic: str = ""
    members: frozenset[str] = frozenset()
    created: int = 0
    im_user: str | None = None
    is_private: bool = False
    is_archived: bool = False
    is_shared: bool = False

    @property
    def scope_family(self) -> str:
        """The first half of the scopes that guard it: `channels`, `groups` or `im`."""
        if self.im_user:
            return "im"
        return "groups" if self.is_private else "channels"

    def as_json(self, reader: str) -> Json:
        """The conversation object, as the user `reader` sees it."""
        common: Json = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": self.im_user is not None,
            "is_ext_shared": self.is_shared,
        }
        if self.im_user:
            return common | {"user": self.im_user, "is_open": True}
        return common | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_private": self.is_private,
            "is_mpim": False,
            "is_general": False,
            "is_member": reader in self.members,
            "num_members": len(self.members),
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message. `thread_ts` is its parent's, None for a root; `visible_to` marks an ephemeral."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: Sequence[Json] | None = None
    attachments: Sequence[Json] | None = None
    metadata: Json | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    subtype: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    edited_ts: str | None = None
    visible_to: str | None = None
    reactions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Sequence[Json] = ()

    @property
    def in_channel(self) -> bool:
        """Whether it stands in the channel itself, not only in a thread."""
        return self.thread_ts is None or self.broadcast

    def as_json(self, replies: Sequence[Message] = (), *, with_metadata: bool = False) -> Json:
        """The message object of history, replies and the page; `replies` are its thread's."""
        shown: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        shown |= self._origin() | self._content()
        if replies:
            shown |= _thread_summary(self.ts, replies)
        elif self.thread_ts:
            shown["thread_ts"] = self.thread_ts
        if with_metadata and self.metadata:
            shown["metadata"] = self.metadata
        return shown

    def _origin(self) -> Json:
        origin = {"subtype": self.subtype, "bot_id": self.bot_id, "app_id": self.app_id}
        return {name: value for name, value in origin.items() if value}

    def _content(self) -> Json:
        content: Json = {}
        if self.blocks:
            content["blocks"] = list(self.blocks)
        if self.attachments:
            content["attachments"] = list(self.attachments)
        if self.files:
            content["files"] = list(self.files)
        if self.edited_ts:
            content["edited"] = {"user": self.user, "ts": self.edited_ts}
        if self.reactions:
            content["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)}
                for name, users in self.reactions.items()
            ]
        return content


def _thread_summary(ts: str, replies: Sequence[Message]) -> Json:
    people = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": ts,
        "reply_count": len(replies),
        "reply_users": people,
        "reply_users_count": len(people),
        "latest_reply": replies[-1].ts,
    }
