"""The connection that Slack's requests arrive through, kept alive: Socket Mode or HTTP.

The Socket Mode client never recovers when the WebSocket address itself is refused
(https://github.com/slackapi/python-slack-sdk/issues/1110), so a watchdog makes a new one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

WATCHDOG_SECONDS = 60.0
"""A client may take this long to reconnect by itself before it is replaced."""
LOOK_SECONDS = 2.0
CALL_SECONDS = 10
HTTP_PATH = "/slack/events"


class SlackRefused(Exception):
    """Slack cannot be used as configured; one sentence that says what to do."""


class SocketMode:
    """Keeps a Socket Mode connection, replacing a client that does not come back by itself."""

    def __init__(self, app_token: str, client: AsyncWebClient) -> None:
        self._app_token, self._client = app_token, client
        self._handler: AsyncSocketModeHandler | None = None
        self._lost_at: float | None = time.monotonic()

    async def run(self, app: AsyncApp) -> None:
        """Connect `app` and keep it connected until cancelled."""
        try:
            await self._connect(app)
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                if await self._is_lost_for_good():
                    log.warning("the client has not reconnected; making a new one")
                    await self._close()
                    await self._connect(app)
        finally:
            await self._close()

    def say(self) -> str:
        """The connection in one phrase, for `/seam status`."""
        if self._lost_at is None:
            return "connected (Socket Mode)"
        return f"not connected for {time.monotonic() - self._lost_at:.0f} s (Socket Mode)"

    async def _is_lost_for_good(self) -> bool:
        """Look, note when the connection was lost, and tell whether it was too long ago."""
        if self._handler is not None and await self._handler.client.is_connected():
            if self._lost_at is not None:
                log.info("connected to Slack")
            self._lost_at = None
            return False
        if self._lost_at is None:
            self._lost_at = time.monotonic()
            log.warning("the connection to Slack is lost; reconnecting")
        return time.monotonic() - self._lost_at > WATCHDOG_SECONDS

    async def _connect(self, app: AsyncApp) -> None:
        """Start connecting; a client that hangs is the watchdog's to replace."""
        self._handler = AsyncSocketModeHandler(app, self._app_token, web_client=self._client)
        self._lost_at = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(CALL_SECONDS):
                await self._handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's
        await self._is_lost_for_good()

    async def _close(self) -> None:
        if self._handler is not None:
            with suppress(TimeoutError, aiohttp.ClientError):
                async with asyncio.timeout(CALL_SECONDS):
                    await self._handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's
        self._handler = None


class HttpMode:
    """Takes Slack's requests at http://HOST:PORT/slack/events; `listen` is "HOST:PORT"."""

    def __init__(self, listen: str) -> None:
        self._host, _, self._port = listen.rpartition(":")
        self.url: str | None = None

    async def run(self, app: AsyncApp) -> None:
        """Serve `app` until cancelled. Raises SlackRefused when the port cannot be had."""
        site_app = app.web_app(path=HTTP_PATH)
        site_app.middlewares.append(refuse_malformed)
        runner = web.AppRunner(site_app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, int(self._port)).start()
            bound = runner.addresses[0]
            self.url = f"http://{bound[0]}:{bound[1]}{HTTP_PATH}"
            log.info("waiting for Slack's requests at %s", self.url)
            await asyncio.Event().wait()
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SlackRefused(
                f"Nothing can listen at {self._host}:{self._port} ({reason}): choose "
                "another [slack] listen."
            ) from error
        finally:
            self.url = None
            await runner.cleanup()

    def say(self) -> str:
        """The connection in one phrase, for `/seam status`."""
        return f"listening at {self.url} (HTTP mode)" if self.url else "not listening (HTTP mode)"


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def refuse_malformed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Bolt reads the timestamp as a number and the body as UTF-8 before it checks the signature,
    and fails on what is neither."""
    stamp = request.headers.get("X-Slack-Request-Timestamp", "0")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return web.json_response({"error": "invalid request"}, status=401)
    try:
        (await request.read()).decode("utf-8")
    except UnicodeDecodeError:
        return web.json_response({"error": "invalid request"}, status=400)
    return await handler(request)
