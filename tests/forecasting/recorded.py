"""Series to try forecasting on: the four that the package holds, and some that are made."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

import bot.sandbox
from forecasting.series import Amounts, Series, on_grid

FOLDER = Path(bot.sandbox.__file__).parent / "estate" / "series"
NAMES = ("shop_api_nov_dec", "purchases_04", "orders_bike_spring12", "gate_southern_cross")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOW = datetime(2026, 10, 12, tzinfo=UTC)  # a Monday


@cache
def recorded(name: str) -> Series:
    """One of the package's recorded series, gaps and all."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            (datetime.fromisoformat(row["ds"]), float(row["y"])) for row in csv.DictReader(file)
        ]
    return on_grid(rows, id=name, until=rows[-1][0] + HOUR)


def series_of(
    values: Amounts, *, step: timedelta = HOUR, until: datetime = NOW, zone: str = "UTC"
) -> Series:
    """A series that ends at `until`."""
    found = np.array(values, dtype=float)
    start = until - len(found) * step
    return Series(id="shop", start=start, step=step, values=found, zone=ZoneInfo(zone))


def wave(hours: int, *, level: float = 100.0, noise: float = 0.1, seed: int = 1) -> Amounts:
    """A day's wave that is flatter at weekends, with noise in proportion; it ends at midnight."""
    random = np.random.default_rng(seed)
    at = np.arange(-hours, 0)
    daily = 1.0 - 0.6 * np.cos(2 * np.pi * at / 24)
    weekend = np.where(at // 24 % 7 >= 5, 0.6, 1.0)
    return np.asarray(level * daily * weekend * random.gamma(1 / noise**2, noise**2, hours))
