"""How good chances are beside those of Prophet as it comes, on recorded series; in its own process.

Argument: a directory laid out for `seamwatch backtest`, or nothing: the package's own series.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from forecasting.backtest import backtest, before
from forecasting.dataset import Case, Line, read_dataset
from forecasting.series import Series
from forecasting.trading_days import Calendar
from tests.forecasting.recorded import DAY, HOUR, NAMES, recorded

SERIES, ORIGINS = 6, 12
HORIZONS = (DAY, 3 * DAY)
FIRST = 30 * DAY
QUIET = 6
RARELY = (0.02, 0.98)
Told = dict[tuple[str, datetime, int], float]


def cases(folder: str) -> list[Case]:
    """Hourly series, their limits by the bin, and a dozen origins of each, at all hours."""
    if not folder:
        return [_own(recorded(name)) for name in NAMES]
    found = [case for case in read_dataset(Path(folder)) if case.series.step == HOUR]
    return [_thinned(case) for case in found[:: max(1, len(found) // SERIES)]]


def _own(series: Series) -> Case:
    past = before(series, series.start + FIRST)
    days = past.values[: len(past.values) // 24 * 24].reshape(-1, 24).max(axis=1)
    limits = [
        Line(id=f"{share}", kind="bin", amount=float(np.quantile(days, share)), horizons=HORIZONS)
        for share in (0.5, 0.8, 0.95)
    ]
    first = series.start + FIRST
    times = (series.until - DAY - first) // (6 * HOUR)
    origins = tuple(first + place * 6 * HOUR for place in range(times))
    return _thinned(Case(series=series, limits=tuple(limits), origins=origins))


def _thinned(case: Case) -> Case:
    limits = tuple(replace(each, horizons=HORIZONS) for each in case.limits if each.kind == "bin")
    step = max(1, len(case.origins) // ORIGINS) | 1  # odd: origins are six hours apart
    return replace(case, limits=limits, origins=case.origins[::step])


def ours(case: Case) -> Told:
    rows = backtest(case, Calendar(), quantiles=False).breaches
    return {
        (str(row[1]), datetime.fromisoformat(str(row[2])), int(str(row[3]))): float(str(row[4]))
        for row in rows
    }


def prophets(case: Case) -> Told:
    """Of Prophet with its defaults: the share of its own sampled futures that reach the limit."""
    import pandas as pd
    from prophet import Prophet

    logging.getLogger("cmdstanpy").setLevel(logging.CRITICAL)
    np.random.seed(1)
    found: Told = {}
    for origin in case.origins:
        known = before(case.series, origin)
        start = known.start.replace(tzinfo=None)
        moments = pd.date_range(start, periods=len(known.values), freq="h")
        model = Prophet().fit(pd.DataFrame({"ds": moments, "y": known.values}))
        future = model.make_future_dataframe(72, freq="h", include_history=False)
        sampled = model.predictive_samples(future)["yhat"]
        for limit in case.limits:
            for horizon in HORIZONS:
                hours = horizon // HOUR
                share = (sampled[:hours].max(axis=0) >= limit.amount).mean()
                found[limit.id, origin, hours] = float(share)
    return found


def judged(case: Case) -> Iterator[tuple[Line, datetime, int, bool, float]]:
    """Each limit, origin and horizon that can be judged: whether it was reached, and how often it
    was in windows of the past."""
    values, start = case.series.values, case.series.start
    for origin in case.origins:
        place = (origin - start) // HOUR
        for limit in case.limits:
            quiet = not (values[place - QUIET : place] >= limit.amount).any()
            for hours in (horizon // HOUR for horizon in HORIZONS):
                window = values[place : place + hours]
                if quiet and len(window) == hours and np.isfinite(window).mean() >= 0.8:
                    past = values[: place - place % hours].reshape(-1, hours) >= limit.amount
                    usual = float(np.clip(past.any(axis=1).mean(), *RARELY))
                    yield limit, origin, hours, bool((window >= limit.amount).any()), usual


def skills(told: Sequence[tuple[Case, Told]]) -> dict[int, float]:
    """Brier skill by horizon: 0 is to know how often it happens, 1 is perfect."""
    missed: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for case, chances in told:
        for limit, origin, hours, happened, usual in judged(case):
            chance = chances.get((limit.id, origin, hours), usual)
            missed[hours].append(((chance - happened) ** 2, (usual - happened) ** 2))
    return {
        hours: 1 - sum(one for one, _ in each) / sum(other for _, other in each)
        for hours, each in missed.items()
    }


def main(folder: str) -> None:
    warnings.simplefilter("ignore")
    asked = cases(folder)
    told = {
        "series": len(asked),
        "forecasts": sum(1 for case in asked for _ in judged(case)),
        "ours": skills([(case, ours(case)) for case in asked]),
        "prophet": skills([(case, prophets(case)) for case in asked]),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
