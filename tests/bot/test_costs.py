"""What errors cost: what was counted times what was set, and never more than that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.costs import (
    Item,
    Price,
    Prices,
    Pricing,
    Reckoned,
    cost_between,
    cost_of_incident,
    say_cost,
    say_money,
)
from bot.flow_settings import FlowSettings
from bot.inventory import Inventory
from bot.rules import Rules
from bot.store import Store, failures, runs
from bot.store.failed_records import Failed
from bot.transitions import judge
from checks.declare import Cause
from checks.failures import Failure
from checks.model import Level, Subject, Verdict
from checks.policy import CheckPolicy
from checks.runs import Flow, Run, RunStatus
from tests.bot.slack.scene import MINUTE, NOON, alert_of, view_of

HOUR = timedelta(hours=1)
TWENTY, FIFTEEN = Decimal("20.00"), Decimal(15)
numbers = count(1)
FLOWS = (
    Flow(id="7", name="Orders", enabled=True, deployed=True),
    Flow(id="8", name="Stock", enabled=True, deployed=True),
)


def failed(
    flow_id: str = "7",
    records: int | None = 12,
    *,
    at: timedelta = -5 * MINUTE,
    instance_id: str = "701",
    read: bool = True,
    status: RunStatus = RunStatus.FAILURE,
) -> tuple[Run, Failure | None]:
    """A run that failed, and what its log told."""
    ended, run_id = NOON + at, str(next(numbers))
    run = Run(
        id=run_id,
        flow_id=flow_id,
        flow_name="Orders",
        status=status,
        started_at=ended - MINUTE,
        finished_at=ended,
    )
    failure = Failure(
        run_id=run_id,
        flow_id=flow_id,
        at=ended,
        status=status,
        cause=Cause.LASTING,
        line="refused",
        instance_id=instance_id,
        records=records,
    )
    return run, failure if read else None


def remember(store: Store, *told: tuple[Run, Failure | None]) -> None:
    with store.writing() as db:
        runs.save_runs(db, [run for run, _ in told])
        failures.save_failures(db, [failure for _, failure in told if failure])


def prices(**by_flow: Price) -> Prices:
    named = {"orders": "7", "stock": "8"}
    return Prices(by_flow={named[key]: price for key, price in by_flow.items()}, currency="GBP")


RECORDS = prices(orders=Price(record=TWENTY))
ALERT = alert_of(
    check="failing_flow",
    subject=Subject(kind="flow", id="7", name="Orders"),
    facts={"flow_id": "7", "first_failed_at": (NOON - 10 * MINUTE).isoformat()},
)


def reckoned(store: Store, given: Prices, *alerts, after: timedelta = HOUR) -> str:
    view = view_of(alert=ALERT)
    told = alerts or (ALERT,)
    found = cost_of_incident(store.db, given, view.incident, told, NOON + after)
    return say_cost(found) if found else ""


def test_a_cost_says_what_was_counted_and_what_was_set(store):
    remember(store, failed())
    assert reckoned(store, RECORDS) == (
        "about GBP 240: 12 failed records at GBP 20 each, as set for this flow"
    )


def test_without_a_price_or_a_failed_record_nothing_is_told(store):
    assert reckoned(store, RECORDS) == ""
    remember(store, failed())
    assert reckoned(store, Prices()) == ""
    assert reckoned(store, prices(stock=Price(record=TWENTY))) == ""


def test_runs_that_did_not_say_how_many_make_it_at_least(store):
    remember(store, failed(), failed(records=None), failed(read=False))
    assert reckoned(store, RECORDS) == (
        "at least GBP 240: 12 failed records at GBP 20 each, as set for this flow; 2 failed runs "
        "did not say how many records"
    )


def test_when_no_run_said_how_many_no_amount_is_told(store):
    remember(store, failed(records=None))
    assert reckoned(store, RECORDS) == "not known: 1 failed run did not say how many records"


def test_only_what_failed_since_it_began_counts(store):
    remember(store, failed(at=-11 * MINUTE), failed(at=-9 * MINUTE), failed(at=2 * HOUR))
    assert "12 failed records" in reckoned(store, RECORDS)


def test_other_flows_count_that_failed_at_the_same_instance(store):
    remember(store, failed(), failed("8", 3), failed("8", 50, instance_id="999"))
    alert = replace(ALERT, facts={**ALERT.facts, "instance_id": "701"})
    both = prices(orders=Price(record=TWENTY), stock=Price(record=Decimal("0.35")))
    assert reckoned(store, both, alert) == "about GBP 241: 15 failed records, as set for 2 flows"


def test_hours_count_while_it_is_more_than_a_warning(store):
    hours = prices(orders=Price(hour=FIFTEEN))
    began = replace(ALERT, facts={"flow_id": "7"})
    assert reckoned(store, hours, began, after=2 * HOUR) == (
        "about GBP 30: 2 h at GBP 15 an hour, as set for this flow"
    )
    assert reckoned(store, hours, replace(began, level=Level.EARLY)) == ""


def test_alerts_that_overlap_count_an_hour_once(store):
    hours = prices(orders=Price(hour=FIFTEEN))
    first = replace(ALERT, facts={"flow_id": "7"}, cleared_at=NOON + HOUR)
    second = replace(first, opened_at=NOON + HOUR / 2, cleared_at=NOON + 2 * HOUR)
    assert "2 h at GBP 15" in reckoned(store, hours, first, second, after=3 * HOUR)


def test_records_that_a_check_found_lost_count(store):
    alert = replace(ALERT, facts={**ALERT.facts, "records_lost": 3})
    assert reckoned(store, RECORDS, alert) == (
        "about GBP 60: 3 records that did not arrive at GBP 20 each, as set for this flow"
    )
    remember(store, failed())
    assert reckoned(store, RECORDS, alert).startswith(
        "about GBP 300: 12 failed records and 3 that did not arrive at GBP 20 each"
    )


TRACKED = replace(ALERT, check="silent_loss", facts={"flow_id": "7", "records_lost": 3})
COMPARED = replace(
    ALERT,
    check="reconciliation",
    subject=Subject(kind="reconcile", id="Orders", name="orders of Shop to ERP"),
    facts={"flow_id": "7", "records_lost": 3},
)


def test_the_same_records_found_lost_in_two_ways_cost_once(store):
    both = reckoned(store, RECORDS, TRACKED, COMPARED)
    assert both.startswith("about GBP 60: 3 records that did not arrive")
    more = reckoned(store, RECORDS, TRACKED, COMPARED, replace(COMPARED, key="the next hour"))
    assert more.startswith("about GBP 120: 6 records that did not arrive"), "of another period"


def find(store: Store, *told: Verdict, at: timedelta = -MINUTE) -> None:
    """As a round finds them."""
    policies = {each.check: CheckPolicy(opens_after="1 of 1", stay_clear="0s") for each in told}
    with store.writing() as db:
        judge(db, told, Rules(policies=policies, destination="slack/C1"), NOON + at)


def lost(check: str = "reconciliation", hour: int = 7, number: int | None = 3, **told) -> Verdict:
    is_flow = check == "silent_loss"
    return Verdict(
        check=check,
        condition="loss" if is_flow else f"orders {hour}:00",
        subject=Subject(
            kind="flow" if is_flow else "reconcile", id="7" if is_flow else "Orders", name="Orders"
        ),
        level=told.pop("level", Level.BREACH),
        signal="lost",
        sentence="Records are lost.",
        facts={"flow_id": "7", "records_lost": number},
    )


def lost_in(store: Store, since: timedelta = -HOUR, until: timedelta = HOUR) -> int:
    found = cost_between(store.db, RECORDS, NOON + since, NOON + until)
    assert found is not None
    return int(found.amount / TWENTY)


def test_a_time_costs_what_was_found_lost_in_it_once_a_record(store):
    assert lost_in(store) == 0
    find(store, lost(), lost("silent_loss"))
    assert lost_in(store) == 3
    find(store, lost(hour=8, number=2), at=MINUTE)
    assert (lost_in(store), lost_in(store, until=timedelta(0))) == (5, 3)
    assert lost_in(store, since=2 * MINUTE) == 0


def test_what_is_lost_costs_though_it_arrived_since(store):
    find(store, lost())
    find(store, lost(number=None), at=MINUTE)
    find(store, lost(level=Level.OK, number=None), at=2 * MINUTE)
    assert lost_in(store) == 3


def test_a_period_that_differs_again_costs_nothing_more(store):
    find(store, lost())
    find(store, lost(level=Level.OK), at=MINUTE)
    find(store, lost(), at=2 * MINUTE)
    assert lost_in(store) == 3
    assert lost_in(store, since=MINUTE) == 0


def test_failed_and_lost_records_are_told_apart(store):
    remember(store, failed())
    find(store, lost())
    found = cost_between(store.db, RECORDS, NOON - HOUR, NOON)
    assert found is not None
    assert say_cost(found, whose=False) == (
        "about GBP 300: 12 failed records and 3 that did not arrive at GBP 20 each"
    )


def test_a_time_costs_what_failed_in_it(store):
    remember(store, failed(), failed("8", 9), failed(at=-3 * HOUR))
    found = cost_between(store.db, RECORDS, NOON - HOUR, NOON)
    assert found is not None
    assert found.amount == Decimal(240)
    assert cost_between(store.db, prices(stock=Price(hour=TWENTY)), NOON - HOUR, NOON) is None


def test_what_is_set_is_found_by_name_and_by_id():
    told = tuple(
        FlowSettings.model_validate(each)
        for each in (
            {"name": "Orders", "cost_per_failed_record": "20.00"},
            {"id": "8", "cost_per_hour": "15"},
        )
    )
    found = Pricing(told=told, currency="GBP").prices(Inventory(at=NOON, flows=FLOWS))
    assert found.by_flow == {"7": Price(record=TWENTY), "8": Price(hour=FIFTEEN)}


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0.35", "GBP 0.35"),
        ("20.00", "GBP 20"),
        ("99.995", "GBP 100"),
        ("1240.49", "GBP 1,240"),
        ("12000000", "GBP 12,000,000"),
    ],
)
def test_money_is_told_without_more_pence_than_help(amount, said):
    assert say_money(Decimal(amount), "GBP") == said


money = st.decimals(0, 10_000, places=2)


@given(st.lists(st.tuples(money, st.integers(0, 10_000)), min_size=1, max_size=20))
def test_amounts_are_exact(told: Iterable[tuple[Decimal, int]]) -> None:
    pairs = list(told)
    items = tuple(
        Item(price=Price(record=price), failed=Failed(records=number, told=1))
        for price, number in pairs
    )
    pence = sum(int(price * 100) * number for price, number in pairs)
    assert Reckoned(items=items, currency="GBP").amount * 100 == pence
