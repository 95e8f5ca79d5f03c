"""The backtest: at each origin only what came before it is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from forecasting import backtest as module
from forecasting.backtest import backtest, before
from forecasting.dataset import BREACH, QUANTILES, read_dataset
from forecasting.trading_days import Calendar
from tests.forecasting.datasets import DAYS, ORIGINS, write_dataset
from tests.forecasting.recorded import DAY, HOUR, NOW, series_of, wave

PLAIN = Calendar()


def case_of(folder, shop=None):
    return read_dataset(write_dataset(folder, shop))[0]


def rows_of(judged):
    return [dict(zip(BREACH, row, strict=True)) for row in judged.breaches]


def test_every_origin_limit_and_horizon_has_its_row(tmp_path):
    judged = backtest(case_of(tmp_path), PLAIN)
    told = {(row["limit_id"], row["origin"], row["horizon_h"]) for row in rows_of(judged)}
    moments = [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in ORIGINS]
    asked = (("busy", 24), ("busy", 72), ("day", 24))
    assert told == {(name, at, hours) for name, hours in asked for at in moments}
    assert len(judged.breaches) == 9
    assert all(0.0 < float(row["p_breach"]) <= 1.0 for row in rows_of(judged))
    points = [dict(zip(QUANTILES, row, strict=True)) for row in judged.quantiles]
    assert len(points) == 3 * 72
    assert {row["origin"] for row in points} == set(moments)
    assert all(row["ds"] >= row["origin"] for row in points)


def test_what_came_later_makes_no_difference(tmp_path):
    """From the second origin on everything is a thousand times as much."""
    amounts = wave(DAYS * 24)
    wild = amounts.copy()
    wild[-48:] *= 1000
    plain = backtest(case_of(tmp_path / "plain", amounts), PLAIN)
    other = backtest(case_of(tmp_path / "wild", wild), PLAIN)
    first, second, last = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in ORIGINS)
    for known in (first, second):
        for name in ("breaches", "quantiles"):
            mine, theirs = (
                [row for row in getattr(each, name) if known in row[1:3]] for each in (plain, other)
            )
            assert mine
            assert mine == theirs
    assert [row for row in plain.breaches if last in row] != [
        row for row in other.breaches if last in row
    ]


def test_bands_are_left_out_where_nobody_wants_them(tmp_path):
    judged = backtest(case_of(tmp_path), PLAIN, quantiles=False)
    assert judged.quantiles == []
    assert judged.breaches == backtest(case_of(tmp_path), PLAIN).breaches


def test_an_origin_before_everything_and_one_too_early_have_no_rows(tmp_path):
    case = case_of(tmp_path)
    early = (case.series.start - DAY, case.series.start + 10 * HOUR)
    judged = backtest(replace(case, origins=early), PLAIN)
    assert (judged.breaches, judged.quantiles) == ([], [])


@pytest.mark.parametrize(
    ("hours", "known"),
    [(0, 0), (1, 1), (1.5, 1), (47, 47), (100, 48), (-5, 0)],
)
def test_what_was_known_at_a_moment_are_the_bins_that_had_ended(hours, known):
    series = series_of(np.arange(48.0))
    found = before(series, series.start + timedelta(hours=hours))
    np.testing.assert_array_equal(found.values, np.arange(known))


def test_a_days_quota_has_spent_what_came_since_midnight(tmp_path):
    case = case_of(tmp_path)
    known = before(case.series, NOW - 30 * HOUR)  # 18 h on 10 October
    limit = module._limit(case.limits[1], known, [DAY])
    assert limit.used == pytest.approx(known.values[-18:].sum())
    assert limit.resets[0] == NOW - DAY
    assert limit.resets[-1] >= known.until + DAY
    assert module._limit(case.limits[1], before(case.series, NOW - DAY), [DAY]).used == 0.0


def test_it_is_learned_daily_and_rehearsed_every_third_day(tmp_path, monkeypatch):
    told = []
    learn = module.learn

    def heard(series, *more, trust):
        told.append((series[0].until, trust is None))
        return learn(series, *more, trust=trust)

    monkeypatch.setattr(module, "learn", heard)
    case = case_of(tmp_path)
    origins = tuple(NOW - 5 * DAY + 12 * HOUR * place for place in range(10))
    backtest(replace(case, origins=origins), PLAIN, quantiles=False)
    assert [at for at, _ in told] == [NOW - 5 * DAY + day * DAY for day in range(5)]
    assert [anew for _, anew in told] == [True, False, False, True, False]
