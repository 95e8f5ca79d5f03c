"""Run by test_storage.py as a process: its files may not grow for a while, as on a full disk.

The limit of the process stands in for the disk: SQLite fails to write with either.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
import sys
from pathlib import Path

from bot import outbox
from bot.store import lease, open_store
from tests.faults.scene import Folder, a_round, sending, until_all_is_sent
from tests.waiting import until


async def main(path: Path, folder: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = open_store(path)
    lease.take_lease(store, lease.this_process())
    a_round(store)
    outbox.STORE_BACK_OFF = outbox.SETTLE_SECONDS = 0.05
    heard: list[str] = []
    logging.getLogger("bot.outbox").addFilter(lambda record: not heard.append(record.getMessage()))
    was = resource.getrlimit(resource.RLIMIT_FSIZE)
    tight = Path(f"{path}-wal").stat().st_size

    def fill_up(moment: str) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (tight, was[1]))

    async with sending(store, Folder(folder, fill_up)):
        await until(lambda: heard)
        state = store.db.execute("SELECT state FROM outbox").fetchone()[0]
        sys.stdout.write(f"sent and not recorded: {state}\n")
        resource.setrlimit(resource.RLIMIT_FSIZE, was)
        await until_all_is_sent(store)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
