"""A real Chromium, a real workspace and a small real Bolt app for the tests of the page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
)
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.clock import SandboxClock
from bot.sandbox.scenarios import all_scenarios
from bot.sandbox.workspace.server import WorkspaceServer
from tests.bot.sandbox.page import asking
from tests.loopback import NO_TLS_HERE

Json = dict[str, Any]

expect.set_options(timeout=30_000)

MANIFEST: Json = {
    "display_information": {"name": "Seamwatch"},
    "features": {
        "bot_user": {"display_name": "Seamwatch"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {
                "command": "/seam",
                "description": "Ask about the integrations",
                "usage_hint": "queue | show #n | ack [#n] | help",
            }
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": ["commands", "chat:write", "app_mentions:read", "channels:history", "im:history"]
        }
    },
    "settings": {
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {"bot_events": ["app_home_opened", "app_mention"]},
        "socket_mode_enabled": True,
    },
}

# Of the places given, those whose text has less than 4.5 : 1 against its ground (WCAG 2.2, 1.4.3).
TOO_FAINT = """(places) => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (c) => (c <= 10 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const light = (text) => {
    const [red, green, blue] = channels(text).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return channels(colour)[3] === 0 ? ground(element.parentElement) : colour;
  };
  const ratio = (element) => {
    const both = [light(getComputedStyle(element).color), light(ground(element))];
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  };
  return places.filter((place) => ratio(document.querySelector(place)) < 4.5);
}"""


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(action_id: str, text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def incident(state: str) -> Json:
    """The text and the coloured attachment of an incident-like message."""
    question = {
        "title": plain("Resolve #1?"),
        "text": mrkdwn("The queue is *still stalled*."),
        "confirm": plain("Yes, resolve"),
        "deny": plain("Keep it open"),
    }
    actions = [button("ack", "Acknowledge", style="primary", value="1")]
    if state != "Triggered":
        actions = [button("resolve", "Resolve", value="1", confirm=question)]
    blocks = [
        {"type": "header", "text": plain(f"#1 {state}: Orders to NetSuite")},
        {"type": "section", "text": mrkdwn("*37 runs* wait behind one.")},
        {"type": "actions", "elements": [*actions, button("broken", "Broken")]},
    ]
    colour = {"Triggered": "#a30200", "Acknowledged": "#daa038"}.get(state, "#2eb886")
    return {"text": f"{state}: queue", "attachments": [{"color": colour, "blocks": blocks}]}


async def answer(ack: Any, command: Json, respond: Any, say: Any, client: Any) -> None:
    """`silent` is never acknowledged, `raise` posts an incident, `escalate` and `everything` open a
    modal, the rest is answered privately."""
    if command["text"] == "silent":
        return
    await ack()
    if command["text"] == "raise":
        await say(**incident("Triggered"))
    elif command["text"] in asking.MODALS:
        view = asking.MODALS[command["text"]]
        await client.views_open(trigger_id=command["trigger_id"], view=view)
    else:
        await respond(text=f"You asked for *{command['text'] or 'nothing'}*")


async def acknowledge(ack: Any, body: Json, client: Any) -> None:
    await ack()
    await edit(client, body, "Acknowledged")


async def resolve(ack: Any, body: Json, client: Any) -> None:
    await ack()
    await edit(client, body, "Resolved")


async def edit(client: Any, body: Json, state: str) -> None:
    place = {"channel": body["channel"]["id"], "ts": body["container"]["message_ts"]}
    await client.chat_update(**place, **incident(state))


async def chosen(ack: Any, action: Json, respond: Any) -> None:
    await ack()
    value = action.get("selected_option", action).get("value")
    await respond(text=f"chosen: {value}", replace_original=False)


async def mentioned(event: Json, say: Any) -> None:
    await say(text=f"<@{event['user']}> heard", thread_ts=event.get("thread_ts", event["ts"]))


def make_app(server: WorkspaceServer) -> AsyncApp:
    """An app that answers privately, raises an incident, and edits it when its buttons are used."""
    app = AsyncApp(client=AsyncWebClient(server.bot_token, base_url=server.api_url))
    app.command("/seam")(answer)
    app.action("ack")(acknowledge)
    app.action("resolve")(resolve)
    app.action("chosen")(chosen)
    app.event("app_mention")(mentioned)
    asking.listen(app)
    return app


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A running workspace with the app connected to it."""

    server: WorkspaceServer
    client: AsyncWebClient
    handler: AsyncSocketModeHandler

    async def post(self, channel: str = "integrations", **message: Any) -> str:
        """The app says something; returns the message's ts."""
        posted = await self.client.chat_postMessage(
            channel=self.server.channels[channel], **message
        )
        return str(posted["ts"])

    async def do(self, name: str, **what: Any) -> Json:
        """A person's client does something, by the control API."""
        async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
            body = {"wait": 0} | what
            answer = await http.post(f"{self.server.control_url}/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


class Windows:
    """Chromium, with one window per kind of device; a page in it starts with nothing stored."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[str, BrowserContext] = {}

    async def page(self, settings: Json) -> Page:
        kind = repr(settings)
        if kind not in self._contexts:
            desk = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
            self._contexts[kind] = await self._browser.new_context(**(desk | settings))
        return await self._contexts[kind].new_page()

    async def close(self) -> None:
        for context in self._contexts.values():
            await context.close()


class Tabs:
    """Opens the page as somebody, and remembers what the browser's console complains about."""

    def __init__(self, windows: Windows, address: str) -> None:
        self.complaints: list[str] = []
        self._windows = windows
        self._address = address
        self._pages: list[Page] = []

    async def open(self, user: str = "priya", where: str = "", **settings: Any) -> Page:
        """`where` is a fragment such as "#random"; `settings` are the browser context's."""
        page = await self._windows.page(settings)
        self._pages.append(page)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(f"{self._address}?user={user}{where}")
        ready = re.compile("^Message")
        await expect(page.get_by_test_id("composer-input")).to_have_attribute("placeholder", ready)
        return page

    def read(self, page: Page, text: str) -> Locator:
        """The messages, in the channel or the thread, that hold this text."""
        return page.get_by_test_id("message").filter(has_text=text)

    async def say(self, page: Page, text: str, box: str = "composer") -> None:
        """Type into the channel's box, or into the thread's with `box="thread"`, and send it."""
        await page.get_by_test_id(f"{box}-input").fill(text)
        await page.get_by_test_id(f"{box}-input").press("Enter")

    async def close(self) -> None:
        while self._pages:
            await self._pages.pop().close()

    def _listen(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)


def workspace_server(port: int = 0) -> WorkspaceServer:
    """A workspace whose clock begins on Thursday 5 March 2026 at 14:00."""
    clock = SandboxClock(datetime(2026, 3, 5, 14, 0, tzinfo=UTC))
    return WorkspaceServer(
        clock=clock,
        manifest=MANIFEST,
        port=port,
        hints={"/seam queue": "how many wait", "/seam show #1": "incident #1 with its story"},
        scenarios=[{"name": each.name, "title": each.title} for each in all_scenarios().values()],
        playing=lambda: "stuck_queue",
    )


@pytest.fixture
def too_faint() -> str:
    """JavaScript that finds text with too little contrast."""
    return TOO_FAINT


@pytest.fixture
def make_server() -> Callable[..., WorkspaceServer]:
    """For a test that starts a second workspace."""
    return workspace_server


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    server = workspace_server()
    await server.start()
    app = make_app(server)
    handler = AsyncSocketModeHandler(app, server.app_token)
    await handler.connect_async()
    yield Stage(server=server, client=app.client, handler=handler)
    await handler.close_async()
    await server.stop()
    await asyncio.sleep(0)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windows(browser: Browser) -> AsyncIterator[Windows]:
    """Those of the whole run."""
    opened = Windows(browser)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def tabs(windows: Windows, stage: Stage) -> AsyncIterator[Tabs]:
    """Tabs of the page; at the end, the console must not have complained."""
    opened = Tabs(windows, stage.server.page_url)
    yield opened
    await opened.close()
    assert opened.complaints == []
