"""Whether what was last sent somewhere has arrived there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.store.columns import read_time
from bot.store.rows import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest message to a destination: when it was written, whether it arrived, and what
    stands in its way, "" for nothing so far."""

    created_at: datetime
    has_arrived: bool
    problem: str


def newest_to(db: Database, destination: str) -> Newest | None:
    sql = (
        "SELECT created_at, state, problem FROM outbox WHERE destination = ?"
        " AND state <> 'superseded' ORDER BY number DESC LIMIT 1"
    )
    for row in read(db, sql, [destination]):
        at, arrived = read_time(row["created_at"]), row["state"] == "sent"
        return Newest(created_at=at, has_arrived=arrived, problem=row["problem"])
    return None
