"""A peak rehearsed: what a forecast says when some days bring so many times the usual."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from forecasting.advice import HOLDS
from forecasting.change import Change
from forecasting.model import DAY, Crossing, Forecast, Kind, Limit

Ask = Callable[[Sequence[Limit], timedelta, Sequence[Change]], Sequence[Forecast]]
"""What is foreseen of each limit within a horizon when things change so; of one series."""

LONGEST = timedelta(weeks=5)
"""No rehearsal looks farther ahead: growth makes more of a difference by then than the weekday."""
HOUR = timedelta(hours=1)
NEEDS_FOR_FAR = timedelta(days=14)
TOO_SHORT = "less than 14 days of its use are known, too few to tell one weekday from another"
STEPS = 6  # of halving: the multiple that holds, to a hundredth of the one asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """From `since` to `until` (UTC, the end excluded) `times` the usual; where one flow alone
    grows, `by_hour` are the 168 factors that this makes of the whole, in place of `times`."""

    since: datetime
    until: datetime
    times: float
    by_hour: tuple[float, ...] = ()

    @property
    def change(self) -> Change:
        times = 1.0 if self.by_hour else self.times
        return Change(since=self.since, until=self.until, times=times, by_hour=self.by_hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a peak does to one limit. `usual` is the chance that it is reached without the peak,
    `crossing` how likely and when with it, `highest` the amount expected at the fullest moment.
    `holds_until` is the multiple up to which it would hold: `times` itself where it holds; None
    where it would not hold without any peak, or where nobody asked. `forecast` is that with the
    peak; where it is withheld, `crossing` is None."""

    limit: Limit
    forecast: Forecast
    usual: float | None = None
    crossing: Crossing | None = None
    holds_until: float | None = None

    @property
    def highest(self) -> float | None:
        return self.limit.amount - self.crossing.headroom if self.crossing else None

    @property
    def holds(self) -> bool:
        return self.crossing is not None and self.crossing.chance < HOLDS


def rehearse(ask: Ask, limit: Limit, peak: Peak, made_at: datetime) -> Outcome:
    """Set the limit against the peak; `made_at` (UTC) is the moment of the forecast.

    What lies before the peak does not count against it: see `span` and `lead_in`.
    """
    limit = with_resets(limit, peak.until)
    horizon, still = span(limit, peak, made_at), lead_in(limit, peak, made_at)
    (with_peak,) = ask([limit], horizon, (*still, peak.change))
    if with_peak.history < NEEDS_FOR_FAR and horizon > DAY:
        return Outcome(limit=limit, forecast=replace(with_peak, crossings=(), withheld=TOO_SHORT))
    (without,) = ask([limit], horizon, still)
    outcome = Outcome(
        limit=limit, forecast=with_peak, usual=chance_of(without), crossing=_last(with_peak)
    )
    return replace(outcome, holds_until=peak.times) if outcome.holds else outcome


def holds_until(
    ask: Ask, outcome: Outcome, peak_of: Callable[[float], Peak], times: float, made_at: datetime
) -> Outcome:
    """The same with the multiple up to which the limit would hold. `peak_of` makes the peak of a
    multiple between 1 and `times`; where one time the usual does not hold, there is none."""
    limit = outcome.limit

    def holds(multiple: float) -> bool:
        peak = peak_of(multiple)
        still = lead_in(limit, peak, made_at)
        (found,) = ask([limit], span(limit, peak, made_at), (*still, peak.change))
        return (chance_of(found) or 0.0) < HOLDS

    if outcome.holds or outcome.crossing is None or times <= 1 or not holds(1.0):
        return outcome
    low, high = 1.0, times
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return replace(outcome, holds_until=low)


def span(limit: Limit, peak: Peak, made_at: datetime) -> timedelta:
    """How far a forecast must look: to the end of the peak, or of the quota's window in which it
    ends, since a quota spent at the peak runs out later. Whole hours."""
    until = peak.until
    if limit.kind is Kind.QUOTA:
        until = next((moment for moment in sorted(limit.resets) if moment >= until), until)
    until = max(peak.until, min(until, made_at + LONGEST + DAY))
    return max(1, -((made_at - until) // HOUR)) * HOUR


def lead_in(limit: Limit, peak: Peak, made_at: datetime) -> tuple[Change, ...]:
    """The days before the peak, emptied: what happens there is not what was asked.

    What a quota or a rolling sum holds from before the peak still counts, so that it is emptied
    only up to where its window begins; a bucket drains within a day.
    """
    until = peak.since
    if limit.kind is Kind.QUOTA:
        before = [moment for moment in limit.resets if moment <= peak.since]
        until = max(before, default=made_at)
    elif limit.kind is Kind.ROLLING:
        until -= limit.window or DAY
    elif limit.kind is Kind.BUCKET:
        until -= DAY
    return (Change(since=made_at, until=until, times=0.0),) if until > made_at else ()


def with_resets(limit: Limit, until: datetime) -> Limit:
    """The same quota with the instants at which it starts anew until after `until`: every day, or
    every month where the only ones known are firsts of months."""
    if limit.kind is not Kind.QUOTA or not limit.resets:
        return limit
    resets = sorted(limit.resets)
    gap = resets[1] - resets[0] if len(resets) > 1 else None
    monthly = gap > 7 * DAY if gap else resets[0].astimezone(UTC).day == 1
    known = resets[:1] if monthly else resets  # of months only the first is told exactly
    return replace(limit, resets=(*known, *_later_resets(known[-1], until, gap, monthly)))


def chance_of(forecast: Forecast) -> float | None:
    """That the limit is reached within the farthest horizon; None where nothing is said."""
    last = _last(forecast)
    return last.chance if last else None


def _last(forecast: Forecast) -> Crossing | None:
    return forecast.crossings[-1] if forecast.crossings else None


def _later_resets(
    last: datetime, until: datetime, gap: timedelta | None, monthly: bool
) -> Iterator[datetime]:
    while last < until:
        last = _next_month(last) if monthly else last + (gap or DAY)
        yield last


def _next_month(moment: datetime) -> datetime:
    return (moment.replace(day=1) + 32 * DAY).replace(day=1)
