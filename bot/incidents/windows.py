"""When maintenance is on: once, on days of the week by the wall clock, or by a cron expression.

A recurring window belongs to the calendar of its zone, not to UTC: one from 01:00 to 05:00 is that
on every night, though it lasts an hour less or more when the clocks are changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from bot.incidents.hours import Hours
from bot.incidents.local_time import first_instant, last_instant, wall_of

Span = tuple[datetime, datetime]
"""From when until when, UTC; the end is not in it."""

SECOND = timedelta(seconds=1)
LONGEST_CRON = timedelta(hours=24)
LONGEST_CHANGE = timedelta(hours=3)
WEEK_DAYS = 8


class Window(Protocol):
    """Something that is on at times; a value that can be compared and hashed."""

    def __hash__(self) -> int: ...

    def under_way(self, at: datetime) -> Span | None:
        """The occurrence that is on at a moment, the longest-lasting where several are."""

    def coming(self, after: datetime) -> Span | None:
        """The first one that begins after a moment; None when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """From `since` until `until`, UTC."""

    since: datetime
    until: datetime

    def under_way(self, at: datetime) -> Span | None:
        return (self.since, self.until) if self.since <= at < self.until else None

    def coming(self, after: datetime) -> Span | None:
        return (self.since, self.until) if after < self.since else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """At these hours of the wall clock, on the days on which they begin.

    A time that the clocks skip is the first instant after the gap; of a time that they show twice
    the beginning is the first and the end the last.
    """

    hours: Hours

    def under_way(self, at: datetime) -> Span | None:
        on = [span for span in self._near(at, -2, 1) if span[0] <= at < span[1]]
        return max(on, key=lambda span: span[1], default=None)

    def coming(self, after: datetime) -> Span | None:
        ahead = self._near(after, 0, WEEK_DAYS + 7)
        return next((span for span in ahead if span[0] > after), None)

    def _near(self, at: datetime, first: int, last: int) -> Iterator[Span]:
        """Those that begin so many days from the day of `at` on, but none that a gap swallows."""
        hours = self.hours
        today = wall_of(at, hours.zone).date()
        for ahead in range(first, last + 1):
            day = today + timedelta(days=ahead)
            if day.weekday() not in hours.days:
                continue
            over_midnight = timedelta(days=int(hours.until <= hours.since))
            since = first_instant(datetime.combine(day, hours.since), hours.zone)
            until = last_instant(datetime.combine(day + over_midnight, hours.until), hours.zone)
            if since < until:
                yield since, until


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Begins when a cron expression of five fields says so, by the clocks of `zone`, and lasts for
    `length`: elapsed time, at most a day. Make it with `make_cron`, which checks both.

    A time that the clocks skip is the first instant after the gap, one that they show twice the
    first.
    """

    expression: str
    length: timedelta
    zone: ZoneInfo

    def under_way(self, at: datetime) -> Span | None:
        """The newest beginning is the longest-lasting, because all last equally long."""
        local = at.astimezone(self.zone)
        # while the clocks show an hour again, what they will show next has been shown before
        shown = wall_of(at, self.zone) + (LONGEST_CHANGE if local.fold else timedelta(0))
        for wall in CronSim(self.expression, shown + SECOND, reverse=True):
            since = first_instant(wall, self.zone)
            if since <= at:
                return (since, since + self.length) if at < since + self.length else None
        return None

    def coming(self, after: datetime) -> Span | None:
        for wall in CronSim(self.expression, wall_of(after, self.zone)):
            since = first_instant(wall, self.zone)
            if since > after:
                return since, since + self.length
        return None


def make_cron(expression: str, length: timedelta, zone: ZoneInfo) -> Cron:
    """Raises ValueError, in one sentence, for what is no such expression or lasts too long."""
    if len(expression.split()) != 5:
        raise ValueError('expected a cron expression of five fields such as "0 1 * * SUN"')
    try:
        CronSim(expression, datetime(2026, 1, 1, tzinfo=zone))
    except CronSimError as error:
        raise ValueError(f"expected a cron expression of five fields ({error})") from None
    if not timedelta(0) < length <= LONGEST_CRON:
        raise ValueError("expected a length of at most 24h")
    return Cron(expression=expression, length=length, zone=zone)
