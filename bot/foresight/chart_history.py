"""Puts a chart together from what the store keeps: hours that are over, and the newest forecast."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.foresight.chart import Chart
from bot.foresight.chart_sums import Amounts, Quota, past_sums, rolling_sums
from bot.store import Database, readings
from bot.store.calls import OPERATIONS
from bot.store.forecasts import find_forecast
from bot.store.imports import PLATFORM, of_instance, of_system
from checks.allowances.outlook import range_end
from checks.allowances.words import say_units
from checks.declare import Shape
from checks.durations import say_duration
from checks.limits import Allowance
from forecasting.model import DAY, Forecast, Kind, Limit

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
REACH = timedelta(days=7)


def chart_of(db: Database, limit: Allowance, zone: ZoneInfo) -> Chart | None:
    """What is known and foreseen of one allowance; None where nothing is foreseen.

    Both are shown as the limit sees them: added up since a quota began anew or over its window, or
    as places taken. How full a bucket was is not kept, so that it has no past.
    """
    forecast = find_forecast(db, limit.id)
    band = (forecast.levels or forecast.band) if forecast else ()
    if forecast is None or not band:
        return None
    history = _as_the_limit_sees(_past(db, limit, forecast, zone), limit, forecast)
    crossing = forecast.crossings[-1] if forecast.crossings else None
    return Chart(
        name=limit.system,
        unit=_unit(limit, forecast),
        made_at=forecast.made_at,
        zone=zone,
        step=forecast.step,
        history=history,
        band=band,
        limit=forecast.amount,
        soonest=crossing.soonest if crossing else None,
        middle=crossing.middle if crossing else None,
        latest=range_end(crossing, forecast) if crossing else None,
    )


def _as_the_limit_sees(past: Amounts, limit: Allowance, forecast: Forecast) -> Amounts:
    """The same seven days; what cannot be told is not known."""
    shown = past[len(past) - REACH // HOUR :]
    match forecast.kind:
        case Kind.BIN:
            return shown
        case Kind.QUOTA if limit.per and limit.resets_at:
            return past_sums(
                shown, Quota(per=limit.per, resets_at=limit.resets_at, used=limit.used)
            )
        case Kind.ROLLING:
            return rolling_sums(past, _window(limit, forecast) // HOUR)
        case Kind.PLACES if limit.pace:
            return _places(shown, limit.pace.usual.p50.total_seconds())
        case _:
            return tuple((at, None) for at, _ in shown)


def _places(past: Amounts, seconds: float) -> Amounts:
    """Places taken at a busy moment of each hour, as they are foreseen."""
    import numpy as np

    from forecasting.crossing import places_taken

    limit = Limit(id="", kind=Kind.PLACES, amount=0.0, seconds=seconds)
    known = np.array([np.nan if amount is None else amount for _, amount in past], dtype=float)
    taken = [float(each) for each in places_taken(known, limit, HOUR)]
    return tuple(
        (at, each if each == each else None) for (at, _), each in zip(past, taken, strict=True)
    )


def _window(limit: Allowance, forecast: Forecast) -> timedelta:
    """Over how long amounts are added up."""
    return limit.per or DAY if forecast.kind is Kind.ROLLING else HOUR


def _past(db: Database, limit: Allowance, forecast: Forecast, zone: ZoneInfo) -> Amounts:
    """Amounts of the last seven days by the hour, and of as much before as is added up, as the
    forecast was made from them."""
    reach = REACH + _window(limit, forecast) - HOUR
    since = forecast.made_at - reach
    if limit.shape is Shape.POINTS:
        known = _points(db, limit, since)
    else:
        known = _calls(db, limit, forecast, zone)
    hours = (since + number * HOUR for number in range(reach // HOUR))
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
    if forecast.kind in (Kind.QUOTA, Kind.ROLLING):
        return say_units(limit)
    if forecast.kind is Kind.PLACES:
        return "places taken at a time"
    if forecast.kind is Kind.BUCKET:
        return f"{limit.unit} in the bucket"
    width = _width(limit, forecast)
    if width == HOUR:
        return f"{limit.unit} an hour" if limit.unit == "operations" else "calls an hour"
    if width == MINUTE:
        return "calls in the busiest minute"
    return f"calls in the fullest {say_duration(width)}"
