"""The look-alikes, and a client to reach them with."""

from __future__ import annotations

import httpx
import pytest

from bot.sandbox.pagers.server import PagerServer
from tests.loopback import NO_TLS_HERE


@pytest.fixture
async def server():
    started = PagerServer()
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def http():
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as client:
        yield client
