"""The bot's own door for HTTP: /healthz, and what paging services call back with.

It has no TLS of its own and listens on loopback unless told otherwise: whoever lets others in puts
a proxy before it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from bot.web.inbound import MOST_BYTES, Inbound

STOP_SECONDS = 1.0


class CannotListen(Exception):
    """The address cannot be listened on; one sentence."""


def make_web(inbound: Inbound, unwell: Callable[[], str]) -> web.Application:
    """`unwell` says in one sentence what is wrong with the bot; "" when nothing is."""

    async def health(_: web.Request) -> web.Response:
        problem = unwell()
        return web.json_response(
            {"ok": not problem, "problem": problem}, status=503 if problem else 200
        )

    application = web.Application(client_max_size=MOST_BYTES)
    application.router.add_get("/healthz", health)
    application.router.add_post("/inbound/{name}", inbound.serve)
    return application


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
