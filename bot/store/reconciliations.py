"""What comparisons found: a row for each pairing and period, and its differences one by one.

What is known of a period is that of its newest look. The differences of a look are written in
short transactions before the look itself is kept; until then they are nobody's, and are dropped.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.store.columns import (
    read_json,
    read_optional_time,
    read_time,
    write_json,
    write_optional_time,
    write_time,
)
from bot.store.followed import course_columns, read_courses
from bot.store.look_rows import read_look, write_look
from bot.store.rows import insert, read
from checks.reconcile.evidence import Compared, Differing
from checks.reconcile.model import KEY, Difference, DifferenceKind, Doubt, Standing
from checks.reconcile.showing import Keys, show_key

SCHEMA = """
CREATE TABLE reconciliations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  pair TEXT NOT NULL, entity TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
  since TEXT NOT NULL, until TEXT NOT NULL CHECK (since < until),
  first_at TEXT NOT NULL, looked_at TEXT, looks INTEGER NOT NULL DEFAULT 0,
  standing TEXT NOT NULL CHECK (standing IN ('same', 'different', 'unsure')),
  source_records INTEGER NOT NULL DEFAULT 0, target_records INTEGER NOT NULL DEFAULT 0,
  differing INTEGER NOT NULL DEFAULT 0, doubtful INTEGER NOT NULL DEFAULT 0,
  presence_only INTEGER NOT NULL DEFAULT 0,
  found TEXT NOT NULL DEFAULT '[]', totals TEXT NOT NULL DEFAULT '[]',
  doubts TEXT NOT NULL DEFAULT '[]', notes TEXT NOT NULL DEFAULT '[]',
  blind TEXT NOT NULL DEFAULT '', blind_at TEXT,
  batch INTEGER NOT NULL DEFAULT 0, fingerprint TEXT NOT NULL DEFAULT '',
  told TEXT NOT NULL DEFAULT '', was_troubled INTEGER NOT NULL DEFAULT 0,
  UNIQUE (pair, entity, since)
);
CREATE INDEX reconciliations_until ON reconciliations (until);
CREATE TABLE differences (
  reconciliation_id INTEGER NOT NULL REFERENCES reconciliations (id), batch INTEGER NOT NULL,
  number INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
  held_digest TEXT NOT NULL, field TEXT NOT NULL, source_value TEXT, target_value TEXT,
  doubt TEXT NOT NULL,
  PRIMARY KEY (reconciliation_id, batch, number)
) WITHOUT ROWID;
CREATE INDEX differences_digest ON differences (digest);
CREATE INDEX differences_held_digest ON differences (held_digest) WHERE held_digest <> '';
CREATE TABLE difference_salt (id INTEGER PRIMARY KEY CHECK (id = 1), salt BLOB NOT NULL);
"""

AT_ONCE = 2000
"""So many differences are deleted in one transaction, so that nobody waits for long."""
NEWEST = """
SELECT * FROM reconciliations AS r WHERE until >= :since AND looks > 0 AND (
  was_troubled OR until = (SELECT max(until) FROM reconciliations WHERE pair = r.pair))
ORDER BY pair, since
"""
OPEN_KEYS = """
SELECT reconciliation_id, batch, number, key, field, source_value, target_value FROM differences
WHERE key <> '' AND (:none OR key NOT GLOB '[*]*') LIMIT :most
"""
SHOW = """
UPDATE differences SET key = ?, source_value = ?, target_value = ?
WHERE reconciliation_id = ? AND batch = ? AND number = ?
"""
OLD = """
SELECT id FROM reconciliations AS r WHERE until < ?
  AND EXISTS (SELECT 1 FROM differences WHERE reconciliation_id = r.id) LIMIT 1
"""
SOME = """
DELETE FROM differences WHERE reconciliation_id = :id AND (batch, number) IN (
  SELECT batch, number FROM differences
  WHERE reconciliation_id = :id AND batch <> :but AND (made_good_at IS NULL OR :but = 0)
  LIMIT :most)
"""
BY_KIND = """
SELECT kind, key, field, source_value, target_value, doubt FROM differences
WHERE reconciliation_id = ? AND batch = ? AND kind = ? AND (doubt = 'NOTHING' OR NOT ?)
ORDER BY length(key), key, field
"""
BETWEEN = """
SELECT * FROM reconciliations WHERE looks > 0 AND (
  first_at >= :since AND first_at < :until
  OR differed_at IS NOT NULL AND EXISTS (
    SELECT 1 FROM json_each(courses) AS c WHERE
      json_extract(c.value, '$.found_at') >= :since
        AND json_extract(c.value, '$.found_at') < :until
      OR json_extract(c.value, '$.made_good_at') >= :since
        AND json_extract(c.value, '$.made_good_at') < :until))
