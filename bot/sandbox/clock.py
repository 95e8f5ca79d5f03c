"""The sandbox's own time: it runs at any speed, can be moved ahead, and tells those who wait."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Domain time of the sandbox, UTC. It never goes back.

    `version` rises with every change of speed or jump, so that a client can wait for the next one.
    """

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        self._anchor = start or datetime.now(UTC)
        self._anchored = time.monotonic()
        self._changed = asyncio.Event()
        self.speed = speed
        self.version = 1

    def now(self) -> datetime:
        elapsed = time.monotonic() - self._anchored
        return self._anchor + timedelta(seconds=elapsed * self.speed)

    def advance(self, by: timedelta) -> None:
        """Jump ahead. Raises ValueError for a negative step."""
        if by < timedelta(0):
            raise ValueError("the sandbox clock only moves ahead; give a positive duration")
        self._move(self.now() + by, self.speed)

    def set_speed(self, speed: float) -> None:
        """Run at `speed` sandbox seconds a second (0 stands still). Raises ValueError below 0."""
        if speed < 0:
            raise ValueError("the sandbox clock does not run backwards; give a speed of 0 or more")
        self._move(self.now(), speed)

    async def changed(self, after: int, timeout: float) -> None:
        """Return when `version` is past `after`, or when `timeout` real seconds are over."""
        if self.version > after:
            return
        try:
            await asyncio.wait_for(self._changed.wait(), timeout)
        except TimeoutError:
            return

    def as_json(self) -> dict[str, str | float | int]:
        return {"now": self.now().isoformat(), "speed": self.speed, "version": self.version}

    def _move(self, anchor: datetime, speed: float) -> None:
        self._anchor, self._anchored, self.speed = anchor, time.monotonic(), speed
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()
