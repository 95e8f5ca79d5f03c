"""The door, open."""

from __future__ import annotations

import time

import pytest

from tests.bot.web.scene import at_the_door


@pytest.fixture
async def door(store):
    async with at_the_door(time.time, store) as scene:
        yield scene
