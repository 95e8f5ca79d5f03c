"""What became of differences: since when each is there, when it was made good, and how many of each
kind a period had.

What was made good stays beside what is there, under the look that found it, as long as differences
are kept; how many there were stays as long as the period itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
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
from checks.reconcile.evidence import Compared, Course
from checks.reconcile.model import DifferenceKind

SCHEMA = """
ALTER TABLE reconciliations ADD COLUMN courses TEXT NOT NULL DEFAULT '[]';
ALTER TABLE reconciliations ADD COLUMN differed_at TEXT;
ALTER TABLE reconciliations ADD COLUMN whole_at TEXT;
ALTER TABLE differences ADD COLUMN found_at TEXT;
ALTER TABLE differences ADD COLUMN made_good_at TEXT;
CREATE INDEX differences_by_kind
  ON differences (reconciliation_id, batch, kind, length(key), key, field);
UPDATE differences SET found_at = (
  SELECT coalesce(looked_at, first_at) FROM reconciliations WHERE id = reconciliation_id)
  WHERE doubt = 'NOTHING';
UPDATE reconciliations SET differed_at = coalesce(looked_at, first_at), courses = coalesce((
    SELECT json_group_array(json_object('kind', json_extract(f.value, '$.kind'),
      'field', json_extract(f.value, '$.field'), 'most', json_extract(f.value, '$.count'),
      'found_at', coalesce(looked_at, first_at), 'last_at', coalesce(looked_at, first_at),
      'made_good_at', NULL))
    FROM json_each(found) AS f), '[]')
  WHERE standing = 'different';

DROP VIEW view_reconciliations;
CREATE VIEW view_reconciliations AS
SELECT id, pair, entity, source, target, since, until, looked_at, looks, standing, source_records,
  target_records, differing, doubtful, blind, differed_at, whole_at
FROM reconciliations;

CREATE VIEW view_reconciled_kinds AS
SELECT r.id AS reconciliation_id, coalesce(json_extract(c.value, '$.kind'), 'totals apart') AS kind,
  json_extract(c.value, '$.field') AS field, r.pair, r.entity, r.since, r.until,
  json_extract(c.value, '$.most') AS records, json_extract(c.value, '$.found_at') AS found_at,
  json_extract(c.value, '$.last_at') AS last_found_at,
  json_extract(c.value, '$.made_good_at') AS made_good_at
FROM reconciliations AS r, json_each(r.courses) AS c;

DROP VIEW view_differences;
CREATE VIEW view_differences AS
SELECT d.reconciliation_id, d.batch AS look, d.number, r.pair, r.since, d.kind, d.key, d.field,
  CASE WHEN d.field <> 'key' THEN d.source_value END AS source_value,
  CASE WHEN d.field <> 'key' THEN d.target_value END AS target_value,
  d.doubt = 'NOTHING' AS sure,
  CASE d.doubt WHEN 'CHANGED_LATELY' THEN 'it was changed so lately that it may still be on its way'
    WHEN 'SEEN_CHANGING' THEN 'it was seen with several values while the list was read'
    WHEN 'NOT_ASKED_AGAIN' THEN 'the systems were not asked for this key again'
    ELSE '' END AS why_not_sure,
  d.found_at, d.made_good_at
FROM differences AS d JOIN reconciliations AS r ON r.id = d.reconciliation_id
WHERE r.batch = d.batch OR d.made_good_at IS NOT NULL;
"""
AT_ONCE = 2000
SAME_DIFFERENCE = """
other.digest = differences.digest AND other.reconciliation_id = :number
  AND other.kind = differences.kind AND other.field = differences.field
"""
GROW_OLD = f"""
UPDATE differences SET found_at = coalesce(
  (SELECT min(other.found_at) FROM differences AS other
    WHERE other.batch = :before AND {SAME_DIFFERENCE}),
  CASE doubt WHEN 'NOTHING' THEN :at END)
WHERE reconciliation_id = :number AND batch = :batch AND number >= :first AND number < :end
"""  # noqa: S608 (made of constants)
MAKE_GOOD = f"""
UPDATE differences SET made_good_at = CASE WHEN NOT EXISTS (
  SELECT 1 FROM differences AS other WHERE other.batch = :batch AND {SAME_DIFFERENCE}) THEN :at END
WHERE reconciliation_id = :number AND batch = :before AND number >= :first AND number < :end
  AND found_at IS NOT NULL
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Two looks at one period: the last that counted, and a new one, at that time (UTC)."""

    number: int
    before: int
    batch: int
    at: datetime


def grow_old(db: Database, looks: Looks, first: int) -> None:
    """Some of what the new look wrote down, from number `first` on: found when it was found first.
    What has never been sure has no such time."""
    db.execute(GROW_OLD, _asked(looks, first))


def make_good(db: Database, looks: Looks, first: int) -> None:
    """Some of what the look before surely found: made good where the new one has it no more."""
    db.execute(MAKE_GOOD, _asked(looks, first))


def written_in(db: Database, number: int, batch: int) -> int:
    """One more than the highest number of a look's differences; 0 where it has none."""
    sql = "SELECT max(number) + 1 FROM differences WHERE reconciliation_id = ? AND batch = ?"
    return int(db.execute(sql, [number, batch]).fetchone()[0] or 0)


def keys_made_good(db: Database, numbers: Collection[int], most: int) -> list[str]:
    """The first keys of what was made good in these periods, as they might be shown when they were
    found: the gravest kind first; "" where none may be."""
    sql = (
        "SELECT key FROM differences WHERE made_good_at IS NOT NULL AND kind = ? AND"
        " reconciliation_id IN (SELECT value FROM json_each(?))"
        " GROUP BY key ORDER BY length(key), key LIMIT ?"
    )
    found: list[str] = []
    for kind in DifferenceKind:
        rows = db.execute(sql, [kind.value, write_json(sorted(numbers)), most - len(found)])
        found += [key for (key,) in rows if key not in found]
    return found


def course_columns(compared: Compared) -> dict[str, Any]:
    """What a period's row says of what it came to."""
    return {
        "courses": write_json([_written(each) for each in compared.courses]),
        "differed_at": write_optional_time(compared.differed_at),
        "whole_at": write_optional_time(compared.whole_at),
    }


def read_courses(told: str) -> tuple[Course, ...]:
    return tuple(_course(each) for each in read_json(told))


def _asked(looks: Looks, first: int) -> dict[str, Any]:
    return {
        "number": looks.number,
        "before": looks.before,
        "batch": looks.batch,
        "at": write_time(looks.at),
        "first": first,
        "end": first + AT_ONCE,
    }


def _written(course: Course) -> dict[str, Any]:
    return {
        "kind": course.kind,
        "field": course.field,
        "most": course.most,
        "found_at": write_time(course.found_at),
        "last_at": write_time(course.last_at),
        "made_good_at": write_optional_time(course.made_good_at),
    }


def _course(told: dict[str, Any]) -> Course:
    return Course(
        kind=DifferenceKind(told["kind"]) if told["kind"] is not None else None,
        field=told["field"],
        most=told["most"],
        found_at=read_time(told["found_at"]),
        last_at=read_time(told["last_at"]),
        made_good_at=read_optional_time(told["made_good_at"]),
    )
