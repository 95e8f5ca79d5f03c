"""A refusal is laid to one limit, so that one fault is one incident."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.declare import Shape, Whose
from checks.limits import Allowance
from checks.model import Level
from tests.checks.catalogue.limit_cases import (
    allowance,
    flow,
    judged,
    pace,
    refusal,
)

RATE = "instance/702/rate"


SYSTEM, INSTANCE = "system/shipping/calls", RATE
SPEAKS = {
    "the fullest": ({SYSTEM: allowance(10), INSTANCE: allowance(20)}, INSTANCE),
    "the fullest within the hour": (
        {SYSTEM: allowance(10, worst=0.8), INSTANCE: allowance(20)},
        SYSTEM,
    ),
    "of equals the system's own": ({SYSTEM: allowance(20), INSTANCE: allowance(20)}, SYSTEM),
    "of the system's own, the first": (
        {"system/a/calls": allowance(20), "system/a/bursts": allowance(20)},
        "system/a/bursts",
    ),
    "the one whose fullness is known": (
        {SYSTEM: allowance(None), INSTANCE: allowance(0)},
        INSTANCE,
    ),
    "not our own bucket, however full": (
        {SYSTEM: allowance(40, whose=Whose.OWN), INSTANCE: allowance(1)},
        INSTANCE,
    ),
    "not a pool that others share": (
        {"pool/61/use": allowance(9, 10, None, shape=Shape.CONCURRENCY), INSTANCE: allowance(1)},
        INSTANCE,
    ),
    "a pool where there is nothing else": ({"pool/61/use": allowance(9, 10)}, "pool/61/use"),
    "one without a size": ({SYSTEM: allowance(None, None)}, SYSTEM),
    "none of them: the instance itself": (
        {SYSTEM: allowance(None), "pool/61/use": allowance(None, 10)},
        "instance/702/refusals",
    ),
    "none at all: the instance itself": ({}, "instance/702/refusals"),
}


@pytest.mark.parametrize(("told", "speaks"), SPEAKS.values(), ids=SPEAKS.keys())
def test_a_refusal_is_laid_to_one_limit(told: dict[str, Allowance], speaks: str) -> None:
    limits = [replace(limit, id=known_as) for known_as, limit in told.items()]
    found = judged(*limits, flows=(flow(refusal("1")),))
    breached = {each.key for each in found if each.level is Level.BREACH}
    kind, known_as, name = speaks.split("/")
    assert breached == {f"{kind}/{known_as}/rate_limit/{name}"}
    assert sum(int(str(each.facts["refused_runs"])) for each in found) == 1


def test_the_others_say_where_it_is_told() -> None:
    system, rate = allowance(20), replace(allowance(12), id=RATE)
    unread = replace(allowance(None), id="system/shipping/reports")
    first, second, third = judged(system, rate, unread, flows=(flow(refusal("1")),))
    assert first.sentence.endswith("what was refused is told under another of its limits.")
    assert second.level is Level.BREACH
    assert third.sentence.endswith("is not known. What was refused is told apart.")
    assert "Refused" not in {each.label for each in first.measures}


def test_held_requests_are_told_once_too() -> None:
    system, rate = (allowance(20, pace=pace(9)), allowance(12, id=RATE, pace=pace(9)))
    found = judged(system, rate, flows=(flow(good=4),))
    assert [each.signal for each in found] == ["clear", "held"]


def test_an_instance_without_any_limit_is_judged_by_its_refusals() -> None:
    (well,) = judged(flows=(flow(good=3),))
    assert (well.key, well.level) == ("instance/702/rate_limit/refusals", Level.OK)
    assert well.sentence == (
        "ShipStation has no published limit; nothing was refused in the last 15 min."
    )
    (bad,) = judged(flows=(replace(flow(refusal("1")), time_sensitive=True),))
    assert (bad.key, bad.level, bad.critical) == (well.key, Level.BREACH, True)


def test_an_instance_nobody_has_named_is_called_by_its_id() -> None:
    (verdict,) = judged(flows=(flow(instances=("9",)),))
    assert verdict.subject.name == "instance 9"


def test_what_nothing_is_known_of_gives_no_verdict() -> None:
    assert judged() == ()
