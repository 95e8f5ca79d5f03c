"""After a start: from when to when nobody looked, told once."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from bot import facts
from bot.store import Store, outbox

TOPIC = "absence"
LEAST = timedelta(minutes=5)
MISSED_ROUNDS = 5


def tell_absence(store: Store, every: timedelta, home: str, now: datetime) -> None:
    """Intend a notice about the time since the last round, where that is long. The first start of
    all misses nothing."""
    last = facts.find_round(store.db)
    if last is None or now - last.at <= max(LEAST, MISSED_ROUNDS * every):
        return
    with store.writing() as db:
        outbox.enqueue_notice(
            db,
            topic=f"{TOPIC}/{last.at.isoformat()}",
            destination=home,
            step=0,
            body=now.isoformat(),
            created_at=now,
            due=time.time(),
        )
