"""From allowances to demands: which series is set against which limit, and how.

All of it errs on the low side. What is known of a system's calls is what Patchworks' runs made:
others' are not in it, a refused run counts once, a burst inside a minute or inside a run does not
show. So a forecast may come too late, and hardly ever warns of calls that nobody makes: only where
several instances share a limit by the minute, whose busiest minutes are taken to coincide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from bot.allowances import allowances
from bot.foresight.call_history import HISTORY, HOUR, MINUTE, CallHistory
from bot.foresight.call_places import CallPlaces
from bot.store import readings
from bot.store.readings import hour_of
from bot.usage import Around
from checks.allowances.look import OWN_CALLS, kind_of
from checks.declare import CALLS, Shape, Whose
from checks.durations import write_duration
from checks.limits import Allowance
from forecasting.model import HORIZONS, Kind, Limit
from forecasting.series import Series, on_grid

DAY = timedelta(days=1)
SOON = timedelta(minutes=5)
"""A bucket that refills within this is judged by single minutes: it begins most of them full."""
COUNTED = frozenset({CALLS, "operations"})
UNTIL_RESET = frozenset({Shape.WINDOW, Shape.REMAINING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A series and a limit to be watched on it, both in calls a bin, or in the busiest minute of
    one. `allowance_id` is also the limit's id."""

    series: Series
    limit: Limit
    allowance_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A limit to be watched on the busiest window of `width` of each hour."""

    width: timedelta
    limit: Limit


def demands(
    around: Around,
    history: CallHistory | None = None,
    drawn: Sequence[Allowance] | None = None,
) -> tuple[Demand, ...]:
    """One for each allowance that can be foreseen, up to the last hour that is over.

    Never for one without a size, for one that nobody can tell the calls of, or for the bot's own
    budget. Series are kept in `history` from round to round; `drawn` are the allowances where they
    are known already.
    """
    history = CallHistory() if history is None else history
    told = allowances(around) if drawn is None else drawn
    wanted = [each for each in told if each.size and each.id != OWN_CALLS]
    places = CallPlaces(around, told)
    history.refresh(around.db, map(places.source, wanted), around.now)
    return tuple(
        found for each in wanted if (found := _demand(around, history, places, each)) is not None
    )


def _demand(
    around: Around, history: CallHistory, places: CallPlaces, allowance: Allowance
) -> Demand | None:
    if allowance.shape is Shape.POINTS:
        return _of_points(around, allowance)
    asked = _asked(around, places, allowance)
    if asked is None:
        return None
    name = f"{_owner(allowance)}/{_counted(allowance, asked.width)}"
    series = history.series(name, places.source(allowance), asked.width, around.zone)
    if series is None:
        return None
    limit = asked.limit
    if limit.kind is Kind.QUOTA:
        limit = _with_use(around, allowance, series, limit)
    return Demand(series=series, limit=limit, allowance_id=allowance.id)


def _asked(around: Around, places: CallPlaces, allowance: Allowance) -> _Asked | None:
    """How an allowance is watched; None where its calls cannot be told from others."""
    if allowance.shape is Shape.CONCURRENCY:
        return _places_taken(allowance)
    if places.counts_a_part(allowance) or allowance.unit not in COUNTED:
        return None
    if allowance.shape is Shape.LEAKY_BUCKET:
        return _bucket(places, allowance)
    return _window(allowance, hour_of(around.now)) if allowance.per else None


def _places_taken(allowance: Allowance) -> _Asked | None:
    """By Little's law from the calls of an hour and what one usually takes; None while nobody
    knows how long that is."""
    seconds = allowance.pace.usual.p50.total_seconds() if allowance.pace else 0.0
    if seconds <= 0:
        return None
    return _Asked(width=HOUR, limit=_limit(allowance, Kind.PLACES, seconds=seconds))


def _window(allowance: Allowance, until: datetime) -> _Asked:
    """A window of an hour or less is set against the fullest of its kind in each hour; one of less
    than a minute against the busiest minute, as if that were even. A longer one is a running sum:
    since it began where it is told when it starts anew (a day without word of it: at midnight UTC),
    else over any such span, which is the stricter reading."""
    per = allowance.per or HOUR
    if per <= HOUR:
        width = max(per, MINUTE)
        scaled = (allowance.size or 0.0) * (width / per)
        return _Asked(width=width, limit=_limit(allowance, Kind.BIN, amount=scaled))
    if resets := _resets(allowance, per, until):
        return _Asked(width=HOUR, limit=_limit(allowance, Kind.QUOTA, resets=resets))
    return _Asked(width=HOUR, limit=_limit(allowance, Kind.ROLLING, window=per))


def _resets(allowance: Allowance, per: timedelta, until: datetime) -> tuple[datetime, ...]:
    """When its window starts anew, from `until` on and beyond every horizon; empty: not known."""
    first = allowance.resets_at
    if first is None and per == DAY and allowance.shape in UNTIL_RESET:
        first = until.replace(hour=0)
    if first is None:
        return ()
    first += max(0, (until - first) // per + 1) * per
    times = max(0, (until + max(HORIZONS) - first) // per) + 1
    return tuple(first + number * per for number in range(times))


def _with_use(around: Around, allowance: Allowance, series: Series, limit: Limit) -> Limit:
    """With what its window had spent when the series ends: as told, without what came after, or as
    the hours since it began add up."""
    used = allowance.used
    if kind_of(allowance) != "platform":
        since = limit.resets[0] - (allowance.per or DAY)
        if allowance.derived or used is None:
            used = _sum_since(series, since)
        else:
            used -= _called_since(around, allowance, series.until)
    return replace(limit, used=max(0.0, used or 0.0))


def _sum_since(series: Series, since: datetime) -> float:
    first = max(0, (since - series.start) // series.step)
    return float(np.nansum(series.values[first:]))


def _called_since(around: Around, allowance: Allowance, since: datetime) -> float:
    minutes = (around.ledger.minutes.get(each, {}) for each in allowance.instance_ids)
    return sum(calls for each in minutes for minute, calls in each.items() if minute >= since)


def _bucket(places: CallPlaces, allowance: Allowance) -> _Asked | None:
    """A bucket that refills within minutes is too small for a minute of more calls than it holds
    and lets drain in a minute. None where nobody tells how fast it drains."""
    drains = places.drains_a_minute(allowance)
    if not drains:
        return None
    holds = places.holds(allowance)
    if holds <= drains * (SOON / MINUTE):
        return _Asked(width=MINUTE, limit=_limit(allowance, Kind.BIN, amount=holds + drains))
    used = allowance.used if allowance.whose is Whose.SHARED and not allowance.derived else None
    by_hour = _limit(allowance, Kind.BUCKET, amount=holds, drains=60 * drains, used=used or 0.0)
    return _Asked(width=HOUR, limit=by_hour)


def _of_points(around: Around, allowance: Allowance) -> Demand | None:
    """What a call costs in points is not known, so that only a shared bucket can be foreseen: by
    how much of it was in use on average at earlier looks."""
    if allowance.whose is not Whose.SHARED or allowance.size is None:
        return None
    subject, metric = f"system/{allowance.system}", f"limit.remaining.{allowance.name}"
    until = hour_of(around.now)
    hours = readings.rollups_since(around.db, subject, metric, until - HISTORY)
    used = ((each.hour, max(0.0, allowance.size - each.total / each.count)) for each in hours)
    series = on_grid(used, id=f"{subject}/points", until=until, zone=around.zone)
    if not len(series.values):
        return None
    return Demand(series=series, limit=_limit(allowance, Kind.BIN), allowance_id=allowance.id)


def _limit(
    allowance: Allowance,
    kind: Kind,
    *,
    amount: float | None = None,
    used: float = 0.0,
    resets: tuple[datetime, ...] = (),
    window: timedelta | None = None,
    drains: float = 0.0,
    seconds: float = 0.0,
) -> Limit:
    """Of the allowance's own size, unless another amount is told in the unit of the series."""
    return Limit(
        id=allowance.id,
        kind=kind,
        amount=amount if amount is not None else allowance.size or 0.0,
        used=used,
        resets=resets,
        window=window,
        drains=drains,
        seconds=seconds,
    )


def _owner(allowance: Allowance) -> str:
    """ "system/shop/query points" -> "system/shop"."""
    return "/".join(allowance.id.split("/", 2)[:2])


def _counted(allowance: Allowance, width: timedelta) -> str:
    if kind_of(allowance) == "platform":
        return "operations"
    if width >= HOUR:
        return "calls"
    return "busiest" if width <= MINUTE else f"calls in {write_duration(width)}"
