"""Messages that are taken back before anybody tried to send them."""

from __future__ import annotations

from sqlite_utils import Database


def withdraw(db: Database, topic: str) -> bool:
    """Take back every message of a topic, so that each may be intended anew, in the open
    transaction. False, and nothing is taken back, once one of them was attempted: it may stand."""
    attempted = "SELECT 1 FROM outbox WHERE topic = ? AND attempts > 0 LIMIT 1"
    if db.execute(attempted, [topic]).fetchone() is not None:
        return False
    db.execute("DELETE FROM outbox WHERE topic = ?", [topic])
    return True
