"""Values that a flow tracked as received and never as sent: how many, and the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from bot.store.columns import write_time

# What a failed run carried is told as failing, and is not lost.
UNSENT = """
SELECT shown, count(*) OVER () FROM tracked_values AS t JOIN runs AS r ON r.id = t.run_id
WHERE received_at > :since AND received_at <= :until AND sent_at IS NULL
  AND t.flow_id = :flow_id AND r.status IN ('success', 'partial_success')
ORDER BY received_at, digest LIMIT :most
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """`first` as they are kept, "" for one of which nothing is kept that may be shown."""

    count: int
    first: tuple[str, ...]


def find_unsent(db: Database, flow_id: str, since: datetime, until: datetime, most: int) -> Unsent:
    """Of the values received after `since`, up to `until` (UTC); the oldest `most` of them."""
    asked = {
        "flow_id": flow_id,
        "since": write_time(since),
        "until": write_time(until),
        "most": most,
    }
    rows = db.execute(UNSENT, asked).fetchall()
    return Unsent(count=rows[0][1] if rows else 0, first=tuple(shown or "" for shown, _ in rows))
