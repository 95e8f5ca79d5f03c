"""Covered spans: of which times every start of a run is known, and where the gaps are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store import Database
from bot.store.columns import read_time, write_time
from bot.store.readings import hour_of, mark_stale

HOUR = timedelta(hours=1)

COVERED = """
SELECT max(since, :since), min(until, :until) FROM covered
WHERE since < :until AND until > :since ORDER BY since
"""
TOUCHING = """
SELECT min(:since, since), max(:until, until) FROM covered
WHERE since <= :until AND until >= :since
"""
FORGET_TOUCHING = "DELETE FROM covered WHERE since <= :until AND until >= :since"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `since` up to, and without, `until`; UTC."""

    since: datetime
    until: datetime


def cover(db: Database, since: datetime, until: datetime) -> None:
    """Every run that started in this span is stored now. Spans that touch become one."""
    if since >= until:
        return
    new = _bounds(since, until)
    found = [(new["since"], new["until"]), *db.execute(TOUCHING, new)]
    db.execute(FORGET_TOUCHING, new)
    whole = [min(row[0] for row in found), max(row[1] for row in found)]
    db.execute("INSERT INTO covered VALUES (?, ?)", whole)
    mark_stale(db, hours_of(Span(since=since, until=until)))


def covered(db: Database, since: datetime, until: datetime) -> list[Span]:
    """The covered spans within these times, clipped to them, oldest first."""
    rows = db.execute(COVERED, _bounds(since, until))
    return [Span(since=read_time(row[0]), until=read_time(row[1])) for row in rows]


def gaps(db: Database, since: datetime, until: datetime) -> list[Span]:
    """What is not covered within these times, oldest first."""
    found, reached = [], since
    for span in covered(db, since, until):
        if reached < span.since:
            found.append(Span(since=reached, until=span.since))
        reached = span.until
    if reached < until:
        found.append(Span(since=reached, until=until))
    return found


def known_since(db: Database) -> datetime | None:
    """Since when runs are known without a gap until the newest look; None before the first."""
    row = db.execute("SELECT since FROM covered ORDER BY since DESC LIMIT 1").fetchone()
    return read_time(row[0]) if row else None


def known_until(db: Database) -> datetime | None:
    """Until when starts of runs are known, newest look; None before the first."""
    row = db.execute("SELECT max(until) FROM covered").fetchone()
    return read_time(row[0]) if row[0] else None


def share_covered(db: Database, since: datetime, until: datetime) -> float:
    """How much of this time is covered, 0 to 1."""
    known = sum((span.until - span.since for span in covered(db, since, until)), timedelta(0))
    return known / (until - since)


def hours_of(span: Span) -> list[datetime]:
    """The starts of all hours that a span touches."""
    first = hour_of(span.since)
    return [first + n * HOUR for n in range(-(-(span.until - first) // HOUR))]


def _bounds(since: datetime, until: datetime) -> dict[str, str]:
    return {"since": write_time(since), "until": write_time(until)}
