"""Sets what each flow moved in the newest hours against its past, a small piece a round.

Of five hundred flows and four weeks all of it at once takes seconds, for which nobody who asks
should wait. So the hours are weighed once when one is over, and what is usual is learned for some
flows a round, for each of them once a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.settings import Settings
from bot.store import Database, covered, loss
from bot.store.readings import hour_of
from checks.loss.usual import (
    HOUR,
    PAST_DAYS,
    SPAN_HOURS,
    Days,
    Norm,
    Times,
    Traffic,
    Weighed,
    learn,
    times,
)
from checks.loss.usual import weigh as weigh_all
from forecasting.trading_days import Occasion, black_friday

GRACE = timedelta(minutes=5)
PIECE = 25
"""Flows that are learned anew in one round, within about a tenth of a second."""
LEARNED_FOR = timedelta(days=1)


@dataclass(slots=True)
class Weighing:
    """What was worked out so far: of the hours that `at` names, and norms with when each was
    learned."""

    at: Times | None = None
    lately: Mapping[str, Traffic] = field(default_factory=dict)
    moved: Mapping[str, Mapping[datetime, Traffic]] = field(default_factory=dict)
    norms: dict[str, Norm] = field(default_factory=dict)
    learned_at: dict[str, datetime] = field(default_factory=dict)
    weighed: Weighed | None = None


def weigh(
    db: Database, flow_ids: Iterable[str], settings: Settings, done: Weighing, now: datetime
) -> Weighed | None:
    """All hours that are over, of these flows; None before any is known.

    An hour is over when every start is known until some minutes after it. The newest hours are read
    off the runs themselves, because they may not have been rolled up yet.
    """
    reached = covered.known_until(db)
    if reached is None:
        return None
    until = hour_of(min(now, reached) - GRACE)
    at = done.at
    if fresh := at is None or at.until < until:
        at = _look(db, settings, done, until)
    if _learn(db, flow_ids, done, at) or fresh:
        done.weighed = weigh_all(done.lately, done.moved, done.norms, at)
    return done.weighed


def _look(db: Database, settings: Settings, done: Weighing, until: datetime) -> Times:
    """The hours before `until`; where more of the past became known, all norms are learned anew."""
    since = until - timedelta(days=PAST_DAYS + 1)
    watched = _watched(covered.covered(db, since, until))
    judged = until - SPAN_HOURS * HOUR
    waiting = {hour for hour in loss.stale_hours(db) if hour < judged}
    known = {hour: share for hour, share in watched.items() if hour not in waiting}
    at = times(known, until, _days(settings, until))
    if (
        done.at is None
        or len(at.learned) > len(done.at.learned) + (at.until - done.at.until) / HOUR
    ):
        done.learned_at.clear()
    done.at = at
    done.lately = loss.moved_lately(db, at.since, at.until)
    done.moved = loss.moved(db, at.kind)
    return at


def _learn(db: Database, flow_ids: Iterable[str], done: Weighing, at: Times) -> bool:
    """Learn the norms of some flows, those never learned first; whether there were any."""
    late = at.until - LEARNED_FOR
    due = [each for each in flow_ids if done.learned_at.get(each, late) <= late]
    piece = sorted(due, key=lambda each: (each in done.learned_at, each))[:PIECE]
    if not piece:
        return False
    found = loss.blocks(db, piece, at.learned)
    done.norms.update((each, learn(found.get(each, ()), at)) for each in piece)
    done.learned_at.update(dict.fromkeys(piece, at.until))
    return True


def _watched(spans: Iterable[covered.Span]) -> dict[datetime, float]:
    """The share of each hour of which every start of a run is known."""
    found: dict[datetime, float] = {}
    for span in spans:
        for hour in covered.hours_of(span):
            known = min(span.until, hour + HOUR) - max(span.since, hour)
            found[hour] = found.get(hour, 0.0) + known / HOUR
    return found


def _days(settings: Settings, until: datetime) -> Days:
    """Which local days are not as others. Less is to be expected on a holiday, and on what is
    declared to bring less; on other promotions too little is too little all the same."""
    zone = settings.estate.zone
    today = (until - HOUR).astimezone(zone).date()
    known = settings.calendar.between(today - timedelta(days=PAST_DAYS), today)
    left_out = {day for each in known for day in _dates(each)}
    quiet = (each for each in known if each.first <= today <= each.last and _is_quiet(each))
    return Days(
        zone=ZoneInfo(zone.key),
        left_out=left_out,
        closed=next((each.name for each in quiet), ""),
    )


def _is_quiet(occasion: Occasion) -> bool:
    if occasion.times is not None:
        return occasion.times < 1
    return occasion != black_friday(occasion.first.year)


def _dates(occasion: Occasion) -> Iterable[date]:
    count = (occasion.last - occasion.first).days + 1
    return (occasion.first + timedelta(days=n) for n in range(count))
