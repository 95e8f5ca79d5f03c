"""Warnings ahead of a limit: each is opened once, settled once, and kept for the track record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Literal

from bot.store import Database
from bot.store.columns import read_optional_time, read_time, write_optional_time, write_time
from bot.store.rows import read
from checks.limits import TrackRecord

Outcome = Literal["", "hit", "false", "averted", "untold", "missed"]

OPEN = """
INSERT INTO predictions (limit_id, key, system, opened_at, horizon, chance, soonest, middle, latest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
MISSED = """
INSERT INTO predictions (limit_id, key, system, opened_at, horizon, chance, settled_at, outcome,
  breached_at)
VALUES (?, ?, ?, ?, 0, 0, ?, 'missed', ?)
"""
SETTLE = """
UPDATE predictions SET outcome = ?, settled_at = ?, reason = ?, breached_at = ?
WHERE id = ? AND outcome = ''
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """A warning that a limit will be reached; times are UTC.

    `key` is that of its alert. It was opened at `opened_at` because the limit was likely (`chance`,
    0 to 1) to be reached within `horizon`, at `middle`, or else between `soonest` and `latest`.
    `outcome` is "" until it is settled: "hit", "false", "averted", "untold" (it reached nobody, and
    does not count); "missed" is a breach that no warning preceded. `breached_at` is when the limit
    was reached, None where it was not.
    """

    id: int
    limit_id: str
    key: str
    system: str
    opened_at: datetime
    horizon: timedelta
    chance: float
    soonest: datetime | None = None
    middle: datetime | None = None
    latest: datetime | None = None
    settled_at: datetime | None = None
    outcome: Outcome = ""
    reason: str = ""
    breached_at: datetime | None = None


def open_prediction(
    db: Database,
    *,
    limit_id: str,
    key: str,
    system: str,
    opened_at: datetime,
    horizon: timedelta,
    chance: float,
    soonest: datetime | None = None,
    middle: datetime | None = None,
    latest: datetime | None = None,
) -> Prediction:
    """The open prediction of this limit: a new one, or the one that stands already, as it was."""
    moments = [write_optional_time(at) for at in (soonest, middle, latest)]
    row = [limit_id, key, system, write_time(opened_at), horizon.total_seconds(), chance, *moments]
    db.execute(OPEN, row)
    return open_predictions(db)[limit_id]


def record_missed(
    db: Database, *, limit_id: str, key: str, system: str, breached_at: datetime
) -> None:
    """Count a breach that no warning preceded."""
    at = write_time(breached_at)
    db.execute(MISSED, [limit_id, key, system, at, at, at])


def settle(
    db: Database,
    prediction_id: int,
    outcome: Literal["hit", "false", "averted", "untold"],
    settled_at: datetime,
    *,
    reason: str = "",
    breached_at: datetime | None = None,
) -> bool:
    """Say how a prediction turned out; False when that was said before, which then holds.

    `breached_at` belongs to a hit, and to nothing else.
    """
    row = [outcome, write_time(settled_at), reason, write_optional_time(breached_at), prediction_id]
    return db.execute(SETTLE, row).rowcount == 1


def open_predictions(db: Database) -> dict[str, Prediction]:
    """Those not settled yet, by limit id: at most one a limit."""
    rows = read(db, "SELECT * FROM predictions WHERE outcome = '' ORDER BY id")
    return {row["limit_id"]: _read(row) for row in rows}


def settled_since(db: Database, since: datetime) -> list[Prediction]:
    """Those settled from a moment on, missed ones included, in the order in which they were."""
    sql = "SELECT * FROM predictions WHERE settled_at >= ? ORDER BY settled_at, id"
    return [_read(row) for row in read(db, sql, [write_time(since)])]


def track_record(db: Database, limit_id: str | None, since: datetime) -> TrackRecord:
    """How the warnings settled since then turned out: of one limit, or of all (None)."""
    settled = settled_since(db, since)
    return record_of((each for each in settled if limit_id in (None, each.limit_id)), since)


def record_of(settled: Iterable[Prediction], since: datetime) -> TrackRecord:
    """The record of settled warnings; for many limits at once, read `settled_since` once."""
    told = list(settled)
    counted = Counter(each.outcome for each in told)
    leads = [
        (each.breached_at - each.opened_at).total_seconds()
        for each in told
        if each.outcome == "hit" and each.breached_at is not None
    ]
    return TrackRecord(
        since=since,
        right=counted["hit"],
        false=counted["false"],
        averted=counted["averted"],
        missed=counted["missed"],
        median_lead=timedelta(seconds=median(leads)) if leads else None,
        reached_at=max((each.breached_at for each in told if each.breached_at), default=None),
    )


def _read(row: Mapping[str, Any]) -> Prediction:
    return Prediction(
        id=row["id"],
        limit_id=row["limit_id"],
        key=row["key"],
        system=row["system"],
        opened_at=read_time(row["opened_at"]),
        horizon=timedelta(seconds=row["horizon"]),
        chance=row["chance"],
        soonest=read_optional_time(row["soonest"]),
        middle=read_optional_time(row["middle"]),
        latest=read_optional_time(row["latest"]),
        settled_at=read_optional_time(row["settled_at"]),
        outcome=row["outcome"],
        reason=row["reason"],
        breached_at=read_optional_time(row["breached_at"]),
    )
