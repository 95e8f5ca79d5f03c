"""The fit in the process beside Prophet's own, which is the reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import cmdstanpy
import numpy as np
import pytest

from forecasting import prophet_model
from forecasting.design import columns
from forecasting.local import localise
from forecasting.maximum import maximise
from forecasting.prophet_model import PRIORS, design_of, expected, fit, fit_by_prophet
from forecasting.trading_days import Calendar, Occasion
from tests.forecasting.recorded import NAMES, recorded, series_of, wave
from tests.forecasting.test_maximum import objective

PLAIN = Calendar()


def cut(name, days):
    series = recorded(name)
    return replace(series, values=series.values[: days * 24])


def with_gaps(series):
    values = series.values.copy()
    values[200:230], values[400] = np.nan, np.nan
    return replace(series, values=values)


def with_sale(series):
    """Three days on which twice as much is sold, in the middle."""
    values = series.values.copy()
    values[240:312] *= 2
    first = series.start.date() + timedelta(days=10)
    sale = Occasion(name="Sale", first=first, last=first + timedelta(days=2))
    return replace(series, values=values), Calendar(occasions=(sale,))


CASES = {
    "60 days, weekly": (cut("shop_api_nov_dec", 60), PLAIN),
    "52 days of another": (cut("purchases_04", 52), PLAIN),
    "20 days": (cut("orders_bike_spring12", 20), PLAIN),
    "10 days, daily": (cut("orders_bike_spring12", 10), PLAIN),
    "60 days with gaps": (with_gaps(cut("gate_southern_cross", 60)), PLAIN),
    "a sale": with_sale(cut("orders_bike_spring12", 60)),
    "made": (series_of(wave(40 * 24)), PLAIN),
}


@pytest.mark.parametrize("case", CASES, ids=list(CASES))
def test_it_is_prophets_maximum_and_never_worse(case):
    series, calendar = CASES[case]
    grid, amounts = localise(series)
    design = design_of(grid, calendar)
    root = np.sqrt(amounts)
    scale = np.nanmax(root)
    table = columns(design)
    found = maximise(table, root[None] / scale, design.changepoints, PRIORS)
    theirs = fit_by_prophet(root / scale, design)
    missed = (root / scale - table @ theirs)[np.isfinite(root)]
    noise = [np.sqrt((missed**2).mean()) * times for times in np.linspace(0.97, 1.03, 61)]
    least = min(objective(root / scale, table, theirs, each) for each in noise)
    ours = objective(root / scale, table, found.coefficients[0], found.noise[0])
    assert found.settled.all()
    assert ours <= least + 1e-6
    ahead = columns(design, 72)
    apart = np.abs(ahead @ theirs - ahead @ found.coefficients[0])
    # its optimiser stops early where there is little history
    assert np.median(apart) < (0.01 if grid.bins >= 20 * 24 else 0.03)
    assert design.marked or not calendar.occasions


def left_behind():
    """The files of this process's Stan; the machine's temporary folder is everybody's."""
    return set(Path(cmdstanpy._TMPDIR).rglob("*.json"))


@pytest.fixture
def left_to_prophet(monkeypatch):
    """The rows that Prophet's own optimiser was asked about, which answers all the same."""
    rows = []

    def asked(row, design):
        rows.append(row)
        return fit_by_prophet(row, design)

    monkeypatch.setattr(prophet_model, "fit_by_prophet", asked)
    return rows


def test_a_series_that_does_not_settle_is_left_to_prophet(monkeypatch, left_to_prophet):
    grid, amounts = localise(cut("orders_bike_spring12", 20))
    before = left_behind()
    with monkeypatch.context() as soon:
        soon.setattr("forecasting.maximum.ROUNDS", 1)
        (slow,) = fit(amounts[None], design_of(grid, PLAIN))
    assert len(left_to_prophet) == 1
    (fast,) = fit(amounts[None], design_of(grid, PLAIN))
    assert len(left_to_prophet) == 1
    np.testing.assert_allclose(
        expected([slow], grid.bins), expected([fast], grid.bins), atol=0.05 * fast.scale
    )
    assert left_behind() <= before


def test_a_table_that_cannot_be_solved_is_left_to_prophet(monkeypatch):
    def refuse(*_):
        raise np.linalg.LinAlgError("no")

    told = []

    def slow(row, design):
        told.append(row)
        return np.zeros(columns(design).shape[1])

    monkeypatch.setattr(prophet_model, "maximise", refuse)
    monkeypatch.setattr(prophet_model, "fit_by_prophet", slow)
    grid, amounts = localise(series_of(wave(240)))
    fit(amounts[None], design_of(grid, PLAIN))
    assert len(told) == 1


def test_two_weeks_are_needed_for_a_season_of_a_week():
    short, _ = localise(series_of(wave(14 * 24 - 1)))
    long, _ = localise(series_of(wave(14 * 24)))
    assert (design_of(short, PLAIN).weekly, design_of(short, PLAIN).daily) == (0, 8)
    assert (design_of(long, PLAIN).weekly, design_of(long, PLAIN).daily) == (24, 0)


def test_the_expected_follows_the_series():
    grid, amounts = localise(series_of(wave(60 * 24, noise=0.02)))
    fits = fit(np.stack([amounts, 7 * amounts]), design_of(grid, PLAIN))
    roots = expected(fits, grid.bins + 72)
    assert roots.shape == (2, grid.bins + 72)
    np.testing.assert_allclose(roots[0, : grid.bins], np.sqrt(amounts), rtol=0.25)
    np.testing.assert_allclose(roots[1], np.sqrt(7) * roots[0], rtol=1e-6)


def test_a_series_that_has_lost_its_start_is_read_from_there():
    grid, amounts = localise(series_of(wave(20 * 24)))
    (found,) = fit(amounts[None], design_of(grid, PLAIN))
    whole = expected([found], grid.bins + 30)[0]
    later = expected([replace(found, skipped=24)], grid.bins + 6)[0]
    np.testing.assert_allclose(later, whole[24:], rtol=1e-12)


@pytest.mark.parametrize(
    ("first", "last", "marked"),
    [
        (date(2026, 10, 5), date(2026, 10, 6), ((13, 14),)),
        (date(2026, 10, 11), date(2026, 10, 13), ((19, 20, 21),)),
        (date(2026, 9, 20), date(2026, 9, 23), ((0, 1),)),
        (date(2026, 10, 14), date(2026, 10, 15), ()),
        (date(2026, 8, 1), date(2026, 8, 2), ()),
    ],
    ids=["past", "under way", "begun before", "still to come", "long ago"],
)
def test_an_occasion_is_marked_where_a_day_of_it_was_met(first, last, marked):
    grid, _ = localise(series_of(wave(20 * 24)))  # from 22 September to 11 October
    calendar = Calendar(occasions=(Occasion(name="Sale", first=first, last=last),))
    assert design_of(grid, calendar).marked == marked


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_series_is_fitted_in_the_process(name, left_to_prophet):
    grid, amounts = localise(recorded(name))
    fit(amounts[None], design_of(grid, PLAIN))
    assert not left_to_prophet
