"""Series of what was called, put together from observed and imported hours and kept in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

import numpy as np

from bot.store import Database
from bot.store.call_hours import KnownHour, changed_hours, known_hours
from bot.store.readings import hour_of
from forecasting.series import Amounts, Series

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HISTORY = timedelta(days=84)
"""Twelve weeks: of older ones a forecast learns nothing more."""
RATIO_NEEDS = 24
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the calls of a series stand: the sum over `parts`, each a row of subjects of which the
    first that is known counts. `whole` is a subject for all of them, asked where a part was not
    observed; it goes before what was imported for the parts."""

    parts: tuple[tuple[str, ...], ...] = ()
    whole: str = ""

    @property
    def subjects(self) -> frozenset[str]:
        return frozenset({self.whole, *(each for part in self.parts for each in part)} - {""})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hours:
    """Attempts by the hour, and the busiest minute of each; NaN where not known."""

    attempts: Amounts
    busiest: Amounts


class CallHistory:
    """The last twelve weeks of any number of subjects, read once; then what has changed is.

    Not for several threads at a time.
    """

    def __init__(self) -> None:
        self._start = self._until = NEVER
        self._version = 0
        self._asked: frozenset[str] = frozenset()
        self._hours: dict[str, Hours] = {}
        self._series: dict[tuple[object, ...], Series | None] = {}

    def refresh(self, db: Database, sources: Iterable[Source], now: datetime) -> None:
        """Bring everything up to the last hour that is over at `now` (UTC), in one read."""
        until = hour_of(now)
        asked = self._asked.union(*(source.subjects for source in sources))
        before, version = self._until, self._version
        self._version, changed = changed_hours(db, version)
        if asked != self._asked or not before <= until < before + HISTORY:
            self._asked, self._hours, self._series = asked, {}, {}
            self._start, self._until = until - HISTORY, until
            self._put(known_hours(db, asked, self._start, until))
            return
        self._move(until)
        hours = {each for each in changed if self._start <= each < until}
        hours |= {before + n * HOUR for n in range((until - before) // HOUR)}
        if hours:
            self._series = {}
            self._unlearn(hours)
            self._put(known_hours(db, asked, self._start, until, hours))

    def series(self, name: str, source: Source, width: timedelta, zone: ZoneInfo) -> Series | None:
        """What the busiest window of `width` (a minute to an hour) of each hour held; None where
        nothing is known.

        An hour is all of its calls, a minute the busiest one. In between it is no less than either
        the busiest minute or the window's share of the hour, and that is what is taken: what a
        burst of some minutes held is not known.
        """
        key = (name, source, width, zone)
        if key not in self._series:
            self._series[key] = self._make(name, source, width, zone)
        return self._series[key]

    def _make(self, name: str, source: Source, width: timedelta, zone: ZoneInfo) -> Series | None:
        found = self._together(source)
        busiest = with_busiest(found)
        values = np.maximum(busiest, found.attempts * (width / HOUR))
        known = np.flatnonzero(~np.isnan(values))
        if not len(known):
            return None
        first = int(known[0])
        start = self._start + first * HOUR
        return Series(id=name, start=start, step=HOUR, values=values[first:], zone=zone)

    def _together(self, source: Source) -> Hours:
        observed = _added([self._of(part[:1]) for part in source.parts])
        filled = _added([self._of(part) for part in source.parts])
        ways = [observed, self._hours.get(source.whole), filled]
        return _first_known([way for way in ways if way is not None]) or self._nothing()

    def _of(self, subjects: Sequence[str]) -> Hours:
        kept = (self._hours[subject] for subject in subjects if subject in self._hours)
        return _first_known(list(kept)) or self._nothing()

    def _nothing(self) -> Hours:
        size = (self._until - self._start) // HOUR
        return Hours(attempts=np.full(size, np.nan), busiest=np.full(size, np.nan))

    def _move(self, until: datetime) -> None:
        """On to a new hour; of those that it brings nothing is known yet."""
        by = (until - self._until) // HOUR
        self._start, self._until = until - HISTORY, until
        for kept in self._hours.values() if by else ():
            for amounts in (kept.attempts, kept.busiest):
                amounts[:-by] = amounts[by:].copy()

    def _unlearn(self, hours: Iterable[datetime]) -> None:
        places = [(hour - self._start) // HOUR for hour in hours]
        for kept in self._hours.values():
            kept.attempts[places] = kept.busiest[places] = np.nan

    def _put(self, told: Mapping[str, Sequence[KnownHour]]) -> None:
        for subject, hours in told.items():
            kept = self._hours.setdefault(subject, self._nothing())
            rows = np.array(hours, dtype=np.float64)
            places = rows[:, 0].astype(np.intp)
            kept.attempts[places], kept.busiest[places] = rows[:, 1], rows[:, 2]


def with_busiest(hours: Hours) -> Amounts:
    """The busiest minutes, those that were not told by what they usually are of the average.

    That ratio is the median of the hours that tell theirs, and 1 where fewer than a day's do.
    """
    average = hours.attempts / 60
    told = ~np.isnan(hours.busiest) & (average > 0)
    ratio = np.median(hours.busiest[told] / average[told]) if told.sum() >= RATIO_NEEDS else 1.0
    return np.where(np.isnan(hours.busiest), average * max(1.0, float(ratio)), hours.busiest)


def _added(parts: Sequence[Hours]) -> Hours | None:
    """All of them together, known where each is. They spend one allowance, and most start by the
    clock: their busiest minutes are taken to coincide, as far as the hour's calls go."""
    if not parts:
        return None
    attempts = reduce(np.add, (part.attempts for part in parts))
    busiest = reduce(np.add, (part.busiest for part in parts))
    return Hours(attempts=attempts, busiest=np.minimum(busiest, attempts))


def _first_known(ways: Sequence[Hours]) -> Hours | None:
    """Hour by hour the first that knows it."""
    if not ways:
        return None
    found = ways[0]
    for way in ways[1:]:
        unknown = np.isnan(found.attempts)
        found = Hours(
            attempts=np.where(unknown, way.attempts, found.attempts),
            busiest=np.where(unknown, way.busiest, found.busiest),
        )
    return found
