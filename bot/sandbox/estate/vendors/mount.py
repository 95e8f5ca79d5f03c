"""The vendors over HTTP: each answers below `/vendors/<its name>`."""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.estate.query import Rejected
from bot.sandbox.estate.site import SITE
from bot.sandbox.estate.vendors.vendor import Answered, Asked

VENDORS = "/vendors"


async def ask_vendor(request: web.Request) -> web.Response:
    """Hand a request to the vendor whose address it is. Raises Rejected (404) for no vendor."""
    name = request.match_info["vendor"]
    estate = request.app[SITE].live()
    if name not in estate.trade.vendors:
        raise Rejected(404, f"No vendor of the sandbox is called {name[:40]}.")
    asked = Asked(
        method=request.method,
        path="/" + request.match_info["path"],
        query=dict(request.query),
        headers={key.lower(): value for key, value in request.headers.items()},
        body=await request.read(),
        at=estate.now,
    )
    return _out(estate.trade.answer(name, asked))


def _out(answered: Answered) -> web.Response:
    return web.Response(
        status=answered.status,
        text=answered.body,
        headers=answered.headers,
        content_type=answered.content_type,
    )


VENDOR_ROUTES = (
    web.route("*", f"{VENDORS}/{{vendor}}", ask_vendor),
    web.route("*", f"{VENDORS}/{{vendor}}/{{path:.*}}", ask_vendor),
)
