"""What systems' answers looked like: a shape a day for each list, and the newest look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.store.columns import read_json, read_time, write_json, write_time
from bot.store.rows import read
from checks.shapes.compare import ENOUGH
from checks.shapes.shape import Field, Kind, Shape, together

REMEMBERED = timedelta(days=14)
"""A shape that is older no longer says what is usual."""
SCHEMA = """
CREATE TABLE shapes (
  system TEXT NOT NULL, list TEXT NOT NULL, day TEXT NOT NULL CHECK (day LIKE '____-__-__'),
  what TEXT NOT NULL, body TEXT NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (system, list, day)
) WITHOUT ROWID;
CREATE TABLE newest_shapes (
  system TEXT NOT NULL, list TEXT NOT NULL, at TEXT NOT NULL, what TEXT NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (system, list)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one list's answers; `before` are shapes of days before that of `at`."""

    system: str
    id: str
    what: str
    at: datetime
    now: Shape
    before: tuple[Shape, ...]


def add_look(
    db: Database, system: str, list_id: str, what: str, shape: Shape, at: datetime
) -> None:
    """Keep what one look at a list saw, in the open transaction. The newest look is added to until
    it has seen enough to tell something."""
    day = write_time(at)[:10]
    known = _body(db, "shapes", system, list_id, " AND day = ?", [day])
    row = [system, list_id, day, what, _write(together(known, shape) if known else shape)]
    db.execute("INSERT OR REPLACE INTO shapes VALUES (?, ?, ?, ?, ?)", row)
    newest = _body(db, "newest_shapes", system, list_id)
    latest = together(newest, shape) if newest and not _is_whole(newest) else shape
    row = [system, list_id, write_time(at), what, _write(latest)]
    db.execute("INSERT OR REPLACE INTO newest_shapes VALUES (?, ?, ?, ?, ?)", row)


def prune(db: Database, now: datetime) -> None:
    """Forget what is too old to be usual."""
    db.execute("DELETE FROM shapes WHERE day < ?", [write_time(now - REMEMBERED)[:10]])
    db.execute("DELETE FROM newest_shapes WHERE at < ?", [write_time(now - REMEMBERED)])


def find_shapes(db: Database) -> list[Known]:
    """Every list, by system and list."""
    days: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in read(db, "SELECT system, list, day, body FROM shapes ORDER BY day"):
        days.setdefault((row["system"], row["list"]), []).append((row["day"], row["body"]))
    found = []
    for row in read(db, "SELECT * FROM newest_shapes ORDER BY system, list"):
        told = days.get((row["system"], row["list"]), [])
        before = tuple(_read(body) for day, body in told if day < row["at"][:10])
        found.append(
            Known(
                system=row["system"],
                id=row["list"],
                what=row["what"],
                at=read_time(row["at"]),
                now=_read(row["body"]),
                before=before,
            )
        )
    return found


def _is_whole(shape: Shape) -> bool:
    return any(each.of >= ENOUGH for each in shape.values())


def _body(
    db: Database,
    table: str,
    system: str,
    list_id: str,
    more: str = "",
    also: list[str] | None = None,
) -> Shape | None:
    sql = f"SELECT body FROM {table} WHERE system = ? AND list = ?{more}"  # noqa: S608 (names of this file)
    row = db.execute(sql, [system, list_id, *(also or [])]).fetchone()
    return _read(row[0]) if row else None


def _write(shape: Shape) -> str:
    return write_json({path: _told(each) for path, each in shape.items()})


def _told(each: Field) -> Mapping[str, Any]:
    told = asdict(each)
    return {name: value for name, value in told.items() if value}


def _read(body: str) -> Shape:
    told: Mapping[str, Mapping[str, Any]] = read_json(body)
    return {
        path: Field(
            of=each.get("of", 0),
            present=each.get("present", 0),
            empty=each.get("empty", 0),
            kinds={Kind(kind): number for kind, number in each.get("kinds", {}).items()},
            lengths={int(length): number for length, number in each.get("lengths", {}).items()},
        )
        for path, each in told.items()
    }
