"""Hours of calls of many subjects in one read: what forecasts are made from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.store import Database
from bot.store.columns import read_time, write_json, write_time

HOUR = timedelta(hours=1)
MOSTLY = 0.75
"""The share of an hour that must have been observed for the hour to count as known."""

# Worked out by SQLite: some months of a large estate are a million hours.
HOURS = """
SELECT subject, hour, (total + refusals) / observed, CASE WHEN count > 0 THEN busiest END
FROM json_each(:subjects) AS wanted CROSS JOIN rollups
WHERE subject = wanted.value AND metric IN ('calls', 'operations') AND observed >= :mostly
"""
SPAN = "AND hour >= :since AND hour < :until"
SINGLE = "AND hour IN (SELECT value FROM json_each(:hours))"

KnownHour = tuple[int, float, float | None]
"""The hour, counted from a first one; what was attempted in it; its busiest minute, None where
the minutes are not known."""


def known_hours(
    db: Database,
    subjects: Collection[str],
    since: datetime,
    until: datetime,
    only: Collection[datetime] | None = None,
) -> dict[str, list[KnownHour]]:
    """Calls (of the platform: operations) attempted in the hours from `since` up to `until`, whole
    hours of UTC, or of `only` some of them, by subject. Hours are counted from `since`; what is not
    known is not there.

    Attempts are calls and refusals. A refused run counts once, however often it tried, so that they
    are no fewer than this. An hour of which some was not observed is made whole by its average; one
    of which more than a quarter was not is left out.
    """
    arguments: dict[str, object] = {"subjects": write_json(sorted(subjects)), "mostly": MOSTLY}
    if only is None:
        arguments |= {"since": write_time(since), "until": write_time(until)}
    else:
        arguments["hours"] = write_json(sorted(map(write_time, only)))
    hours = (since + n * HOUR for n in range((until - since) // HOUR)) if only is None else only
    places = {write_time(hour): (hour - since) // HOUR for hour in hours}
    found: dict[str, list[KnownHour]] = {}
    rows = db.execute(HOURS + (SPAN if only is None else SINGLE), arguments)
    for subject, hour, attempts, busiest in rows:
        found.setdefault(subject, []).append((places[hour], attempts, busiest))
    return found


def changed_hours(db: Database, version: int) -> tuple[int, list[datetime]]:
    """The hours of which other calls have become known after a version, and the version of now.

    Version 0 is before the first of all; hours stored before versions were counted are not told.
    """
    sql = "SELECT version, hour FROM changed_hours WHERE version > ? ORDER BY version"
    rows = db.execute(sql, [version]).fetchall()
    return (rows[-1][0] if rows else version), [read_time(hour) for _, hour in rows]
