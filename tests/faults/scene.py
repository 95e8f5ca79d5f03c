"""One fault of the queue, and a place outside that outlives whoever posts to it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.clock import SystemClock
from bot.outbox import Outbox
from bot.rules import Rules
from bot.store import Database, Store, outbox
from bot.store.outbox import Row
from bot.transitions import judge
from checks.model import Level, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from tests.waiting import until

HERE = "slack/C1"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULES = Rules(
    policies={"stalled_queue": CheckPolicy(opens_after=NofM(needed=1, of=1))}, destination=HERE
)


def find_trouble(db: Database, now: datetime = NOON, subject: str = "main") -> None:
    """A round, within its transaction, that finds the queue stalled."""
    verdict = Verdict(
        check="stalled_queue",
        condition="queue",
        subject=Subject(kind="queue", id=subject, name=f"the queue {subject}"),
        level=Level.BREACH,
        signal="stall",
        sentence="Nothing has started for 2 min.",
    )
    judge(db, [verdict], RULES, now)


def a_round(store: Store, now: datetime = NOON, subject: str = "main") -> None:
    with store.writing() as db:
        find_trouble(db, now, subject)


def nothing(_: str = "") -> None:
    """What happens at most moments."""


@dataclass
class Folder:
    """A place outside: one file a message, named by its row. `at` is told each moment."""

    path: Path
    at: Callable[[str], None] = nothing

    async def turn(self) -> None:
        await asyncio.sleep(0)

    async def deliver(self, row: Row) -> str:
        ts = f"{row.id}.{secrets.token_hex(4)}"
        (self.path / ts).write_text(row.purpose)
        self.at("after send")
        return ts

    async def find(self, row: Row) -> str | None:
        return next((each.name for each in self.path.glob(f"{row.id}.*")), None)

    def standing(self) -> list[str]:
        return sorted(each.read_text() for each in self.path.iterdir())


@asynccontextmanager
async def sending(store: Store, folder: Folder) -> AsyncIterator[asyncio.Event]:
    """An outbox that sends to it; what is yielded wakes it."""
    awake = asyncio.Event()
    sender = Outbox(store, SystemClock(), lambda _: folder, awake)
    task = asyncio.create_task(sender.run())
    try:
        yield awake
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until_all_is_sent(store: Store) -> None:
    await until(lambda: outbox.waiting_count(store.db) == 0)
