"""The data of the sandbox workspace: who is there, which channels, what was said. No network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace import company, ids
from bot.sandbox.workspace.feed import Change, Feed
from bot.sandbox.workspace.messages import Channel, Json, Message
from bot.sandbox.workspace.people import User, UserGroup


class Unknown(LookupError):
    """A user or a channel that this workspace does not have; the text says which ones it has."""


class Workspace:
    """Users, channels and messages, on the sandbox's clock. Every change goes to `feed`."""

    def __init__(self, clock: SandboxClock, manifest: Mapping[str, Any]) -> None:
        self.clock = clock
        self.manifest = manifest
        self.feed = Feed()
        self.team_id = ids.new("T")
        self.app_id = ids.new("A")
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, UserGroup] = {}
        self._messages: dict[str, dict[str, Message]] = {}
        self._threads: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._last_micros = 0
        self._read_up_to: dict[tuple[str, str], str] = {}
        self.bot = self._settle_people()
        self._settle_places()

    @property
    def app_name(self) -> str:
        return str(self.manifest.get("display_information", {}).get("name", "App"))

    @property
    def humans(self) -> list[User]:
        """Everybody who can sign in: no bot, nobody deactivated."""
        return [user for user in self.users.values() if not user.is_bot and not user.is_deactivated]

    def app_home(self, setting: str) -> bool | None:
        """What the manifest's `features.app_home` says of `home_tab_enabled` and the like."""
        said = self.manifest.get("features", {}).get("app_home", {}).get(setting)
        return None if said is None else bool(said)

    def user(self, reference: object) -> User:
        """Find a user by name (with or without @) or id. Raises Unknown."""
        wanted = str(reference).removeprefix("@")
        for user in self.users.values():
            if wanted in (user.id, user.name):
                return user
        names = ", ".join(user.name for user in self.humans)
        raise Unknown(f'there is no user "{wanted}" in this workspace; it has {names}')

    def channel(self, reference: object) -> Channel:
        """Find a channel by name (with or without #) or id. Raises Unknown."""
        wanted = str(reference).removeprefix("#")
        for channel in self.channels.values():
            if wanted == channel.id or (wanted == channel.name and not channel.im_user):
                return channel
        names = ", ".join(f"#{found.name}" for found in self.channels.values() if not found.im_user)
        raise Unknown(f'there is no channel "{wanted}" in this workspace; it has {names}')

    def signed_in(self, reference: object) -> User:
        """Find somebody who can use Slack. Raises Unknown, for a deactivated account too."""
        user = self.user(reference)
        if user.is_deactivated:
            raise Unknown(f"the account of {user.name} is deactivated; nobody can use it")
        return user

    def group(self, reference: object) -> UserGroup:
        """Find a user group by handle (with or without @) or id. Raises Unknown."""
        wanted = str(reference).removeprefix("@")
        for group in self.groups.values():
            if wanted in (group.id, group.handle):
                return group
        handles = ", ".join(f"@{group.handle}" for group in self.groups.values())
        raise Unknown(f'there is no user group "{wanted}" in this workspace; it has {handles}')

    def direct_message(self, user: str) -> Channel:
        """The conversation between this person and the app; it is made when first asked for."""
        for channel in self.channels.values():
            if channel.im_user == user:
                return channel
        return self._add_channel(
            Channel(
                id=ids.new("D"),
                name=self.users[user].name,
                members=frozenset({user, self.bot.id}),
                im_user=user,
            )
        )

    def change_channel(self, channel: Channel, **fields: Any) -> Channel:
        """Store the channel with these fields changed, for example its members."""
        changed = replace(channel, **fields)
        self.channels[channel.id] = changed
        return changed

    def mint_ts(self) -> str:
        """A message timestamp of the sandbox's now; each is later than the one before."""
        now = self.clock.now()
        micros = int(now.timestamp()) * 1_000_000 + now.microsecond
        self._last_micros = max(micros, self._last_micros + 1)
        return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def post(self, message: Message, *, via: str | None = None) -> Message:
        """Store a new message; an ephemeral one is only for its reader."""
        self._messages[message.channel][message.ts] = message
        if message.thread_ts:
            self._threads[message.channel, message.thread_ts].append(message.ts)
        kind = "ephemeral" if message.visible_to else "message"
        self._tell(kind, message, by=message.user, via=via)
        self._refresh_parent(message)
        return message

    def change(
        self, message: Message, *, by: str, via: str | None = None, **fields: Any
    ) -> Message:
        """Store the message with these fields changed."""
        changed = replace(message, **fields)
        self._messages[message.channel][message.ts] = changed
        self._tell("changed", changed, by=by, via=via)
        return changed

    def delete(self, message: Message, *, by: str, via: str | None = None) -> None:
        """Forget the message. Its replies stay, as Slack's do."""
        del self._messages[message.channel][message.ts]
        self._tell("deleted", message, by=by, via=via)
        self._refresh_parent(message)

    def find(self, channel: str, ts: object) -> Message | None:
        """The message at `ts`, ephemeral ones included."""
        return self._messages.get(channel, {}).get(str(ts))

    def history(self, channel: str, reader: str | None = None) -> list[Message]:
        """What stands in the channel, oldest first; with `reader`, that person's ephemerals too."""
        seen = (None,) if reader is None else (None, reader)
        return [
            message
            for message in self._messages[channel].values()
            if message.in_channel and message.visible_to in seen
        ]

    def replies(self, channel: str, ts: str, reader: str | None = None) -> list[Message]:
        """The replies of a thread, oldest first, without the root."""
        seen = (None,) if reader is None else (None, reader)
        found = (self.find(channel, reply) for reply in self._threads.get((channel, ts), ()))
        return [message for message in found if message and message.visible_to in seen]

    def mark_read(self, user: str, channel: str) -> None:
        """The user has seen what stands in the channel by now."""
        self._read_up_to[user, channel] = self.mint_ts()

    def unread(self, user: str, channel: str) -> list[Message]:
        """What others have said in the channel, not in threads, since the user last looked."""
        seen = self._read_up_to.get((user, channel), "")
        return [
            message
            for message in self.history(channel, user)
            if message.ts > seen and message.user != user
        ]

    def read_up_to(self, user: str, channel: str) -> str | None:
        """When the user last looked at the channel, as a ts."""
        return self._read_up_to.get((user, channel))

    def show(self, message: Message, *, with_metadata: bool = False) -> Json:
        """The message as JSON, with the summary of its thread if it is the root of one."""
        replies = [] if message.thread_ts else self.replies(message.channel, message.ts)
        return message.as_json(replies, with_metadata=with_metadata)

    def _tell(self, kind: Any, message: Message, *, by: str, via: str | None) -> None:
        shown = self.show(message) | {"channel": message.channel}
        if message.visible_to:
            shown["ephemeral"] = True
        self.feed.publish(
            Change(
                kind=kind,
                by=by,
                via=via,
                only_for=message.visible_to,
                channel=message.channel,
                thread_ts=message.thread_ts,
                ts=message.ts,
                message=None if kind == "deleted" else shown,
            )
        )

    def _refresh_parent(self, message: Message) -> None:
        """A reply changes the count that its root shows; nobody did that, so nobody is named."""
        parent = self.find(message.channel, message.thread_ts) if message.thread_ts else None
        if parent and not message.visible_to:
            shown = self.show(parent) | {"channel": parent.channel}
            self.feed.publish(
                Change(kind="changed", channel=parent.channel, ts=parent.ts, message=shown)
            )

    def _settle_people(self) -> User:
        bot = company.app_user(self.manifest, self.team_id)
        for user in [*company.members(self.team_id), company.slackbot(self.team_id), bot]:
            self.users[user.id] = user
        return bot

    def _settle_places(self) -> None:
        for channel in company.channels(self.humans, self.bot):
            self._add_channel(channel)
        for user in self.humans:
            self.direct_message(user.id)
        now = int(self.clock.now().timestamp())
        self.groups = {group.id: group for group in company.groups(self.humans, now)}

    def _add_channel(self, channel: Channel) -> Channel:
        stored = replace(channel, created=int(self.clock.now().timestamp()))
        self.channels[channel.id] = stored
        self._messages[channel.id] = {}
        return stored
