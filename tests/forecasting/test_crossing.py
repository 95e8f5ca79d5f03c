"""When paths reach a limit, beside a plain and slow way of counting."""

from __future__ import annotations

from datetime import timedelta
from math import log1p, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.crossing import Paths, chance_of, cross, has_passed, levels, places_taken
from forecasting.model import Kind, Limit
from tests.forecasting.recorded import DAY, HOUR, NOW

HORIZONS = (DAY, 3 * DAY)
BINS = 72
AMOUNT = st.floats(0.1, 1e4)


def paths_of(amounts, past=()):
    return Paths(start=NOW, step=HOUR, amounts=np.atleast_2d(amounts), past=np.array(past, float))


def limit_of(kind, amount=100.0, **more):
    return Limit(id="shop", kind=kind, amount=amount, **more)


def slowly(paths, limit):
    """What is set against the limit, path by path and bin by bin."""
    return [_slowly(paths, limit, path.tolist()) for path in paths.amounts]


def _slowly(paths, limit, path):
    found, level, all_known = [], limit.used, [*paths.past.tolist(), *path]
    for place, amount in enumerate(path):
        at = paths.start + place * paths.step
        if limit.kind is Kind.QUOTA:
            if any(at - paths.step < moment <= at for moment in limit.resets if moment >= NOW):
                level = 0.0
            level += amount
        elif limit.kind is Kind.BUCKET:
            level = max(level - limit.drains, 0.0) + amount
        elif limit.kind is Kind.ROLLING:
            bins = limit.window // paths.step
            last = len(paths.past) + place + 1
            level = sum(all_known[max(0, last - bins) : last])
        elif limit.kind is Kind.PLACES:
            mean = amount * limit.seconds / paths.step.total_seconds()
            level = mean + 2 * sqrt(mean)
        else:
            level = amount
        found.append(level)
    return found


@st.composite
def limits(draw):
    kind = draw(st.sampled_from(list(Kind)))
    minutes = st.integers(-120, BINS * 60 + 60)
    return limit_of(
        kind,
        draw(AMOUNT),
        used=draw(st.floats(0, 200)) if kind in (Kind.QUOTA, Kind.BUCKET) else 0.0,
        resets=tuple(
            NOW + timedelta(minutes=each) for each in sorted(draw(st.sets(minutes, max_size=4)))
        ),
        window=draw(st.integers(1, 48)) * HOUR,
        drains=draw(st.floats(0, 100)),
        seconds=draw(st.floats(0, 600)),
    )


@st.composite
def futures(draw):
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    amounts = random.gamma(0.5, draw(st.sampled_from([0.0, 5.0, 200.0])), (8, BINS))
    return paths_of(amounts, random.gamma(0.5, 20.0, draw(st.integers(0, 60))))


@given(futures(), limits())
def test_levels_are_those_of_the_plain_way(paths, limit):
    np.testing.assert_allclose(levels(paths, limit), slowly(paths, limit), rtol=1e-9, atol=1e-6)


@given(futures(), limits())
def test_crossings_are_those_of_the_plain_way(paths, limit):
    reached = slowly(paths, limit)
    for each in cross(paths, limit, HORIZONS):
        bins = each.horizon // HOUR
        first = [
            next((place for place, level in enumerate(path[:bins]) if level >= limit.amount), None)
            for path in reached
        ]
        known = sorted(place for place in first if place is not None)
        if has_passed(paths, limit):
            assert (each.chance, each.soonest, each.latest) == (1.0, NOW, NOW)
            continue
        assert 0.0 < each.chance < 1.0
        assert each.headroom == pytest.approx(
            limit.amount - np.median([max(path[:bins]) for path in reached]), rel=1e-6, abs=1e-5
        )
        if not known:
            assert each.soonest is each.middle is each.latest is None
            continue
        assert NOW + known[0] * HOUR <= each.soonest <= each.middle <= each.latest
        assert each.latest <= NOW + known[-1] * HOUR
        assert each.middle == NOW + known[(len(known) - 1) // 2] * HOUR
        assert each.latest < NOW + each.horizon


@given(futures(), limits(), st.floats(1.0, 3.0))
def test_a_higher_limit_is_never_likelier_to_be_reached(paths, limit, times):
    higher = Limit(
        id=limit.id,
        kind=limit.kind,
        amount=limit.amount * times,
        used=limit.used,
        resets=limit.resets,
        window=limit.window,
        drains=limit.drains,
        seconds=limit.seconds,
    )
    for low, high in zip(
        cross(paths, limit, HORIZONS), cross(paths, higher, HORIZONS), strict=True
    ):
        assert high.chance <= low.chance


@given(futures(), limits())
def test_more_time_never_makes_it_less_likely(paths, limit):
    near, far = cross(paths, limit, HORIZONS)
    assert near.chance <= far.chance
    assert far.headroom <= near.headroom


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=50), AMOUNT)
def test_a_chance_is_about_the_share_of_paths_and_never_certain(fullest, amount):
    chance = float(chance_of(np.array(fullest), amount))
    clear = [each for each in fullest if abs(log1p(each) - log1p(amount)) > 0.2]
    hits = sum(each >= amount for each in clear)
    unclear = len(fullest) - len(clear)
    assert 0.0 < chance < 1.0
    assert (hits + 0.49) / (len(fullest) + 1) <= chance
    assert chance <= (hits + unclear + 0.51) / (len(fullest) + 1)


