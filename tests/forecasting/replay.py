"""A stand-in for foresight: paths are the weeks that were, replayed; good enough to be wrong by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from forecasting.change import Change, additions, factors
from forecasting.crossing import Paths, cross
from forecasting.model import Forecast, Limit, Skill
from forecasting.series import Series
from forecasting.spending import Spender, Spending, per_hour

UTC_ZONE = ZoneInfo("UTC")
HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK_HOURS = 168
TWINS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Foresees one series by its own last weeks; `asked` counts."""

    series: Series
    weeks: int = 4
    judged: int = 20

    def ask(
        self, limits: Sequence[Limit], horizon: timedelta, changes: Sequence[Change]
    ) -> tuple[Forecast, ...]:
        bins = max(1, round(horizon / HOUR))
        turn = -(-bins // WEEK_HOURS)
        values, start = self.series.values, self.series.until
        weeks = [
            np.tile(values[len(values) - (n + 1) * WEEK_HOURS :][:WEEK_HOURS], turn)[:bins]
            for n in range(self.weeks)
        ]
        times = factors(changes, start, HOUR, bins, self.series.zone)
        more = additions(changes, start, HOUR, bins, self.series.zone)
        amounts = np.tile(
            (np.array(weeks) + more) * times, (TWINS, 1)
        )  # few paths make no chance small
        paths = Paths(start=start, step=HOUR, amounts=amounts, past=values)
        return tuple(
            Forecast(
                limit_id=limit.id,
                made_at=start,
                model="analogue",
                history=len(values) * HOUR,
                amount=limit.amount,
                step=HOUR,
                kind=limit.kind,
                crossings=cross(paths, limit, [horizon]),
                skill=Skill(brier=0.3, forecasts=self.judged),
            )
            for limit in limits
        )


def spending_of(spenders: Sequence[Spender], weeks: int = 1, others: float = 0.0) -> Spending:
    minutes = weeks * WEEK_HOURS * 60
    return Spending(
        start=MONDAY - weeks * timedelta(days=7),
        spenders=tuple(spenders),
        others=np.full(minutes, others),
        zone=UTC_ZONE,
        cron_zone=UTC_ZONE,
    )


def spender(
    name: str, cron: str, per_minute: Sequence[float], starts: Sequence[int], **more: object
) -> Spender:
    """A flow that spends so much in the minutes after each start, by the minute of the week."""
    amounts = np.zeros(WEEK_HOURS * 60)
    for start in starts:
        for place, amount in enumerate(per_minute):
            amounts[(start + place) % len(amounts)] += amount
    told: dict[str, object] = {"runs": len(starts), "schedules": (cron,) if cron else ()}
    return Spender(id=name.casefold(), name=name, amounts=amounts, **(told | more))  # type: ignore[arg-type]  # a test's own words


def series_of(spending: Spending, busiest: bool, weeks: int = 4) -> Series:
    hourly = np.tile(per_hour(spending.total, busiest), weeks)
    start = MONDAY - len(hourly) * HOUR
    return Series(id="instance/1/x", start=start, step=HOUR, values=hourly, zone=spending.zone)
