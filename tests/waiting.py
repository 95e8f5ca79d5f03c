"""Waiting, in real time, for what other tasks or processes are about to make true."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds until what hangs is given up. It finds hangs and measures nothing: machines are busy."""


async def until(
    holds: Callable[[], object],
    what: str | Callable[[], str] = "it did not come about",
    seconds: float = PATIENCE,
) -> None:
    """Wait until it holds; fail with what was waited for when patience ends."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what if isinstance(what, str) else what()
        await asyncio.sleep(0.01)
