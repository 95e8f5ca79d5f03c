"""Wall clocks and instants: what a local time means where the clock is changed.

A time that the clock skips means the first instant after the gap. A time that it shows twice has a
first and a last occurrence: a shift starts at the first and ends at the last, so that two people
overlap and nobody is missing, as GoAlert does (https://github.com/target/goalert/pull/1252).
Everything else takes the first.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


@lru_cache(maxsize=8192)
def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When (UTC) the clocks of `zone` first show `wall`, which has no zone of its own."""
    earlier, later = _both(wall, zone)
    return earlier if earlier <= later else _end_of_gap(later, earlier, zone)


@lru_cache(maxsize=8192)
def last_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When (UTC) the clocks of `zone` last show `wall`, which has no zone of its own."""
    earlier, later = _both(wall, zone)
    return later if earlier <= later else _end_of_gap(later, earlier, zone)


def wall_of(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of `zone` show at an instant, without a zone."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _both(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """By the offset from before a change, and by the one from after it; the same without one.

    In a gap the second is before the first: https://peps.python.org/pep-0495/
    """
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return before, after


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant of the change, which lies after `before` and not after `after`."""
    old = before.astimezone(zone).utcoffset()
    low, high = 0, -(-(after - before) // SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * SECOND).astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return (before + high * SECOND).replace(microsecond=0)
