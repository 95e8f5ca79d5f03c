"""The door with all pagers behind it, and the look-alikes that call there."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from bot.hearing import HeardBefore
from bot.paging.making import make_pager
from bot.sandbox.pagers.server import PagerServer
from bot.web.inbound import Inbound
from bot.web.server import make_web, serving
from tests.bot.paging.scene import ESTATE, NAMES, section
from tests.loopback import NO_TLS_HERE


@dataclass
class Scene:
    """`heard` is what got through; `now` is the real time that the door believes in, if set."""

    pagers: PagerServer
    http: httpx.AsyncClient
    url: str = ""
    heard: list = field(default_factory=list)
    now: float | None = None
    breaks: bool = False
    problem: str = ""

    def hear(self, heard):
        if self.breaks:
            raise OSError("the database is busy")
        self.heard.append(heard)

    async def page(self, name, page):
        await make_pager(section(self.pagers, name), self.http).send(page)
        await self.pagers.settled()

    async def call(self, name, body, headers=None):
        return await self.http.post(f"{self.url}/inbound/{name}", content=body, headers=headers)


@asynccontextmanager
async def at_the_door(clock, store):
    pagers = PagerServer()
    await pagers.start()
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        scene = Scene(pagers=pagers, http=http)
        sections = [section(pagers, name) for name in NAMES]
        inbound = Inbound(
            sections,
            ESTATE,
            scene.hear,
            HeardBefore(store),
            now=lambda: clock() if scene.now is None else scene.now,
        )
        async with serving(make_web(inbound, lambda: scene.problem), "127.0.0.1:0") as url:
            scene.url = url
            for name in NAMES:
                token = f"?token={pagers.opsgenie.webhook_token}" if name == "opsgenie" else ""
                pagers.callbacks[name] = f"{url}/inbound/{name}{token}"
            yield scene
            await asyncio.sleep(0)
            await pagers.stop()
