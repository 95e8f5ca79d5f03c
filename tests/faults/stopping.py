"""Run by test_instance.py as a process: an engine in the middle of sending when it is paused, or
told to stop. It says what it is doing, a line each."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from bot.signals import run_until_stopped
from bot.store import StoreRefused, lease, open_store
from bot.store.outbox import Row
from tests.faults.scene import Folder, a_round, sending


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


class Slow(Folder):
    """Takes a message and never answers."""

    async def deliver(self, row: Row) -> str:
        ts = await super().deliver(row)
        say("sending")
        await asyncio.Event().wait()
        return ts


async def until_stopped(path: Path, folder: Path, stop: asyncio.Event) -> None:
    store = open_store(path)
    lease.take_lease(store, lease.this_process())
    a_round(store)
    async with sending(store, Slow(folder)):
        await stop.wait()
        say("stopping")
        await asyncio.Event().wait()


def until_paused(path: Path) -> None:
    """As on another machine, whose processes nobody here can look up; it sleeps, and goes on."""
    store = open_store(path)
    lease.take_lease(store, lease.Process(host="far-away", pid=1, started="1"), time.time() - 14)
    say("holding")
    sys.stdin.readline()
    try:
        a_round(store)
    except StoreRefused as refused:
        say(str(refused))


def main(what: str, path: Path, folder: Path) -> None:
    if what == "paused":
        until_paused(path)
    else:
        run_until_stopped(lambda stop: until_stopped(path, folder, stop))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