ORDER BY pair, since
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A period as it is known. `fingerprint` stands for what surely differs, `told` for what of it
    was told in the thread of its incident; `looks` is how often it was looked at, blind or not."""

    compared: Compared
    first_at: datetime
    looks: int
    batch: int
    fingerprint: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A difference as it is written: the key as it may be shown, and digests to find it by; the
    second one where a key itself differs."""

    difference: Difference
    digest: str
    held_digest: str = ""


def salt(db: Database) -> bytes:
    """What makes digests of keys worthless elsewhere; made once. Inside a write transaction."""
    insert(db, "difference_salt", {"id": 1, "salt": secrets.token_bytes(16)}, ignore=True)
    return known_salt(db) or b""


def known_salt(db: Database) -> bytes | None:
    row = db.execute("SELECT salt FROM difference_salt WHERE id = 1").fetchone()
    return bytes(row[0]) if row else None


def begin(db: Database, compared: Compared, now: datetime) -> Kept:
    """The row of a period, new where there is none. Inside a write transaction."""
    row = {
        "pair": compared.pair,
        "entity": compared.entity,
        "source": compared.source,
        "target": compared.target,
        "since": write_time(compared.since),
        "until": write_time(compared.until),
        "first_at": write_time(now),
        "standing": Standing.UNSURE.value,
    }
    insert(db, "reconciliations", row, ignore=True)
    sql = "SELECT * FROM reconciliations WHERE pair = ? AND entity = ? AND since = ?"
    return _kept(next(read(db, sql, [row["pair"], row["entity"], row["since"]])))


def add(db: Database, number: int, batch: int, first: int, rows: Sequence[Written]) -> None:
    """Differences of a look that is under way, numbered from `first` on."""
    db.conn.executemany(
        "INSERT INTO differences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
        [_columns(number, batch, first + place, each) for place, each in enumerate(rows)],
    )


def drop_some(db: Database, number: int, but: int = 0) -> int:
    """Delete some differences of a period that are of other looks than this one; how many. What was
    made good stays; without `but` all of them go."""
    return db.execute(SOME, {"id": number, "but": but, "most": AT_ONCE}).rowcount


def keep(db: Database, compared: Compared, batch: int, fingerprint: str) -> None:
    """What a look found, in place of what the one before it did."""
    row = {
        "source": compared.source,
        "target": compared.target,
        "until": write_time(compared.until),
        "looked_at": write_optional_time(compared.looked_at),
        "standing": compared.standing.value,
        "source_records": compared.source_records,
        "target_records": compared.target_records,
        "differing": compared.differing,
        "doubtful": compared.doubtful,
        "presence_only": compared.presence_only,
        "found": write_json([asdict(each) for each in compared.found]),
        "totals": write_json([write_look(each) for each in compared.looks]),
        "doubts": write_json(compared.doubts),
        "notes": write_json(compared.notes),
        "blind": "",
        "blind_at": None,
        "batch": batch,
        "fingerprint": fingerprint,
        **course_columns(compared),
    }
    _set(db, compared.id, row, troubled=compared.standing is not Standing.SAME)


def keep_blind(db: Database, number: int, why: str, now: datetime) -> None:
    """That a look failed; what the one before it found stays."""
    _set(db, number, {"blind": why, "blind_at": write_time(now)}, troubled=True)


def keep_told(db: Database, number: int, fingerprint: str) -> None:
    db.execute("UPDATE reconciliations SET told = ? WHERE id = ?", [fingerprint, number])


def find(db: Database, number: int) -> Kept | None:
    sql = "SELECT * FROM reconciliations WHERE id = ?"
    return next(map(_kept, read(db, sql, [number])), None)


def newest(db: Database, since: datetime) -> list[Kept]:
    """Of the periods that end after `since`: the newest of each pairing, and those that were ever
    not found whole."""
    return [_kept(row) for row in read(db, NEWEST, {"since": write_time(since)})]


def of_pair(db: Database, pair: str, most: int) -> list[Kept]:
    """The newest periods of a pairing, the newest first."""
    sql = "SELECT * FROM reconciliations WHERE pair = ? AND looks > 0 ORDER BY since DESC LIMIT ?"
    return [_kept(row) for row in read(db, sql, [pair, most])]


def unsettled(db: Database, pair: str, entity: str, since: datetime) -> list[Kept]:
    """Periods of a pairing that end after `since` and are not known to be whole, the oldest
    first."""
    sql = (
        "SELECT * FROM reconciliations WHERE pair = ? AND entity = ? AND until >= ?"
        " AND (standing <> 'same' OR blind <> '') ORDER BY since"
    )
    return [_kept(row) for row in read(db, sql, [pair, entity, write_time(since)])]


def done_until(db: Database, pair: str, entity: str) -> datetime | None:
    """The end of the newest period that was looked at, or tried to be."""
    sql = "SELECT max(until) FROM reconciliations WHERE pair = ? AND entity = ?"
    return read_optional_time(db.execute(sql, [pair, entity]).fetchone()[0])


