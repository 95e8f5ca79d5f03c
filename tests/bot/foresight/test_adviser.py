"""Advice that is worked out beside the rounds, and kept for as long as it is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import inventory
from bot.foresight.advice import find_advice, find_all_advice
from bot.foresight.adviser import Adviser, is_likely
from bot.foresight.learning_jobs import the_model
from bot.foresight.whatif import around_of
from bot.foresight.workers import NoAnswer
from bot.inventory import Limits
from forecasting.advice import Way
from forecasting.model import Crossing, Forecast
from tests.bot.peak_scene import DAY, NOON, STOCK, learn, make_estate

RATE = "instance/702/rate"


class Here:
    """Workers that do the job at once, and count; or give no answer."""

    def __init__(self, answers: bool = True) -> None:
        self.jobs, self._answers = 0, answers

    async def run(self, job, *args):
        self.jobs += 1
        if not self._answers:
            raise NoAnswer("it took too long")
        return job(*args)


class Clock:
    def now(self):
        return NOON


def forecast(chance, made_at=NOON, fitted_at=None):
    crossing = Crossing(
        horizon=3 * DAY, chance=chance, soonest=None, middle=None, latest=None, headroom=-5.0
    )
    return Forecast(
        limit_id=RATE,
        made_at=made_at,
        fitted_at=fitted_at,
        model="mixture",
        history=35 * DAY,
        amount=55.0,
        step=timedelta(hours=1),
        crossings=(crossing,),
    )


@pytest.fixture
def estate(tmp_path, store):
    """NetSuite takes 55 calls a minute, and gets 60 every day."""
    made = make_estate(tmp_path, store)
    learn(made)
    return made


def foresee(estate, chance, made_at=NOON, fitted_at=None):
    limits, made = inventory.find_limits(estate.store.db), forecast(chance, made_at, fitted_at)
    told = [
        replace(each, allowance=replace(each.allowance, size=55.0, forecast=made))
        if each.allowance.id == RATE
        else each
        for each in limits.allowances
    ]
    with estate.store.writing() as db:
        inventory.save_limits(db, Limits(at=NOON, allowances=tuple(told)))


async def advise(estate, workers=None, adviser=None):
    adviser = adviser or Adviser(
        store=estate.store,
        clock=Clock(),
        workers=workers or Here(),
        calendar=estate.settings.calendar,
        model=the_model(),
    )
    adviser.wake(around_of(estate.store.db, estate.settings, STOCK, NOON))
    await adviser.advise()
    return adviser


async def test_what_is_likely_is_advised_on_best_first(estate):
    foresee(estate, 0.9)
    await advise(estate)
    found = find_advice(estate.store.db, RATE)
    assert found[0].way is Way.STAGGER
    assert found[0].after < 0.3
    assert len(found) <= 3


async def test_a_forecast_is_advised_on_once(estate):
    foresee(estate, 0.9)
    workers = Here()
    adviser = await advise(estate, workers)
    await advise(estate, adviser=adviser)
    assert workers.jobs == 1
    foresee(estate, 0.9, made_at=NOON + DAY)
    await advise(estate, adviser=adviser)
    assert workers.jobs == 2


async def test_a_forecast_that_was_learned_since_is_advised_on_anew(estate):
    foresee(estate, 0.9)
    workers = Here()
    adviser = await advise(estate, workers)
    for _ in range(2):
        foresee(estate, 0.6, fitted_at=NOON)
        await advise(estate, adviser=adviser)
    assert workers.jobs == 2


async def test_what_is_no_longer_likely_is_forgotten(estate):
    foresee(estate, 0.9)
    adviser = await advise(estate)
    foresee(estate, 0.1)
    await advise(estate, adviser=adviser)
    assert find_all_advice(estate.store.db) == {}


async def test_a_job_without_answer_is_not_begun_again_for_the_same_forecast(estate):
    foresee(estate, 0.9)
    workers = Here(answers=False)
    adviser = await advise(estate, workers)
    await advise(estate, adviser=adviser)
    assert workers.jobs == 1
    assert find_advice(estate.store.db, RATE) == ()


async def test_nobody_is_advised_before_the_first_round(store, estate):
    adviser = Adviser(store=store, clock=Clock(), workers=Here(), calendar=None, model=the_model())
    await adviser.advise()
    assert find_all_advice(store.db) == {}


@pytest.mark.parametrize(
    ("chance", "likely"),
    [
        pytest.param(0.2, False, id="unlikely"),
        pytest.param(0.3, True, id="where a warning closes"),
        pytest.param(1.0, False, id="passed already"),
    ],
)
def test_what_is_worth_advice(chance, likely):
    assert is_likely(forecast(chance)) is likely
