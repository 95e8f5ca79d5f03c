"""A scene for each test: a fresh database and a look-alike on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.store import Store, acts
from tests.bot.acting.estate import Scene, visited


@pytest.fixture
async def scene(store: Store) -> AsyncIterator[Scene]:
    if not store.db.table("proposals").exists():
        store.db.conn.executescript(acts.SCHEMA)
    async with visited(store) as made:
        yield made
