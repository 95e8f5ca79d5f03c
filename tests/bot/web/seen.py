"""The door with everything to be seen behind it, over a filled database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from pydantic import SecretStr

from bot.hearing import HeardBefore
from bot.store import Store
from bot.web.dashboard.board import Around
from bot.web.dashboard.gathering import gather
from bot.web.dashboard.page import render
from bot.web.feeds.answering import Feeds
from bot.web.guard import Guard
from bot.web.inbound import Inbound
from bot.web.looking import Looking
from bot.web.metrics import exposition
from bot.web.pages import Pages
from bot.web.server import Offer, make_web, serving
from bot.web_settings import WebSettings
from tests.bot.digest.scene import TITLES
from tests.bot.slack.forecasts import NOON
from tests.loopback import NO_TLS_HERE

TOKEN = "a-token-of-24-characters"


@dataclass
class Seen:
    """`now` is the bot's time; `url` where the door is."""

    store: Store
    http: httpx.AsyncClient
    url: str = ""
    now: datetime = NOON
    problem: str = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(self.url + path, headers=headers)

    async def json(self, path: str) -> dict:
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


def settings(**changes) -> WebSettings:
    """As they are told; a token is given as it is, not as a reference."""
    told = {"dashboard": True, "metrics": True, "feeds": True} | changes
    if token := told.pop("token", None):
        return WebSettings.model_construct(**_defaults() | told | {"token": SecretStr(token)})
    return WebSettings.model_construct(**_defaults() | told)


def _defaults() -> dict:
    return {name: field.default for name, field in WebSettings.model_fields.items()}


@asynccontextmanager
async def seen(store: Store, around: Around | None = None, **changes) -> AsyncIterator[Seen]:
    offered = settings(**changes)
    around = around or Around(
        estate="Acme Outdoors",
        zone=ZoneInfo("Europe/London"),
        titles=TITLES,
        people={"U0PRIYA": "Priya", "U0ALEX": "Alex"},
    )
    looking, guard = Looking(Path(store.path)), Guard(offered)
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        scene = Seen(store=store, http=http)
        pages = Pages(
            looking,
            guard,
            around.estate,
            board=lambda db: render(
                gather(db, around, scene.now, scene.problem), leave=guard.wants_token
            ),
            digest=lambda _: "<style>p {}</style><p>The digest</p>",
        )

        async def metrics(accept: str) -> tuple[bytes, str]:
            told = partial(exposition, now=scene.now, unwell=scene.problem, accept=accept)
            return await looking.look(told)

        offer = Offer(
            guard=guard,
            pages=pages if offered.dashboard else None,
            feeds=Feeds(looking, offered.url or "") if offered.feeds else None,
            metrics=metrics if offered.metrics else None,
        )
        inbound = Inbound([], "Acme", print, HeardBefore(store))
        application = make_web(inbound, lambda: scene.problem, offer)
        async with serving(application, "127.0.0.1:0") as url:
            scene.url = url
            yield scene
    looking.close()
