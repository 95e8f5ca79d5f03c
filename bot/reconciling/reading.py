"""Reads both sides of a window into a comparison, page by page: memory holds a page at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.reconciling.sides import ReadSide
from checks.reconcile.compare import Comparison
from checks.reconcile.window import Window
from checks.unreadable import Unreadable

Tell = Callable[[str], None]
"""Hears how far a comparison is, in a few words."""


def nobody(_: object) -> None:
    """Does not listen."""


class Unseen(Exception):
    """A side could not be read to its end; one sentence says which and why."""


async def read_both(
    comparison: Comparison,
    sides: Sequence[ReadSide],
    window: Window,
    now: datetime,
    tell: Tell = nobody,
) -> None:
    """Both at the same time; what is kept on disk is written in threads. `tell` hears how far it
    is. Raises Unseen."""
    writing = asyncio.Lock()  # the comparison is for one thread at a time
    try:
        async with asyncio.TaskGroup() as group:
            for side in sides:
                group.create_task(_read(comparison, side, window, now, writing, tell))
    except ExceptionGroup as failed:
        raise Unseen(_why(failed)) from None


async def _read(
    comparison: Comparison,
    side: ReadSide,
    window: Window,
    now: datetime,
    writing: asyncio.Lock,
    tell: Tell,
) -> None:
    read = 0
    for place in side.lists:
        until = side.read_until(place, window.read_until, now)
        async for page in side.pages(place, window.read_since, until):
            async with writing:
                await asyncio.to_thread(comparison.add, side.role, page)
            read += len(page)
            tell(f"{side.system.name}: {read:,} records read")
        comparison.read_whole(side.role, place)


def _why(failed: ExceptionGroup[Exception]) -> str:
    """What the first failure says. Raises the group where it is no failure to read."""
    found = failed.subgroup((Unreadable, ValueError))
    if found is None:
        raise failed
    first: Exception = found
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first.what if isinstance(first, Unreadable) else str(first)
