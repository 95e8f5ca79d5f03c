"""Which time a digest covers, by the clocks of its zone, and which digests are due. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.incidents.hours import EVERY_DAY
from bot.incidents.local_time import first_instant

DAY, WEEK = timedelta(days=1), timedelta(days=7)
PAST = timedelta(hours=6)
"""A daily digest is still told the day after when it is no later than this."""
LOOKED_BACK = 62  # days: no digest is further from the one before it


class Form(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """When digests are told: at `at` by the clocks of `zone`; the daily one on `days` (0: Monday),
    the weekly one on a weekday and the monthly one on a day of the month, None where there is none.
    """

    at: time
    zone: ZoneInfo
    days: frozenset[int] = EVERY_DAY
    weekly: int | None = None
    monthly: int | None = None

    def falls_on(self, form: Form, day: date) -> bool:
        match form:
            case Form.DAILY:
                return day.weekday() in self.days
            case Form.WEEKLY:
                return day.weekday() == self.weekly
            case Form.MONTHLY:
                return day.day == self.monthly

    def moment(self, day: date) -> datetime:
        """When (UTC) the digest of a local date is told."""
        return first_instant(datetime.combine(day, self.at), self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `since` up to, and without, `until` (UTC): what the digest of the local `date` tells.
    `up_to_now` says that it ends with the moment in which somebody asked."""

    form: Form
    date: date
    zone: ZoneInfo
    since: datetime
    until: datetime
    up_to_now: bool = False

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    @property
    def clock_change(self) -> timedelta:
        """How much longer it is than its clocks say: an hour where they were put back in it, minus
        an hour where they were put forward."""
        first, last = (at.astimezone(self.zone).utcoffset() for at in (self.since, self.until))
        return (first or timedelta(0)) - (last or timedelta(0))

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def before(self) -> tuple[datetime, datetime]:
        """What it is compared with: the same hours by the clock a week before, or, for a month, as
        many days before it."""
        if self.form is not Form.MONTHLY:
            return self.earlier(self.since, WEEK), self.earlier(self.until, WEEK)
        walls = self.local(self.until).replace(tzinfo=None) - self.local(self.since).replace(
            tzinfo=None
        )
        return self.earlier(self.since, walls), self.since

    def earlier(self, at: datetime, by: timedelta) -> datetime:
        """The instant at which the clocks showed so much less."""
        return first_instant(self.local(at).replace(tzinfo=None, fold=0) - by, self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The digest of a local date is due since `at` (UTC)."""

    form: Form
    date: date
    at: datetime


def due_digests(timetable: Timetable, last: datetime, now: datetime) -> list[Due]:
    """The digests due after `last` and up to `now`, in order; of several of a form, which somebody
    who was away has missed, the newest alone, because it covers the others. One of a day that is
    long over waits for the next daily one."""
    newest: dict[Form, Due] = {}
    for day in _days(timetable, max(last, now - LOOKED_BACK * DAY), now):
        at = timetable.moment(day)
        if last < at <= now:
            for form in Form:
                if timetable.falls_on(form, day):
                    newest[form] = Due(form=form, date=day, at=at)
    if (daily := newest.get(Form.DAILY)) is not None and _is_past(daily, timetable, now):
        del newest[Form.DAILY]
    return sorted(newest.values(), key=lambda due: (due.at, list(Form).index(due.form)))


def _is_past(due: Due, timetable: Timetable, now: datetime) -> bool:
    today = now.astimezone(timetable.zone).date()
    return due.date < today and now - due.at > PAST


def period_of(
    timetable: Timetable, form: Form, day: date, *, told: datetime | None = None
) -> Period:
    """What the digest of a date covers: all since the one before it, which was told at `told`, or
    else should have been."""
    until = timetable.moment(day)
    since = told if told is not None and told < until else _previous(timetable, form, day)
    return Period(form=form, date=day, zone=timetable.zone, since=since, until=until)


def ending_now(timetable: Timetable, form: Form, now: datetime) -> Period:
    """The last day, week or month by the clocks, up to now: what is told to whoever asks."""
    zone = timetable.zone
    today = now.astimezone(zone).date()
    begun = {
        Form.DAILY: today - DAY,
        Form.WEEKLY: today - WEEK,
        Form.MONTHLY: _a_month_before(today),
    }[form]
    wall = datetime.combine(begun, now.astimezone(zone).time())
    since = first_instant(wall, zone)
    return Period(form=form, date=today, zone=zone, since=since, until=now, up_to_now=True)


def _previous(timetable: Timetable, form: Form, day: date) -> datetime:
    """When the one before should have been told; a digest that has no day of its own is asked for
    by hand, and covers a day, a week, or a month."""
    if form is Form.DAILY:
        back = (day - n * DAY for n in range(1, 8))
        found = next((each for each in back if timetable.falls_on(form, each)), day - DAY)
        return timetable.moment(found)
    return timetable.moment(day - WEEK if form is Form.WEEKLY else _a_month_before(day))


def _a_month_before(day: date) -> date:
    last = day.replace(day=1) - DAY
    return last.replace(day=min(day.day, last.day))


def _days(timetable: Timetable, since: datetime, until: datetime) -> Iterator[date]:
    day, last = (at.astimezone(timetable.zone).date() for at in (since, until))
    while day <= last:
        yield day
        day += DAY
