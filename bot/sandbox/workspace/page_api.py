"""What the page reads: its own files, the state, the messages, and a stream of events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from aiohttp import web

from bot.sandbox.workspace import people
from bot.sandbox.workspace.feed import Change
from bot.sandbox.workspace.messages import Channel, Json, Message
from bot.sandbox.workspace.people import User, UserGroup
from bot.sandbox.workspace.site import Site
from bot.sandbox.workspace.state import Unknown
from bot.sandbox.workspace.views import View

PAGE_FOLDER = Path(__file__).parent / "page"
HEARTBEAT_SECONDS = 15.0
_NOT_KEPT = {"Cache-Control": "no-store"}


class PageApi:
    """Serves `/` and `/page/...`.

    `hints` says what each example of a command does, for the suggestions while typing. `scenarios`
    are the name and title of each that can be started, `playing` the one under way.
    """

    def __init__(
        self,
        site: Site,
        hints: Mapping[str, str],
        scenarios: Sequence[Mapping[str, str]],
        playing: Callable[[], str | None],
    ) -> None:
        self._site, self._playing = site, playing
        self._hints = dict(hints)
        self._scenarios = [dict(scenario) for scenario in scenarios]

    async def index(self, _request: web.Request) -> web.StreamResponse:
        return _file("index.html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        return _file(request.match_info["file"])

    async def state(self, request: web.Request) -> web.StreamResponse:
        """Who and what there is, for the user who looks."""
        site, workspace, user = self._site, self._site.workspace, self._user(request)
        commands = workspace.manifest.get("features", {}).get("slash_commands") or []
        return _json(
            {
                "team": {"id": workspace.team_id, "name": people.TEAM_NAME},
                "app": {
                    "id": workspace.app_id,
                    "name": workspace.app_name,
                    "user_id": workspace.bot.id,
                    "connected": site.connected,
                    "has_home": workspace.app_home("home_tab_enabled") is True,
                    "reads_messages": not workspace.app_home("messages_tab_read_only_enabled"),
                },
                "me": _user_shown(user),
                "users": [_user_shown(one) for one in workspace.users.values()],
                "groups": [_group_shown(group) for group in workspace.groups.values()],
                "view": self._view_shown(site.views.top(user.id)),
                "home": self._view_shown(site.views.home(user.id)),
                "channels": [
                    self._channel_shown(channel, user)
                    for channel in workspace.channels.values()
                    if user.id in channel.members
                ],
                "commands": [
                    {
                        "command": entry["command"],
                        "description": entry.get("description", ""),
                        "usage_hint": entry.get("usage_hint", ""),
                    }
                    for entry in commands
                ],
                "hints": self._hints,
                "clock": workspace.clock.as_json(),
                "tz": user.zone,
                "scenarios": self._scenarios,
                "scenario": self._playing(),
            }
        )

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """A channel's messages or a thread's, oldest first, with this user's ephemerals."""
        workspace, user = self._site.workspace, self._user(request)
        channel = self._channel(request, user)
        thread_ts = request.query.get("thread_ts")
        if thread_ts:
            root = workspace.find(channel.id, thread_ts)
            found = [root] if root else []
            found += workspace.replies(channel.id, thread_ts, user.id)
        else:
            found = workspace.history(channel.id, user.id)
        return _json({"messages": [self._message_shown(message) for message in found]})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-Sent Events: everything that concerns this user, as it happens."""
        user = self._user(request)
        response = web.StreamResponse(
            headers=_NOT_KEPT | {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
        )
        with self._site.workspace.feed.listen() as queue:
            await response.prepare(request)
            await response.write(b": connected\n\n")
            try:
                while True:
                    await response.write(await self._next_frame(queue, user))
            except ConnectionError:
                return response

    async def _next_frame(self, queue: asyncio.Queue[Change], user: User) -> bytes:
        """The next event for this user, or a comment that keeps the connection open."""
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                while True:
                    change = await queue.get()
                    if change.concerns(user.id) and self._may_see(user, change.channel):
                        return f"data: {json.dumps(change.as_json())}\n\n".encode()
        except TimeoutError:
            return b": still here\n\n"

    def _may_see(self, user: User, channel_id: str | None) -> bool:
        """Other people's direct messages and channels are not for this user."""
        channel = self._site.workspace.channels.get(channel_id or "")
        return channel is None or user.id in channel.members

    def _user(self, request: web.Request) -> User:
        try:
            return self._site.workspace.signed_in(request.query.get("user", ""))
        except Unknown as unknown:
            raise _bad(str(unknown.args[0])) from unknown

    def _channel(self, request: web.Request, user: User) -> Channel:
        try:
            channel = self._site.workspace.channel(request.query.get("channel", ""))
        except Unknown as unknown:
            raise _bad(str(unknown.args[0])) from unknown
        if user.id not in channel.members:
            raise _bad(f"{user.name} is not a member of #{channel.name}")
        return channel

    def _channel_shown(self, channel: Channel, user: User) -> Json:
        shown: Json = {
            "id": channel.id,
            "name": self._site.workspace.app_name if channel.im_user else channel.name,
            "is_member": self._site.workspace.bot.id in channel.members,
            "topic": channel.topic,
            "unread": len(self._site.workspace.unread(user.id, channel.id)),
            "read_up_to": self._site.workspace.read_up_to(user.id, channel.id),
        }
        return shown | ({"is_im": True} if channel.im_user else {})

    def _view_shown(self, view: View | None) -> Json | None:
        return self._site.views.as_json(view) if view else None

    def _message_shown(self, message: Message) -> Json:
        shown = self._site.workspace.show(message) | {"channel": message.channel}
        return shown | ({"ephemeral": True} if message.visible_to else {})


def _user_shown(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "initials": user.initials,
        "colour": user.colour,
        "is_bot": user.is_bot,
        "is_guest": user.is_guest,
        "is_outsider": user.is_outsider,
        "is_deactivated": user.is_deactivated,
    }


def _group_shown(group: UserGroup) -> Json:
    return {
        "id": group.id,
        "handle": group.handle,
        "name": group.name,
        "members": list(group.members),
    }


def _file(name: str) -> web.StreamResponse:
    wanted = (PAGE_FOLDER / name).resolve()
    if not wanted.is_relative_to(PAGE_FOLDER) or not wanted.is_file():
        return web.json_response({"ok": False, "error": f"the page has no file {name}"}, status=404)
    return web.FileResponse(wanted, headers=_NOT_KEPT)


def _json(body: Json) -> web.Response:
    return web.json_response(body, headers=_NOT_KEPT)


def _bad(sentence: str) -> web.HTTPBadRequest:
    body = json.dumps({"ok": False, "error": sentence})
    return web.HTTPBadRequest(text=body, content_type="application/json")
