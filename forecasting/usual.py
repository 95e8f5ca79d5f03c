"""What is usual: at this hour of this weekday, and for how long a thing takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

SAME_WEEKDAY_NEEDS = 3
SAME_KIND_OF_DAY_NEEDS = 2
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class HourPoint:
    """One hour of a metric: how many values, their sum, the largest. `hour` is its start, UTC."""

    hour: datetime
    count: int
    total: float
    busiest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What is usual now: `middle` (median of the hours' averages) and `high` (nine hours in ten
    never passed it). `hours` is how many hours this was learned from, `basis` says which."""

    middle: float
    high: float
    hours: int
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How durations of one kind are spread; `p50` is the usual one, `p99` is rarely passed."""

    count: int
    p50: timedelta
    p95: timedelta
    p99: timedelta


def usual(points: Iterable[HourPoint], at: datetime, zone: ZoneInfo) -> Usual | None:
    """What is usual for the local hour of `at`, from hours that are over; None: not known yet.

    The same hour of the same weekday when at least three are known, else the same hour of weekdays
    or of weekends when at least two are. Medians, so that one bad day does not become usual.
    """
    this_hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    today = this_hour.astimezone(zone)
    alike = [
        (local.weekday(), point)
        for point in points
        if point.count > 0
        and point.hour < this_hour
        and (local := point.hour.astimezone(zone)).hour == today.hour
    ]
    same_day = [point for weekday, point in alike if weekday == today.weekday()]
    if len(same_day) >= SAME_WEEKDAY_NEEDS:
        return _summary(same_day, f"{WEEKDAYS[today.weekday()]} at this hour")
    weekend = today.weekday() >= SATURDAY
    same_kind = [point for weekday, point in alike if (weekday >= SATURDAY) is weekend]
    if len(same_kind) >= SAME_KIND_OF_DAY_NEEDS:
        return _summary(same_kind, f"{'weekends' if weekend else 'weekdays'} at this hour")
    return None


def spread(values: Iterable[timedelta]) -> Spread | None:
    """How these durations are spread; None when there are none."""
    seconds = sorted(value.total_seconds() for value in values)
    if not seconds:
        return None
    p50, p95, p99 = (timedelta(seconds=quantile(seconds, share)) for share in (0.5, 0.95, 0.99))
    return Spread(count=len(seconds), p50=p50, p95=p95, p99=p99)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Below it lies `share` of the ascending values; interpolated between neighbours."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    between = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    return min(max(between, ordered[below]), ordered[above])  # rounding must not leave the pair


def _summary(points: Sequence[HourPoint], basis: str) -> Usual:
    middle = median(point.total / point.count for point in points)
    high = quantile(sorted(point.busiest for point in points), 0.9)
    return Usual(middle=middle, high=max(middle, high), hours=len(points), basis=basis)