def test_many_limits_are_asked_at_once():
    fullest = np.array([[1.0, 5.0, 9.0], [2.0, 2.0, 2.0]])
    rungs = np.array([[4.0, 8.0], [1.0, 3.0]])
    found = chance_of(fullest[:, None, :], rungs[:, :, None])
    for row in range(2):
        for rung in range(2):
            assert found[row, rung] == chance_of(fullest[row], rungs[row, rung])


@pytest.mark.parametrize(
    ("limit", "past", "passed"),
    [
        (limit_of(Kind.QUOTA, used=99.9), (), False),
        (limit_of(Kind.QUOTA, used=100.0), (), True),
        (limit_of(Kind.BUCKET, used=101.0, drains=1000.0), (), True),
        (limit_of(Kind.ROLLING, window=DAY), [4.0] * 24, False),
        (limit_of(Kind.ROLLING, window=DAY), [5.0] * 24, True),
        (limit_of(Kind.ROLLING, window=DAY), [5.0] * 19, False),
        (limit_of(Kind.ROLLING, window=DAY), [5.0] * 20 + [0.0] * 5, False),
        (limit_of(Kind.BIN), [500.0], False),
    ],
    ids=[
        "a quota is nearly used",
        "a quota is used up",
        "a bucket is too full now, however fast it drains",
        "the last day was below",
        "the last day was above",
        "less than the window is known",
        "what is older than the window does not count",
        "an hour that is over is no sum",
    ],
)
def test_what_is_passed_already_is_no_prediction(limit, past, passed):
    paths = paths_of(np.zeros((4, BINS)), past)
    assert has_passed(paths, limit) is passed
    assert all((each.chance == 1.0) is passed for each in cross(paths, limit, HORIZONS))


def test_a_quota_that_starts_anew_is_spent_anew():
    """Ten an hour from 55 on: 100 are reached after five hours, or never where each day is new."""
    paths = paths_of(np.full((4, BINS), 10.0))
    (once,) = cross(paths, limit_of(Kind.QUOTA, used=55.0), [DAY])
    assert once.middle == NOW + 4 * HOUR
    often = tuple(NOW + each * HOUR for each in range(3, BINS, 9))
    (never,) = cross(paths, limit_of(Kind.QUOTA, used=55.0, resets=often), [DAY])
    assert never.middle is None
    assert never.headroom == 10.0


def test_the_first_tenth_and_the_last_tenth_frame_the_moment():
    amounts = np.zeros((11, BINS))
    amounts[np.arange(11), np.arange(11) * 2] = 500.0
    (found,) = cross(paths_of(amounts), limit_of(Kind.BIN), [DAY])
    hours = [(each - NOW) // HOUR for each in (found.soonest, found.middle, found.latest)]
    assert hours == [2, 10, 18]


def test_places_taken_allow_for_a_busy_moment():
    """3,600 calls an hour of 4 seconds each are 4 at a time, and 8 when it is busy."""
    told = places_taken(np.array([3600.0, 0.0]), limit_of(Kind.PLACES, seconds=4.0), HOUR)
    np.testing.assert_allclose(told, [8.0, 0.0])
