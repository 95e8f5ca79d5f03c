"""The survey of many systems: how many at a time, and what a slow one cannot do to the others."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web

from bot import facts
from bot.build_outside import make_http
from bot.clock import SystemClock
from bot.settings import load_settings
from bot.survey import Surveyor, Watched, make_system
from tests.bot.test_systems import BASE, ENVIRON
from tests.bot.vendor_double import ANSWER
from tests.waiting import until

SHOP = """
[[system]]
kind = "shopify"
name = "shop {number}"
shop = "acme"
token = "env:SHOP"
base_url = "{url}/{number}"
"""


class Shops:
    """Shops by number; those in `hanging` answer only when `go` is set."""

    def __init__(self, hanging=()):
        self.hanging, self.go = set(hanging), asyncio.Event()
        self.now = self.most = 0

    async def serve(self, request):
        self.now += 1
        self.most = max(self.most, self.now)
        if int(request.match_info["number"]) in self.hanging:
            await self.go.wait()
        await asyncio.sleep(0)
        self.now -= 1
        return web.json_response(ANSWER)


@asynccontextmanager
async def surveyed(tmp_path, store, shops, number, **options):
    """A surveyor of so many shops."""
    app = web.Application()
    app.router.add_route("*", "/{number}/{path:.*}", shops.serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    path = tmp_path / "seamwatch.toml"
    path.write_text(BASE + "".join(SHOP.format(number=n, url=url) for n in range(number)))
    clock = SystemClock()
    async with make_http() as http:
        watched = [
            Watched(settings=each, system=make_system(each, http, clock))
            for each in load_settings(path, ENVIRON).system
        ]
        surveyor = Surveyor(watched, store, clock, **options)
        try:
            yield surveyor
        finally:
            shops.go.set()
            await surveyor.close()
            await runner.cleanup()


def blind(store):
    return {each.name: each.why for each in facts.find_systems(store.db) if each.blind_since}


@pytest.mark.parametrize("at_once", [1, 4])
async def test_no_more_are_asked_at_a_time_than_the_settings_say(tmp_path, store, at_once):
    shops = Shops()
    async with surveyed(tmp_path, store, shops, 12, at_once=at_once) as surveyor:
        await surveyor.survey()
    assert len(facts.find_systems(store.db)) == 12
    assert blind(store) == {}
    assert shops.most <= at_once


async def test_more_can_be_asked_at_a_time_than_a_pool_holds_by_default(tmp_path, store):
    shops = Shops(hanging=range(110))
    async with surveyed(tmp_path, store, shops, 110, at_once=110) as surveyor:
        survey = asyncio.create_task(surveyor.survey())
        await until(lambda: shops.now == 110)
        shops.go.set()
        await survey
    assert blind(store) == {}


async def test_one_that_hangs_gives_its_place_up_and_is_said_to_be_slow(tmp_path, store):
    shops = Shops(hanging=[0])
    patience = timedelta(seconds=1)
    async with surveyed(tmp_path, store, shops, 4, at_once=1, patience=patience) as surveyor:
        surveyor._systems[0].system.status = nothing_said
        await surveyor.survey()
    assert list(blind(store)) == ["shop 0"]
    assert "given up after 1 s" in blind(store)["shop 0"]
    assert len(facts.find_systems(store.db)) == 4


async def test_what_is_seen_is_remembered_while_one_still_hangs(tmp_path, store):
    shops = Shops(hanging=[1])
    soon = timedelta(milliseconds=50)
    async with surveyed(tmp_path, store, shops, 3, at_once=3, remember_every=soon) as surveyor:
        survey = asyncio.create_task(surveyor.survey())
        await until(lambda: len(facts.find_systems(store.db)) >= 2)
        names = [each.name for each in facts.find_systems(store.db)]
        shops.go.set()
        await survey
    assert names == ["shop 0", "shop 2"]
    assert [each.name for each in facts.find_systems(store.db)] == ["shop 0", "shop 1", "shop 2"]


async def nothing_said():
    """The vendor's status page lies outside this machine."""
