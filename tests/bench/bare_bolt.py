"""What Seamwatch is measured against: the least that a Bolt app can do with a slash command."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

Say = Callable[..., Awaitable[Any]]


async def run(api_url: str) -> None:
    app = AsyncApp(client=AsyncWebClient(token="xoxb-bench", base_url=api_url))

    @app.command("/seam")
    async def answer(ack: Say, respond: Say) -> None:
        await ack()
        await respond("All is well.", response_type="ephemeral")

    await AsyncSocketModeHandler(app, "xapp-bench").start_async()  # type: ignore[no-untyped-call]  # Bolt's


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
