"""A sandbox workspace with the real app in it over Socket Mode, and what people do there."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import aiohttp
import httpx
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.options import WorkspaceOptions
from bot.sandbox.workspace.server import WorkspaceServer
from bot.slack import manifest
from bot.slack.app import make_app
from bot.slack.connect import Identity, make_client
from bot.slack.letters import view_of
from bot.slack.people import People
from bot.slack.render.incident import incident_message
from bot.store import incidents, outbox
from tests.bot.slack.scene import NOON, desk_over, pictures_of
from tests.loopback import NO_TLS_HERE

OPTIONS = WorkspaceOptions(settle=timedelta(seconds=10), quiet=timedelta(milliseconds=600))
"""A busy machine takes its time for the first answer, and between two."""
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY")


class Office:
    """A workspace with our app in it, and what people do there."""

    def __init__(self, server, desk, client, app, identity):
        self.server, self.desk, self.client = server, desk, client
        self.app, self.identity = app, identity
        self.channel = server.channels["integrations"]
        self.wakes = 0
        self.http = httpx.AsyncClient(trust_env=False, verify=NO_TLS_HERE)

    async def _control(self, name, **body):
        told = {"channel": self.channel} | body
        answered = await self.http.post(f"{self.server.control_url}/{name}", json=told)
        assert answered.status_code == 200, answered.text
        return answered.json()

    async def fault(self, **order):
        answered = await self.http.post(f"{self.server.control_url}/fault", json=order)
        assert answered.status_code == 200, answered.text

    async def types(self, text, user="priya"):
        return await self._control("command", user=user, text=text)

    async def presses(self, action_id, ts, user="priya", **chosen):
        told = {"message_ts": ts, "action_id": action_id} | chosen
        return await self._control("action", user=user, **told)

    async def presses_in(self, view, action_id, user="priya", **chosen):
        """A button of a modal or of App Home."""
        told = {"view_id": view["id"], "action_id": action_id} | chosen
        return await self._control("action", user=user, **told)

    async def submits(self, view, user="priya", *, patient=False, **values):
        """`patient` for what is answered by several calls one after the other."""
        wait = {"wait": 2} if patient else {}
        told = {"view_id": view["id"], "values": values} | wait
        return await self._control("view", user=user, **told)

    async def looks_home(self, user="priya"):
        return await self._control("home", user=user)

    async def says(self, text, user="priya", thread_ts=None):
        return await self._control("message", user=user, text=text, thread_ts=thread_ts)

    async def announce(self, incident_id):
        """Post an incident's message, as the outbox would."""
        said = incident_message(view_of(self.desk, incident_id))
        posted = await self.client.chat_postMessage(channel=self.channel, **said.as_arguments())
        with self.desk.store.writing() as db:
            [row] = outbox.due_rows(db, time.time() + 1, ())
            outbox.record_sent(db, row, outbox.claim(db, row, None), posted["ts"])
        return posted["ts"]

    def state(self, incident_id=1):
        return incidents.find_incident(self.desk.store.db, incident_id).state


@asynccontextmanager
async def office_over(store, make_desk=None):
    """`make_desk` is given the store, the people, and the user ids by name."""
    server = WorkspaceServer(
        clock=SandboxClock(start=NOON), manifest=manifest.load(), options=OPTIONS
    )
    await server.start()
    async with aiohttp.ClientSession() as session:
        client = make_client(server.bot_token, server.api_url, session)
        told = await client.auth_test()
        identity = Identity(
            team_id=told["team_id"], bot_id=told["bot_id"], bot_user_id=told["user_id"]
        )
        people = People(client, identity.team_id)
        make_desk = make_desk or (lambda *told: desk_over(*told[:2]))
        desk = make_desk(store, people, server.users)
        destination = f"slack/{server.channels['integrations']}"
        desk = replace(desk, rules=replace(desk.rules, destination=destination))
        office = Office(server, desk, client, None, identity)
        desk = office.desk = replace(desk, wake=lambda: setattr(office, "wakes", office.wakes + 1))
        office.app = make_app(desk, client=client, identity=identity, pictures=pictures_of(client))
        handler = AsyncSocketModeHandler(office.app, server.app_token, web_client=client)
        await handler.connect_async()
        try:
            yield office
        finally:
            await office.http.aclose()
            await handler.close_async()
            await server.stop()


def private(done):
    """The one private answer that a gesture brought."""
    assert [message["kind"] for message in done["messages"]] == ["ephemeral"], done
    return done["messages"][0]["text"]
