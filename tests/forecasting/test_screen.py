"""What lies far beyond all that was of late is not worth a model; all else is."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.change import Change
from forecasting.learning import Question, foresee_many, learn
from forecasting.model import Kind, Limit
from forecasting.trading_days import Calendar, Occasion
from tests.forecasting.recorded import DAY, NOW, series_of, wave

PLAIN = Calendar()
USUAL = wave(60 * 24)
TOP = float(USUAL[-28 * 24 :].max())
RESETS = tuple(NOW + number * DAY for number in (1, 2, 3))
DAILY = float(USUAL[-28 * 24 :].reshape(28, 24).sum(axis=1).max())


def model_of(limit, values=USUAL, calendar=PLAIN, changes=()):
    series = series_of(values)
    learned = learn([series], calendar)[0]
    question = Question(series=series, limits=(limit,), learned=learned)
    ((found,),) = foresee_many([question], calendar, changes=changes, screen=True)
    return found


def bin_of(times):
    return Limit(id="shop", kind=Kind.BIN, amount=TOP * times)


CASES = {
    "far above the highest of four weeks": (bin_of(3.0), "screen"),
    "within half as much again": (bin_of(1.4), "mixture"),
    "a day's quota far above every day": (
        Limit(id="shop", kind=Kind.QUOTA, amount=DAILY * 2.5, resets=RESETS),
        "screen",
    ),
    "a day's quota within reach": (
        Limit(id="shop", kind=Kind.QUOTA, amount=DAILY * 1.2, resets=RESETS),
        "mixture",
    ),
    "a quota that never starts anew adds up": (
        Limit(id="shop", kind=Kind.QUOTA, amount=DAILY * 2.5),
        "mixture",
    ),
    "a bucket keeps what it holds": (
        Limit(id="shop", kind=Kind.BUCKET, amount=TOP * 50, drains=TOP),
        "mixture",
    ),
    "a day's quota that is all but spent": (
        Limit(id="shop", kind=Kind.QUOTA, amount=DAILY * 2.5, used=DAILY * 2.4, resets=RESETS),
        "mixture",
    ),
}


@pytest.mark.parametrize(("limit", "model"), CASES.values(), ids=CASES.keys())
def test_only_what_cannot_be_reached_is_screened_out(limit, model):
    found = model_of(limit)
    assert found.model == model
    if model == "screen":
        assert all(each.chance < 0.001 for each in found.crossings)
        assert found.crossings[0].headroom > 0


def test_a_growing_series_is_asked_about_sooner():
    grown = USUAL * np.where(np.arange(len(USUAL)) >= len(USUAL) - 7 * 24, 2.0, 1.0)
    assert model_of(bin_of(2 * 1.8)).model == "screen"
    assert model_of(bin_of(2 * 1.8), grown).model == "mixture"


def test_a_promotion_ahead_and_a_change_asked_for_bring_the_far_within_reach():
    sale = Occasion(name="Sale", first=NOW.date(), last=NOW.date() + 3 * DAY, times=4.0)
    assert model_of(bin_of(3.0), calendar=Calendar(occasions=(sale,))).model == "mixture"
    change = Change(since=NOW, until=NOW + DAY, times=4.0)
    assert model_of(bin_of(3.0), changes=(change,)).model == "mixture"


def test_a_young_series_is_never_screened():
    assert model_of(bin_of(3.0), USUAL[-13 * 24 :]).model == "mixture"
