"""Run by test_crash_later.py as a process: it is killed by its own hand while incidents stand, in a
step of an escalation or among many edits."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.store import Store, incidents, lease, open_store, outbox
from bot.store.outbox import Purpose, Row
from bot.timers import Timers
from tests.bot.response_scene import NOON, rules
from tests.faults.scene import Folder, sending, until_all_is_sent

MINUTE = timedelta(minutes=1)
EDITS_BEFORE = 10


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Channel(Folder):
    """A folder in which a message can be edited: a root says the state of its incident, as it is
    when it is sent. `edits` counts down to the one after which the process dies, if any."""

    store: Store | None = None
    edits: int = 0

    async def deliver(self, row: Row) -> str:
        assert self.store is not None
        assert row.incident_id is not None
        found = incidents.find_incident(self.store.db, row.incident_id)
        standing = outbox.root_ts(self.store.db, row.topic, row.destination)
        edited = row.purpose is Purpose.EDIT and standing is not None
        ts = standing if edited and standing else await super().deliver(row)
        if row.purpose is not Purpose.LINE and found is not None:
            (self.path / ts).write_text(f"#{found.id} {found.state.value}")
        if edited:
            self.edits -= 1
            if self.edits == 0:
                die()
        return ts


@dataclass
class Standing:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def escalate(store: Store, fatal: str) -> None:
    """Ten minutes on, the second step is due; `fatal` is what the database is doing when it dies,
    "" for after the step."""
    store.db.conn.create_function("die", 0, die)
    if fatal:
        store.db.execute(f"CREATE TEMP TRIGGER dies AFTER {fatal} BEGIN SELECT die(); END")
    Timers(store, Standing(NOON + 10 * MINUTE), rules(), lambda: None).run_due()  # type: ignore[arg-type]
    die()


async def edit(store: Store, folder: Path) -> None:
    """Sends what waits, until it dies."""
    lease.take_lease(store, lease.this_process())
    async with sending(store, Channel(folder, store=store, edits=EDITS_BEFORE)):
        await until_all_is_sent(store)


if __name__ == "__main__":
    opened = open_store(Path(sys.argv[1]))
    if sys.argv[2] == "edits":
        asyncio.run(edit(opened, Path(sys.argv[3])))
    else:
        escalate(opened, sys.argv[3])
