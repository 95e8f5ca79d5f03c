"""Older call volumes that a user brought in: beside what was observed, and never in its place.

They stand in the hourly roll-ups under subjects of their own, so that neither can overwrite the
other; whoever asks prefers what was observed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.store import Database
from bot.store.columns import read_time, write_time

CALLS = "calls"
PLATFORM = "imported/platform/main"
ADD = """
INSERT OR {conflict} INTO rollups (subject, metric, hour, count, total, busiest, observed, refusals)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedHour:
    """Calls of one system in the hour from `hour` (UTC), as a file told them.

    `minutes` is how many of its minutes were told one by one, 0 where only longer spans were: the
    busiest minute is then not known, and `busiest` is the average. `observed` is the share of the
    hour that the file tells of.
    """

    subject: str
    hour: datetime
    minutes: int
    calls: float
    busiest: float
    observed: float
    refusals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """A file that was taken: known again by the digest of its content. `hours` were new, of the
    time from `since` to `until` (UTC)."""

    digest: str
    at: datetime
    file: str
    rows: int
    hours: int
    since: datetime
    until: datetime


def of_system(name: str) -> str:
    """The subject of what was imported for a `[[system]]`."""
    return f"imported/system/{name.casefold()}"


def of_instance(told: str) -> str:
    """The subject of what was imported for an instance of Patchworks, told by its id or name."""
    return f"imported/instance/{told.casefold()}"


def add_hours(db: Database, hours: Iterable[ImportedHour], *, replace: bool = False) -> int:
    """Store them, and say how many; one known from before stays as it was, or is replaced."""
    rows = [
        [
            each.subject,
            CALLS,
            write_time(each.hour),
            each.minutes,
            each.calls,
            each.busiest,
            each.observed,
            each.refusals,
        ]
        for each in hours
    ]
    sql = ADD.format(conflict="REPLACE" if replace else "IGNORE")
    return db.conn.executemany(sql, rows).rowcount


def save_import(db: Database, file: ImportedFile) -> None:
    """Remember that a file was taken, the last time where it was more than once."""
    at, since, until = (write_time(each) for each in (file.at, file.since, file.until))
    row = [file.digest, at, file.file, file.rows, file.hours, since, until]
    db.execute("INSERT OR REPLACE INTO imported VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def find_import(db: Database, digest: str) -> ImportedFile | None:
    """None when no file of this content was taken yet."""
    row = db.execute("SELECT * FROM imported WHERE digest = ?", [digest]).fetchone()
    if row is None:
        return None
    digest, at, file, rows, hours, since, until = row
    return ImportedFile(
        digest=digest,
        at=read_time(at),
        file=file,
        rows=rows,
        hours=hours,
        since=read_time(since),
        until=read_time(until),
    )
