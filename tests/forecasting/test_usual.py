"""What is usual: which hours count as alike, and robust numbers of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.usual import HourPoint, Spread, Usual, quantile, spread, usual

LONDON = ZoneInfo("Europe/London")
KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 3, 2, 10, 20, tzinfo=UTC)  # a Monday


def point(
    *, days: int = 0, hours: int = 0, mean: float = 2.0, busiest: float = 5.0, count: int = 60
) -> HourPoint:
    """An hour so long before the present one."""
    start = NOW.replace(minute=0) - timedelta(days=days, hours=hours)
    return HourPoint(hour=start, count=count, total=mean * count, busiest=busiest)


def mondays(*means: float) -> list[HourPoint]:
    return [point(days=7 * (i + 1), mean=mean, busiest=mean) for i, mean in enumerate(means)]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([], None),
        ([point(days=7)], None),
        (
            mondays(1, 2, 300),
            Usual(middle=2, high=pytest.approx(240.4), hours=3, basis="Mondays at this hour"),
        ),
        (
            [point(days=3, mean=4), point(days=4, mean=6)],
            Usual(middle=5, high=5, hours=2, basis="weekdays at this hour"),
        ),
        (
            [*mondays(1, 2), point(days=3, mean=9, busiest=9)],
            Usual(middle=2, high=pytest.approx(7.6), hours=3, basis="weekdays at this hour"),
        ),
        ([point(days=1), point(days=2)], None),
        ([point(days=7, hours=1), point(days=14, hours=1)], None),
        ([*mondays(1), point(days=0)], None),
        ([*mondays(1), point(days=-7)], None),
        ([*mondays(1), point(days=14, count=0)], None),
    ],
    ids=[
        "nothing known",
        "one hour is too little",
        "three Mondays, one of them odd",
        "a Thursday and a Friday for a Monday",
        "two Mondays are too few, with a Friday they are weekdays",
        "a weekend says nothing about a Monday",
        "another hour says nothing",
        "the present hour is not over",
        "the future is not known",
        "an hour without readings",
    ],
)
def test_what_is_usual_at_this_hour(points: list[HourPoint], expected: Usual | None) -> None:
    assert usual(points, NOW, LONDON) == expected


def test_weekends_have_their_own_usual() -> None:
    saturday = NOW + timedelta(days=5)
    points = [point(days=1, mean=3, busiest=3), point(days=2, mean=3, busiest=3)]
    found = usual(points, saturday, LONDON)
    assert found == Usual(middle=3, high=3, hours=2, basis="weekends at this hour")


def test_the_hour_is_the_local_one_across_a_clock_change() -> None:
    """10:20 in London is 10:20 UTC in winter and 09:20 UTC in summer."""
    summer = datetime(2026, 4, 6, 9, 20, tzinfo=UTC)
    winter = [
        HourPoint(hour=datetime(2026, 3, day, 10, tzinfo=UTC), count=1, total=7, busiest=7)
        for day in (9, 16, 23)
    ]
    found = usual(winter, summer, LONDON)
    assert found is not None
    assert found.middle == 7


def test_a_zone_off_the_full_hour_still_finds_its_hours() -> None:
    found = usual(mondays(1, 2, 3), NOW + timedelta(minutes=30), KOLKATA)
    assert found is not None
    assert found.middle == 2


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1e6)), max_size=40))
def test_high_is_never_below_the_middle(rows: list[tuple[int, float]]) -> None:
    found = usual([point(days=days, mean=mean, busiest=mean) for days, mean in rows], NOW, LONDON)
    assert found is None or found.high >= found.middle >= 0


def test_a_spread_of_durations() -> None:
    seconds = [timedelta(seconds=second) for second in range(101)]
    assert spread(reversed(seconds)) == Spread(
        count=101, p50=seconds[50], p95=seconds[95], p99=seconds[99]
    )


@pytest.mark.parametrize("count", [0, 1], ids=["of nothing is not known", "of one is that one"])
def test_a_spread(count: int) -> None:
    second = timedelta(seconds=1)
    expected = Spread(count=1, p50=second, p95=second, p99=second) if count else None
    assert spread([second] * count) == expected


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e9), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_within_the_values(values: list[float], share: float) -> None:
    ordered = sorted(values)
    assert ordered[0] <= quantile(ordered, share) <= ordered[-1]
