"""Run by test_crash.py as a process: it is killed by its own hand at one moment, as by kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bot.store import Store, lease, open_store
from bot.store.database import Database
from bot.store.migrations import MIGRATIONS
from tests.faults.scene import Folder, find_trouble, sending, until_all_is_sent

Die = Callable[[str], None]


def die_at(wanted: str, moment: str) -> None:
    if moment == wanted:
        os.kill(os.getpid(), signal.SIGKILL)


async def live(store: Store, folder: Path, die: Die) -> None:
    with store.writing() as db:
        find_trouble(db)
        die("before intent")
    die("after intent")
    async with sending(store, Folder(folder, die)):
        await until_all_is_sent(store)
        die("after record")


def main(path: Path, folder: Path, wanted: str) -> None:
    die = partial(die_at, wanted)

    @MIGRATIONS()
    def m999_after_all_others(db: Database) -> None:
        die("in migration")

    store = open_store(path)
    lease.take_lease(store, lease.this_process())
    with store.writing() as db:
        store.renew_lease(db, time.time())
        die("in renewal")
    asyncio.run(live(store, folder, die))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
