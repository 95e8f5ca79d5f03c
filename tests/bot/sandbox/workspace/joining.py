"""Those who join a workspace in these tests: a person with a client, and a real Bolt app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace.server import WorkspaceServer
from tests.loopback import NO_TLS_HERE
from tests.waiting import until

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Seamwatch"},
    "features": {
        "bot_user": {"display_name": "Seamwatch"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {"command": "/seam", "description": "Ask Seamwatch", "usage_hint": "queue | help"},
            {"command": "/who", "description": "Escaped", "should_escape": True},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "app_mentions:read",
                "bookmarks:read",
                "bookmarks:write",
                "channels:history",
                "channels:join",
                "channels:read",
                "chat:write",
                "commands",
                "files:read",
                "files:write",
                "im:history",
                "im:read",
                "im:write",
                "pins:read",
                "pins:write",
                "reactions:read",
                "reactions:write",
                "team:read",
                "usergroups:read",
                "usergroups:write",
                "users:read",
                "users:read.email",
                "users.profile:read",
            ]
        }
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened", "app_mention", "message.im"]}
    },
}


class Stopwatch:
    """A monotonic clock that only moves when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Person:
    """Somebody with a Slack client: speaks to the control API."""

    def __init__(self, server: WorkspaceServer) -> None:
        self._server = server
        self.address = server.url
        self.http = httpx.AsyncClient(trust_env=False, verify=NO_TLS_HERE)

    async def does(self, what: str, **body: Any) -> dict[str, Any]:
        """Use a control that must succeed."""
        answer = await self.tries(what, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def tries(self, what: str, **body: Any) -> httpx.Response:
        return await self.http.post(f"{self._server.control_url}/{what}", json=body)

    async def sees(self, channel: str, user: str = "priya", **query: str) -> list[dict[str, Any]]:
        """The messages that the page shows this user."""
        where = {"user": user, "channel": self._server.channels[channel]} | query
        answer = await self.http.get(f"{self._server.url}/page/messages", params=where)
        return answer.json()["messages"]

    async def get(self, path: str, **query: str) -> httpx.Response:
        return await self.http.get(self._server.url + path, params=query)


def app_of(server: WorkspaceServer) -> AsyncApp:
    """A Bolt app as anybody would write it, pointed at the workspace."""
    return AsyncApp(
        client=AsyncWebClient(token=server.bot_token, base_url=server.api_url),
        signing_secret=server.signing_secret,
    )


@asynccontextmanager
async def joined(app: AsyncApp, server: WorkspaceServer) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app with its Socket Mode connection open."""
    handler = AsyncSocketModeHandler(app, server.app_token, ping_interval=2)
    try:
        await handler.connect_async()
        await until(lambda: server.connected)
        yield handler
    finally:
        await handler.close_async()


def button(action_id: str = "go", **more: Any) -> dict[str, Any]:
    text = {"type": "plain_text", "text": "Go"}
    return {"type": "button", "action_id": action_id, "text": text} | more


def actions(*elements: dict[str, Any], block_id: str = "row") -> dict[str, Any]:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def section(text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}} | more


def modal(**more: Any) -> dict[str, Any]:
    """A modal that asks why."""
    asked = {
        "type": "input",
        "block_id": "why",
        "label": {"type": "plain_text", "text": "Why"},
        "element": {"type": "plain_text_input", "action_id": "reason"},
    }
    view = {
        "type": "modal",
        "callback_id": "asking",
        "title": {"type": "plain_text", "text": "Asking"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [asked],
    }
    return view | more
