"""Hours of the day in a zone: when work is on, when somebody wants quiet. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.incidents.local_time import first_instant, last_instant

NAMES = tuple(name.lower() for name in calendar.day_name)
DAYS = tuple(name[:3] for name in NAMES)
EVERY_DAY = frozenset(range(7))
EXPECTED = 'expected hours such as "Mon-Fri 09:00-17:30" or "22:00-07:00"'

_HOURS = re.compile(
    r"(?:([A-Za-z,-]+)\s+)?([0-2]?[0-9]):([0-5][0-9])\s*-\s*([0-2]?[0-9]):([0-5][0-9])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """From `since` to `until` by the wall clock, over midnight when `until` is not later (a whole
    day when it is the same), on days
    (0: Monday) on which it begins. Where the clock is changed they are on from the first time that
    it shows `since` to the last that it shows `until`, as the shifts of a rota are."""

    zone: ZoneInfo
    since: time
    until: time
    days: frozenset[int] = EVERY_DAY

    def hold(self, at: datetime) -> bool:
        """Whether they are on at a moment."""
        return any(since <= at < until for since, until in self._spans(at, ahead=0))

    def begin(self, after: datetime) -> datetime:
        """`after` itself while they are on, else when they begin next; UTC."""
        spans = self._spans(after)
        return next((max(since, after) for since, until in spans if until > after), after)

    def next_morning(self, after: datetime) -> datetime:
        """When they begin next, strictly after `after`, though they may be on now; UTC."""
        return next((since for since, _ in self._spans(after) if since > after), after)

    def _spans(self, at: datetime, ahead: int = 14) -> Iterator[tuple[datetime, datetime]]:
        """From when to when (UTC) they are on, from the day before `at` to so many days after."""
        today = at.astimezone(self.zone).date()
        for days in range(-1, ahead + 1):
            day = today + timedelta(days=days)
            ends = day + timedelta(days=int(self.until <= self.since))
            since = first_instant(datetime.combine(day, self.since), self.zone)
            until = last_instant(datetime.combine(ends, self.until), self.zone)
            if day.weekday() in self.days and since < until:  # not all within a gap
                yield since, until


def read_hours(text: str, zone: ZoneInfo) -> Hours:
    """`Mon-Fri 09:00-17:30`, `22:00-07:00`, `Sat,Sun 10:00-16:00`, and `00:00-24:00` for whole
    days. Raises ValueError."""
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise ValueError(EXPECTED)
    midnight = found[4] == "24" and found[5] == "00"
    if int(found[2]) > 23 or (int(found[4]) > 23 and not midnight):
        raise ValueError(EXPECTED)
    since = time(int(found[2]), int(found[3]))
    until = time(0) if midnight else time(int(found[4]), int(found[5]))
    if since == until and not midnight:
        raise ValueError(f"{EXPECTED}; these begin when they end")
    days = _days(found[1]) if found[1] else EVERY_DAY
    return Hours(zone=zone, since=since, until=until, days=days)


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        start = _day(first)
        end = _day(last) if last else start
        found |= {(start + ahead) % 7 for ahead in range((end - start) % 7 + 1)}
    return frozenset(found)


def _day(word: str) -> int:
    """ "mon", "Tues" and "mondays" are read, "Sunn" and "monthly" are not; 0 is Monday."""
    for number, name in enumerate(NAMES):
        if (len(word) > 2 and name.startswith(word)) or word == f"{name}s":
            return number
    raise ValueError(f'{EXPECTED}; "{word}" is no day of the week')
