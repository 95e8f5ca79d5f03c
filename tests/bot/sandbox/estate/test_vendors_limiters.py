"""The arithmetic of vendors' limits, by itself and told the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.sandbox.estate.vendors.limiters import (
    Concurrency,
    FixedWindow,
    LeakyBucket,
    Limiter,
    PointsBucket,
    SlidingWindow,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def later(**amount: float) -> datetime:
    return NOON + timedelta(**amount)


def fresh() -> list[Limiter]:
    return [
        LeakyBucket(40, drains=2),
        PointsBucket(1000, restores=50),
        FixedWindow(150, lasts=timedelta(seconds=30)),
        SlidingWindow(200, lasts=MINUTE),
    ]


def named(limiter: Limiter) -> str:
    return type(limiter).__name__


def test_a_leaky_bucket_drains_between_calls() -> None:
    bucket = LeakyBucket(40, drains=2)
    assert bucket.fitting(NOON, 50) == 40
    assert bucket.take(NOON, 40)
    assert not bucket.take(NOON)
    assert bucket.wait(NOON) == timedelta(seconds=0.5)
    assert bucket.take(later(seconds=0.5))
    assert bucket.used(later(seconds=10.5)) == 20
    assert bucket.used(later(hours=1)) == 0


def test_points_are_restored_until_all_are_there() -> None:
    bucket = PointsBucket(1000, restores=50)
    assert bucket.take(NOON, 800)
    assert not bucket.take(NOON, 201)
    assert bucket.wait(NOON, 1000) == timedelta(seconds=16)
    assert bucket.left(later(seconds=2)) == 300
    assert bucket.left(later(seconds=60)) == 1000


def test_a_fixed_window_begins_anew_all_at_once() -> None:
    window = FixedWindow(150, lasts=timedelta(seconds=30))
    at = later(seconds=12)
    assert window.fitting(at, 200) == 150
    assert window.take(at, 150)
    assert window.resets_at(at) == later(seconds=30)
    assert window.wait(at) == timedelta(seconds=18)
    assert not window.take(later(seconds=29.9))
    assert window.left(later(seconds=30)) == 150


def test_a_sliding_window_forgets_each_call_by_itself() -> None:
    window = SlidingWindow(3, lasts=MINUTE)
    for seconds in (0, 10, 20):
        assert window.take(later(seconds=seconds))
    assert not window.take(later(seconds=30))
    assert window.wait(later(seconds=30)) == timedelta(seconds=30)
    assert window.left(later(seconds=60)) == 1
    assert window.left(later(seconds=80)) == 3


def test_calls_after_each_other_hold_one_slot_for_as_long_as_they_last() -> None:
    slots = Concurrency(2)
    assert slots.hold(NOON, timedelta(seconds=4))
    assert slots.hold(later(seconds=1), timedelta(seconds=4))
    assert not slots.fits(later(seconds=3.9))
    assert slots.wait(later(seconds=3)) == timedelta(seconds=1)
    assert slots.fits(later(seconds=4))
    assert slots.fitting(later(seconds=4), 50) == 50
    assert not slots.hold(later(seconds=4), timedelta(seconds=4), slots=2)


@pytest.mark.parametrize("limiter", fresh(), ids=named)
def test_what_others_hold_is_missing_all_the_time(limiter: Limiter) -> None:
    limiter.others = 0.9
    for hours in (0, 1, 24):
        assert limiter.left(later(hours=hours)) == pytest.approx(limiter.size / 10)
    limiter.others = 1.0
    assert not limiter.take(NOON)
    limiter.others = 0.0
    assert limiter.left(NOON) == limiter.size


@pytest.mark.parametrize("limiter", fresh(), ids=named)
def test_who_is_told_to_wait_is_let_in_after_it(limiter: Limiter) -> None:
    limiter.add(NOON, limiter.size)
    assert not limiter.fits(NOON)
    assert limiter.wait(NOON) > timedelta()
    assert limiter.take(NOON + limiter.wait(NOON))


@given(
    which=some.integers(0, 3),
    calls=some.lists(
        some.tuples(
            some.timedeltas(timedelta(), timedelta(minutes=3)),
            some.floats(0.1, 60, allow_nan=False),
        ),
        max_size=40,
    ),
)
def test_no_limiter_ever_holds_more_than_its_size(
    which: int, calls: list[tuple[timedelta, float]]
) -> None:
    limiter, at = fresh()[which], NOON
    for pause, cost in calls:
        at += pause
        before = limiter.left(at)
        taken = limiter.take(at, cost)
        assert taken == (cost <= before + 1e-6) or abs(cost - before) < 1e-6
        assert -1e-6 <= limiter.held(at) <= limiter.size + 1e-6
        assert limiter.left(at) == pytest.approx(before - cost if taken else before, abs=1e-6)


@given(
    some.lists(some.timedeltas(timedelta(), timedelta(seconds=30)), min_size=1, max_size=60),
)
def test_no_minute_holds_more_calls_than_a_sliding_window_allows(pauses: list[timedelta]) -> None:
    window, at, taken = SlidingWindow(5, lasts=MINUTE), NOON, []
    for pause in pauses:
        at += pause
        if window.take(at):
            taken.append(at)
    for first in taken:
        assert sum(first <= each < first + MINUTE for each in taken) <= 5
