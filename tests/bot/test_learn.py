"""Forecasts are made after each round and learned each night, whatever the model does."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import find_learning
from bot.foresight.learning_pace import is_due, last_night
from bot.foresight.worker_process import ProcessLane
from bot.foresight.workers import NoWorkers, Workers
from bot.inventory import Inventory
from bot.learn import Learner
from bot.store.forecasts import find_fitted, find_forecasts, find_learned, save_learned
from bot.usage import Around, Habits, Ledger
from forecasting.trading_days import Calendar
from tests.bot import model_double as double
from tests.pulse import Pulse
from tests.waiting import PATIENCE

LONDON = ZoneInfo("Europe/London")
HALF_PAST_TWO = time(2, 30)
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
SHORT, LONG = timedelta(seconds=4), timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Demand:
    series: object
    limit: object


class SetClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    async def follow(self) -> None:
        await asyncio.Event().wait()


class Estate:
    """A learner with its workers, whose demands are the series named."""

    def __init__(self, store, names, lanes, timeout=LONG) -> None:
        self.store, self.clock = store, SetClock(NOON)
        self.known = {name: double.series(name) for name in names}
        self.quick, self.heavy = (Workers([lane], timeout) for lane in lanes)
        self.learner = self.new_learner()

    def new_learner(self, **changes) -> Learner:
        told = {
            "store": self.store,
            "clock": self.clock,
            "quick": self.quick,
            "heavy": self.heavy,
            "calendar": Calendar(zone=LONDON),
            "learn_at": HALF_PAST_TWO,
            "model": double.MODEL,
            "demands": self.demands,
        }
        made = Learner(**(told | changes))
        made.wake(around(self.store, self.clock.now()))
        return made

    def demands(self, _):
        return tuple(
            Demand(series=each, limit=double.limit(name)) for name, each in self.known.items()
        )

    async def round(self) -> None:
        await self.learner.foresee()
        await self.learner.learn()

    def models(self) -> dict[str, str]:
        """Who spoke last of each series."""
        found = find_forecasts(self.store.db)
        return {name.removesuffix("/limit"): each.model for name, each in found.items()}

    def learned(self) -> set[str]:
        return set(find_learned(self.store.db))


def around(store, now) -> Around:
    ledger = Ledger(now=now, minutes={}, flows={}, callers={}, names={}, urgent=frozenset())
    return Around(
        db=store.db, now=now, settings=None, inventory=Inventory(at=now), ledger=ledger,
        habits=Habits(),
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.fixture(scope="module")
def lanes():
    """Two worker processes for all of these tests: each takes a second to start."""
    made = [ProcessLane(niceness=0), ProcessLane(niceness=0)]  # others' tests must not starve them
    yield made
    for lane in made:
        asyncio.run(lane.end())


@pytest.fixture
def estate(store, lanes):
    def make(*names, timeout=LONG) -> Estate:
        return Estate(store, names, lanes, timeout)

    return make


async def test_the_baseline_speaks_first_and_the_model_once_it_has_learned(store, estate):
    made = estate("a", "b")
    await made.learner.foresee()
    assert made.models() == {"a": "analogue", "b": "analogue"}
    await made.learner.learn()
    assert made.learned() == {"a", "b"}
    await made.learner.foresee()
    assert made.models() == {"a": "mixture", "b": "mixture"}
    told = find_learning(store.db)
    assert (told.learned, told.of, told.refreshed_at, told.trouble) == (2, 2, NOON, "")


async def test_what_is_the_same_is_not_foreseen_again(store, estate):
    made = estate("a")
    await made.round()
    await made.round()
    store.db.execute("DELETE FROM forecasts")
    await made.learner.foresee()
    assert made.models() == {}
    made.known["a"] = double.series("a", hours=337)
    await made.learner.foresee()
    assert made.models() == {"a": "mixture"}


async def test_series_are_learned_once_a_night_also_across_a_restart(store, estate):
    made = estate("a")
    await made.round()
    first = find_fitted(store.db)["a"]
    made.clock.at = NOON + timedelta(hours=12)
    await made.round()
    assert find_fitted(store.db)["a"] == first
    made.clock.at = NOON + timedelta(hours=15)  # 03:00 in London
    made.learner = made.new_learner()
    await made.round()
    second = find_fitted(store.db)["a"]
    assert second == made.clock.at
    made.clock.at += timedelta(minutes=5)
    made.learner = made.new_learner()
    await made.round()
    assert find_fitted(store.db)["a"] == second


async def test_a_drifting_series_is_learned_again_but_not_all_the_time(store, estate):
    made = estate("drifting", "steady")
    await made.round()
    for hours, expected in ((1, 0), (7, 7), (8, 7)):
        made.clock.at = NOON + timedelta(hours=hours)
        made.known["drifting"] = double.series("drifting", hours=336 + hours)
        await made.round()
        fitted = find_fitted(store.db)
        assert fitted["drifting"] == NOON + timedelta(hours=expected)
        assert fitted["steady"] == NOON


async def test_of_less_than_two_days_nothing_is_learned_and_no_worker_is_asked(store, estate):
    made = estate("a")
    lane = Deserted()
    nobody = Workers([lane], LONG)
    made.learner = made.new_learner(quick=nobody, heavy=nobody)
    made.known["a"] = double.series("a", hours=47)
    await made.round()
    assert made.learned() == set()
    assert made.models() == {"a": "analogue"}
    assert find_learning(store.db).of == 0
    assert lane.asked == 0


async def test_what_another_version_learned_gives_way_to_the_baseline(store, estate):
    with store.writing() as db:
        save_learned(db, "a", NOON - timedelta(hours=8), b"of another version")
    made = estate("a")
    await made.learner.foresee()
    assert made.models() == {"a": "analogue"}
    await made.learner.learn()
    await made.learner.foresee()
    assert made.models() == {"a": "mixture"}


MISBEHAVIOURS = ["fails", "dies", "hangs"]


@pytest.mark.parametrize("misbehaviour", MISBEHAVIOURS)
async def test_one_bad_series_is_not_learned_and_keeps_no_other_from_it(
    store, estate, misbehaviour
):
    bad = f"learn-{misbehaviour}"
    made = estate("a", bad, "z", timeout=SHORT)
    await made.round()
    assert made.learned() == {"a", "z"}
    assert find_learning(store.db).learned == 2
    began = asyncio.get_running_loop().time()
    await made.round()
    assert asyncio.get_running_loop().time() - began < SHORT.total_seconds(), "not asked again"
    assert made.models() == {"a": "mixture", bad: "analogue", "z": "mixture"}


@pytest.mark.parametrize("misbehaviour", MISBEHAVIOURS)
async def test_one_bad_forecast_gives_way_to_the_baseline_until_the_next_night(
    store, estate, misbehaviour
):
    bad = f"foresee-{misbehaviour}"
    made = estate("a", bad, "z", timeout=SHORT)
    await made.round()
    await made.learner.foresee()
    expected = {"a": "mixture", bad: "analogue", "z": "mixture"}
    assert made.models() == expected
    assert find_learning(store.db).trouble
    made.known[bad] = double.series(bad, hours=400)
    began = asyncio.get_running_loop().time()
    await made.learner.foresee()
    assert asyncio.get_running_loop().time() - began < SHORT.total_seconds(), "not asked again"
    assert find_forecasts(store.db)[f"{bad}/limit"].history == timedelta(hours=400)
    assert made.models() == expected


async def test_a_model_that_always_hangs_costs_a_few_time_outs_and_not_one_a_series(store, estate):
    names = [f"foresee-hangs-{number:02}" for number in range(20)]
    made = estate(*names, timeout=SHORT / 2)
    await made.round()
    began = asyncio.get_running_loop().time()
    await made.learner.foresee()
    assert asyncio.get_running_loop().time() - began < 10 * SHORT.total_seconds()
    assert set(made.models().values()) == {"analogue"}


async def test_a_round_is_never_kept_waiting_and_no_refresh_runs_beside_itself(store, estate):
    made = estate("foresee-hangs")
    await made.round()
    loops = asyncio.create_task(made.learner.foresee_always())
    async with Pulse() as pulse:
        for _ in range(20):
            made.learner.wake(around(store, made.clock.now()))
            await asyncio.sleep(0.01)
    assert pulse.longest < 0.1
    assert len(made.quick._lanes) - made.quick._free.qsize() == 1
    loops.cancel()
    with suppress(asyncio.CancelledError):
        await loops


async def test_a_series_that_nobody_can_foresee_does_not_stop_the_others(store, estate, caplog):
    made = estate("a", "hopeless")
    await made.learner.foresee()
    assert made.models() == {"a": "analogue"}
    assert "nothing can be foreseen of hopeless" in caplog.text


class Deserted:
    """A lane without a worker."""

    def __init__(self) -> None:
        self.asked = 0

    async def submit(self, *_):
        self.asked += 1
        raise OSError("no more processes")

    async def end(self) -> None: ...


async def test_without_workers_the_baseline_speaks_and_nobody_is_barred(store, estate):
    made = estate(*(f"s{number}" for number in range(40)))
    lane = Deserted()
    nobody = Workers([lane], LONG)
    with pytest.raises(NoWorkers, match="no worker can be started"):
        await nobody.run(len, "x")
    made.learner = made.new_learner(quick=nobody, heavy=nobody)
    await made.round()
    assert set(made.models().values()) == {"analogue"}
    assert lane.asked <= 4
    made.learner = made.new_learner()
    await made.round()
    assert len(made.learned()) == 40


async def test_a_database_that_fails_ends_neither_loop(store, estate, caplog):
    made = estate("a")
    asked = []

    def demands(_):
        asked.append(1)
        if len(asked) == 1:
            raise OSError("disk")
        return made.demands(_)

    learner = made.new_learner(demands=demands)
    loops = [
        asyncio.create_task(learner.foresee_always()),
        asyncio.create_task(learner.learn_always()),
    ]
    async with asyncio.timeout(PATIENCE):
        while not made.learned():
            learner.wake(around(store, NOON))
            await asyncio.sleep(0.02)
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    assert "foreseeing failed; the next round tries again" in caplog.text


async def test_progress_is_told(store, estate, caplog):
    caplog.set_level(logging.INFO, logger="bot.foresight.learning_pace")
    made = estate("a", "b", "c")
    await made.round()
    assert [record.getMessage().split(" in ")[0] for record in caplog.records] == [
        "Learning 3 series ...",
        "Learned 3 of 3 series",
    ]


NIGHTS = {
    "in the afternoon": ("2026-11-16T12:00", "2026-11-16T02:30"),
    "just before": ("2026-11-16T02:29", "2026-11-15T02:30"),
    "just then": ("2026-11-16T02:30", "2026-11-16T02:30"),
    "in summer it is an hour earlier by UTC": ("2026-07-01T12:00", "2026-07-01T01:30"),
    "on the night the clocks go forward": ("2027-03-28T12:00", "2027-03-28T01:30"),
    "on the night they go back": ("2026-10-25T12:00", "2026-10-25T02:30"),
}


@pytest.mark.parametrize(("now", "expected"), NIGHTS.values(), ids=NIGHTS.keys())
def test_the_last_night(now, expected):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = last_night(at, HALF_PAST_TWO, LONDON)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


zones = st.sampled_from(["UTC", "Europe/London", "Asia/Kathmandu", "America/St_Johns"])
moments = st.integers(0, 10**8).map(lambda seconds: NOON + timedelta(seconds=seconds))


@given(moments, st.times().map(lambda at: at.replace(second=0, microsecond=0)), zones)
def test_a_night_lies_behind_by_at_most_a_day_and_an_hour(now, learn_at, zone):
    night = last_night(now, learn_at, ZoneInfo(zone))
    assert timedelta() <= now - night < timedelta(hours=25)


@given(moments, moments, st.booleans())
def test_what_was_learned_just_now_is_not_due(now, before, drifted):
    night = min(now, before)
    assert not is_due(now, now, night, drifted=drifted)
    assert is_due(None, now, night, drifted=drifted)


def test_questions_are_told_apart_by_all_that_the_answer_depends_on(store):
    from bot.foresight.learning_jobs import Question
    from bot.learn import _mark

    whole = Question(series=double.series("a"), limits=(double.limit("a"),))
    others = [
        replace(whole, series=double.series("a", hours=337)),
        replace(whole, series=double.series("a", amount=11.0)),
        replace(whole, limits=(replace(double.limit("a"), used=3.0),)),
        replace(whole, learned=b"something"),
    ]
    assert len({_mark(each) for each in (whole, *others)}) == 5
    assert _mark(whole) == _mark(replace(whole, series=double.series("a")))
