"""What paging services called back with, by id, so that the same is not heard twice: also not after
a restart, and no more of it than is needed.

Times are transport time: Unix seconds of the machine's clock.
"""

from __future__ import annotations

from sqlite_utils import Database

SCHEMA = """
CREATE TABLE heard (known_as TEXT PRIMARY KEY CHECK (known_as <> ''), at REAL NOT NULL)
  WITHOUT ROWID;
CREATE INDEX heard_at ON heard (at);
"""
KEPT_SECONDS = 24 * 3600.0
"""PagerDuty repeats for about 20 minutes, and a signature is fresh for five."""
MOST_KEPT = 10_000


def has(db: Database, known_as: str, now: float) -> bool:
    sql = "SELECT 1 FROM heard WHERE known_as = ? AND at >= ?"
    return db.execute(sql, [known_as, now - KEPT_SECONDS]).fetchone() is not None


def remember(db: Database, known_as: str, now: float) -> None:
    """Keep it for a day, of more than 10,000 the newest. Inside a write transaction."""
    db.execute("INSERT OR REPLACE INTO heard (known_as, at) VALUES (?, ?)", [known_as, now])
    db.execute("DELETE FROM heard WHERE at < ?", [now - KEPT_SECONDS])
    surplus = "SELECT known_as FROM heard ORDER BY at DESC, known_as LIMIT -1 OFFSET ?"
    db.execute(f"DELETE FROM heard WHERE known_as IN ({surplus})", [MOST_KEPT])  # noqa: S608 (a constant of this file)
