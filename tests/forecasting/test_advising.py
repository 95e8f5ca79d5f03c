"""Advice is told only when the forecast, made again under it, says that it helps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.advice import HOLDS, Advice, Way
from forecasting.advising import Case, advise
from forecasting.change import Change
from forecasting.model import Forecast, Kind, Limit
from forecasting.moves import spread_minutes, spread_windows
from forecasting.spending import Spender, Spending, later
from tests.forecasting.replay import MONDAY, Replay, series_of, spender, spending_of

DAY = timedelta(days=1)
HOURLY = [60 * hour for hour in range(168)]
DAILY = [1440 * day for day in range(7)]


def case_of(spending: Spending, limit: Limit, busiest: bool, days: int = 3) -> Case:
    replay, horizon = Replay(series=series_of(spending, busiest)), days * DAY

    def ask(limits: Sequence[Limit], changes: Sequence[Change]) -> tuple[Forecast, ...]:
        return replay.ask(limits, horizon, changes)

    return Case(ask=ask, limit=limit, made_at=MONDAY, horizon=horizon, busiest=busiest)


def advice_by_way(found: Sequence[Advice]) -> dict[Way, Advice]:
    return {each.way: each for each in found}


def two_flows_at_the_full_hour() -> Spending:
    stock = spender("Stock sync", "0 * * * *", [60.0, 60.0, 20.0], HOURLY)
    orders = spender("Orders", "0 * * * *", [58.0, 40.0], HOURLY)
    return spending_of([stock, orders])


def test_flows_that_start_together_are_spread_over_the_hour() -> None:
    spending = two_flows_at_the_full_hour()
    found = advise(case_of(spending, Limit(id="a", kind=Kind.BIN, amount=100), True), spending)
    told = advice_by_way(found)[Way.STAGGER]
    (move,) = told.moves
    assert (move.flow_name, move.cron, move.instead) == ("Stock sync", "0 * * * *", "5 * * * *")
    assert (round(told.highest_before), round(told.highest_after)) == (118, 60)
    assert told.before > 0.9
    assert told.after < HOLDS


def test_the_larger_limit_comes_last_with_the_number_that_would_hold() -> None:
    spending = two_flows_at_the_full_hour()
    found = advise(case_of(spending, Limit(id="a", kind=Kind.BIN, amount=100), True), spending)
    assert found[-1].way is Way.RAISE
    assert found[-1].needed == 130.0
    assert len(found) <= 3


@pytest.mark.parametrize(
    ("line", "due"), [("0 12 * * *", [12]), ("0 11,14 * * *", [11, 14])], ids=["daily", "twice"]
)
def test_a_seldom_flow_is_moved_to_calm_hours_of_the_same_day(line: str, due: list[int]) -> None:
    by_hour = np.array([5.0] * 8 + [300.0] * 10 + [5.0] * 6)
    starts = [60 * hour + each for each in DAILY for hour in due]
    heavy = spender("Audit", line, [40.0] * 10, starts)
    busy = spender("Orders", "", [1.0], [])
    busy = Spender(id="orders", name="Orders", amounts=np.repeat(np.tile(by_hour, 7), 60) / 60)
    spending = spending_of([busy, heavy])
    found = advise(case_of(spending, Limit(id="a", kind=Kind.BIN, amount=500), False), spending)
    told = advice_by_way(found)[Way.MOVE]
    assert told.moves[0].flow_name == "Audit"
    hours = [int(hour) for hour in told.moves[0].instead.split()[1].split(",")]
    assert len(hours) == len(due)
    assert all(hour < 8 or hour >= 18 for hour in hours)
    assert told.after < HOLDS


def test_a_time_sensitive_flow_keeps_its_hour() -> None:
    heavy = spender("Audit", "0 12 * * *", [40.0] * 10, [720 + n for n in DAILY], urgent=True)
    limit = Limit(id="a", kind=Kind.BIN, amount=500)
    assert not list(spread_windows(spending_of([heavy], others=1.0), limit))


def test_nothing_moves_out_of_a_month() -> None:
    weekly = spender("Audit", "0 12 * * 1", [40.0] * 10, [720])
    month = Limit(id="a", kind=Kind.QUOTA, amount=500, resets=(MONDAY + 15 * DAY,))
    assert not list(spread_windows(spending_of([weekly], others=1.0), month))


def test_a_weekly_flow_is_moved_to_a_calmer_weekday_of_a_day_quota() -> None:
    monday = spender("Audit", "0 12 * * 1", [40.0] * 10, [720])
    orders = Spender(
        id="orders",
        name="Orders",
        amounts=np.repeat([900.0, 300.0, 300.0, 300.0, 300.0, 300.0, 300.0], 1440) / 1440,
    )
    spending = spending_of([orders, monday])
    resets = tuple(MONDAY + n * DAY for n in range(1, 9))
    limit = Limit(id="a", kind=Kind.QUOTA, amount=1200, resets=resets)
    found = advise(case_of(spending, limit, False, days=7), spending)
    move = advice_by_way(found)[Way.MOVE].moves[0]
    assert move.instead.split()[-1] in {"2", "3", "4", "5", "6", "0"}


def test_larger_batches_are_told_with_the_fewest_records_that_suffice() -> None:
    webhooks = spender("Stock push", "", [90.0] * 10, HOURLY)
    spending = spending_of([webhooks])
    found = advise(case_of(spending, Limit(id="a", kind=Kind.BIN, amount=500), False), spending)
    told = advice_by_way(found)[Way.BATCH]
    assert (told.records, round(told.per_run)) == (2, 900)
    assert told.moves[0].instead == ""
    assert Way.STAGGER not in advice_by_way(found)


@pytest.mark.parametrize(
    "cron",
    [
        pytest.param("", id="no schedule at all"),
        pytest.param("30 3 * * *", id="a schedule it does not keep"),
        pytest.param("whenever", id="a schedule nobody can read"),
        pytest.param("* * * * *", id="every minute"),
    ],
)
def test_nothing_is_moved_that_does_not_start_by_a_schedule(cron: str) -> None:
    flow = spender("Stock", cron, [60.0, 60.0], HOURLY)
    spending = spending_of([flow])
    limit = Limit(id="a", kind=Kind.BIN, amount=50)
    assert not list(spread_minutes(spending))
    assert not list(spread_windows(spending, limit))


def test_a_limit_that_holds_needs_no_advice() -> None:
    spending = two_flows_at_the_full_hour()
    assert advise(case_of(spending, Limit(id="a", kind=Kind.BIN, amount=900), True), spending) == ()


def test_a_limit_that_is_passed_already_gets_none() -> None:
    spending = two_flows_at_the_full_hour()
    limit = Limit(id="a", kind=Kind.BIN, amount=100, used=100)
    assert advise(case_of(spending, limit, True), spending) == ()


def test_without_knowing_who_spends_it_only_the_larger_limit_is_told() -> None:
    spending = two_flows_at_the_full_hour()
    found = advise(case_of(spending, Limit(id="a", kind=Kind.BIN, amount=100), True), None)
    assert [each.way for each in found] == [Way.RAISE]


def test_a_change_that_the_forecast_does_not_believe_in_is_not_told() -> None:
    spending = two_flows_at_the_full_hour()
    limit = Limit(id="a", kind=Kind.BIN, amount=100)
    case = case_of(spending, limit, True)
    deaf = Case(
        ask=lambda limits, _changes: case.ask(limits, ()),
        limit=limit,
        made_at=MONDAY,
        horizon=case.horizon,
        busiest=True,
    )
    assert [each.way for each in advise(deaf, spending)] == [Way.RAISE]


def test_a_flow_may_be_moved_to_an_hour_in_which_nothing_runs() -> None:
    """There is nothing to multiply there: what it brings is added."""
    noon = [720 + each for each in DAILY]
    audit = spender("Audit", "0 12 * * *", [50.0] * 10, noon)
    stock = spender("Stock", "0 12 * * *", [20.0] * 10, noon)
    spending = spending_of([audit, stock])
    case = case_of(spending, Limit(id="a", kind=Kind.BIN, amount=600), False)
    told = advice_by_way(advise(case, spending))[Way.MOVE]
    assert round(told.highest_before) == 700
    assert round(told.highest_after) == 500, "it is seen where it lands"
    assert told.after < HOLDS


def test_what_would_break_the_limit_in_an_empty_hour_is_not_told() -> None:
    lonely = spender("Audit", "0 12 * * *", [40.0] * 10, [720 + each for each in DAILY])
    spending = spending_of([lonely])
    found = advise(case_of(spending, Limit(id="a", kind=Kind.BIN, amount=300), False), spending)
    assert Way.MOVE not in advice_by_way(found)


flows = st.lists(
    st.tuples(
        st.sampled_from(["0 * * * *", "*/15 * * * *", "30 * * * *", "0 4 * * *", "15 9 * * 1", ""]),
        st.lists(st.floats(1, 200), min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=4,
)


def drawn(told: list[tuple[str, list[float]]]) -> Spending:
    starts = {
        "0 * * * *": HOURLY,
        "30 * * * *": [each + 30 for each in HOURLY],
        "*/15 * * * *": [15 * n for n in range(168 * 4)],
        "0 4 * * *": [each + 240 for each in DAILY],
        "15 9 * * 1": [9 * 60 + 15],
        "": [each + 7 for each in HOURLY],
    }
    spenders = [
        spender(f"Flow {n}", cron, amounts, starts[cron]) for n, (cron, amounts) in enumerate(told)
    ]
    return spending_of(spenders, others=0.5)


quick = partial(settings, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick(max_examples=20)
@given(told=flows, share=st.floats(0.3, 1.2), busiest=st.booleans())
def test_no_advice_raises_the_chance_it_was_given_for(
    told: list[tuple[str, list[float]]], share: float, busiest: bool
) -> None:
    spending = drawn(told)
    highest = float(series_of(spending, busiest).values.max())
    limit = Limit(id="a", kind=Kind.BIN, amount=highest * share)
    for each in advise(case_of(spending, limit, busiest), spending):
        assert each.after <= each.before
        assert each.after < HOLDS or each.after <= each.before / 2


@quick(max_examples=20)
@given(told=flows)
def test_moves_keep_the_sum_of_all_calls(told: list[tuple[str, list[float]]]) -> None:
    spending = drawn(told)
    limit = Limit(id="a", kind=Kind.BIN, amount=1)
    for plan in (*spread_minutes(spending), *spread_windows(spending, limit)):
        assert plan.total.sum() == pytest.approx(spending.total.sum())
        assert (plan.total >= 0).all()


@given(amounts=st.lists(st.floats(0, 1e6), min_size=1, max_size=60), by=st.integers(-200, 200))
def test_later_keeps_every_amount(amounts: list[float], by: int) -> None:
    moved = later(np.array(amounts), by)
    assert sorted(moved.tolist()) == sorted(amounts)


def test_the_same_is_advised_again() -> None:
    spending = two_flows_at_the_full_hour()
    case = case_of(spending, Limit(id="a", kind=Kind.BIN, amount=100), True)
    assert advise(case, spending) == advise(case, spending)
