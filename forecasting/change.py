"""What would be different: amounts multiplied for a time, as a peak or a moved schedule does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from forecasting.series import HOUR, Amounts

HOURS_OF_WEEK = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From `since` to `until` (UTC, the end excluded) amounts are multiplied by `times` and by the
    factor of their local hour of the week: `by_hour` holds 168 of them, that of Monday 0 h first;
    empty: none. Before that `added`, as many amounts, is what comes in hours in which there is
    nothing to multiply. Raises ValueError where one of them is below zero or not finite."""

    since: datetime
    until: datetime
    times: float = 1.0
    by_hour: tuple[float, ...] = ()
    added: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for hours in filter(None, (self.by_hour, self.added)):
            if len(hours) != HOURS_OF_WEEK:
                raise ValueError(f"by_hour holds {len(hours)} factors, expected 168 or none")
        numbers = (self.times, *self.by_hour, *self.added)
        if not all(math.isfinite(each) and each >= 0 for each in numbers):
            raise ValueError("a change multiplies by finite factors of zero or more")


def factors(
    changes: Sequence[Change], start: datetime, step: timedelta, bins: int, zone: ZoneInfo
) -> Amounts:
    """By what the amounts of so many bins from `start` (UTC) on are multiplied; changes that
    overlap multiply each other. The hour of the week goes by the clock of `zone`."""
    found = np.ones(bins)
    if not changes:
        return found
    starts = [start + place * step for place in range(bins)]
    hours = [hour_of_week(at, zone) for at in starts]
    for change in changes:
        for place, at in enumerate(starts):
            if change.since <= at < change.until:
                found[place] *= change.times
                if change.by_hour:
                    found[place] *= change.by_hour[hours[place]]
    return found


def additions(
    changes: Sequence[Change], start: datetime, step: timedelta, bins: int, zone: ZoneInfo
) -> Amounts:
    """What is added to amounts of so many bins from `start` (UTC) on before they are multiplied:
    `added` is of an hour, finer bins take their share."""
    found = np.zeros(bins)
    for change in changes:
        for place in range(bins) if change.added else ():
            at = start + place * step
            if change.since <= at < change.until:
                found[place] += change.added[hour_of_week(at, zone)] * min(1.0, step / HOUR)
    return found


def hour_of_week(at: datetime, zone: ZoneInfo) -> int:
    """The local hour of the week in which a moment lies: 0 is Monday from 0 h to 1 h."""
    local = at.astimezone(UTC).astimezone(zone)
    return local.weekday() * 24 + local.hour
