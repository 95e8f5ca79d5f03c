"""Reads the database for whoever asks over HTTP: in threads of its own, on connections that cannot
write, so that neither the loop nor the bot's own threads wait for a reader."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from bot.store import Database
from bot.store.views import reading

THREADS = 2
T = TypeVar("T")


class Looking:
    """Reads at most two things at a time; others wait their turn."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="web")

    async def look(self, read: Callable[[Database], T]) -> T:
        """What `read` makes of the database as it is at one moment. Raises sqlite3.Error."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, read)

    def close(self) -> None:
        """Waits for what is being read; what has not begun never does."""
        self._threads.shutdown(cancel_futures=True)

    def _read(self, read: Callable[[Database], T]) -> T:
        with reading(self._path) as db:
            return read(db)
