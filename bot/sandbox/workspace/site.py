"""Everything that one running workspace consists of, in one place for those who serve it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.workspace.announcer import Announcer
from bot.sandbox.workspace.background import Background
from bot.sandbox.workspace.credentials import Credentials
from bot.sandbox.workspace.delivery import Delivery
from bot.sandbox.workspace.faults import Faults
from bot.sandbox.workspace.files import Files
from bot.sandbox.workspace.options import WorkspaceOptions
from bot.sandbox.workspace.signed_http import SignedHttp
from bot.sandbox.workspace.socket_mode import SocketMode
from bot.sandbox.workspace.state import Workspace
from bot.sandbox.workspace.triggers import ResponseUrls, Triggers
from bot.sandbox.workspace.views import Views


@dataclass(slots=True, kw_only=True)
class Site:
    """The parts, wired to each other. `url` is known once the server listens."""

    workspace: Workspace
    options: WorkspaceOptions
    credentials: Credentials
    faults: Faults
    files: Files
    views: Views
    triggers: Triggers
    response_urls: ResponseUrls
    background: Background
    socket: SocketMode
    delivery: Delivery
    announcer: Announcer
    url: str = ""
    last_post: dict[str, float] = field(default_factory=dict)
    """When the app last posted to a channel, on the monotonic clock."""
    pins: dict[tuple[str, str], str] = field(default_factory=dict)
    """Channel and ts of a pinned message, and who pinned it."""
    bookmarks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def connected(self) -> bool:
        """Whether the app can be reached, as far as the workspace knows."""
        return self.socket.connected or self.options.request_url is not None


def build(workspace: Workspace, options: WorkspaceOptions, manifest: Mapping[str, Any]) -> Site:
    """Wire a workspace; the only place that does."""
    faults = Faults()
    credentials = Credentials(workspace, manifest)
    background = Background()
    socket = SocketMode(options, faults, workspace.feed, workspace.app_id)
    delivery: Delivery = socket
    if options.request_url:
        delivery = SignedHttp(options, options.request_url, credentials.signing_secret)
    return Site(
        workspace=workspace,
        options=options,
        credentials=credentials,
        faults=faults,
        files=Files(),
        views=Views(workspace),
        triggers=Triggers(options),
        response_urls=ResponseUrls(options),
        background=background,
        socket=socket,
        delivery=delivery,
        announcer=Announcer(workspace, delivery, background, options.redelivery),
    )
