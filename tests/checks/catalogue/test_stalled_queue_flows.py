"""Flows of the run queue: ageing runs and slot hogs, and when the queue itself explains them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from checks.catalogue.stalled_queue import Evidence
from checks.model import Level, Measure
from tests.checks.catalogue.queue_cases import (
    NOW,
    evidence,
    flow,
    h,
    job,
    jobs,
    judged,
    m,
    queue,
    run,
    running,
    s,
    spread,
)

BUSY = running(10, ago=s(5))
JUST_STARTED = running(2, ago=s(5))


@dataclass(frozen=True, kw_only=True)
class Case:
    seen: Evidence
    level: Level
    says: str


AGEING = {
    "a regular run while others start": Case(
        seen=evidence(queue([job(ago=m(14))], JUST_STARTED), waits={"2": spread(20, 60)}),
        level=Level.EARLY,
        says="A run of Stock to Shopify has waited for 14 min (usually 20 s) while others start.",
    ),
    "nothing known about its usual wait": Case(
        seen=evidence(queue([job(ago=m(14))], JUST_STARTED)),
        level=Level.EARLY,
        says="A run of Stock to Shopify has waited for 14 min (what is usual is not known yet) "
        "while others start.",
    ),
    "exactly at the floor": Case(
        seen=evidence(queue([job(ago=m(10))], JUST_STARTED)),
        level=Level.OK,
        says="No run of Stock to Shopify waits too long.",
    ),
    "within what is usual for the flow": Case(
        seen=evidence(queue([job(ago=m(14))], JUST_STARTED), waits={"2": spread(300, 900)}),
        level=Level.OK,
        says="No run of Stock to Shopify waits too long.",
    ),
    "too few waits known to trust them": Case(
        seen=evidence(queue([job(ago=m(14))], JUST_STARTED), waits={"2": spread(300, 900, 19)}),
        level=Level.EARLY,
        says="A run of Stock to Shopify has waited for 14 min (usually 5 min) while others start.",
    ),
    "low priority waits twice as long": Case(
        seen=evidence(queue([job(ago=m(20), priority=4)], BUSY)),
        level=Level.OK,
        says="No run of Stock to Shopify waits too long.",
    ),
    "lowest priority waits four times as long": Case(
        seen=evidence(queue([job(ago=m(40), priority=5)], BUSY)),
        level=Level.OK,
        says="No run of Stock to Shopify waits too long.",
    ),
    "even lowest priority has an end": Case(
        seen=evidence(queue([job(ago=m(41), priority=5)], BUSY), waits={"2": spread(60, 600)}),
        level=Level.EARLY,
        says="A run of Stock to Shopify has waited for 41 min (usually 1 min) while others start; "
        "its priority is lowest.",
    ),
    "the priority of the flow counts when the run has none": Case(
        seen=evidence(queue([job(ago=m(14))], BUSY), flows=(flow("2", priority=4),)),
        level=Level.OK,
        says="No run of Stock to Shopify waits too long.",
    ),
    "the priority of the run counts first": Case(
        seen=evidence(
            queue([job(ago=m(14), priority=1)], JUST_STARTED), flows=(flow("2", priority=5),)
        ),
        level=Level.EARLY,
        says="A run of Stock to Shopify has waited for 14 min (what is usual is not known yet) "
        "while others start.",
    ),
    "past the flow's own maximum age": Case(
        seen=evidence(queue([job(ago=m(3))], JUST_STARTED), max_age={"2": m(2)}),
        level=Level.BREACH,
        says="A run of Stock to Shopify has waited for 3 min (what is usual is not known yet), "
        "longer than the 2 min allowed for it.",
    ),
    "lack of slots explains a regular run": Case(
        seen=evidence(queue([job(ago=m(14))], BUSY)),
        level=Level.UNKNOWN,
        says="The long wait of Stock to Shopify is explained by the lack of free slots.",
    ),
    "lack of slots does not explain a run that others pass": Case(
        seen=evidence(queue([job(ago=m(41), priority=5), job("1", ago=m(6))], BUSY)),
        level=Level.EARLY,
        says="A run of Stock to Shopify has waited for 41 min (what is usual is not known yet) "
        "while others start; its priority is lowest.",
    ),
    "lack of slots does not excuse a maximum age": Case(
        seen=evidence(queue([job(ago=m(14))], BUSY), max_age={"2": m(10)}),
        level=Level.BREACH,
        says="A run of Stock to Shopify has waited for 14 min (what is usual is not known yet), "
        "longer than the 10 min allowed for it.",
    ),
    "a stall explains it": Case(
        seen=evidence(queue([job(ago=m(14))], running(2, ago=m(15)))),
        level=Level.UNKNOWN,
        says="The long wait of Stock to Shopify is explained by the stalled queue.",
    ),
    "a stall explains even a maximum age": Case(
        seen=evidence(queue([job(ago=m(14))], running(2, ago=m(15))), max_age={"2": m(10)}),
        level=Level.UNKNOWN,
        says="The long wait of Stock to Shopify is explained by the stalled queue.",
    ),
    "rows not read may be old": Case(
        seen=evidence(
            queue([job(ago=s(9))], JUST_STARTED, total=900, oldest_known=False), allowance=10
        ),
        level=Level.UNKNOWN,
        says="Not all waiting runs could be read, so one of Stock to Shopify may be waiting too "
        "long.",
    ),
    "rows not read are younger than those read": Case(
        seen=evidence(queue([job(ago=m(2))], JUST_STARTED, total=900)),
        level=Level.OK,
        says="No run of Stock to Shopify waits too long.",
    ),
    "nothing of it waits": Case(
        seen=evidence(queue(), flows=(flow("2"),)),
        level=Level.OK,
        says="No run of Stock to Shopify waits too long.",
    ),
}

HOGS = {
    "far beyond its usual time": Case(
        seen=evidence(
            queue(held=(run(9, "2", ago=m(45)), *JUST_STARTED)), durations={"2": spread(12, 40)}
        ),
        level=Level.EARLY,
        says="Run 9 of Stock to Shopify has been running for 45 min (usually 12 s) and holds one "
        "of 10 slots while others proceed.",
    ),
    "beyond its usual time, but not for long": Case(
        seen=evidence(queue(held=(run(9, "2", ago=m(30)),)), durations={"2": spread(12, 40)}),
        level=Level.OK,
        says="No run of Stock to Shopify runs too long.",
    ),
    "a long flow within its usual time": Case(
        seen=evidence(queue(held=(run(9, "2", ago=h(3)),)), durations={"2": spread(6000, 14400)}),
        level=Level.OK,
        says="No run of Stock to Shopify runs too long.",
    ),
    "a flow without history, within two hours": Case(
        seen=evidence(queue(held=(run(9, "2", ago=m(119)),))),
        level=Level.OK,
        says="No run of Stock to Shopify runs too long.",
    ),
    "a flow without history, beyond two hours": Case(
        seen=evidence(queue(held=(run(9, "2", ago=m(121)),)), allowance=None),
        level=Level.EARLY,
        says="Run 9 of Stock to Shopify has been running for 2 h 1 min (what is usual is not "
        "known yet) and holds a slot while others proceed.",
    ),
    "too few runs known to accuse early": Case(
        seen=evidence(queue(held=(run(9, "2", ago=m(45)),)), durations={"2": spread(12, 40, 19)}),
        level=Level.OK,
        says="No run of Stock to Shopify runs too long.",
    ),
    "several of one flow": Case(
        seen=evidence(
            queue(held=(run(8, "2", ago=m(40)), run(9, "2", ago=m(45)), run(7, "2", ago=m(31)))),
            durations={"2": spread(12, 40)},
        ),
        level=Level.EARLY,
        says="Run 9 of Stock to Shopify has been running for 45 min (usually 12 s) and holds one "
        "of 10 slots while others proceed, as 2 other runs of it.",
    ),
    "a stall explains it": Case(
        seen=evidence(
            queue(jobs(3, oldest=s(90)), (run(9, "2", ago=m(45)),)),
            durations={"2": spread(12, 40)},
        ),
        level=Level.UNKNOWN,
        says="The long run of Stock to Shopify is explained by the stalled queue.",
    ),
    "lack of slots is its doing, not its excuse": Case(
        seen=evidence(
            queue(jobs(3, oldest=m(6)), (run(9, "2", ago=m(45)), *running(9, ago=s(5)))),
            durations={"2": spread(12, 40)},
        ),
        level=Level.EARLY,
        says="Run 9 of Stock to Shopify has been running for 45 min (usually 12 s) and holds one "
        "of 10 slots while others proceed.",
    ),
}


@pytest.mark.parametrize("case", AGEING.values(), ids=AGEING.keys())
def test_an_ageing_run(case: Case) -> None:
    verdict = judged(case.seen)["2/ageing"]
    assert (verdict.level, verdict.sentence) == (case.level, case.says)
    assert verdict.key == "flow/2/stalled_queue/ageing"


@pytest.mark.parametrize("case", HOGS.values(), ids=HOGS.keys())
def test_a_slot_hog(case: Case) -> None:
    verdict = judged(case.seen)["2/slot_hog"]
    assert (verdict.level, verdict.sentence) == (case.level, case.says)
    assert verdict.key == "flow/2/stalled_queue/slot_hog"


def test_a_verdict_about_a_flow_carries_its_own_numbers() -> None:
    seen = evidence(
        queue(held=(run(9, "2", ago=m(45)), *JUST_STARTED)),
        durations={"2": spread(12, 40)},
        time_sensitive=frozenset({"2"}),
    )
    verdict = judged(seen)["2/slot_hog"]
    assert verdict.measures == (Measure(label="Running for", measured="45 min", usual="12 s"),)
    assert verdict.critical
    told = {key: verdict.facts[key] for key in ("signal", "flow", "blocking_run_id", "limit")}
    assert told == {
        "signal": "slot_hog",
        "flow": "Stock to Shopify",
        "blocking_run_id": "9",
        "limit": "30 min",
    }


def test_the_run_in_the_way_of_the_queue_is_not_laid_at_another_flows_door() -> None:
    seen = evidence(
        queue([job(ago=m(14))], (run(9, "1", ago=m(15)),)), durations={"1": spread(12, 40)}
    )
    found = judged(seen)
    assert found["queue"].facts["blocking_run_id"] == "9"
    assert found["2/ageing"].facts["blocking_run_id"] is None


def test_every_flow_in_sight_is_answered_for_each_condition() -> None:
    seen = evidence(
        queue([job("2", ago=s(3))], [run(1, "3", ago=s(3))]), flows=(flow("1"), flow("2"))
    )
    conditions = ("ageing", "missed_schedule", "slot_hog")
    assert list(judged(seen)) == ["queue", *(f"{key}/{c}" for key in "123" for c in conditions)]


def test_a_flow_that_vanished_is_not_answered_for() -> None:
    seen = evidence(queue(), flows=(), last_runs={"2": NOW - m(5)}, max_age={"2": m(1)})
    assert list(judged(seen)) == ["queue"]


def test_a_blind_round_says_so_for_everything_in_sight() -> None:
    seen = evidence(None, blind="Patchworks did not answer within 10 s.", flows=(flow("2"),))
    found = judged(seen)
    assert set(found) == {"queue", "2/ageing", "2/missed_schedule", "2/slot_hog"}
    assert {(v.level, v.sentence) for v in found.values()} == {
        (Level.UNKNOWN, "Patchworks did not answer within 10 s.")
    }


def test_a_blind_round_without_a_reason_still_has_a_sentence() -> None:
    assert judged(evidence(None))["queue"].sentence == "The run queue could not be read."


def test_without_the_inventory_only_schedules_are_unknown() -> None:
    found = judged(evidence(queue([job(ago=m(14))], JUST_STARTED), flows=None))
    assert (found["2/ageing"].level, found["2/slot_hog"].level) == (Level.EARLY, Level.OK)
    assert found["2/missed_schedule"].level is Level.UNKNOWN
    assert found["2/missed_schedule"].sentence == (
        "The schedule of Stock to Shopify is not known: the list of flows does not tell it."
    )


def test_a_flow_without_a_name_is_called_by_its_id() -> None:
    seen = evidence(queue(), flows=(flow("77", name=" \n "),))
    assert judged(seen)["77/ageing"].subject.name == "flow 77"
