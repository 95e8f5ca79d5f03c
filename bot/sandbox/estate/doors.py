"""What stands before every handler: injected faults, errors as answers, the limit, the key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from html import escape

from aiohttp import web

from bot.sandbox.estate.query import Rejected
from bot.sandbox.estate.site import FIRST_PAGE_AGAIN, SITE

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_GUARDED = ("/api/", "/start/")
_CONTROL = ("/control/", "/clock")


@web.middleware
async def spoil(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Spoil the answer where a fault says so."""
    if request.path.startswith(_CONTROL):
        return await handler(request)
    fault = request.app[SITE].faults.next_for(request.path)
    if fault is None:
        return await handler(request)
    request[FIRST_PAGE_AGAIN] = fault.body == "loop"
    await asyncio.sleep(fault.delay)
    honest = web.Response() if fault.instead else await handler(request)
    text = honest.text if isinstance(honest, web.Response) else None
    status, content_type, spoilt = fault.answer(honest.status, text or "")
    return web.Response(
        status=status, text=spoilt, content_type=content_type, headers=fault.headers
    )


@web.middleware
async def explain(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Turn what was refused into the platform's error body."""
    try:
        return await handler(request)
    except Rejected as rejected:
        return _error(request, rejected)
    except web.HTTPException as error:
        return _error(request, Rejected(error.status, error.reason))


@web.middleware
async def limit(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Count calls to the API and refuse what is over the limit."""
    if not request.path.startswith(_GUARDED):
        return await handler(request)
    site = request.app[SITE]
    wait = site.limiter.admit()
    if wait:
        answer: web.StreamResponse = _error(request, Rejected(429, "Too Many Attempts."))
        if site.options.retry_after:
            answer.headers["Retry-After"] = site.limiter.retry_after(wait)
    else:
        answer = await handler(request)
    answer.headers["X-RateLimit-Limit"] = str(site.limiter.per_minute)
    answer.headers["X-RateLimit-Remaining"] = str(site.limiter.remaining)
    return answer


@web.middleware
async def admit(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Let in who has the key or a token that has not expired."""
    site = request.app[SITE]
    shown = request.headers.get("Authorization", "")
    if request.path.startswith(_GUARDED) and not site.credentials.admits(shown, site.clock.now()):
        raise Rejected(401, "Unauthenticated.")
    return await handler(request)


def _error(request: web.Request, rejected: Rejected) -> web.Response:
    """JSON for who asks for it in `Accept`, else a page, as the platform's framework does."""
    if "json" in request.headers.get("Accept", ""):
        body: dict[str, object] = {"message": rejected.message}
        if rejected.errors is not None:
            body["errors"] = rejected.errors
        return web.json_response(body, status=rejected.status)
    page = f"<!DOCTYPE html><title>{rejected.status}</title><h1>{escape(rejected.message)}</h1>"
    return web.Response(text=page, status=rejected.status, content_type="text/html")


DOORS = (spoil, limit, explain, admit)
"""From the outside in: what is refused for its key counts against the limit too."""
