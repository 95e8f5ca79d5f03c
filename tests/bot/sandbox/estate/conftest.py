"""An estate on loopback for the tests that speak HTTP with it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from bot.sandbox.clock import SandboxClock
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.server import EstateServer
from tests.bot.sandbox.estate.visit import NOW, Visit, Visiting

NO_TLS_HERE = ssl.SSLContext(
    ssl.PROTOCOL_TLS_CLIENT
)  # loading certificates takes longer than a test


@pytest.fixture
async def visiting() -> AsyncIterator[Visiting]:
    """Starts estates with given options, and stops them after the test."""
    async with AsyncExitStack() as stack:

        async def start(scenario: str = "quiet_day", **options: Any) -> Visit:
            clock = SandboxClock(start=NOW, speed=0)
            settings = EstateOptions(**{"history_days": 0, **options})
            server = EstateServer(clock=clock, scenario=scenario, options=settings)
            await server.start()
            stack.push_async_callback(server.stop)
            headers = {"Authorization": server.api_key, "Accept": "application/json"}
            client = httpx.AsyncClient(
                base_url=server.core_url, headers=headers, verify=NO_TLS_HERE
            )
            await stack.enter_async_context(client)
            return Visit(server=server, clock=clock, client=client)

        yield start


@pytest.fixture
async def visit(visiting: Visiting) -> Visit:
    """An estate on a quiet day with ten minutes of history."""
    return await visiting()
