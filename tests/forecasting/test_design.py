"""The columns that Prophet's model is linear in."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from forecasting.design import Design, changepoints, columns
from tests.forecasting.recorded import HOUR

MONDAY_1970 = 4 * 86_400  # 5 January 1970


def design(**more) -> Design:
    return Design(**({"start": MONDAY_1970, "step": HOUR, "bins": 1440, "weekly": 3} | more))


def test_columns_are_slope_offset_changes_seasons_and_occasions():
    table = columns(design(daily=2, marked=((0, 1), (5,))))
    assert table.shape == (1440, 2 + 10 + 2 * (3 + 2) + 2)
    np.testing.assert_array_equal(table[[0, -1], 0], [0.0, 1.0])
    assert (table[:, 1] == 1.0).all()
    np.testing.assert_array_equal(np.flatnonzero(table[:, -2]), np.arange(48))
    np.testing.assert_array_equal(np.flatnonzero(table[:, -1]), np.arange(120, 144))


def test_a_week_later_the_seasons_are_the_same():
    table = columns(design(daily=2), 168)[:, 12:]
    np.testing.assert_allclose(table[168:], table[:-168], atol=1e-9)
    assert np.abs(table[24:] - table[:-24]).max() > 0.1


def test_what_lies_ahead_continues_the_past():
    whole = columns(design(), 72)
    assert len(whole) == 1440 + 72
    np.testing.assert_array_equal(whole[:1440], columns(design()))
    assert whole[-1, 0] > 1.0


def test_changes_of_slope_lie_in_the_first_four_fifths():
    places = changepoints(design())
    assert len(places) == 10
    assert (np.diff(places) > 0).all()
    assert places[0] > 0
    assert places[-1] <= 0.8
    assert not len(changepoints(design(changepoints=0)))


def test_an_occasion_goes_by_local_days():
    """The grid begins at 22 h, so that its second day begins two bins later."""
    table = columns(design(start=MONDAY_1970 + 22 * 3600, bins=72, marked=((1,),)))
    np.testing.assert_array_equal(np.flatnonzero(table[:, -1]), np.arange(2, 26))


@pytest.mark.parametrize("bins", [0, 1, 2, 30])
def test_the_shortest_history_has_columns_too(bins):
    assert np.isfinite(columns(design(bins=bins, step=timedelta(minutes=5)), 10)).all()


def test_columns_are_kept_and_cannot_be_changed():
    assert columns(design()) is columns(design())
    assert not columns(design()).flags.writeable
