"""The call budget under a clock that the test moves."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.budget import LONGEST_HOLD, Budget, Held


class Time:
    """A monotonic clock on which sleeping takes no time at all."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def budget_on(time: Time, per_minute: int) -> Budget:
    return Budget(per_minute, monotonic=time.monotonic, sleep=time.sleep)


async def spend_at(time: Time, budget: Budget, gaps: list[float]) -> list[float]:
    spent = []
    for gap in gaps:
        time.now += gap
        await budget.spend()
        spent.append(time.now)
    return spent


@given(
    per_minute=st.integers(1, 300),
    gaps=st.lists(st.floats(0, 90, allow_nan=False), max_size=400),
)
def test_no_minute_ever_sees_more_calls_than_allowed(per_minute: int, gaps: list[float]) -> None:
    time = Time()
    spent = asyncio.run(spend_at(time, budget_on(time, per_minute), gaps))
    for first in range(len(spent) - per_minute):
        assert spent[first + per_minute] - spent[first] >= 60 - 1e-6


@pytest.mark.parametrize("per_minute", [1, 2, 9, 10, 60, 120, 240])
async def test_a_rush_after_a_quiet_hour_stays_within_the_minute(per_minute: int) -> None:
    time = Time()
    budget = budget_on(time, per_minute)
    await budget.spend()
    spent = await spend_at(time, budget, [3_600, *[0] * per_minute * 2])
    assert spent[per_minute] - spent[0] >= 60 - 1e-6


@pytest.mark.parametrize("per_minute", [1, 2, 3, 4, 60, 120, 240])
async def test_at_least_nine_tenths_of_it_can_be_used_for_ever(per_minute: int) -> None:
    time = Time()
    started = time.now
    await spend_at(time, budget_on(time, per_minute), [0] * per_minute * 9)
    assert time.now - started <= 600


async def test_a_tenth_of_the_minute_goes_at_once() -> None:
    time = Time()
    spent = await spend_at(time, budget_on(time, 120), [0] * 13)
    assert spent[11] == 1_000.0
    assert spent[12] > 1_000.0


async def test_whoever_asks_first_goes_first() -> None:
    time = Time()
    budget = budget_on(time, 4)
    went: list[int] = []

    async def call(number: int) -> None:
        await budget.spend()
        went.append(number)

    await asyncio.gather(*map(call, range(20)))
    assert went == list(range(20))


async def test_a_caller_that_gives_up_spends_nothing() -> None:
    time = Time()
    stuck = asyncio.Event()

    async def sleep_for_ever(_: float) -> None:
        await stuck.wait()

    budget = Budget(1, monotonic=time.monotonic, sleep=sleep_for_ever)
    await budget.spend()
    impatient = asyncio.create_task(budget.spend())
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    assert budget.spent_last_minute == 1
    time.now += 60
    await budget.spend()
    assert budget.spent_last_minute == 1


async def test_what_was_spent_is_forgotten_after_a_minute() -> None:
    time = Time()
    budget = budget_on(time, 100)
    await spend_at(time, budget, [0, 10, 10])
    assert budget.spent_last_minute == 3
    time.now += 45
    assert budget.spent_last_minute == 2


async def test_a_short_rest_is_sat_out() -> None:
    time = Time()
    budget = budget_on(time, 100)
    budget.hold(timedelta(seconds=8))
    await budget.spend()
    assert time.now == 1_008.0


async def test_a_long_rest_is_reported_at_once_and_ends() -> None:
    time = Time()
    budget = budget_on(time, 100)
    budget.hold(timedelta(seconds=40))
    with pytest.raises(Held) as held:
        await budget.spend()
    assert held.value.left == timedelta(seconds=40)
    assert time.now == 1_000.0
    assert budget.spent_last_minute == 0
    time.now += 40
    await budget.spend()


async def test_a_shorter_rest_does_not_end_a_longer_one() -> None:
    time = Time()
    budget = budget_on(time, 100)
    budget.hold(timedelta(seconds=40))
    budget.hold(timedelta(seconds=1))
    assert budget.held_for == timedelta(seconds=40)


async def test_nobody_can_ask_for_silence_without_end() -> None:
    time = Time()
    budget = budget_on(time, 100)
    budget.hold(timedelta(days=300))
    assert budget.held_for == LONGEST_HOLD


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 call a minute, found 0"):
        Budget(0)
