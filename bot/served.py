"""How flows served: of late from their single runs, before that from the days that are kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.store import Database, service
from checks.promises.model import Served
from checks.promises.serving import served, together

DAY, WEEK = timedelta(days=1), timedelta(days=7)
WEEKS_BEFORE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a flow served in the last seven days and today (UTC), and in each of the four weeks
    before, the newest first; None where nothing is kept. Times are those of the runs alone;
    `from_queue` is the last day with the time in the queue, None where that is not asked for."""

    week: Served
    weeks: tuple[Served | None, ...] = ()
    from_queue: Served | None = None


def service_of(db: Database, flow_id: str, now: datetime, *, from_queue: bool) -> Service:
    begun = _day_of(now) - WEEK
    earlier = (
        service.days(db, flow_id, begun - (n + 1) * WEEK, begun - n * WEEK)
        for n in range(WEEKS_BEFORE)
    )
    queued = served_since(db, flow_id, now - DAY, now, from_queue=True) if from_queue else None
    return Service(week=_week(db, flow_id, begun, now), weeks=tuple(earlier), from_queue=queued)


def _week(db: Database, flow_id: str, begun: datetime, now: datetime) -> Served:
    """By the day where days have been counted: a busy flow has ten thousand runs in a week."""
    parts = []
    while begun < now:
        counted = service.days(db, flow_id, begun, begun + DAY)
        until = min(begun + DAY, now)
        parts.append(counted or service.tally(db, flow_id, begun, until))
        begun += DAY
    return together(parts)


def before(db: Database, flow_id: str, until: datetime, *, from_queue: bool) -> Served | None:
    """How a flow served in the four weeks before; None where nothing is kept of them.

    Waits in the queue are kept with single runs only, and not for so long: where they count, times
    are those of what is left of them.
    """
    since = _day_of(until) - WEEKS_BEFORE * WEEK
    found = service.days(db, flow_id, since, _day_of(until))
    if not from_queue:
        return found
    waits = service.waited(db, flow_id, since, until)
    with_waits = served(service.went(db, flow_id, since, until), waits, until)
    return replace(found or with_waits, seconds=with_waits.seconds)


def served_since(
    db: Database, flow_id: str, since: datetime, now: datetime, *, from_queue: bool
) -> Served:
    """How a flow has served since, from its single runs."""
    if not from_queue:
        return service.tally(db, flow_id, since, now)
    waits = service.waited(db, flow_id, since, now)
    return served(service.went(db, flow_id, since, now), waits, now)


def _day_of(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
