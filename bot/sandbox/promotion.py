"""A sale of the made-up retailer: told by its settings beforehand, and felt by its estate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/London")
"""The retailer's clock, by which a sale begins and ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A sale of one whole day that brings `times` the usual."""

    name: str
    times: float

    def day_after(self, now: datetime) -> date:
        """The retailer's day after the one of `now`."""
        return now.astimezone(ZONE).date() + timedelta(days=1)

    def lasts(self, now: datetime) -> tuple[datetime, datetime]:
        """When it begins and ends (UTC) if it is held on that day."""
        day = self.day_after(now)
        first, last = (datetime.combine(each, time(), ZONE) for each in (day, day + timedelta(1)))
        return first.astimezone(UTC), last.astimezone(UTC)
