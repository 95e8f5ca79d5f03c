"""Whether anything keeps the event loop from running what else there is to do."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from threading import Event, Thread

BEAT = 0.005


class Pulse:
    """How long the loop was ever kept from running by itself: in seconds of its own work, or in
    beats of a thread that could run meanwhile. On a busy machine neither of them runs."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._beats = 0
        self._over = Event()

    async def __aenter__(self) -> Pulse:
        self._thread = Thread(target=self._count)
        self._thread.start()
        self._task = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._over.set()
        self._thread.join()

    def _count(self) -> None:
        while not self._over.wait(BEAT):
            self._beats += 1

    async def _beat(self) -> None:
        while True:
            beats, worked = self._beats, time.thread_time()
            await asyncio.sleep(BEAT)
            kept = max((self._beats - beats) * BEAT, time.thread_time() - worked)
            self.longest = max(self.longest, kept)
