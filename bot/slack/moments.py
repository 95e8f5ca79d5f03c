"""Reads times as people type them: "18:00", "tomorrow 9:00", "2h", "until 09:00", dates.

What is typed is read by the clocks of a zone that the caller names. Nothing is guessed: what cannot
be read is refused, and whoever uses this says in its answer which moment was understood.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.incidents.local_time import first_instant, wall_of
from checks.durations import say_duration

HOW = "Times are told as `18:00`, `tomorrow 9:00`, `Friday 9:00`, `2026-11-27 18:00` or `2h`."
PAST = "That time is over already."
FAR = "That is more than a year away."
FARTHEST = timedelta(days=370)
OVERNIGHT = timedelta(hours=16)
"""From 18:00 to 10:00 is a night; from 18:00 to 17:00 is more likely a slip of the finger."""
BACKWARDS = "That would be {lasts}, until {day}. If you mean it, say `to {day} {clock}`."
MOST_WORDS = 6

_LENGTH = re.compile(
    r"(?:(?:^| |(?<=[a-z]))(?:and )?\d{1,5}(?:\.\d{1,2})? ?"
    r"(?:weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m)(?![a-z]))+"
)
_PART = re.compile(r"(\d+(?:\.\d+)?) ?([wdhm])")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d\d)(?::00)?)? ?([ap]m)?")
_DATE = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})(?: (\d{4}))?")
_AMERICAN = re.compile(r"([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_ISO_T = re.compile(r"(?<=\d)[Tt](?=\d\d:)")
_RANGE = re.compile(r"((?:from +)?\d{1,2}[:.]\d\d) ?[-\u2013] ?(?=\d)", re.IGNORECASE)
_NAMED = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_NEAR = {"today": 0, "tonight": 0, "tomorrow": 1}
_WEEKDAYS = [name.lower() for name in calendar.day_name]
_MONTHS = [name.lower() for name in calendar.month_name]
_ENDS = ("to", "until", "till", "-", "\u2013")


class NotAMoment(ValueError):
    """What was typed tells no time; the message is a sentence for a person, safe to show."""


class Doubtful(NotAMoment):
    """It tells a time, but hardly the one that was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when until when (UTC), and the words that were typed after it."""

    since: datetime
    until: datetime
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Reads words by the clocks of a zone; the next such time is the first one after `after`."""

    now: datetime
    zone: ZoneInfo
    after: datetime

    def take(self, words: Sequence[str]) -> tuple[datetime, Sequence[str]] | None:
        """The moment that the longest beginning of the words tells, and the words after it."""
        for many in range(min(len(words), MOST_WORDS), 0, -1):
            if (found := self.read(words[:many])) is not None:
                return found, words[many:]
        return None

    def read(self, words: Sequence[str]) -> datetime | None:
        """The moment that all of the words tell; None when they tell none."""
        told = [word.lower().rstrip(",;") for word in words]
        if not told:
            return None
        if told == ["now"]:
            return self.now
        start = told[0] in ("in", "for")
        if (length := _length(" ".join(told[start:]))) is not None:
            return self._later(length)
        for cut in range(len(told) + 1):
            days = self._days(" ".join(told[:cut]))
            clock = _clock(" ".join(told[cut:]))
            if days and (clock is not None or cut == len(told)):
                return self._first(days, clock or time(0))
        return None

    def _days(self, text: str) -> list[date]:
        """The days that are meant, soonest first; without a word the coming ones."""
        today = wall_of(self.now, self.zone).date()
        coming = wall_of(self.after, self.zone).date()
        text = text.removeprefix("on ")
        if not text:
            return _from(coming, range(3))
        if text in _NEAR:
            return _from(today, [_NEAR[text]])
        if (weekday := _index(_WEEKDAYS, text.removeprefix("next "))) is not None:
            ahead = (weekday - coming.weekday()) % 7
            return _from(coming, [ahead, ahead + 7])
        return _dates(text, today)

    def _first(self, days: Iterable[date], clock: time) -> datetime:
        moments = [first_instant(datetime.combine(day, clock), self.zone) for day in days]
        coming = [at for at in moments if at > self.after]
        if not coming:
            raise NotAMoment(PAST)
        return coming[0]

    def _later(self, length: tuple[int, timedelta]) -> datetime:
        """So many days of the calendar and then so much time after `after`."""
        days, more = length
        if timedelta(days=days) + more > FARTHEST:
            raise NotAMoment(FAR)
        if not days:
            return self.after + more
        wall = wall_of(self.after, self.zone) + timedelta(days=days)
        return first_instant(wall, self.zone) + more


