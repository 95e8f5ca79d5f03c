"""What a test holds of an estate that it visits over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bot.sandbox.clock import SandboxClock
from bot.sandbox.estate.server import EstateServer

NOW = datetime(2026, 3, 4, 9, 14, 7, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A running estate, its clock (which stands still) and a client with the key."""

    server: EstateServer
    clock: SandboxClock
    client: httpx.AsyncClient

    async def ask(self, path: str, **params: Any) -> httpx.Response:
        return await self.client.get("/api/v1" + path, params=params)

    async def rows(self, path: str, **params: Any) -> list[dict[str, Any]]:
        answer = await self.ask(path, per_page=100, **params)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["data"]
        return rows

    async def tell(self, path: str, body: object) -> httpx.Response:
        return await self.client.post(path, json=body)

    def pass_time(self, **amount: float) -> None:
        self.clock.advance(timedelta(**amount))


Visiting = Callable[..., Awaitable[Visit]]
