"""Rows that show what passed: tracked values and de-dupe pools, turned into our own words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from checks.patchworks_parse import plain_word
from checks.patchworks_rows import Row
from checks.runs import Direction

DIRECTIONS = {each.value: each for each in Direction}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedValue:
    """A value that a track-data step recorded, at `at` (UTC). `value` identifies a record, such as
    an order's number. `direction` and `success` are None where they were not told."""

    at: datetime
    flow_id: str
    run_id: str
    entity: str
    value: str
    direction: Direction | None
    success: bool | None = None


def read_tracked(row: Row) -> TrackedValue | None:
    """None for a row that names no value, which cannot be matched with anything."""
    value = row.text("value").strip()
    if not value:
        return None
    return TrackedValue(
        at=row.time("created_at"),
        flow_id=row.id("flow_id"),
        run_id=row.maybe_id("flow_run_id") or "",
        entity=row.maybe_id("entity_type_id") or "",
        value=value,
        direction=DIRECTIONS.get(plain_word(row.text("direction"))),
        success=row.flag("success"),
    )