def looked_until(db: Database, pair: str, entity: str) -> datetime | None:
    """The end of the newest period of which a look has ended, blind or not."""
    sql = "SELECT max(until) FROM reconciliations WHERE pair = ? AND entity = ? AND looks > 0"
    return read_optional_time(db.execute(sql, [pair, entity]).fetchone()[0])


def between(db: Database, since: datetime, until: datetime) -> list[Kept]:
    """The periods that were first looked at in this time, or found to differ, or made good."""
    asked = {"since": write_time(since), "until": write_time(until)}
    return [_kept(row) for row in read(db, BETWEEN, asked)]


def pairs(db: Database) -> list[str]:
    """The names of the pairings of which anything is known."""
    return [row[0] for row in db.execute("SELECT DISTINCT pair FROM reconciliations ORDER BY 1")]


def differences(db: Database, kept: Kept, *, sure: bool = False) -> Iterator[Difference]:
    """The differences of a period, or the sure ones alone, with the keys as they might be shown
    when they were found: the gravest kind first, each kind by its keys. Take no more than are
    wanted."""
    for kind in DifferenceKind:
        asked = [kept.compared.id, kept.batch, kind.value, sure]
        for row in db.execute(BY_KIND, asked):
            yield _difference(*row)


def forget_keys(db: Database, digests: Collection[str]) -> int:
    """Delete all that is known of some keys; of how many differences that was."""
    named = "(SELECT value FROM json_each(:digests))"
    sql = f"DELETE FROM differences WHERE digest IN {named} OR held_digest IN {named}"  # noqa: S608 (made of constants)
    asked = {"digests": write_json(sorted(digests))}
    return db.execute(sql, asked).rowcount


def mask_keys(db: Database, how: Keys) -> int:
    """Have some keys stand there only as they may be shown; of how many differences that was."""
    asked = {"none": how is Keys.NONE, "most": AT_ONCE}
    rows = db.execute(OPEN_KEYS, asked).fetchall() if how is not Keys.FULL else []
    for number, batch, place, key, field, source, target in rows:
        told = [source, target]
        if field == KEY:
            told = [each and show_key(each, how) for each in told]
        db.execute(SHOW, [show_key(key, how), *told, number, batch, place])
    return len(rows)


def find_old(db: Database, before: datetime) -> int | None:
    """A period that ended before this and still has differences."""
    row = db.execute(OLD, [write_time(before)]).fetchone()
    return int(row[0]) if row else None


def prune_periods(db: Database, before: datetime) -> None:
    """Forget the periods themselves, once they have no differences any more."""
    sql = (
        "DELETE FROM reconciliations WHERE until < ? AND NOT EXISTS"
        " (SELECT 1 FROM differences WHERE reconciliation_id = reconciliations.id)"
    )
    db.execute(sql, [write_time(before)])


def _set(db: Database, number: int, row: dict[str, Any], *, troubled: bool) -> None:
    values = ", ".join(f"{name} = ?" for name in row)
    sql = (
        f"UPDATE reconciliations SET {values}, looks = looks + 1,"  # noqa: S608 (names of this file)
        " was_troubled = max(was_troubled, ?) WHERE id = ?"
    )
    db.execute(sql, [*row.values(), int(troubled), number])


def _columns(number: int, batch: int, place: int, each: Written) -> tuple[Any, ...]:
    told = each.difference
    return (
        number,
        batch,
        place,
        told.kind.value,
        told.key,
        each.digest,
        each.held_digest,
        told.field,
        told.source_value,
        told.target_value,
        told.doubt.name,
    )


def _difference(
    kind: str, key: str, field: str, source: str | None, target: str | None, doubt: str
) -> Difference:
    return Difference(
        kind=DifferenceKind(kind),
        key=key,
        field=field,
        source_value=source,
        target_value=target,
        doubt=Doubt[doubt],
    )


def _kept(row: dict[str, Any]) -> Kept:
    return Kept(
        compared=_compared(row),
        first_at=read_time(row["first_at"]),
        looks=row["looks"],
        batch=row["batch"],
        fingerprint=row["fingerprint"],
        told=row["told"],
    )


def _compared(row: dict[str, Any]) -> Compared:
    return Compared(
        id=row["id"],
        pair=row["pair"],
        entity=row["entity"],
        source=row["source"],
        target=row["target"],
        since=read_time(row["since"]),
        until=read_time(row["until"]),
        looked_at=read_optional_time(row["looked_at"]),
        standing=Standing(row["standing"]),
        source_records=row["source_records"],
        target_records=row["target_records"],
        differing=row["differing"],
        doubtful=row["doubtful"],
        found=tuple(
            Differing(**each | {"kind": DifferenceKind(each["kind"])})
            for each in read_json(row["found"])
        ),
        looks=tuple(map(read_look, read_json(row["totals"]))),
        doubts=tuple(read_json(row["doubts"])),
        notes=tuple(read_json(row["notes"])),
        presence_only=row["presence_only"],
        blind=row["blind"],
        blind_at=read_optional_time(row["blind_at"]),
        courses=read_courses(row["courses"]),
    )
