"""Recorded volumes, replayed: how busy a series was at a moment of the sandbox's time."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

_SERIES = Path(__file__).parent / "series"
_HOUR = timedelta(hours=1)
_WEEK = timedelta(weeks=1)
_UTC = ZoneInfo("UTC")
_ZONES = {"gate_southern_cross": ZoneInfo("Australia/Melbourne")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Hourly amounts of one series; `busy` is the amount that only one hour in twenty exceeds.

    `zone` is the clock of the people behind it, as far as it is known.
    """

    amounts: Mapping[datetime, float]
    first: datetime
    last: datetime
    busy: float
    zone: ZoneInfo = _UTC

    def share(self, at: datetime) -> float:
        """How busy the hour of `at` was (1.0: as busy as `busy`).

        Outside the recording, or in one of its gaps, the same hour of another week stands in.
        """
        hour = at.replace(minute=0, second=0, microsecond=0)
        hour -= max(0, -((self.last - hour) // _WEEK)) * _WEEK
        hour += max(0, -((hour - self.first) // _WEEK)) * _WEEK
        while hour not in self.amounts:
            hour += _WEEK
            if hour > self.last:
                return 0.0
        return self.amounts[hour] / self.busy


@cache
def recording(name: str) -> Recording:
    """Read one series of the package. Raises FileNotFoundError for a name that is not there."""
    with (_SERIES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        amounts = {
            datetime.fromisoformat(row["ds"]): float(row["y"]) for row in csv.DictReader(file)
        }
    ranked = sorted(amounts.values())
    return Recording(
        amounts=amounts,
        first=min(amounts),
        last=max(amounts),
        busy=ranked[int(len(ranked) * 0.95)],
        zone=_ZONES.get(name, _UTC),
    )
