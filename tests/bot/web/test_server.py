"""The door itself."""

from __future__ import annotations

import pytest

from bot.hearing import HeardBefore
from bot.web.inbound import Inbound
from bot.web.server import CannotListen, make_web, serving


async def test_health_says_whether_all_is_well(door):
    well = await door.http.get(door.url + "/healthz")
    assert (well.status_code, well.json()) == (200, {"ok": True, "problem": ""})
    door.problem = "No round has ended for 10 min."
    unwell = await door.http.get(door.url + "/healthz")
    assert unwell.status_code == 503
    assert unwell.json() == {"ok": False, "problem": "No round has ended for 10 min."}


async def test_nothing_else_is_answered(door):
    assert (await door.http.get(door.url + "/")).status_code == 404
    assert (await door.http.get(door.url + "/inbound/pagerduty")).status_code == 405


async def test_a_port_that_is_taken_is_told_in_one_sentence(door, store):
    application = make_web(Inbound([], "Acme", print, HeardBefore(store)), lambda: "")
    address = door.url.removeprefix("http://")
    with pytest.raises(CannotListen, match=r"Nothing can listen at 127.0.0.1:\d+ .*listen\.$"):
        async with serving(application, address):
            pass
