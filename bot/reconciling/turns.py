"""Whose turn it is to compare: several pairings beside each other, few of them at one system."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_ONCE = 4
"""So many comparisons at a time; each works in a thread now and then, as commands do."""
OF_BOTH, OF_ONE = 2, 3
"""A comparison waits while so many others read each of its systems, or one of them. A slow system
so keeps its own pairings waiting and no others: those with a system that most pairings share go on,
and the last place is never for such a one."""


class Turns:
    """For one loop. Who waits holds nothing."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._under_way = 0
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def taken(self, *systems: str) -> AsyncIterator[None]:
        """Within, a comparison of these systems may be made; waits until it may."""
        while not self._is_free(systems):
            await self._changed.wait()
        self._count(systems, 1)
        try:
            yield
        finally:
            self._count(systems, -1)
            self._changed.set()
            self._changed = asyncio.Event()

    def _is_free(self, systems: tuple[str, ...]) -> bool:
        taken = [self._taken[each] for each in systems]
        return self._under_way < AT_ONCE and min(taken) < OF_BOTH and max(taken) < OF_ONE

    def _count(self, systems: tuple[str, ...], change: int) -> None:
        self._under_way += change
        for each in set(systems):
            self._taken[each] += change
