"""A small directory laid out for a backtest, written by the test that reads it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np

from forecasting.series import Amounts
from tests.forecasting.recorded import HOUR, NOW, wave

DAYS = 20
ORIGINS = tuple(NOW - timedelta(hours=hours) for hours in (54, 48, 30))
LIMITS = (
    ("shop", "busy", "bin", "150", "24;72"),
    ("shop", "day", "day", "2200", "24"),
    ("till", "busy", "bin", "90", "72;24"),
)


def write_dataset(folder: Path, shop: Amounts | None = None) -> Path:
    """Two series of 20 days, three limits and three origins each."""
    values = {
        "shop": wave(DAYS * 24) if shop is None else shop,
        "till": wave(DAYS * 24, level=60.0, seed=2),
    }
    (folder / "series").mkdir(parents=True, exist_ok=True)
    write(folder / "series.csv", "series,freq", [(name, "1h") for name in values])
    write(folder / "limits.csv", "series,limit_id,kind,limit,horizons_h", LIMITS)
    moments = [(name, f"{at:%Y-%m-%dT%H:%M:%SZ}") for name in values for at in ORIGINS]
    write(folder / "origins.csv", "series,origin", moments)
    for name, amounts in values.items():
        start = NOW - len(amounts) * HOUR
        rows = [
            (f"{start + place * HOUR:%Y-%m-%dT%H:%M:%SZ}", f"{amount:.3f}")
            for place, amount in enumerate(amounts)
            if np.isfinite(amount)
        ]
        write(folder / "series" / f"{name}.csv", "ds,y", rows)
    return folder


def write(path: Path, header: str, rows) -> None:
    lines = [header, *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
