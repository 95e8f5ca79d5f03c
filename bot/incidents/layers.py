"""One rotation of a rota: people who take turns, each turn handed over at a time on the wall.

A turn is known by its number, counted from the first one; which turn an instant falls into is
worked out directly, however long ago the rotation began.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.incidents.local_time import first_instant, last_instant, wall_of

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


class Every(StrEnum):
    """What the length of a turn is counted in."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


STEPS = {Every.HOURLY: timedelta(hours=1), Every.DAILY: DAY, Every.WEEKLY: 7 * DAY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """`members` take turns of `length` hours, days, weeks or months of the wall clock.

    The first turn begins on `start` at `handover`, which gives the weekday of weekly hand-overs,
    the day of monthly ones (the last of a month that is shorter) and the minute of hourly ones.

    `hours` (from, to) and `days` (Monday is 0) restrict when the layer is on call at all, by the
    wall clock; hours that end at or before their beginning end on the next day, and belong to the
    day on which they begin.
    """

    name: str
    members: tuple[str, ...]
    every: Every
    start: date
    handover: time
    length: int = 1
    hours: tuple[time, time] | None = None
    days: frozenset[int] | None = None

    def begins(self, turn: int) -> datetime:
        """What the wall clock shows when a turn begins, which is when the one before it ends."""
        first = datetime.combine(self.start, self.handover)
        if self.every is Every.MONTHLY:
            return _months_later(first, turn * self.length)
        return first + turn * self.length * STEPS[self.every]

    def turn_at(self, wall: datetime) -> int:
        """The number of the turn that the wall clock shows; below 0 before the first."""
        first = datetime.combine(self.start, self.handover)
        if self.every is not Every.MONTHLY:
            return (wall - first) // (self.length * STEPS[self.every])
        months = (wall.year - first.year) * 12 + wall.month - first.month
        turn = months // self.length
        return turn if self.begins(turn) <= wall else turn - 1

    def opens(self, day: date) -> tuple[datetime, datetime] | None:
        """From when to when by the wall clock it is on call on a day; None when it is not."""
        if self.days is not None and day.weekday() not in self.days:
            return None
        begin, end = self.hours or (time(0), time(0))
        return datetime.combine(day, begin), datetime.combine(day + DAY * (end <= begin), end)

    @property
    def restricted(self) -> bool:
        return self.hours is not None or self.days is not None


def holders(layer: Layer, at: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """Whose turn it is: nobody, one, or more where turns overlap in a repeated hour."""
    low, high = _shown_around(at, zone)
    if layer.restricted and not _is_open(layer, at, low, high, zone):
        return ()
    turns = range(max(0, layer.turn_at(low - TICK)), layer.turn_at(high) + 1)
    return tuple(
        layer.members[turn % len(layer.members)]
        for turn in turns
        if _covers(layer.begins(turn), layer.begins(turn + 1), at, zone)
    )


def edges(layer: Layer, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Every instant at which its holders may change between these two, and some around them."""
    low, high = wall_of(since, zone) - DAY, wall_of(until, zone) + DAY
    for turn in range(max(0, layer.turn_at(low)), layer.turn_at(high) + 2):
        wall = layer.begins(turn)
        yield first_instant(wall, zone)
        yield last_instant(wall, zone)
    if layer.restricted:
        for ahead in range((high.date() - low.date()).days + 2):
            if opened := layer.opens(low.date() + (ahead - 1) * DAY):
                yield first_instant(opened[0], zone)
                yield last_instant(opened[1], zone)


def _is_open(layer: Layer, at: datetime, low: datetime, high: datetime, zone: ZoneInfo) -> bool:
    """Hours may have begun on the day before the earliest day that the wall clock shows."""
    days = ((low.date() - DAY) + ahead * DAY for ahead in range((high - low).days + 3))
    spans = (span for day in days if (span := layer.opens(day)))
    return any(_covers(begin, end, at, zone) for begin, end in spans)


def _covers(begin: datetime, end: datetime, at: datetime, zone: ZoneInfo) -> bool:
    """From the first time that the clock shows the one to the last time that it shows the other."""
    return first_instant(begin, zone) <= at < last_instant(end, zone)


def _shown_around(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The earliest time that the wall clock will still show from now on, and the latest that it has
    shown yet: the same but for the hours around a change backwards."""
    utc = at.astimezone(UTC).replace(tzinfo=None)
    before, now, after = (_offset(at + ahead * DAY, zone) for ahead in (-1, 0, 1))
    return utc + min(now, after), utc + max(before, now)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _months_later(wall: datetime, months: int) -> datetime:
    """The same day so many months later, or the last day of that month."""
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return wall.replace(year=year, month=month + 1, day=min(wall.day, last))
