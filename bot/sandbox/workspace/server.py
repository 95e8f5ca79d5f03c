"""The sandbox workspace as a server: a Slack that any Slack client and any Slack app can join."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from aiohttp import web

from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace import site
from bot.sandbox.workspace.control import Control, ControlApi
from bot.sandbox.workspace.feed import Change
from bot.sandbox.workspace.options import SLACKS_OWN, WorkspaceOptions
from bot.sandbox.workspace.page_api import PageApi
from bot.sandbox.workspace.respond import Responder
from bot.sandbox.workspace.signed_http import SignedHttp
from bot.sandbox.workspace.state import Workspace
from bot.sandbox.workspace.uploads import Uploads
from bot.sandbox.workspace.web_api import WebApi

HOST = "127.0.0.1"
MOST_BYTES = 64 * 1024 * 1024
STOP_SECONDS = 0.1

__all__ = ["WorkspaceOptions", "WorkspaceServer"]


class WorkspaceServer:
    """One workspace with one app, on loopback. The addresses are known after `start`.

    `manifest` is the app's: its name, commands, scopes and events. `hints` are the app's examples
    of what to type and what that does, which a manifest cannot hold. `controls` adds controls to
    the control API; `scenarios` (name and title) is what the page offers for `/control/scenario`,
    `playing` the name of the one under way.
    """

    def __init__(
        self,
        *,
        clock: SandboxClock,
        manifest: Mapping[str, Any],
        port: int = 0,
        options: WorkspaceOptions = SLACKS_OWN,
        hints: Mapping[str, str] = MappingProxyType({}),
        controls: Mapping[str, Control] | None = None,
        scenarios: Sequence[Mapping[str, str]] = (),
        playing: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._port = port
        self._site = site.build(Workspace(clock, manifest), options, manifest)
        self._control = ControlApi(self._site, controls or {})
        self._page = PageApi(self._site, hints, scenarios, playing)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return self._site.url

    @property
    def page_url(self) -> str:
        return self.url + "/"

    @property
    def api_url(self) -> str:
        return self.url + "/api/"

    @property
    def control_url(self) -> str:
        return self.url + "/control"

    @property
    def bot_token(self) -> str:
        return self._site.credentials.bot_token

    @property
    def app_token(self) -> str:
        return self._site.credentials.app_token

    @property
    def signing_secret(self) -> str:
        return self._site.credentials.signing_secret

    @property
    def user_tokens(self) -> dict[str, str]:
        """A token for each person, by name."""
        return dict(self._site.credentials.user_tokens)

    @property
    def team_id(self) -> str:
        return self._site.workspace.team_id

    @property
    def channels(self) -> dict[str, str]:
        """The id of each channel, by name."""
        found = self._site.workspace.channels.values()
        return {channel.name: channel.id for channel in found if not channel.im_user}

    @property
    def users(self) -> dict[str, str]:
        """The id of each user, by name."""
        return {user.name: user.id for user in self._site.workspace.users.values()}

    @property
    def groups(self) -> dict[str, str]:
        """The id of each user group, by handle."""
        return {group.handle: group.id for group in self._site.workspace.groups.values()}

    @property
    def connected(self) -> bool:
        """Whether the app holds a Socket Mode connection (or is reached over HTTP)."""
        return self._site.connected

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._runner = web.AppRunner(
            self._application(), access_log=None, shutdown_timeout=STOP_SECONDS
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        port = self._runner.addresses[0][1]
        self._site.url = f"http://{HOST}:{port}"
        self._site.background.start(self._tell_clock())

    async def stop(self) -> None:
        """Close every connection and forget nothing; a second call does no harm."""
        await self._site.background.stop()
        await self._site.socket.close()
        if isinstance(self._site.delivery, SignedHttp):
            await self._site.delivery.stop()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=MOST_BYTES)
        uploads, responder = Uploads(self._site), Responder(self._site)
        application.router.add_route("*", "/api/{method}", WebApi(self._site).serve)
        application.router.add_get("/link/", self._site.socket.accept)
        application.router.add_post("/respond/{url_id}", responder.serve)
        application.router.add_post("/upload/{file_id}", uploads.receive)
        application.router.add_get("/files/{file_id}", uploads.send)
        application.router.add_post("/control/{name:.+}", self._control.serve)
        application.router.add_get("/", self._page.index)
        application.router.add_get("/page/state", self._page.state)
        application.router.add_get("/page/messages", self._page.messages)
        application.router.add_get("/page/events", self._page.events)
        application.router.add_get("/page/{file:.+}", self._page.static)
        return application

    async def _tell_clock(self) -> None:
        """Pass every change of the sandbox's clock on to the page, whoever made it."""
        while True:
            version = self._clock.version
            await self._clock.changed(version, timeout=60.0)
            if self._clock.version > version:
                clock = {"clock": self._clock.as_json()}
                self._site.workspace.feed.publish(Change(kind="clock", detail=clock))
            await asyncio.sleep(0)
