"""Puts a chart together from what the store keeps: hours that are over, and the newest forecast."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.foresight.chart import Chart
from bot.foresight.chart_sums import Amounts, Quota, band_sums, past_sums
from bot.store import Database, readings
from bot.store.calls import OPERATIONS
from bot.store.forecasts import find_forecast
from bot.store.imports import PLATFORM, of_instance, of_system
from checks.allowances.words import say_units
from checks.declare import Shape
from checks.durations import say_duration
from checks.limits import Allowance
from forecasting.model import Forecast, Kind

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
REACH = timedelta(days=7)


def chart_of(db: Database, limit: Allowance, zone: ZoneInfo) -> Chart | None:
    """What is known and foreseen of one allowance; None where nothing is foreseen.

    Of a quota both are shown as they add up since it began anew. A limit that counts something
    else than what is called in a window has no line.
    """
    forecast = find_forecast(db, limit.id)
    if forecast is None or not forecast.band:
        return None
    history, band = _past(db, limit, forecast, zone), forecast.band
    if forecast.kind is Kind.QUOTA and limit.per and limit.resets_at:
        quota = Quota(per=limit.per, resets_at=limit.resets_at, used=limit.used)
        history, band = past_sums(history, quota), band_sums(band, quota)
    crossing = forecast.crossings[-1] if forecast.crossings else None
    return Chart(
        name=limit.system,
        unit=_unit(limit, forecast),
        made_at=forecast.made_at,
        zone=zone,
        step=forecast.step,
        history=history,
        band=band,
        limit=forecast.amount if forecast.kind in (Kind.BIN, Kind.QUOTA) else None,
        soonest=crossing.soonest if crossing else None,
        middle=crossing.middle if crossing else None,
        latest=crossing.latest if crossing else None,
    )


def _past(db: Database, limit: Allowance, forecast: Forecast, zone: ZoneInfo) -> Amounts:
    """Amounts of the last seven days by the hour, as the forecast was made from them."""
    since = forecast.made_at - REACH
    if limit.shape is Shape.POINTS:
        known = _points(db, limit, since)
    else:
        known = _calls(db, limit, forecast, zone)
    hours = (since + number * HOUR for number in range(REACH // HOUR))
    return tuple((at, known.get(at)) for at in hours)


def _calls(
    db: Database, limit: Allowance, forecast: Forecast, zone: ZoneInfo
) -> dict[datetime, float]:
    from bot.foresight.call_history import (  # numpy, which no command line waits for
        CallHistory,
        Source,
    )

    parts = [(f"instance/{each}", of_instance(each)) for each in limit.instance_ids]
    whole = of_system(limit.system) if limit.id.startswith("system/") else ""
    if limit.id.startswith("platform/"):
        parts = [(OPERATIONS[0], PLATFORM)]
    source, history = Source(parts=tuple(parts), whole=whole), CallHistory()
    history.refresh(db, [source], forecast.made_at)
    series = history.series(limit.id, source, _width(limit, forecast), zone)
    if series is None:
        return {}
    amounts = [float(value) for value in series.values]
    known = ((series.start + n * series.step, amount) for n, amount in enumerate(amounts))
    return {at: amount for at, amount in known if amount == amount}


def _points(db: Database, limit: Allowance, since: datetime) -> dict[datetime, float]:
    """How much of a shared bucket was in use on average."""
    metric = f"limit.remaining.{limit.name}"
    hours = readings.rollups_since(db, f"system/{limit.system}", metric, since)
    size = limit.size or 0.0
    return {each.hour: max(0.0, size - each.total / each.count) for each in hours}


def _width(limit: Allowance, forecast: Forecast) -> timedelta:
    """The window whose fullest of each hour is set against the limit."""
    if forecast.kind is not Kind.BIN:
        return HOUR
    if limit.shape is Shape.LEAKY_BUCKET or limit.per is None:
        return MINUTE
    return min(HOUR, max(limit.per, MINUTE))


def _unit(limit: Allowance, forecast: Forecast) -> str:
    if limit.shape is Shape.POINTS:
        return "points in use"
    if forecast.kind is Kind.QUOTA:
        return say_units(limit)
    width = _width(limit, forecast)
    if width == HOUR:
        return f"{limit.unit} an hour" if limit.unit == "operations" else "calls an hour"
    if width == MINUTE:
        return "calls in the busiest minute"
    return f"calls in the fullest {say_duration(width)}"
