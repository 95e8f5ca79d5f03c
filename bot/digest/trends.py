"""How it went over the last days, weeks or months: the chart of a digest, and its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from bot.costs import Prices, Reckoned, cost_between
from bot.digest.facts import Span, Step, Trend
from bot.digest.measures import Times, times
from bot.digest.period import DAY, WEEK, Form, Period
from bot.incidents.local_time import first_instant
from bot.store import Database
from bot.store.covered import share_covered
from bot.store.digest import Course, courses, failed_runs
from bot.store.run_days import share_known

DAYS, WEEKS, MONTHS = 14, 8, 6
MOSTLY = 0.75
"""The share of a time of which every start must be known for its failures, and what they cost, to
be told."""

Bounds = tuple[date, datetime, datetime]
"""The first local day of a step, and from when to when (UTC) it lasts."""


def trend_of(db: Database, period: Period, watched_since: datetime | None) -> Trend:
    """The chart: failed runs by the day, or incidents opened by the week or the month."""
    if period.form is Form.DAILY:
        steps = [
            Step(first=day, label=f"{day:%a} {day.day}", value=_failures(db, since, until))
            for day, since, until in _days(period)
        ]
        return Trend(title=f"Failed runs a day, the last {DAYS} days", steps=tuple(steps))
    bounds = list(_steps(period))
    found = courses(db, bounds[0][1], bounds[-1][2])
    steps = [
        Step(
            first=day,
            label=_label(period, day),
            value=_opened(found, since, until)
            if watched_since is not None and watched_since < until
            else None,
        )
        for day, since, until in bounds
    ]
    what = (
        f"week, the last {WEEKS} weeks"
        if period.form is Form.WEEKLY
        else f"month, the last {MONTHS} months"
    )
    return Trend(title=f"Incidents opened a {what}", steps=tuple(steps))


def spans_of(
    db: Database, period: Period, watched_since: datetime | None, prices: Prices
) -> tuple[Span, ...]:
    """The figures of each week or month that was watched, the newest last; none in a daily one."""
    if period.form is Form.DAILY or watched_since is None:
        return ()
    bounds = list(_steps(period))
    found = courses(db, bounds[0][1], bounds[-1][2])
    return tuple(
        Span(
            label=_lasting(period, day, until),
            opened=_opened(found, since, until),
            resolved=sum(_within(each.resolved_at, since, until) for each in found),
            unacknowledged=unacknowledged(found, since, until),
            acknowledging=acknowledging(found, since, until),
            resolving=resolving(found, since, until),
            cost=known_cost(db, prices, since, until),
        )
        for day, since, until in bounds
        if watched_since < until
    )


def known_cost(db: Database, prices: Prices, since: datetime, until: datetime) -> Reckoned | None:
    """What the errors of a time cost; None where no price is set, or too little of it was seen."""
    if not prices.by_flow or share_known(db, since, until) < MOSTLY:
        return None
    return cost_between(db, prices, since, until)


def acknowledging(found: Sequence[Course], since: datetime, until: datetime) -> Times | None:
    """How long the incidents first acknowledged in this time had waited for it (MTTA)."""
    return times(
        each.acknowledged_at - each.opened_at
        for each in found
        if each.acknowledged_at is not None and since <= each.acknowledged_at < until
    )


def unacknowledged(found: Sequence[Course], since: datetime, until: datetime) -> int:
    """How many of those opened in this time nobody had in hand by its end."""
    return sum(
        _within(each.opened_at, since, until)
        and not (each.acknowledged_at is not None and each.acknowledged_at < until)
        for each in found
    )


def resolving(found: Sequence[Course], since: datetime, until: datetime) -> Times | None:
    """How long those lasted that were resolved in this time (MTTR)."""
    return times(
        each.resolved_at - each.opened_at
        for each in found
        if each.resolved_at is not None and since <= each.resolved_at < until
    )


def _opened(found: Sequence[Course], since: datetime, until: datetime) -> int:
    return sum(_within(each.opened_at, since, until) for each in found)


def _within(at: datetime | None, since: datetime, until: datetime) -> bool:
    return at is not None and since <= at < until


def _failures(db: Database, since: datetime, until: datetime) -> int | None:
    known = share_covered(db, since, until) >= MOSTLY
    return failed_runs(db, since, until) if known else None


def _days(period: Period) -> Iterator[Bounds]:
    """The local days before the one on which the period ends, oldest first: of 23 or 25 hours
    where the clocks are changed."""
    today = period.local(period.until).date()
    for back in range(DAYS, 0, -1):
        day = today - back * DAY
        yield day, _midnight(period, day), _midnight(period, day + DAY)


def _steps(period: Period) -> Iterator[Bounds]:
    """The weeks or months that end with the period, oldest first."""
    ends = [period.until]
    count = WEEKS if period.form is Form.WEEKLY else MONTHS
    while len(ends) <= count:
        ends.append(_step_before(period, ends[-1]))
    for since, until in zip(ends[:0:-1], ends[-2::-1], strict=True):
        yield period.local(since).date(), since, until


def _step_before(period: Period, at: datetime) -> datetime:
    if period.form is Form.WEEKLY:
        return period.earlier(at, WEEK)
    local = period.local(at)
    last = local.replace(day=1) - DAY
    return period.earlier(at, timedelta(days=local.day + last.day - min(local.day, last.day)))


def _midnight(period: Period, day: date) -> datetime:
    return first_instant(datetime.combine(day, datetime.min.time()), period.zone)


def _label(period: Period, day: date) -> str:
    """A month that begins within one of the calendar is called by its first day, like a week."""
    return f"{day:%b %Y}" if _is_of_the_calendar(period, day) else f"{day.day} {day:%b}"


def _lasting(period: Period, day: date, until: datetime) -> str:
    label = _label(period, day)
    if period.form is Form.WEEKLY or _is_of_the_calendar(period, day):
        return label
    end = period.local(until).date()
    return f"{label} to {end.day} {end:%b}"


def _is_of_the_calendar(period: Period, day: date) -> bool:
    """One up to now, asked for on a first, ends with hours of the month that has just begun."""
    return period.form is Form.MONTHLY and day.day == 1 and not period.up_to_now
