"""What is foreseen of an allowance is told in the allowance's own unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.foresight.foreseen import in_its_unit
from checks.declare import Shape
from checks.limits import Allowance
from forecasting.model import DAY, Crossing, Forecast, Kind, Reasons

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
A_MINUTE = Forecast(
    limit_id="instance/710/rate",
    made_at=NOW,
    model="mixture",
    history=timedelta(days=30),
    amount=4_800.0,
    step=timedelta(hours=1),
    crossings=(
        Crossing(horizon=DAY, chance=0.1, soonest=None, middle=None, latest=None, headroom=2_400.0),
    ),
    reasons=Reasons(peak=2_400.0, usual_peak=1_800.0),
)


def allowance(per: timedelta | None) -> Allowance:
    return Allowance(
        id="instance/710/rate", system="Dotdigital", name="rate limit", shape=Shape.WINDOW,
        unit="calls", at=NOW, size=80.0, per=per,
    )  # fmt: skip


def test_a_limit_by_the_second_is_told_by_the_second():
    told = in_its_unit(A_MINUTE, allowance(timedelta(seconds=1)))
    assert told.amount == pytest.approx(80)
    assert told.crossings[0].headroom == pytest.approx(40)
    assert told.crossings[0].chance == 0.1
    assert (told.reasons.peak, told.reasons.usual_peak) == (pytest.approx(40), pytest.approx(30))


@pytest.mark.parametrize("per", [timedelta(minutes=1), timedelta(hours=1), None], ids=str)
def test_longer_windows_are_told_as_they_were_foreseen(per):
    assert in_its_unit(A_MINUTE, allowance(per)) is A_MINUTE


def test_what_is_no_rate_keeps_its_unit():
    places = replace(A_MINUTE, kind=Kind.PLACES)
    assert in_its_unit(places, allowance(timedelta(seconds=1))) is places
