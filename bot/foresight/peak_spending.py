"""Who usually spends an allowance when its foreseen peak is due: by the calls of past weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.store import Database
from bot.store.flow_minutes import flow_minutes
from checks.allowances.outlook import likeliest
from checks.limits import Allowance, Spend
from forecasting.advice import HOLDS
from forecasting.model import DAY, Forecast, Kind

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
ADDS_UP = frozenset({Kind.QUOTA, Kind.ROLLING})


def spends_at_peak(
    db: Database, allowance: Allowance, names: Mapping[str, str], zone: ZoneInfo, now: datetime
) -> tuple[Spend, ...]:
    """What each flow usually spends in the hour of the peak: the mean of the same weekday and hour
    of the two weeks before `now` (UTC), by the clock of `zone`; while no calls of these are known,
    of the same hour of the last seven days. Of what adds up over a day the whole day. The heaviest
    first; empty where no peak is likely. `names` are those of flows, by id."""
    forecast = allowance.forecast
    if forecast is None or likeliest(forecast) < HOLDS or (at := _peak_at(forecast)) is None:
        return ()
    whole_days = forecast.kind in ADDS_UP
    start = at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    start, span = (start.replace(hour=0), DAY) if whole_days else (start, HOUR)
    for apart, times in ((WEEK, 2), (DAY, 7)):
        behind = -(-(start + span - now.astimezone(zone)) // apart)  # the newest that is over
        starts = (start - (max(behind, 0) + number) * apart for number in range(times))
        if found := _spends(db, allowance, [each.astimezone(UTC) for each in starts], span, names):
            return found
    return ()


def _peak_at(forecast: Forecast) -> datetime | None:
    """When the amounts are expected to be highest, else when the limit is reached."""
    if forecast.reasons.peak_at is not None:
        return forecast.reasons.peak_at
    return forecast.crossings[-1].middle if forecast.crossings else None


def _spends(
    db: Database,
    allowance: Allowance,
    starts: list[datetime],
    span: timedelta,
    names: Mapping[str, str],
) -> tuple[Spend, ...]:
    """The mean over those of the spans in which anything was called."""
    ids = allowance.instance_ids or None  # of all instances where it is the platform's own
    spans = [Counter[str]() for _ in starts]
    for counted, start in zip(spans, starts, strict=True):
        for each in flow_minutes(db, start, start + span, ids):
            counted[each.flow_id] += each.calls
    known = sum(map(bool, spans))
    whole = sum(spans, Counter[str]())
    return tuple(
        Spend(flow_id=flow, flow_name=names.get(flow, f"flow {flow}"), amount=calls / known)
        for flow, calls in sorted(whole.items(), key=lambda spent: (-spent[1], spent[0]))
    )
