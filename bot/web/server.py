"""The bot's own door for HTTP: /healthz, what paging services call back with, and, where the
settings say so, the dashboard, /metrics and the feeds.

It has no TLS of its own and listens on loopback unless told otherwise: whoever lets others in puts
a proxy before it. What it offers is only read; the one form that it takes is that of the token.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from bot.web.feeds.answering import Feeds
from bot.web.guard import Guard, knock_of
from bot.web.inbound import MOST_BYTES, Inbound
from bot.web.pages import Pages

log = logging.getLogger(__name__)

STOP_SECONDS = 1.0
SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html"""
NOT_LET_IN = (
    "Show the token of [web]: as Authorization: Bearer, or as the password of Basic. Without one "
    "only this machine is let in."
)
UNREADABLE = "The database cannot be read just now; ask again in a minute."

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotListen(Exception):
    """The address cannot be listened on; one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What there is to see, and who may; None for what is not offered. `metrics` tells the text of
    /metrics and its kind for what the reader accepts."""

    guard: Guard
    pages: Pages | None = None
    feeds: Feeds | None = None
    metrics: Callable[[str], Awaitable[tuple[bytes, str]]] | None = None


def make_web(
    inbound: Inbound, unwell: Callable[[], str], offer: Offer | None = None
) -> web.Application:
    """`unwell` says in one sentence what is wrong with the bot; "" when nothing is."""

    async def health(_: web.Request) -> web.Response:
        problem = unwell()
        return web.json_response(
            {"ok": not problem, "problem": problem}, status=503 if problem else 200
        )

    application = web.Application(client_max_size=MOST_BYTES)
    application.on_response_prepare.append(_make_safe)
    application.router.add_get("/healthz", health)
    application.router.add_post("/inbound/{name}", inbound.serve)
    if offer is not None:
        _add_pages(application.router, offer)
        _add_feeds(application.router, offer)
        _add_metrics(application.router, offer)
    return application


def _add_pages(router: web.UrlDispatcher, offer: Offer) -> None:
    if (pages := offer.pages) is None:
        return
    router.add_get("/", _guarded(offer.guard, pages.board, form=True))
    router.add_get("/digest", _guarded(offer.guard, pages.digest, form=True))
    router.add_get("/login", pages.form)
    router.add_post("/login", pages.enter)
    router.add_get("/leave", pages.leave)


def _add_feeds(router: web.UrlDispatcher, offer: Offer) -> None:
    if (feeds := offer.feeds) is None:
        return

    async def to_service(_: web.Request) -> web.StreamResponse:
        raise web.HTTPPermanentRedirect("/feeds/")

    router.add_get("/feeds", to_service)
    router.add_get("/feeds/", _guarded(offer.guard, feeds.service))
    router.add_get("/feeds/$metadata", _guarded(offer.guard, feeds.metadata))
    router.add_get(r"/feeds/{name:\w+}.csv", _guarded(offer.guard, feeds.table))
    router.add_get(r"/feeds/{name:\w+}", _guarded(offer.guard, feeds.rows))


def _add_metrics(router: web.UrlDispatcher, offer: Offer) -> None:
    if (tell := offer.metrics) is None:
        return

    async def metrics(request: web.Request) -> web.StreamResponse:
        text, kind = await tell(request.headers.get("Accept", ""))
        return web.Response(body=text, headers={"Content-Type": kind})

    router.add_get("/metrics", _guarded(offer.guard, metrics))


def _guarded(guard: Guard, handler: Handler, *, form: bool = False) -> Handler:
    """Only for whoever is let in; a person is shown the `form`, others are told what to show."""

    async def serve(request: web.Request) -> web.StreamResponse:
        if not guard.lets_in(knock_of(request)):
            if form and guard.wants_token:
                raise web.HTTPSeeOther("/login")
            return _refused(guard)
        try:
            return await handler(request)
        except sqlite3.Error as error:
            log.warning("the database could not be read for %s: %s", request.path, error)
            return web.json_response({"said": UNREADABLE}, status=503)

    return serve


def _refused(guard: Guard) -> web.Response:
    if not guard.wants_token:
        return web.json_response({"said": NOT_LET_IN}, status=403)
    headers = {"WWW-Authenticate": 'Basic realm="Seamwatch", charset="UTF-8"'}
    return web.json_response({"said": NOT_LET_IN}, status=401, headers=headers)


async def _make_safe(_: web.Request, response: web.StreamResponse) -> None:
    """What a page of ours says by itself stands."""
    for header, value in SAFE.items():
        response.headers.setdefault(header, value)
    response.headers["Server"] = "Seamwatch"


@asynccontextmanager
async def serving(application: web.Application, listen: str) -> AsyncIterator[str]:
    """Serve at "host:port" (port 0: any) and tell the URL. Raises CannotListen.

    Nothing is logged of single requests: an address may hold a token.
    """
    host, _, port = listen.rpartition(":")
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CannotListen(
                f"Nothing can listen at {listen} ({reason}): correct [web] listen."
            ) from None
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
