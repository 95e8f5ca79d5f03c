"""A vendor on loopback, for tests: a Shopify that answers its probe as it is told to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

ANSWER = {
    "data": {"shop": {"name": "Acme"}},
    "extensions": {
        "cost": {
            "requestedQueryCost": 1,
            "actualQueryCost": 1,
            "throttleStatus": {
                "maximumAvailable": 2000.0,
                "currentlyAvailable": 1988.0,
                "restoreRate": 100.0,
            },
        }
    },
}


@dataclass
class Vendor:
    url: str = ""
    status: int = 200
    body: str = json.dumps(ANSWER)
    headers_seen: list[dict[str, str]] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.Response:
        self.headers_seen.append(dict(request.headers))
        return web.Response(status=self.status, text=self.body, content_type="application/json")


@asynccontextmanager
async def vendor() -> AsyncIterator[Vendor]:
    made = Vendor()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()
