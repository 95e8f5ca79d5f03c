"""Odd flow: what is told, what is left to other checks, and what is not known."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.catalogue.odd_flow import judge
from checks.declare import Cause
from checks.model import Level, Verdict
from checks.oddities.evidence import OddEvidence, Told
from checks.oddities.policy import Policy
from checks.oddities.strength import chance
from tests.checks.catalogue.odd_cases import (
    HOUR,
    IMAGES,
    NOW,
    ORDERS,
    PRICES,
    STOCK,
    UNTIL,
    amount,
    drifting,
    evidence,
    hours,
    refused,
    runs_of,
    sudden,
    usual,
)

POLICY = Policy()


def judged(given: OddEvidence) -> dict[str, Verdict]:
    """The verdicts by "kind/id"."""
    found = judge(given, POLICY, NOW)
    assert len({verdict.key for verdict in found}) == len(found)
    return {f"{verdict.subject.kind}/{verdict.subject.id}": verdict for verdict in found}


def of_flow(**told: object) -> Verdict:
    return judged(evidence(hours(**told)))[f"flow/{ORDERS}"]  # type: ignore[arg-type]


SLOW = {
    "as usual": (usual(), Level.OK, "clear"),
    "suddenly three times as long": (sudden(), Level.EARLY, "slower"),
    "slower bit by bit": (drifting(), Level.EARLY, "slower"),
    "one odd hour alone is not decided": (
        amount(measured=95, usual=30, hours=(9.0, 0.1, 0.3)),
        Level.UNKNOWN,
        "undecided",
    ),
    "two odd hours, and then one as usual": (
        amount(measured=31, usual=30, hours=(0.2, 9.0, 9.0)),
        Level.OK,
        "clear",
    ),
    "many spreads, and hardly longer": (
        amount(measured=36, usual=30, hours=(9.0, 9.0, 9.0)),
        Level.OK,
        "clear",
    ),
    "twice as long, which is half a second": (sudden(1.0, 0.5), Level.OK, "clear"),
    "adds up, and the past half day is hardly longer": (
        amount(measured=31, usual=30, drift=40.0, recent=32),
        Level.OK,
        "clear",
    ),
    "adds up, and is neither": (
        amount(measured=31, usual=30, drift=40.0, recent=35),
        Level.UNKNOWN,
        "undecided",
    ),
    "shorter than usual": (
        amount(measured=5, usual=30, hours=(-9.0, -9.0, -9.0)),
        Level.OK,
        "clear",
    ),
}


@pytest.mark.parametrize(("slow", "level", "signal"), SLOW.values(), ids=SLOW.keys())
def test_how_long_runs_take(slow, level, signal):
    found = of_flow(slow=slow)
    assert (found.level, found.signal) == (level, signal)


FAILED = {
    "as often as always": (refused(failed=1, odd=0.4), Level.OK, "clear"),
    "far more than chance explains": (refused(), Level.EARLY, "failing"),
    "odd, and yet too few": (refused(failed=2, runs=80, odd=9.0), Level.OK, "clear"),
    "nearly too many for chance": (
        refused(failed=4, runs=80, odd=9.0),
        Level.UNKNOWN,
        "undecided",
    ),
    "many, of a flow that often fails": (
        refused(failed=9, runs=80, usual_failed=320, odd=9.0),
        Level.OK,
        "clear",
    ),
}


@pytest.mark.parametrize(("failed", "level", "signal"), FAILED.values(), ids=FAILED.keys())
def test_how_many_runs_fail(failed, level, signal):
    found = of_flow(failing=failed, slow=usual())
    assert (found.level, found.signal) == (level, signal)


def test_the_measured_stands_beside_the_usual():
    found = of_flow(slow=sudden())
    assert found.sentence == (
        "Runs of Orders to NetSuite take 1 min 35 s, usually 30 s at this hour. "
        "Two of the last three hours were slow."
    )
    assert [(each.measured, each.usual) for each in found.measures] == [("1 min 35 s", "30 s")]
    assert found.facts["times"] == "3.2"


def test_a_drift_says_since_when():
    found = of_flow(slow=drifting())
    assert found.sentence == (
        "Runs of Orders to NetSuite take 44 s, usually 30 s. That has been so for about 31 hours."
    )
    assert found.facts["since"] == (UNTIL - 31 * HOUR).isoformat(timespec="seconds")


def test_failures_are_told_before_slowness():
    found = of_flow(slow=sudden(), failing=refused())
    assert found.sentence == (
        "9 of 80 runs of Orders to NetSuite failed within an hour; usually 1 in 160 at this time "
        "of day."
    )


@pytest.mark.parametrize("odd", [sudden(), drifting()], ids=["sudden", "drifting"])
def test_it_is_never_more_than_early_and_never_urgent(odd):
    for verdict in judge(evidence(hours(slow=odd, failing=refused()), queue=odd), POLICY, NOW):
        assert verdict.level is not Level.BREACH
        assert verdict.expected_at is None
        assert not verdict.critical


DEEP = {
    "as deep as ever": (amount(measured=2.2, usual=2.0), Level.OK, "clear"),
    "suddenly deep": (
        amount(measured=24, usual=3, hours=(8.0, 7.0, 1.0), recent=4),
        Level.EARLY,
        "deeper",
    ),
    "a few more than none": (
        amount(measured=3, usual=0, hours=(20.0, 20.0, 20.0), drift=60, recent=3),
        Level.OK,
        "clear",
    ),
    "deeper day by day": (
        amount(measured=14, usual=6, drift=30, recent=13, since=UNTIL - 60 * HOUR),
        Level.EARLY,
        "deeper",
    ),
}


@pytest.mark.parametrize(("queue", "level", "signal"), DEEP.values(), ids=DEEP.keys())
def test_how_deep_the_queue_is(queue, level, signal):
    found = judged(evidence(hours(slow=usual()), queue=queue))["queue/main"]
    assert (found.level, found.signal) == (level, signal)


def told(check: str, kind: str, known_as: str) -> tuple[Told, ...]:
    return (Told(check=check, kind=kind, id=known_as, incident=7),)


EXPLAINED = {
    "failures of a failing flow": (
        hours(failing=refused()),
        told("failing_flow", "flow", ORDERS),
        "its failing runs (#7)",
    ),
    "slowness of a failing flow": (
        hours(slow=sudden()),
        told("failing_flow", "flow", ORDERS),
        "its other trouble (#7)",
    ),
    "slowness where a run holds its slot": (
        hours(slow=sudden()),
        told("stalled_queue", "flow", ORDERS),
        "its other trouble (#7)",
    ),
    "slowness under a full allowance": (
        hours(slow=drifting()),
        told("rate_limit", "instance", "702"),
        "the trouble of its system (#7)",
    ),
    "failures under a dead credential": (
        hours(failing=refused()),
        told("token_expiry", "instance", "702"),
        "the trouble of its system (#7)",
    ),
}


@pytest.mark.parametrize(("flow", "others", "why"), EXPLAINED.values(), ids=EXPLAINED.keys())
def test_what_others_tell_is_not_told_again(flow, others, why):
    found = judged(evidence(flow, told=others))[f"flow/{ORDERS}"]
    assert found.level is Level.UNKNOWN
    assert found.explained_by == why


def test_a_deep_queue_that_is_stalled_is_told_there():
    deep = amount(measured=24, usual=3, hours=(8.0, 7.0, 1.0))
    found = judged(evidence(queue=deep, told=told("stalled_queue", "queue", "main")))
    assert found["queue/main"].explained_by == "the stalled queue (#7)"


def test_another_flows_trouble_explains_nothing():
    found = judged(evidence(hours(slow=sudden()), told=told("failing_flow", "flow", STOCK)))
    assert found[f"flow/{ORDERS}"].level is Level.EARLY


def test_failures_by_a_credential_before_anybody_told_them():
    runs = tuple(
        runs_of(each, "FFFSS", cause=Cause.CREDENTIAL, line="401 Unauthorized")
        for each in (ORDERS, STOCK, PRICES)
    )
    flows = tuple(hours(each.flow_id, failing=refused()) for each in runs)
    found = judged(evidence(*flows, runs=runs))[f"flow/{ORDERS}"]
    assert found.level is Level.UNKNOWN
    assert "credential of NetSuite production" in found.explained_by


def slow_flows(*flow_ids: str, well: tuple[str, ...] = ()) -> OddEvidence:
    flows = [hours(each, slow=sudden()) for each in flow_ids]
    return evidence(*flows, *(hours(each, slow=usual()) for each in well))


def test_flows_that_are_slow_together_are_told_once_by_what_they_share():
    found = judged(slow_flows(ORDERS, STOCK, PRICES, well=(IMAGES,)))
    troubled = [key for key, verdict in found.items() if verdict.level.is_trouble]
    assert troubled == ["instance/701"]  # both instances are shared by all; one is blamed
    assert found[f"flow/{ORDERS}"].explained_by == "the slowness of Shopify UK store"
    assert found["instance/701"].sentence == (
        "3 of 4 flows of Shopify UK store take longer than usual (Orders to NetSuite, Stock to "
        "Shopify, Prices to Shopify); most likely Shopify UK store is slow itself."
    )
    assert found["instance/702"].level is Level.OK


def test_two_slow_flows_of_four_are_told_by_themselves():
    found = judged(slow_flows(ORDERS, STOCK, well=(PRICES, IMAGES)))
    assert found[f"flow/{ORDERS}"].level is Level.EARLY
    assert found[f"flow/{STOCK}"].level is Level.EARLY
    assert found["instance/701"].level is Level.OK


def test_a_flow_of_which_too_little_is_known_is_not_called_well():
    found = judged(evidence(hours(ORDERS), hours(STOCK, slow=usual())))
    assert f"flow/{ORDERS}" not in found
    known = found["flows/all"]
    assert known.level is Level.UNKNOWN
    assert known.sentence == (
        "What is usual for 1 flow is not known yet: that takes seven days with runs at the same "
        "time of day, and what is known goes back 20 days."
    )


def test_what_was_weighed_long_ago_says_nothing():
    found = judged(evidence(hours(slow=sudden()), until=NOW - timedelta(hours=4)))
    assert [verdict.level for verdict in found.values()] == [Level.UNKNOWN]


def test_before_the_first_time_nothing_is_known():
    found = judged(replace(evidence(), weighed=None))
    assert [verdict.level for verdict in found.values()] == [Level.UNKNOWN]


def test_foreign_names_stay_on_one_line():
    runs = replace(runs_of(ORDERS), flow_name="Orders\n*to*\x07 NetSuite" + "x" * 200)
    found = judged(evidence(hours(slow=sudden()), runs=(runs,)))[f"flow/{ORDERS}"]
    assert "\n" not in found.sentence
    assert "\x07" not in found.sentence
    assert len(found.sentence) < 250


@pytest.mark.parametrize("runs", [1, 60, 3600, 100_000])
def test_the_chance_of_failures_is_a_probability(runs):
    for failed in (0, 1, runs // 2, runs):
        found = chance(refused(failed=failed, runs=runs))
        assert 0 <= found <= 1
    assert chance(refused(failed=0, runs=runs)) == 1


def test_the_chance_is_that_of_the_binomial():
    p = 21 / 3220  # 20 of 3,200, and the one of 20 that is supposed
    expected = 1 - (1 - p) ** 10 - 10 * p * (1 - p) ** 9
    assert chance(refused(failed=2, runs=10)) == pytest.approx(expected)


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_makes_no_difference(shuffle: random.Random):
    given_ = slow_flows(ORDERS, STOCK, PRICES, well=(IMAGES,))
    others = list(told("failing_flow", "flow", STOCK) + told("rate_limit", "instance", "9"))
    flows, runs = list(given_.weighed.flows), list(given_.failures.flows)
    for each in (flows, runs, others):
        shuffle.shuffle(each)
    mixed = OddEvidence(
        weighed=replace(given_.weighed, flows=tuple(flows)),
        failures=replace(given_.failures, flows=tuple(runs)),
        told=tuple(others),
    )
    plain = replace(given_, told=told("failing_flow", "flow", STOCK))
    assert judge(mixed, POLICY, NOW) == judge(plain, POLICY, NOW)


NUMBERS = st.floats(0, 1e9)


@given(
    measured=NUMBERS,
    usual_=NUMBERS,
    drift=st.floats(0, 1e4),
    recent=NUMBERS,
    z=st.tuples(*[st.floats(-1e3, 1e3)] * 3),
)
def test_a_longer_run_is_never_less_odd(measured, usual_, drift, recent, z):
    rank = [Level.OK, Level.UNKNOWN, Level.EARLY]
    less = amount(measured=measured, usual=usual_, hours=z, drift=drift, recent=recent)
    more = replace(less, measured=measured * 2, recent=recent * 2)
    levels = [rank.index(of_flow(slow=each).level) for each in (less, more)]
    assert levels == sorted(levels)
