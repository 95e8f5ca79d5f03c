"""A refresh of many forecasts, in a process of its own; tells what it cost.

Arguments: how many series, how many of them the plain loop is timed on.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from forecasting.combine import NO_TRUST
from forecasting.learning import Question, foresee_many, learn
from forecasting.model import Forecast, Kind, Limit
from forecasting.series import Series
from forecasting.trading_days import Calendar
from tests.forecasting.recorded import NAMES, recorded

DAYS = 60
AHEAD = 72
GAPPY = 20  # every so many-th series has a gap
SEED = 7
CALENDAR = Calendar()
REHEARSED = 8


def many(number: int) -> list[Series]:
    """Recorded series cut to `DAYS`, turned by whole weeks, scaled and made noisy."""
    random = np.random.default_rng(SEED)
    whole = [recorded(name).values for name in NAMES]
    return [_one(random, whole[place % len(whole)], place) for place in range(number)]


def _one(random: np.random.Generator, recording: np.ndarray, place: int) -> Series:
    turned = np.roll(np.resize(recording, DAYS * 24), 168 * random.integers(8))
    noise = random.gamma(50.0, 1 / 50.0, len(turned))
    values = turned * noise * 10 ** random.uniform(-1, 2)
    if place % GAPPY == 0:
        values[random.integers(len(values) - AHEAD) :][:5] = np.nan
    return replace(recorded(NAMES[0]), id=f"series {place}", values=values)


def refresh(series: Sequence[Series]) -> list[Forecast]:
    """Fit all, and foresee one limit of each, as a nightly refresh does; trust is kept."""
    learned = learn(series, CALENDAR, trust=NO_TRUST)
    asked = [
        Question(series=each, limits=(_limit(each),), learned=found)
        for each, found in zip(series, learned, strict=True)
    ]
    return [told for (told,) in foresee_many(asked, CALENDAR, bands=False)]


def _limit(series: Series) -> Limit:
    return Limit(id=series.id, kind=Kind.BIN, amount=1.1 * float(np.nanmax(series.values)))


def plain_loop(series: Sequence[Series]) -> None:
    """What Prophet's own documentation shows."""
    import pandas as pd
    from prophet import Prophet

    logging.getLogger("cmdstanpy").setLevel(logging.ERROR)
    for each in series:
        moments = pd.date_range(each.start.replace(tzinfo=None), periods=len(each.values), freq="h")
        model = Prophet().fit(pd.DataFrame({"ds": moments, "y": each.values}))
        model.predict(model.make_future_dataframe(AHEAD, freq="h", include_history=False))


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak_mb() -> float:
    """The most memory that was ever resident."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def main(number: int, reference: int) -> None:
    series = many(number)
    refresh(series[:2])
    took = timed(lambda: refresh(series))
    peak = peak_mb()
    left = len(list(Path(tempfile.gettempdir()).iterdir()))
    told = {"refresh": took, "peak_mb": peak, "left": left}
    told["rehearse"] = timed(lambda: learn(series[:REHEARSED], CALENDAR)) / REHEARSED
    plain_loop(series[:1])  # what is imported and compiled once
    told["plain"] = timed(lambda: plain_loop(series[1 : 1 + reference])) / reference
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
