"""Silences and maintenance that people began, and what was held back by which."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from sqlite_utils import Database

from bot.incidents.matchers import Matcher, read_matchers, say_matchers
from bot.incidents.silences import Maintenance, Silence
from bot.incidents.windows import Once
from bot.store.columns import read_time, write_json, write_time
from bot.store.rows import read

SCHEMA = """
CREATE TABLE silences (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('silence', 'maintenance')),
  matchers TEXT NOT NULL CHECK (kind = 'maintenance' OR matchers <> ''),
  creator TEXT NOT NULL CHECK (creator <> ''),
  reason TEXT NOT NULL CHECK (length(trim(reason)) BETWEEN 1 AND 500),
  since TEXT NOT NULL, until TEXT NOT NULL,
  ended_at TEXT, ended_by TEXT,
  CHECK (since < until),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX silences_until ON silences (until) WHERE ended_at IS NULL;
CREATE TRIGGER silence_is_kept_as_made BEFORE UPDATE ON silences
WHEN OLD.ended_at IS NOT NULL
  OR (OLD.id, OLD.kind, OLD.matchers, OLD.creator, OLD.reason, OLD.since, OLD.until)
  IS NOT (NEW.id, NEW.kind, NEW.matchers, NEW.creator, NEW.reason, NEW.since, NEW.until)
BEGIN SELECT RAISE(ABORT, 'a silence can only be ended, and only once'); END;
CREATE TRIGGER silences_stay BEFORE DELETE ON silences
BEGIN SELECT RAISE(ABORT, 'silences are never deleted'); END;

CREATE INDEX timeline_held ON timeline (reason) WHERE kind = 'held';
"""
LONGEST_REASON = 500

Kind = Literal["silence", "maintenance"]


def add(
    db: Database,
    kind: Kind,
    *,
    matchers: tuple[Matcher, ...],
    by: str,
    reason: str,
    since: datetime,
    until: datetime,
) -> int:
    """Begin one, in the open transaction; returns its number. `by` is a Slack user id."""
    row = {
        "kind": kind,
        "matchers": say_matchers(matchers),
        "creator": by,
        "reason": reason[:LONGEST_REASON],
        "since": write_time(since),
        "until": write_time(until),
    }
    return int(db.table("silences").insert(row).last_pk or 0)


def end(db: Database, kind: Kind, number: int, by: str, now: datetime) -> bool:
    """End one before its time; False when it is over already or there is none."""
    sql = """
        UPDATE silences SET ended_at = ?, ended_by = ?
        WHERE id = ? AND kind = ? AND ended_at IS NULL AND until > ?"""
    at = write_time(now)
    return db.execute(sql, [at, by, number, kind, at]).rowcount == 1


def standing_silences(db: Database, now: datetime) -> list[Silence]:
    """Those that are not over, the ones that have not begun included; the next to end first."""
    return [_silence(*row) for row in _standing(db, "silence", now)]


def standing_maintenance(db: Database, now: datetime) -> list[Maintenance]:
    """Those that are not over, the ones that have not begun included; the next to end first."""
    return [_maintenance(*row) for row in _standing(db, "maintenance", now)]


def hidden_by(db: Database, labels: Iterable[str], since: datetime) -> dict[str, list[int]]:
    """The incidents that "silence 7" and the like held back from a moment on, oldest first; what
    hid none is missing. The timeline says it: "silence 7: the reason"."""
    sql = """
        SELECT DISTINCT label.value AS label, incident_id
        FROM json_each(?) AS label
        JOIN timeline ON kind = 'held'
          AND reason >= label.value || ': ' AND reason < label.value || ';'
        WHERE at >= ? ORDER BY incident_id"""
    found: dict[str, list[int]] = {}
    for row in read(db, sql, [write_json(list(labels)), write_time(since)]):
        found.setdefault(row["label"], []).append(row["incident_id"])
    return found


def _standing(db: Database, kind: Kind, now: datetime) -> Iterable[tuple[Any, ...]]:
    sql = """
        SELECT id, matchers, creator, reason, since, until FROM silences
        WHERE kind = ? AND ended_at IS NULL AND until > ? ORDER BY until, id"""
    rows: Iterable[tuple[Any, ...]] = db.execute(sql, [kind, write_time(now)])
    return rows


# Asked for every incident of a storm at every tick; a row never changes but for its end.
@lru_cache(maxsize=1024)
def _silence(*row: Any) -> Silence:
    number, matchers, creator, reason, since, until = row
    return Silence(
        id=number,
        matchers=read_matchers(matchers)[0],
        by=creator,
        reason=reason,
        since=read_time(since),
        until=read_time(until),
    )


@lru_cache(maxsize=1024)
def _maintenance(*row: Any) -> Maintenance:
    number, matchers, creator, reason, since, until = row
    return Maintenance(
        id=number,
        window=Once(since=read_time(since), until=read_time(until)),
        matchers=read_matchers(matchers)[0],
        by=creator,
        reason=reason,
    )
