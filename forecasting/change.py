"""What would be different: amounts multiplied for a time, as a peak or a moved schedule does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from forecasting.series import Amounts

HOURS_OF_WEEK = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From `since` to `until` (UTC, the end excluded) amounts are multiplied by `times` and by the
    factor of their local hour of the week: `by_hour` holds 168 of them, that of Monday 0 h first;
    empty: none. Raises ValueError where a factor is below zero or not finite."""

    since: datetime
    until: datetime
    times: float = 1.0
    by_hour: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.by_hour and len(self.by_hour) != HOURS_OF_WEEK:
            raise ValueError(f"by_hour holds {len(self.by_hour)} factors, expected 168 or none")
        if not all(math.isfinite(each) and each >= 0 for each in (self.times, *self.by_hour)):
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


def hour_of_week(at: datetime, zone: ZoneInfo) -> int:
    """The local hour of the week in which a moment lies: 0 is Monday from 0 h to 1 h."""
    local = at.astimezone(UTC).astimezone(zone)
    return local.weekday() * 24 + local.hour
