"""Who spends an allowance, minute by minute, and what another schedule would make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from forecasting.change import HOURS_OF_WEEK, hour_of_week
from forecasting.cron import dues, is_daily_or_rarer
from forecasting.series import HOUR, Amounts

MINUTE = timedelta(minutes=1)
HOUR_MINUTES = 60
DAY_HOURS = 24
STARTS_WITHIN = 3  # minutes after it was due; a run may have waited
KEEPS = 0.8
OFTEN_NEEDS = timedelta(days=2)  # of a schedule that is due several times a day so much is enough
SMALL = 0.05  # of the fullest hour: what lands in an empty hour and does not matter


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spender:
    """One flow's amounts by the minute. `schedules` are its cron lines, `urgent` says that it is
    time-sensitive, `runs` how many it made in that time."""

    id: str
    name: str
    amounts: Amounts
    schedules: tuple[str, ...] = ()
    urgent: bool = False
    runs: int = 0

    @property
    def per_run(self) -> float:
        """What one run spends on average; 0 where no run is known."""
        return float(self.amounts.sum()) / self.runs if self.runs else 0.0


@dataclass(frozen=True, kw_only=True, eq=False)  # without slots: sums are kept once worked out
class Spending:
    """Amounts by the minute from `start` (UTC, a full hour) on, whole hours long: those of the
    heaviest flows, the heaviest first, and of all others together. `zone` is the clock of days and
    weeks, `cron_zone` the one by which cron lines are read."""

    start: datetime
    spenders: tuple[Spender, ...]
    others: Amounts
    zone: ZoneInfo
    cron_zone: ZoneInfo

    def __post_init__(self) -> None:
        sizes = {len(self.others), *(len(each.amounts) for each in self.spenders)}
        if len(sizes) > 1 or len(self.others) % HOUR_MINUTES:
            raise ValueError("amounts must be of the same whole hours")

    @cached_property
    def total(self) -> Amounts:
        return _sum([self.others, *(each.amounts for each in self.spenders)])

    @cached_property
    def hours(self) -> NDArray[np.int64]:
        """The hour of the week of each hour, 0 to 167."""
        count = len(self.others) // HOUR_MINUTES
        return np.array([hour_of_week(self.start + n * HOUR, self.zone) for n in range(count)])

    def instead(self, others: Mapping[str, Amounts]) -> Amounts:
        """The total when these flows, by id, spend these amounts instead of their own."""
        changed = [others[each.id] - each.amounts for each in self.spenders if each.id in others]
        return np.maximum(_sum([self.total, *changed]), 0.0)


def later(amounts: Amounts, minutes: int) -> Amounts:
    """The same so many minutes later; what goes over the end comes in at the start."""
    return np.roll(amounts, minutes)


def per_hour(amounts: Amounts, busiest: bool) -> Amounts:
    """The busiest minute of every hour, or the hour's sum."""
    hours = amounts.reshape(-1, HOUR_MINUTES)
    found: Amounts = hours.max(axis=1) if busiest else hours.sum(axis=1)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What another way of spending makes of each local hour of the week: by what it is multiplied,
    and what comes in hours that were empty, where there is nothing to multiply."""

    by_hour: tuple[float, ...]
    added: tuple[float, ...]


def shift(spending: Spending, after: Amounts, busiest: bool) -> Shift:
    """What becomes of each hour of the week when `after` is spent instead.

    An hour of the week without amounts, in which next to nothing lands, takes the factor of its
    hour of the day.
    """
    old, new = (per_hour(each, busiest) for each in (spending.total, after))
    before, then = _by_hour_of_week(spending, old), _by_hour_of_week(spending, new)
    lands = (before == 0) & (then > SMALL * before.max(initial=0.0))
    by_day = _ratio(before.reshape(-1, DAY_HOURS).sum(0), then.reshape(-1, DAY_HOURS).sum(0))
    found = np.where(before > 0, _ratio(before, then), np.tile(by_day, 7))
    met = np.maximum(np.bincount(spending.hours, minlength=HOURS_OF_WEEK), 1)
    return Shift(
        by_hour=tuple(float(each) for each in np.where(lands, 1.0, found)),
        added=tuple(float(each) for each in np.where(lands, then / met, 0.0)),
    )


def times_of(
    total: Amounts, part: Amounts, times: float, start: datetime, zone: ZoneInfo, busiest: bool
) -> tuple[float, ...]:
    """By what each local hour of the week is multiplied when only a part of the total, by the
    minute from `start` (UTC) on, comes `times` as often; hours without it stay as they are."""
    whole = Spending(start=start, spenders=(), others=total, zone=zone, cron_zone=zone)
    return shift(whole, np.maximum(total + (times - 1) * part, 0.0), busiest).by_hour


def keeps_schedule(spender: Spender, start: datetime, zone: ZoneInfo) -> bool:
    """Whether the flow starts by its schedule and by nothing else, as far as its amounts tell: at
    least eight in ten of its bursts begin when it was due, or up to three minutes later."""
    end = start + len(spender.amounts) * MINUTE
    rare = all(is_daily_or_rarer(line) for line in spender.schedules)
    since = start if rare else max(start, end - OFTEN_NEEDS)
    busy = spender.amounts[(since - start) // MINUTE :] > 0
    quiet_before = ~(np.roll(busy, 1) | np.roll(busy, 2))
    begins = np.flatnonzero(busy & quiet_before)
    due = {(at - since) // MINUTE for at in dues(spender.schedules, since - HOUR, end, zone)}
    lates = range(STARTS_WITHIN + 1)
    on_time = sum(any(place - late in due for late in lates) for place in begins.tolist())
    return len(begins) > 0 and on_time >= KEEPS * len(begins)


def _by_hour_of_week(spending: Spending, hourly: Amounts) -> Amounts:
    sums = np.bincount(spending.hours, weights=hourly, minlength=HOURS_OF_WEEK)
    return sums.astype(np.float64)


def _sum(parts: Sequence[Amounts]) -> Amounts:
    found: Amounts = np.sum(parts, axis=0)
    return found


def _ratio(before: Amounts, after: Amounts) -> Amounts:
    """After over before, 1 where nothing was before."""
    return np.divide(after, before, out=np.ones_like(before), where=before > 0)
