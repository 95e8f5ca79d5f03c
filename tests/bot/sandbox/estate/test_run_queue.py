"""The rules of the run queue: who waits, who is picked next, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.estate.company import INSTANCES
from bot.sandbox.estate.model import Flow, Run, Status, Trigger
from bot.sandbox.estate.run_queue import PICK_EVERY, RunQueue

START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def flow(number: int, priority: int = 3, usual: timedelta = 20 * SECOND) -> Flow:
    return Flow(
        id=number,
        name=f"Flow {number}",
        source=INSTANCES[0],
        target=INSTANCES[1],
        entity="orders",
        usual=usual,
        priority=priority,
    )


def queue(allowance: int = 2, cap: int = 50, seed: int = 1) -> RunQueue:
    return RunQueue(allowance=allowance, cap=cap, start=START, seed=seed)


HOUR_LONG = timedelta(hours=1)


@pytest.mark.parametrize(
    ("priorities", "order"),
    [
        pytest.param((3, 3, 3), (0, 1, 2), id="first queued first within a priority"),
        pytest.param((5, 3, 1), (2, 1, 0), id="higher priority before earlier"),
        pytest.param((4, 2, 4, 2), (1, 3, 0, 2), id="a class only after all higher ones"),
    ],
)
def test_jobs_start_in_the_order_of_the_platform(
    priorities: tuple[int, ...], order: tuple[int, ...]
) -> None:
    runs = queue(allowance=1)
    runs.advance(START + SECOND)
    jobs = [runs.enqueue(flow(n, priority), Trigger.API) for n, priority in enumerate(priorities)]
    runs.advance(START + timedelta(hours=2))
    assert list(runs.runs) == [jobs[n].run_id for n in order]


@pytest.mark.parametrize(
    ("queued_after_s", "starts_after_s"),
    [
        pytest.param(0, 0, id="on the tick"),
        pytest.param(1, 5, id="just after a tick"),
        pytest.param(4.9, 5, id="just before a tick"),
        pytest.param(5.1, 10, id="just after the next tick"),
    ],
)
def test_jobs_are_picked_every_five_seconds(queued_after_s: float, starts_after_s: float) -> None:
    runs = queue()
    runs.advance(START + queued_after_s * SECOND)
    runs.enqueue(flow(1), Trigger.WEBHOOK)
    runs.advance(START + 12 * SECOND)
    (run,) = runs.runs.values()
    assert run.started_at == START + starts_after_s * SECOND


def test_a_slot_that_frees_on_a_tick_is_filled_on_that_tick() -> None:
    runs = queue(allowance=1)
    first = runs.start_now(flow(1, usual=HOUR_LONG), Trigger.MANUAL)
    runs.hurry(first.id, within=2 * PICK_EVERY)
    times = iter([START + 2 * PICK_EVERY])
    runs.feed(flow(2), Trigger.WEBHOOK, times)
    runs.advance(START + timedelta(minutes=1))
    (_, second) = runs.runs.values()
    assert second.started_at == START + 2 * PICK_EVERY


def test_what_arrives_on_a_tick_is_weighed_on_that_tick() -> None:
    runs = queue(allowance=1)
    runs.advance(START + SECOND)
    low = runs.enqueue(flow(1, priority=5), Trigger.API)
    runs.feed(flow(2, priority=1), Trigger.WEBHOOK, iter([START + PICK_EVERY]))
    runs.advance(START + PICK_EVERY)
    assert [run.flow.id for run in runs.running.values()] == [2]
    assert [job.run_id for job in runs.waiting] == [low.run_id]


def test_a_full_allowance_lets_nobody_start_until_a_run_ends() -> None:
    runs = queue(allowance=2)
    jobs = [runs.enqueue(flow(n, usual=HOUR_LONG), Trigger.API) for n in range(3)]
    runs.advance(START + 60 * SECOND)
    assert list(runs.running) == [job.run_id for job in jobs[:2]]
    assert [job.run_id for job in runs.waiting] == [jobs[2].run_id]

    runs.stop(jobs[0].run_id, by="Tom")
    runs.advance(START + 66 * SECOND)
    assert list(runs.running) == [jobs[1].run_id, jobs[2].run_id]


def test_a_manual_run_starts_at_once_but_takes_a_slot() -> None:
    runs = queue(allowance=1)
    manual = runs.start_now(flow(1, usual=HOUR_LONG), Trigger.MANUAL)
    assert manual.started_at == START
    runs.enqueue(flow(2), Trigger.WEBHOOK)
    runs.advance(START + 30 * SECOND)
    assert list(runs.running) == [manual.id]
    assert len(runs.waiting) == 1


def test_a_manual_run_may_exceed_the_allowance() -> None:
    runs = queue(allowance=1)
    runs.enqueue(flow(1, usual=HOUR_LONG), Trigger.WEBHOOK)
    runs.advance(START + 6 * SECOND)
    runs.start_now(flow(2, usual=HOUR_LONG), Trigger.RETRY, retry_of=81)
    assert len(runs.running) == 2


def test_what_is_over_the_cap_is_held_back_and_let_in_in_order() -> None:
    runs = queue(allowance=1, cap=2)
    jobs = [runs.enqueue(flow(n, usual=HOUR_LONG), Trigger.API) for n in range(5)]
    runs.advance(START + SECOND)
    assert [job.run_id for job in runs.waiting] == [jobs[1].run_id, jobs[2].run_id]
    assert [job.run_id for job in runs.held] == [jobs[3].run_id, jobs[4].run_id]
    runs.advance(START + timedelta(days=1))
    assert list(runs.runs) == [job.run_id for job in jobs]


def test_what_is_held_back_goes_before_what_comes_later() -> None:
    runs = queue(allowance=1, cap=1)
    runs.start_now(flow(9, usual=HOUR_LONG), Trigger.MANUAL)
    runs.enqueue(flow(1), Trigger.API)
    held = runs.enqueue(flow(2), Trigger.API)
    runs.hang(flow(1))
    later = runs.enqueue(flow(2), Trigger.API)
    assert [job.run_id for job in runs.held] == [held.run_id, later.run_id]


def test_a_stall_stops_the_very_next_pick() -> None:
    runs = queue()
    runs.advance(START + SECOND)
    runs.enqueue(flow(1), Trigger.WEBHOOK)
    runs.stalled = True
    runs.advance(START + timedelta(minutes=1))
    assert not runs.runs


def test_a_stalled_platform_starts_nothing_although_slots_are_free() -> None:
    runs = queue()
    runs.stalled = True
    runs.enqueue(flow(1), Trigger.WEBHOOK)
    runs.advance(START + timedelta(minutes=10))
    assert not runs.runs
    runs.release()
    runs.advance(START + timedelta(minutes=10, seconds=5))
    assert len(runs.runs) == 1


def test_a_hanging_run_ends_only_when_stopped() -> None:
    runs = queue()
    hanging = runs.hang(flow(1))
    runs.advance(START + timedelta(days=2))
    assert hanging.status(runs.now) is Status.STARTED
    stopped = runs.stop(hanging.id, by="Tom Reyes")
    assert stopped is not None
    assert (stopped.status(runs.now), stopped.stopped_by) == (Status.STOPPED, "Tom Reyes")
    assert runs.stop(hanging.id, by="Tom Reyes") is None
    assert not runs.running


def test_hanging_takes_the_oldest_waiting_job_of_the_flow() -> None:
    runs = queue(allowance=1)
    runs.start_now(flow(9, usual=HOUR_LONG), Trigger.MANUAL)
    first, _second = (runs.enqueue(flow(1), Trigger.WEBHOOK) for _ in range(2))
    assert runs.hang(flow(1)).id == first.run_id
    assert len(runs.waiting) == 1


def test_a_hurried_run_ends_in_time_and_once() -> None:
    runs = queue()
    hanging = runs.hang(flow(1))
    runs.hurry(hanging.id, within=30 * SECOND)
    runs.advance(START + timedelta(minutes=1))
    assert runs.runs[hanging.id].ends_at == START + 30 * SECOND
    assert not runs.running


def test_an_endless_flow_queues_its_own_successor() -> None:
    runs = queue()
    runs.endless.add(1)
    runs.enqueue(flow(1), Trigger.SHAPE)
    runs.advance(START + timedelta(minutes=10))
    assert len(runs.runs) > 5
    assert len(runs.running) + len(runs.waiting) == 1


def test_old_runs_are_forgotten_and_running_ones_kept() -> None:
    runs = queue(allowance=3)
    for number in range(3):
        runs.enqueue(flow(number), Trigger.API)
    runs.advance(START + timedelta(minutes=5))
    hanging = runs.hang(flow(4))
    runs.advance(START + timedelta(days=8))
    runs.forget(runs.now - timedelta(days=7))
    assert list(runs.runs) == [hanging.id]


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("enqueue"), st.integers(1, 8)),
        st.tuples(st.just("advance"), st.floats(0, 90)),
        st.tuples(st.just("manual"), st.integers(1, 8)),
        st.tuples(st.just("stall"), st.booleans()),
        st.tuples(st.just("stop"), st.integers(0, 5)),
    ),
    max_size=60,
)


def play(runs: RunQueue, actions: list[tuple[str, float]]) -> list[int]:
    """Do what hypothesis thought of; answers the ids of all runs that were to be."""
    promised: list[int] = []
    for action, value in actions:
        number = int(value)
        match action:
            case "enqueue":
                promised.append(runs.enqueue(flow(number, number % 5 + 1), Trigger.API).run_id)
            case "advance":
                runs.advance(runs.now + value * SECOND)
            case "manual":
                promised.append(runs.start_now(flow(number), Trigger.MANUAL).id)
            case "stall":
                runs.stalled = bool(value)
                if not runs.stalled:
                    runs.release()
            case "stop" if number < len(runs.running):
                runs.stop(list(runs.running)[number], by="Tom")
    return promised


def queued(runs: RunQueue) -> Iterator[Run]:
    return (run for run in runs.runs.values() if run.trigger is Trigger.API)


@given(ACTIONS, st.integers(1, 4), st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_nothing_is_lost(actions: list[tuple[str, float]], allowance: int, cap: int) -> None:
    runs = queue(allowance, cap)
    promised = play(runs, actions)
    found = [
        *(job.run_id for job in runs.waiting),
        *(job.run_id for job in runs.held),
        *runs.runs,
    ]
    assert sorted(found) == sorted(promised)
    assert len(runs.waiting) <= cap
    assert all(not run.has_ended(runs.now) for run in runs.running.values())


@given(ACTIONS, st.integers(1, 4), st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_no_queued_run_starts_beyond_the_allowance(
    actions: list[tuple[str, float]], allowance: int, cap: int
) -> None:
    runs = queue(allowance, cap)
    play(runs, actions)
    for started in queued(runs):
        at = started.started_at
        beside = [r for r in runs.runs.values() if r.started_at <= at and not r.has_ended(at)]
        by_hand_since = [r for r in beside if r.trigger is Trigger.MANUAL and r.started_at == at]
        assert len(beside) - len(by_hand_since) <= allowance
        assert (at - START) % PICK_EVERY == timedelta(0)


@given(ACTIONS, st.integers(1, 4), st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_priority_is_strict_and_first_come_first_served_within_it(
    actions: list[tuple[str, float]], allowance: int, cap: int
) -> None:
    runs = queue(allowance, cap)
    play(runs, actions)
    started = list(queued(runs))
    for place, earlier in enumerate(started):
        overtaken = [*started[place + 1 :], *runs.waiting]
        for later in overtaken:
            waited_then = later.queued_at < earlier.started_at
            if waited_then:
                assert earlier.flow.priority <= later.flow.priority
            if earlier.flow.priority == later.flow.priority:
                assert earlier.queued_at <= later.queued_at


@given(st.lists(st.floats(0, 200), max_size=20), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_how_often_it_is_looked_at_changes_nothing(pauses: list[float], seed: int) -> None:
    def load() -> RunQueue:
        runs = queue(allowance=2, cap=4, seed=seed)
        for n in range(30):
            runs.feed(flow(n % 6), Trigger.WEBHOOK, iter([START + n * 7 * SECOND]))
        return runs

    often, once = load(), load()
    for pause in pauses:
        often.advance(often.now + pause * SECOND)
    end = START + timedelta(hours=3)
    often.advance(end)
    once.advance(end)
    assert list(often.runs.values()) == list(once.runs.values())