def read_span(text: str, now: datetime, zone: ZoneInfo) -> Span:
    """The span that the first words tell: "from 18:00 to 22:00", "18:00-22:00", "until 9:00", "2h".

    Without a beginning it is from `now`. A span that is under way is from now as well: at 19:00,
    "18:00 to 22:00" means today's. A time of day means the next one as the clocks of `zone` show
    it, a weekday the next such day, a day without a time its first moment, and a length so long
    from then on; days and weeks are those of the calendar. A time that the clocks skip is the first
    one after the gap, one that they show twice the first.

    Raises NotAMoment when the first words tell none, one that is over, one more than a year
    away.
    """
    words = _words(_RANGE.sub(r"\1 to ", text.strip(), count=1))
    explicit = bool(words) and words[0].lower() == "from"
    if words and words[0].lower() in ("from", *_ENDS):
        return _whole(words[1:], now, zone) if explicit else _until(words[1:], now, zone)
    try:
        return _whole(words, now, zone)
    except Doubtful:
        raise
    except NotAMoment:
        return _until(words, now, zone)


def _until(words: Sequence[str], now: datetime, zone: ZoneInfo) -> Span:
    found = _Reader(now=now, zone=zone, after=now).take(words)
    if found is None:
        raise NotAMoment(HOW)
    return Span(since=now, until=_near(found[0], now), rest=" ".join(found[1]))


def _whole(words: Sequence[str], now: datetime, zone: ZoneInfo) -> Span:
    """A span with its beginning and its end: the one that began today, or else the next one."""
    midnight = wall_of(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    today = first_instant(midnight, zone) - timedelta(microseconds=1)
    span = _both(words, now, zone, today)
    if span.until <= now:
        span = _both(words, now, zone, now)
    return Span(since=max(span.since, now), until=_near(span.until, now), rest=span.rest)


def _both(words: Sequence[str], now: datetime, zone: ZoneInfo, after: datetime) -> Span:
    """The first span that begins after a moment."""
    begun = _Reader(now=now, zone=zone, after=after).take(words)
    if begun is None or not begun[1] or begun[1][0].lower() not in (*_ENDS, "for"):
        raise NotAMoment(HOW)
    ended = _Reader(now=now, zone=zone, after=begun[0]).take(begun[1][1:])
    if ended is None:
        raise NotAMoment(HOW)
    told = begun[1][1 : len(begun[1]) - len(ended[1])]
    if _clock(" ".join(told).lower()) is not None and ended[0] - begun[0] > OVERNIGHT:
        raise _backwards(begun[0], ended[0], zone)
    return Span(since=begun[0], until=ended[0], rest=" ".join(ended[1]))


def _backwards(since: datetime, until: datetime, zone: ZoneInfo) -> Doubtful:
    ends = wall_of(until, zone)
    lasts = say_duration(until - since)
    return Doubtful(BACKWARDS.format(lasts=lasts, day=f"{ends:%A}", clock=f"{ends:%H:%M}"))


def _words(text: str) -> list[str]:
    return _ISO_T.sub(" ", text).split()


def _near(at: datetime, now: datetime) -> datetime:
    if at - now > FARTHEST:
        raise NotAMoment(FAR)
    return at


def _length(text: str) -> tuple[int, timedelta] | None:
    """Days of the calendar, and hours and minutes: "1d 2h", "90m", "1.5 hours", "1h30m"."""
    if not _LENGTH.fullmatch(text):
        return None
    sums = dict.fromkeys("wdhm", 0.0)
    for amount, unit in _PART.findall(text):
        sums[unit] += float(amount)
    days = sums["w"] * 7 + sums["d"]
    more = timedelta(days=days % 1, hours=sums["h"], minutes=sums["m"])
    return (int(days), more) if days or more else None


def _clock(text: str) -> time | None:
    """ "18:00", "6 pm", "at 9"; a bare number only after "at", because it may begin a reason."""
    bare = text.startswith("at ")
    text = text.removeprefix("at ")
    if text in _NAMED:
        return _NAMED[text]
    found = _CLOCK.fullmatch(text)
    if found is None or not (bare or found[2] or found[3]):
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        hour = hour % 12 + (12 if found[3] == "pm" else 0) if 1 <= hour <= 12 else 24
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _dates(text: str, today: date) -> list[date]:
    """The day that a date tells; without a year this year's and the next one's."""
    try:
        if _ISO.fullmatch(text):
            return [date.fromisoformat(text)]
        if found := _DATE.fullmatch(text):
            day, name, year = found[1], found[2], found[3]
        elif found := _AMERICAN.fullmatch(text):
            name, day, year = found[1], found[2], found[3]
        else:
            return []
        if (month := _index(_MONTHS, name)) is None:
            return []
        years = [int(year)] if year else [today.year, today.year + 1]
        return [date(each, month, int(day)) for each in years]
    except ValueError:
        return []


def _index(names: Sequence[str], word: str) -> int | None:
    """Which of the names begins with these three letters or more."""
    found = [place for place, name in enumerate(names) if len(word) > 2 and name.startswith(word)]
    return found[0] if found else None


def _from(day: date, ahead: Iterable[int]) -> list[date]:
    return [day + timedelta(days=each) for each in ahead]
