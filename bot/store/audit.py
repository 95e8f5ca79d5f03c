"""Who did what, and who was refused: rows that are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.store.columns import read_time, write_time
from bot.store.rows import read

SCHEMA = """
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL, who TEXT NOT NULL CHECK (who <> ''), team TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what <> ''), subject TEXT NOT NULL,
  via TEXT NOT NULL CHECK (via <> ''),
  allowed INTEGER NOT NULL CHECK (allowed IN (0, 1)), because TEXT NOT NULL,
  CHECK (allowed = 1 OR because <> '')
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_of ON audit (subject, id);
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
"""
LONGEST = 500
"""Characters of what a person typed, or of a reason, that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One attempt. `who` is a Slack user id and `team` the workspace it came from ("" if not told);
    `what` the verb, `subject` what it was done to ("#42", "silence 7", or ""), `via` through what.

    `because` says why it was refused, or by what it was allowed where that needs saying.
    """

    at: datetime
    who: str
    team: str
    what: str
    subject: str
    via: str
    allowed: bool
    because: str = ""


def write(db: Database, done: Audited) -> None:
    """Add one row, in the open transaction."""
    db.execute(
        "INSERT INTO audit (at, who, team, what, subject, via, allowed, because) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            write_time(done.at),
            done.who,
            done.team,
            done.what,
            done.subject[:LONGEST],
            done.via,
            int(done.allowed),
            done.because[:LONGEST],
        ],
    )


def audited_since(db: Database, since: datetime) -> list[Audited]:
    """What was attempted from a moment on, oldest first."""
    sql = "SELECT * FROM audit WHERE at >= ? ORDER BY id"
    return [_read(row) for row in read(db, sql, [write_time(since)])]


def audited_of(db: Database, subject: str) -> list[Audited]:
    """What was attempted on one thing, oldest first."""
    return [
        _read(row)
        for row in read(db, "SELECT * FROM audit WHERE subject = ? ORDER BY id", [subject])
    ]


def _read(row: Mapping[str, Any]) -> Audited:
    return Audited(
        at=read_time(row["at"]),
        who=row["who"],
        team=row["team"],
        what=row["what"],
        subject=row["subject"],
        via=row["via"],
        allowed=bool(row["allowed"]),
        because=row["because"],
    )
