"""A running workspace, and a person and a Web API client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.options import WorkspaceOptions
from bot.sandbox.workspace.server import WorkspaceServer
from tests.bot.sandbox.workspace.joining import MANIFEST, Person

Start = Callable[..., Awaitable[WorkspaceServer]]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack's clients would take even loopback through a proxy named in the environment."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock(start=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
async def start(clock: SandboxClock) -> AsyncIterator[Start]:
    """Start a workspace with options of the test's own; every one is stopped afterwards."""
    running: list[WorkspaceServer] = []

    async def started(
        manifest: dict[str, Any] = MANIFEST, *, controls: Any = None, **options: Any
    ) -> WorkspaceServer:
        server = WorkspaceServer(
            clock=clock,
            manifest=manifest,
            options=WorkspaceOptions(**options),
            controls=controls,
            scenarios=[{"name": "quiet_day", "title": "A quiet day"}],
        )
        await server.start()
        running.append(server)
        return server

    yield started
    for server in running:
        await server.stop()


@pytest.fixture
async def server(start: Start) -> WorkspaceServer:
    return await start()


@pytest.fixture
async def person(server: WorkspaceServer) -> AsyncIterator[Person]:
    someone = Person(server)
    yield someone
    await someone.http.aclose()


@pytest.fixture
def web(server: WorkspaceServer) -> AsyncWebClient:
    """The app's Web API client."""
    return AsyncWebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[])
