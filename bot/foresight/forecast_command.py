"""`seamwatch forecast`: what is foreseen, told in the terminal, as JSON, or drawn into a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import inventory
from bot.foresight.chart import draw
from bot.foresight.chart_history import chart_of
from bot.foresight.foreseen import ForeseenAllowance, foreseen_of
from bot.settings import Settings
from bot.store import Database
from bot.store.copying import copied_store
from checks.allowances.outlook import range_end, say_chance
from checks.allowances.words import say_amount, say_units
from checks.model import Level
from checks.words import plain
from forecasting.model import Crossing, Forecast

NONE_YET = (
    "Nothing is foreseen yet: the first forecasts follow the first rounds of `seamwatch run`, or "
    "older volumes that are brought in by `seamwatch history import`."
)


class NothingForeseen(Exception):
    """There is nothing to tell or to draw; one sentence that says why and what to do."""


def read_foreseen(settings: Settings, named: str) -> tuple[ForeseenAllowance, ...]:
    """Everything that is foreseen, or that of the systems `named`, likeliest first.

    The database is only read. Raises NothingForeseen or StoreRefused.
    """
    with copied_store(settings.watch.database) as store:
        return _find(store.db, named)


def draw_into(settings: Settings, named: str, file: Path) -> None:
    """The picture of the likeliest. Raises NothingForeseen, StoreRefused or OSError."""
    with copied_store(settings.watch.database) as store:
        first = _find(store.db, named)[0]
        chart = chart_of(store.db, first.allowance, settings.estate.zone)
    if chart is None:
        why = plain(first.forecast.withheld) or "no values were foreseen, only that it is far away"
        raise NothingForeseen(f"There is nothing to draw of {_name(first)}: {why}.")
    file.write_bytes(draw(chart))


def _find(db: Database, named: str) -> tuple[ForeseenAllowance, ...]:
    told = foreseen_of(inventory.find_limits(db))
    if not told:
        raise NothingForeseen(NONE_YET)
    wanted = named.casefold()
    found = tuple(each for each in told if wanted in each.allowance.system.casefold())
    if not found:
        names = ", ".join(sorted({plain(each.allowance.system) for each in told}))
        raise NothingForeseen(f'Nothing is foreseen of "{plain(named, 60)}"; known are {names}.')
    return found


def lines_of(told: Sequence[ForeseenAllowance], zone: ZoneInfo) -> Iterator[tuple[Level, str]]:
    """A line an allowance, with the level that colours it; times in the estate's zone."""
    for each in told:
        if each.is_withheld or each.far is None:
            yield Level.UNKNOWN, f"{_name(each)}: {plain(each.forecast.withheld) or 'no forecast'}"
        else:
            level = Level.OK if each.has_skill else Level.UNKNOWN
            yield each.judged.level if each.in_trouble else level, _line(each, each.far, zone)


def _line(each: ForeseenAllowance, far: Crossing, zone: ZoneInfo) -> str:
    reasons, forecast = each.forecast.reasons, each.forecast
    hours = f"{far.horizon.total_seconds() / 3600:.0f} h"
    chance = "reached already" if far.chance == 1 else f"{say_chance(far.chance, forecast)}"
    peak = f"peak {say_amount(reasons.peak)}" if reasons.peak is not None else ""
    usual = f"usually {say_amount(reasons.usual_peak)}" if reasons.usual_peak is not None else ""
    parts = (
        f"{chance} within {hours}" if far.chance < 1 else chance,
        _moments(far, forecast, zone),
        peak,
        usual,
        f"limit {say_amount(each.allowance.size or forecast.amount)} {say_units(each.allowance)}",
        "" if each.has_skill else "unproven",
        f"made {_local(forecast.made_at, zone)}",
    )
    return f"{_name(each)}: {', '.join(filter(None, parts))}"


def _moments(far: Crossing, forecast: Forecast, zone: ZoneInfo) -> str:
    latest = range_end(far, forecast)
    if not (far.soonest and far.middle and latest):
        return ""
    soonest, middle, end = (_local(at, zone) for at in (far.soonest, far.middle, latest))
    return f"most likely {middle} (between {soonest} and {end})"


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %-d %b %H:%M}"


def _name(each: ForeseenAllowance) -> str:
    return f"{plain(each.allowance.system)} {plain(each.allowance.name)}"


def as_json(each: ForeseenAllowance) -> dict[str, object]:
    """A forecast as one JSON object; times as ISO 8601 in UTC, chances from 0 to 1."""
    forecast, reasons = each.forecast, each.forecast.reasons
    return {
        "limit": forecast.limit_id,
        "system": each.allowance.system,
        "name": each.allowance.name,
        "level": each.judged.level.value,
        "made_at": forecast.made_at.isoformat(),
        "fitted_at": _iso(forecast.fitted_at),
        "model": forecast.model,
        "history_hours": round(forecast.history.total_seconds() / 3600, 2),
        "withheld": forecast.withheld,
        "size": each.allowance.size,
        "peak": reasons.peak,
        "peak_at": _iso(reasons.peak_at),
        "usual_peak": reasons.usual_peak,
        "growth_a_week": reasons.growth,
        "occasions": list(reasons.occasions),
        "skill": forecast.skill.brier,
        "judged_forecasts": forecast.skill.forecasts,
        "within": [_crossing(crossing) for crossing in forecast.crossings],
    }


def _crossing(crossing: Crossing) -> dict[str, object]:
    return {
        "hours": round(crossing.horizon.total_seconds() / 3600, 2),
        "chance": crossing.chance,
        "soonest": _iso(crossing.soonest),
        "middle": _iso(crossing.middle),
        "latest": _iso(crossing.latest),
        "headroom": crossing.headroom,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
