"""What was learned and foreseen: the newest of each, read back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.store import forecasts
from forecasting.model import BandPoint, Crossing, Forecast, Kind, Reasons, Skill

HOUR = timedelta(hours=1)


@pytest.fixture
def forecast(noon) -> Forecast:
    return Forecast(
        limit_id="instance/702/rate",
        made_at=noon,
        model="mixture",
        history=timedelta(days=60),
        amount=60.0,
        step=HOUR,
        kind=Kind.QUOTA,
        fitted_at=noon - 9 * HOUR,
        crossings=(
            Crossing(
                horizon=72 * HOUR,
                chance=0.83,
                soonest=noon + HOUR,
                middle=noon + 2 * HOUR,
                latest=None,
                headroom=-4.5,
            ),
        ),
        levels=(BandPoint(at=noon, lowest=1.0, low=2.0, middle=3.0, high=4.0, highest=5.0),),
        skill=Skill(brier=0.3, forecasts=40),
        reasons=Reasons(growth=0.1, peak_at=noon, peak=70.0, occasions=("Black Friday weekend",)),
    )


def test_a_forecast_is_read_back_as_it_was_made(store, forecast):
    with store.writing() as db:
        forecasts.save_forecasts(db, [forecast])
    assert forecasts.find_forecast(store.db, forecast.limit_id) == forecast
    found = forecasts.find_forecasts(store.db)
    assert found == {forecast.limit_id: replace(forecast, levels=())}


def test_of_a_bins_own_amount_the_band_is_read_back(store, forecast):
    rate = replace(forecast, kind=Kind.BIN, band=forecast.levels, levels=())
    with store.writing() as db:
        forecasts.save_forecasts(db, [rate])
    assert forecasts.find_forecast(store.db, forecast.limit_id) == rate


def test_the_newest_takes_the_place_of_the_one_before(store, forecast, noon):
    withheld = replace(forecast, made_at=noon + HOUR, crossings=(), levels=(), withheld="too short")
    with store.writing() as db:
        forecasts.save_forecasts(db, [forecast])
        forecasts.save_forecasts(db, [withheld])
    assert forecasts.find_forecast(store.db, forecast.limit_id) == withheld
    assert forecasts.find_forecast(store.db, "pool/61/use") is None


def test_what_was_learned_is_kept_byte_by_byte_until_it_is_learned_anew(store, noon):
    with store.writing() as db:
        forecasts.save_learned(db, "b", noon, b"\x00\xffold")
        forecasts.save_learned(db, "b", noon + HOUR, b"\x00\xffnew")
        forecasts.save_learned(db, "a", noon, b"")
    assert forecasts.find_learned(store.db) == {"a": b"", "b": b"\x00\xffnew"}


def test_what_nobody_asks_for_any_more_is_forgotten(store, forecast, noon):
    with store.writing() as db:
        forecasts.save_forecasts(
            db, [forecast, replace(forecast, limit_id="x", made_at=noon + HOUR)]
        )
        forecasts.save_learned(db, "old", noon, b"1")
        forecasts.save_learned(db, "new", noon + HOUR, b"2")
        forecasts.forget_unused(db, noon + HOUR)
    assert forecasts.find_forecasts(store.db).keys() == {"x"}
    assert forecasts.find_learned(store.db).keys() == {"new"}
