"""The simulated company over hours and days: healthy, repeatable, and as busy as recorded."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.estate.arrivals import on_tick, schedule_times, webhook_times
from bot.sandbox.estate.chance import draws
from bot.sandbox.estate.company import FLOWS
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.model import Run, Status, Trigger
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.recording import recording
from bot.sandbox.scenarios import find

MIDNIGHT = datetime(2026, 3, 4, 0, 0, 13, tzinfo=UTC)
SHORT = EstateOptions(history_days=0)


def quiet(now: datetime = MIDNIGHT, options: EstateOptions = SHORT) -> Estate:
    return Estate(now=now, opens=find("quiet_day").opens, options=options)


def at_once(runs: list[Run]) -> int:
    edges = [(run.started_at, 1) for run in runs] + [
        (run.ends_at, -1) for run in runs if run.ends_at
    ]
    running = most = 0
    for _, step in sorted(edges):
        running += step
        most = max(most, running)
    return most


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(MIDNIGHT, id="at midnight"),
        pytest.param(datetime(2026, 7, 11, 14, 30, 1, tzinfo=UTC), id="on a Saturday afternoon"),
        pytest.param(datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), id="at the turn of a year"),
    ],
)
def test_a_sandbox_opens_on_a_busy_morning_whatever_the_hour(now: datetime) -> None:
    estate = quiet(now)
    estate.advance(now + timedelta(minutes=45))
    recent = [run for run in estate.queue.runs.values() if run.started_at >= now]
    assert 3 <= len(recent) / 45 <= 8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_in_health_no_job_waits_long_and_the_allowance_is_never_full(seed: int) -> None:
    estate = quiet(options=EstateOptions(history_days=3, seed=seed))
    runs = list(estate.queue.runs.values())
    assert at_once(runs) < estate.options.concurrent_flows
    assert max(run.started_at - run.queued_at for run in runs) <= timedelta(seconds=5)


def test_outcomes_are_mostly_good_with_some_realistic_trouble() -> None:
    runs = list(quiet(options=EstateOptions(history_days=3)).queue.runs.values())
    share = {status: sum(run.outcome is status for run in runs) / len(runs) for status in Status}
    assert share[Status.SUCCESS] > 0.96
    assert share[Status.FAILURE] == pytest.approx(0.006, abs=0.003)
    assert share[Status.PARTIAL_SUCCESS] == 0  # each is a loss, and a calm day loses nothing


def test_the_same_seed_tells_the_same_history() -> None:
    options = EstateOptions(history_days=1, seed=7)
    first, second = quiet(options=options), quiet(options=options)
    assert list(first.queue.runs.values()) == list(second.queue.runs.values())
    other = quiet(options=EstateOptions(history_days=1, seed=8))
    assert list(first.queue.runs.values()) != list(other.queue.runs.values())


def test_history_follows_the_recording_by_night_and_day() -> None:
    estate = quiet(options=EstateOptions(history_days=2))
    orders = [run for run in estate.queue.runs.values() if run.flow.name == "Orders to NetSuite"]
    lately = [run for run in orders if run.started_at > MIDNIGHT - timedelta(hours=2)]
    # The recorded small hours are 11 to 13 hours before the recorded afternoon that opens it.
    small_hours = [
        run
        for run in orders
        if timedelta(hours=11) < MIDNIGHT - run.started_at < timedelta(hours=13)
    ]
    assert len(lately) > 5 * len(small_hours)


def test_a_schedule_keeps_its_cron() -> None:
    estate = quiet(options=EstateOptions(history_days=1))
    stock = [run for run in estate.queue.runs.values() if run.flow.name == "Stock to Shopify"]
    assert {run.trigger for run in stock} == {Trigger.SCHEDULE}
    assert {run.queued_at.minute % 5 for run in stock} == {0}
    assert len(stock) == pytest.approx(288, abs=3)


def test_nothing_runs_that_is_not_deployed() -> None:
    drafts = {flow.id for flow in FLOWS if not flow.deployed}
    estate = quiet(options=EstateOptions(history_days=1))
    assert drafts
    assert not drafts & {run.flow.id for run in estate.queue.runs.values()}


def test_runs_are_forgotten_when_nobody_may_see_them_any_more() -> None:
    estate = quiet(options=EstateOptions(history_days=1, tracked_retention=timedelta(days=1)))
    estate.advance(MIDNIGHT + timedelta(days=9))
    oldest = next(iter(estate.queue.runs.values()))
    assert oldest.started_at >= estate.now - timedelta(days=7, hours=1)


def test_two_hours_and_a_week_of_history_are_cheap() -> None:
    quiet()  # reads the recordings
    began = time.process_time()
    estate = quiet(options=EstateOptions())
    built = time.process_time()
    estate.advance(MIDNIGHT + timedelta(hours=2))
    advanced = time.process_time()
    # Generous: about 0.5 s and 0.01 s on an idle machine.
    assert built - began < 3
    assert advanced - built < 0.1


@pytest.mark.parametrize(
    ("second", "ticks_at"),
    [
        pytest.param(0, 0, id="on the tick"),
        pytest.param(1, 30, id="after it"),
        pytest.param(29.9, 30, id="before the next"),
    ],
)
def test_a_tick_is_the_first_at_or_after_a_moment(second: float, ticks_at: float) -> None:
    start = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    moment = start + timedelta(seconds=second)
    assert on_tick(moment, timedelta(seconds=30)) == start + timedelta(seconds=ticks_at)


def test_due_schedules_join_at_the_platform_tick() -> None:
    times = schedule_times("*/15 * * * *", datetime(2026, 3, 4, 9, 1, tzinfo=UTC))
    assert [next(times).strftime("%H:%M:%S") for _ in range(3)] == [
        "09:15:00", "09:30:00", "09:45:00",
    ]  # fmt: skip


def test_webhooks_come_at_the_rate_of_the_hour() -> None:
    def rate(at: datetime) -> float:
        return 2.0 if at.hour < 12 else 0.0

    start = datetime(2026, 3, 4, 6, 0, tzinfo=UTC)
    times = webhook_times(rate, start, draws("a seed"))
    until_noon = [next(times) for _ in range(600)]
    same_day = [at for at in until_noon if at.day == 4]
    assert all(at.hour < 12 for at in until_noon)
    assert len(same_day) == pytest.approx(720, rel=0.25)
    assert until_noon == sorted(until_noon)


def test_outside_a_recording_another_week_stands_in() -> None:
    orders = recording("purchases_04")
    first, last = min(orders.amounts), max(orders.amounts)
    late = last - timedelta(days=3)
    assert orders.share(late + timedelta(weeks=30)) == orders.share(late) > 0
    assert orders.share(first - timedelta(weeks=3)) == orders.share(first) > 0


def test_in_a_gap_of_a_recording_the_next_week_stands_in() -> None:
    gate = recording("gate_southern_cross")
    first, last = min(gate.amounts), max(gate.amounts)
    hours = [first + timedelta(hours=n) for n in range((last - first) // timedelta(hours=1))]
    gaps = [hour for hour in hours if hour not in gate.amounts]
    assert gaps
    assert all(gate.share(gap) == gate.share(gap + timedelta(weeks=1)) for gap in gaps)
