"""A peak rehearsed: only the peak counts, and what a quota holds from before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.advice import HOLDS
from forecasting.change import HOURS_OF_WEEK, Change, additions, factors, hour_of_week
from forecasting.model import Forecast, Kind, Limit
from forecasting.series import Series
from forecasting.whatif import Peak, holds_until, lead_in, rehearse, span, with_resets
from tests.forecasting.replay import MONDAY, UTC_ZONE, Replay

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FRIDAY = MONDAY + 4 * DAY


def replay() -> Replay:
    """A hundred calls an hour by day, twenty by night, Mondays twice as many."""
    day = [20.0] * 8 + [100.0] * 10 + [20.0] * 6
    values = np.tile(np.array([each * 2 for each in day] + day * 6), 5)
    start = MONDAY - len(values) * HOUR
    return Replay(
        series=Series(id="instance/1/calls", start=start, step=HOUR, values=values, zone=UTC_ZONE)
    )


def peak(times: float, since: int = 4, days: int = 1) -> Peak:
    first = MONDAY + since * DAY
    return Peak(since=first, until=first + days * DAY, times=times)


def test_a_peak_breaks_the_limit_on_its_day_and_at_its_hour() -> None:
    limit = Limit(id="a", kind=Kind.BIN, amount=250)
    found = rehearse(replay().ask, limit, peak(3), MONDAY)
    assert found.crossing is not None
    assert found.crossing.chance > 0.9
    assert found.crossing.middle == FRIDAY + 8 * HOUR
    assert found.highest == pytest.approx(300)
    assert found.usual is not None
    assert found.usual < HOLDS


def test_what_breaks_before_the_peak_is_not_held_against_it() -> None:
    limit = Limit(id="a", kind=Kind.BIN, amount=150)  # every Monday breaks it
    found = rehearse(replay().ask, limit, peak(1.2), MONDAY)
    assert found.holds
    assert found.holds_until == 1.2


def test_a_day_quota_counts_its_own_day_only() -> None:
    resets = tuple(MONDAY + n * DAY for n in range(1, 4))
    limit = Limit(id="a", kind=Kind.QUOTA, amount=2800, used=2000, resets=resets)
    assert rehearse(replay().ask, limit, peak(2), MONDAY).holds_until == 2
    broken = rehearse(replay().ask, limit, peak(3), MONDAY)
    assert broken.crossing is not None
    assert broken.crossing.middle is not None
    assert FRIDAY < broken.crossing.middle < FRIDAY + DAY


def test_a_month_counts_from_its_first_and_runs_out_after_the_peak() -> None:
    """The usual comes to 24,040 by its end; the peak brings 2,560 more."""
    limit = Limit(id="a", kind=Kind.QUOTA, amount=25_500, used=1000, resets=(MONDAY + 15 * DAY,))
    found = rehearse(replay().ask, limit, peak(3), MONDAY)
    assert found.crossing is not None
    assert found.crossing.middle is not None
    assert found.crossing.middle > FRIDAY + 2 * DAY
    assert found.usual is not None
    assert found.usual < HOLDS


def test_the_multiple_that_would_hold_is_found() -> None:
    limit = Limit(id="a", kind=Kind.BIN, amount=250)
    broken = rehearse(replay().ask, limit, peak(4), MONDAY)
    told = holds_until(replay().ask, broken, peak, 4, MONDAY)
    assert told.holds_until == pytest.approx(2.47, abs=0.1)


def test_where_even_the_usual_breaks_it_no_multiple_holds() -> None:
    limit = Limit(id="a", kind=Kind.BIN, amount=90)
    broken = rehearse(replay().ask, limit, peak(3), MONDAY)
    assert holds_until(replay().ask, broken, peak, 3, MONDAY) == broken
    assert broken.holds_until is None


def test_a_withheld_forecast_neither_breaks_nor_holds() -> None:
    def withheld(
        limits: Sequence[Limit], _horizon: timedelta, _changes: Sequence[Change]
    ) -> tuple[Forecast, ...]:
        (told,) = replay().ask(limits, DAY, ())
        return (replace(told, crossings=(), withheld="too little history"),)

    found = rehearse(withheld, Limit(id="a", kind=Kind.BIN, amount=1), peak(3), MONDAY)
    assert (found.crossing, found.usual, found.holds, found.highest) == (None, None, False, None)


@pytest.mark.parametrize(
    ("limit", "until"),
    [
        pytest.param(Limit(id="a", kind=Kind.BIN, amount=1), FRIDAY, id="a rate: up to the peak"),
        pytest.param(
            Limit(id="a", kind=Kind.ROLLING, amount=1, window=DAY),
            FRIDAY - DAY,
            id="a rolling sum: a window before it",
        ),
        pytest.param(
            Limit(id="a", kind=Kind.QUOTA, amount=1, resets=(MONDAY + DAY, FRIDAY - 2 * HOUR)),
            FRIDAY - 2 * HOUR,
            id="a quota: up to its last start",
        ),
        pytest.param(
            Limit(id="a", kind=Kind.QUOTA, amount=1, resets=(FRIDAY + DAY,)),
            None,
            id="a quota that runs already: nothing",
        ),
    ],
)
def test_how_far_the_days_before_are_emptied(limit: Limit, until: object) -> None:
    told = [each.until for each in lead_in(limit, peak(3), MONDAY)]
    assert told == ([until] if until else [])


def test_a_rehearsal_looks_to_the_end_of_the_peak_in_whole_hours() -> None:
    rate = Limit(id="a", kind=Kind.BIN, amount=1)
    assert span(rate, peak(3), MONDAY) == 5 * DAY
    assert span(rate, peak(3), MONDAY + timedelta(minutes=20)) == 5 * DAY


def test_a_quota_goes_on_starting_anew() -> None:
    daily = Limit(id="a", kind=Kind.QUOTA, amount=1, resets=(MONDAY + DAY, MONDAY + 2 * DAY))
    resets = with_resets(daily, FRIDAY + DAY).resets
    assert resets == tuple(MONDAY + n * DAY for n in range(1, 6))
    december = Limit(id="a", kind=Kind.QUOTA, amount=1, resets=(MONDAY + 15 * DAY,))
    assert [f"{each:%m-%d}" for each in with_resets(december, MONDAY + 50 * DAY).resets] == [
        "12-01",
        "01-01",
        "02-01",
    ]


@settings(max_examples=25, deadline=None)
@given(amount=st.floats(50, 600), times=st.floats(1, 6), more=st.floats(1.01, 3))
def test_a_higher_peak_never_makes_a_breach_less_likely(
    amount: float, times: float, more: float
) -> None:
    limit = Limit(id="a", kind=Kind.BIN, amount=amount)
    low, high = (
        rehearse(replay().ask, limit, peak(each), MONDAY).crossing for each in (times, times * more)
    )
    assert low is not None
    assert high is not None
    assert low.chance <= high.chance + 1e-9


def test_changes_that_overlap_multiply_and_go_by_the_local_hour() -> None:
    by_hour = [1.0] * HOURS_OF_WEEK
    by_hour[hour_of_week(MONDAY + 9 * HOUR, UTC_ZONE)] = 0.5
    changes = [
        Change(since=MONDAY + 8 * HOUR, until=MONDAY + 10 * HOUR, times=4.0),
        Change(since=MONDAY, until=MONDAY + DAY, by_hour=tuple(by_hour)),
    ]
    assert factors(changes, MONDAY + 7 * HOUR, HOUR, 4, UTC_ZONE).tolist() == [1, 4, 2, 1]


def test_what_is_added_comes_in_its_hours_and_in_its_time_alone() -> None:
    at_eight = tuple(60.0 * (hour % 24 == 8) for hour in range(168))
    change = Change(since=MONDAY, until=MONDAY + 24 * HOUR, added=at_eight)
    assert additions([change], MONDAY + 7 * HOUR, HOUR, 3, UTC_ZONE).tolist() == [0, 60, 0]
    assert additions([change], MONDAY + 8 * HOUR, HOUR / 4, 5, UTC_ZONE).tolist() == [15] * 4 + [0]
    assert not additions([change], MONDAY + 24 * HOUR, HOUR, 24, UTC_ZONE).any()


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"times": -1.0}, id="below zero"),
        pytest.param({"times": float("nan")}, id="not a number"),
        pytest.param({"by_hour": (1.0,) * 24}, id="a day of hours"),
    ],
)
def test_a_change_that_cannot_be_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"factors|by_hour"):
        Change(since=MONDAY, until=FRIDAY, **told)  # type: ignore[arg-type]  # wrong on purpose
