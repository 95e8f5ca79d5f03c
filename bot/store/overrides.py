"""What people arranged among themselves: somebody is on call instead of somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.incidents.rota import Override
from bot.store.columns import read_time, write_time
from bot.store.rows import read

SCHEMA = """
CREATE TABLE overrides (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rota TEXT NOT NULL COLLATE NOCASE CHECK (rota <> ''),
  person TEXT NOT NULL COLLATE NOCASE CHECK (person <> ''),
  replaces TEXT COLLATE NOCASE CHECK (replaces <> '' AND replaces <> person),
  since TEXT NOT NULL, until TEXT NOT NULL CHECK (until > since),
  arranged_by TEXT NOT NULL CHECK (arranged_by <> ''), arranged_at TEXT NOT NULL,
  reason TEXT NOT NULL,
  cancelled_by TEXT CHECK (cancelled_by <> ''), cancelled_at TEXT,
  CHECK ((cancelled_by IS NULL) = (cancelled_at IS NULL))
);
CREATE INDEX overrides_standing ON overrides (until) WHERE cancelled_at IS NULL;
CREATE TRIGGER overrides_overlap BEFORE INSERT ON overrides WHEN EXISTS (
  SELECT 1 FROM overrides AS other
  WHERE other.rota = NEW.rota AND other.replaces IS NEW.replaces AND other.cancelled_at IS NULL
    AND other.since < NEW.until AND NEW.since < other.until
)
BEGIN SELECT RAISE(ABORT, 'overrides for the same person may not overlap'); END;
CREATE TRIGGER overrides_stand BEFORE UPDATE ON overrides
WHEN OLD.cancelled_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.rota <> OLD.rota
  OR NEW.person <> OLD.person OR NEW.replaces IS NOT OLD.replaces OR NEW.since <> OLD.since
  OR NEW.until <> OLD.until OR NEW.arranged_by <> OLD.arranged_by
  OR NEW.arranged_at <> OLD.arranged_at OR NEW.reason <> OLD.reason
BEGIN SELECT RAISE(ABORT, 'an override can only be cancelled, once'); END;
CREATE TRIGGER overrides_stay BEFORE DELETE ON overrides
BEGIN SELECT RAISE(ABORT, 'overrides are never deleted'); END;
"""

INSERT = """
INSERT INTO overrides (rota, person, replaces, since, until, arranged_by, arranged_at, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
OVERLAPPING = """
SELECT * FROM overrides
WHERE rota = ? AND replaces IS ? AND cancelled_at IS NULL AND since < ? AND ? < until ORDER BY id
"""
CANCEL = """
UPDATE overrides SET cancelled_by = ?, cancelled_at = ?
WHERE id = ? AND cancelled_at IS NULL AND until > ?
"""


class Overlaps(Exception):
    """Somebody stands in for this person already at that time; `standing` is that override."""

    def __init__(self, standing: Override) -> None:
        super().__init__(f"override {standing.id} stands already")
        self.standing = standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """An override that is to be; see `Override`."""

    rota: str
    person: str
    replaces: str | None
    since: datetime
    until: datetime
    by: str
    reason: str = ""


def save_overrides(db: Database, arranged: Sequence[Arranged], now: datetime) -> list[Override]:
    """Keep these, all or none of them, in the open transaction. Raises Overlaps."""
    saved = []
    for each in arranged:
        span = [write_time(each.until), write_time(each.since)]
        for row in read(db, OVERLAPPING, [each.rota, each.replaces, *span]):
            raise Overlaps(_read(row))
        who = [each.rota, each.person, each.replaces]
        how = [*reversed(span), each.by, write_time(now), each.reason]
        made = db.execute(INSERT, [*who, *how])
        saved.append(find_override(db, int(made.lastrowid or 0)))
    return [each for each in saved if each is not None]


def find_override(db: Database, override_id: int) -> Override | None:
    """Also one that is over or was cancelled."""
    rows = read(db, "SELECT * FROM overrides WHERE id = ?", [override_id])
    return next((_read(row) for row in rows), None)


def standing(db: Database, since: datetime) -> list[Override]:
    """Those that were not cancelled and end after `since`, in the order of their arrangement."""
    sql = "SELECT * FROM overrides WHERE cancelled_at IS NULL AND until > ? ORDER BY id"
    return [_read(row) for row in read(db, sql, [write_time(since)])]


def held(db: Database, since: datetime) -> list[Override]:
    """Those that held after `since`, or are to; a cancelled one up to its cancellation."""
    sql = (
        "SELECT *, min(until, coalesce(cancelled_at, until)) AS ended FROM overrides"
        " WHERE until > :after AND ended > :after AND ended > since ORDER BY id"
    )
    rows = read(db, sql, {"after": write_time(since)})
    return [replace(_read(row), until=read_time(row["ended"])) for row in rows]


def cancel(db: Database, override_id: int, by: str, now: datetime) -> bool:
    """Undo one from now on; False when there is none that still stands."""
    at = write_time(now)
    return db.execute(CANCEL, [by, at, override_id, at]).rowcount == 1


def _read(row: Mapping[str, Any]) -> Override:
    return Override(
        id=row["id"],
        rota=row["rota"],
        person=row["person"],
        replaces=row["replaces"],
        since=read_time(row["since"]),
        until=read_time(row["until"]),
        by=row["arranged_by"],
        reason=row["reason"],
    )
