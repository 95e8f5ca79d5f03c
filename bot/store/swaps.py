"""Swaps of shifts that one person asked another for: nothing changes before that one accepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlite_utils import Database

from bot.incidents.rota import Shift
from bot.store.columns import read_time, write_time
from bot.store.rows import insert, read

SCHEMA = """
CREATE TABLE swaps (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rota TEXT NOT NULL CHECK (rota <> ''),
  asker TEXT NOT NULL, asker_id TEXT NOT NULL, asker_since TEXT NOT NULL, asker_until TEXT NOT NULL,
  other TEXT NOT NULL, other_id TEXT NOT NULL, other_since TEXT NOT NULL, other_until TEXT NOT NULL,
  reason TEXT NOT NULL, asked_at TEXT NOT NULL, expires_at TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'asked'
    CHECK (state IN ('asked', 'accepted', 'refused', 'expired')),
  decided_at TEXT,
  CHECK (asker_since < asker_until AND other_since < other_until AND asked_at < expires_at),
  CHECK ((state = 'asked') = (decided_at IS NULL))
);
CREATE INDEX swaps_asked ON swaps (expires_at) WHERE state = 'asked';
CREATE TRIGGER a_swap_is_decided_once BEFORE UPDATE ON swaps WHEN OLD.state <> 'asked'
BEGIN SELECT RAISE(ABORT, 'a swap is decided once'); END;
CREATE TRIGGER swaps_stay BEFORE DELETE ON swaps
BEGIN SELECT RAISE(ABORT, 'swaps are never deleted'); END;
"""


class Stage(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A swap that is to be asked for: `asker` and `other` are the shifts as they stand, by the
    names of the settings; the ids are those people's Slack accounts."""

    rota: str
    asker: Shift
    asker_id: str
    other: Shift
    other_id: str
    reason: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """One that was asked for, and what became of it."""

    id: int
    wanted: Wanted
    stage: Stage


def ask(db: Database, wanted: Wanted, now: datetime) -> Swap:
    """Write it down, in the open transaction."""
    mine, theirs = wanted.asker, wanted.other
    row = {
        "rota": wanted.rota,
        "asker": mine.person,
        "asker_id": wanted.asker_id,
        "asker_since": write_time(mine.since),
        "asker_until": write_time(mine.until),
        "other": theirs.person,
        "other_id": wanted.other_id,
        "other_since": write_time(theirs.since),
        "other_until": write_time(theirs.until),
        "reason": wanted.reason,
        "asked_at": write_time(now),
        "expires_at": write_time(wanted.expires_at),
    }
    return Swap(id=insert(db, "swaps", row), wanted=wanted, stage=Stage.ASKED)


def find(db: Database, swap_id: int) -> Swap | None:
    rows = read(db, "SELECT * FROM swaps WHERE id = ?", [swap_id])
    return next((_read(row) for row in rows), None)


def overdue(db: Database, now: datetime) -> list[Swap]:
    """Those that nobody decided in time."""
    sql = "SELECT * FROM swaps WHERE state = 'asked' AND expires_at <= ? ORDER BY id"
    return [_read(row) for row in read(db, sql, [write_time(now)])]


def is_asked(db: Database, wanted: Wanted) -> bool:
    """Whether the same two are asked about the same rota already."""
    sql = "SELECT 1 FROM swaps WHERE state = 'asked' AND rota = ? AND asker_id = ? AND other_id = ?"
    asked = [wanted.rota, wanted.asker_id, wanted.other_id]
    return db.execute(sql, asked).fetchone() is not None


def decide(db: Database, swap_id: int, stage: Stage, now: datetime) -> bool:
    """False when it was decided before."""
    sql = "UPDATE swaps SET state = ?, decided_at = ? WHERE id = ? AND state = 'asked'"
    return db.execute(sql, [stage.value, write_time(now), swap_id]).rowcount == 1


def _read(row: Mapping[str, Any]) -> Swap:
    wanted = Wanted(
        rota=row["rota"],
        asker=_shift(row, "asker"),
        asker_id=row["asker_id"],
        other=_shift(row, "other"),
        other_id=row["other_id"],
        reason=row["reason"],
        expires_at=read_time(row["expires_at"]),
    )
    return Swap(id=row["id"], wanted=wanted, stage=Stage(row["state"]))


def _shift(row: Mapping[str, Any], whose: str) -> Shift:
    since, until = read_time(row[f"{whose}_since"]), read_time(row[f"{whose}_until"])
    return Shift(person=row[whose], since=since, until=until)
