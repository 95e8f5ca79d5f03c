"""What was learned of each series, and what is foreseen of each limit: the newest of either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter

from bot.store import Database
from bot.store.columns import read_time, write_time
from forecasting.model import BandPoint, Forecast, Kind

_FORECAST = TypeAdapter(Forecast)
_BAND = TypeAdapter(tuple[BandPoint, ...])


def save_learned(db: Database, series_id: str, fitted_at: datetime, body: bytes) -> None:
    """Keep what was learned of a series, in place of what was known before."""
    row = [series_id, write_time(fitted_at), body]
    db.execute("INSERT OR REPLACE INTO learned VALUES (?, ?, ?)", row)


def find_learned(db: Database) -> dict[str, bytes]:
    """By series id."""
    return dict(db.execute("SELECT series_id, body FROM learned ORDER BY series_id").fetchall())


def find_fitted(db: Database) -> dict[str, datetime]:
    """When each series was last learned (UTC), by series id."""
    rows = db.execute("SELECT series_id, fitted_at FROM learned ORDER BY series_id")
    return {series_id: read_time(fitted_at) for series_id, fitted_at in rows}


def save_forecasts(db: Database, forecasts: Iterable[Forecast]) -> None:
    """Keep these, each in place of the one of its limit that was known before."""
    db.conn.executemany(
        "INSERT OR REPLACE INTO forecasts VALUES (?, ?, ?, ?)",
        (
            (
                each.limit_id,
                write_time(each.made_at),
                _FORECAST.dump_json(replace(each, band=(), levels=())).decode(),
                _BAND.dump_json(each.levels or each.band).decode(),
            )
            for each in forecasts
        ),
    )


def find_forecasts(db: Database) -> dict[str, Forecast]:
    """By limit id, and without their bands, which `find_forecast` reads."""
    rows = db.execute("SELECT limit_id, body FROM forecasts ORDER BY limit_id")
    return {limit_id: _FORECAST.validate_json(body) for limit_id, body in rows}


def find_forecast(db: Database, limit_id: str) -> Forecast | None:
    """One with its band or, where these are set against the limit, its levels; None when nothing
    was ever foreseen of this limit."""
    sql = "SELECT body, band FROM forecasts WHERE limit_id = ?"
    row = db.execute(sql, [limit_id]).fetchone()
    if row is None:
        return None
    forecast, points = _FORECAST.validate_json(row[0]), _BAND.validate_json(row[1])
    if forecast.kind is Kind.BIN:
        return replace(forecast, band=points)
    return replace(forecast, levels=points)


def forget_unused(db: Database, before: datetime) -> None:
    """Forget what was neither learned nor foreseen anew since then: its limit is gone."""
    db.execute("DELETE FROM learned WHERE fitted_at < ?", [write_time(before)])
    db.execute("DELETE FROM forecasts WHERE made_at < ?", [write_time(before)])
