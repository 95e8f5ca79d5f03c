"""What the check of allowances promises whatever it is given."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from checks.allowances.findings import RANK, Finding, gravest
from checks.catalogue.rate_limit import FACTS, Policy, judge
from checks.declare import Cause, Shape, Whose
from checks.failures import FlowRuns
from checks.limits import Allowance, LimitEvidence, Pace, SizeFrom, Spend
from checks.model import Level, Verdict
from checks.refusals import refused
from checks.runs import RunStatus
from forecasting.model import Reasons
from forecasting.usual import Spread
from tests.checks.catalogue.forecast_cases import (
    NO_SKILL,
    RECORD,
    SKILLED,
    UNTRIED,
    forecast,
)
from tests.checks.catalogue.limit_cases import NAMES, NOW, USUAL, failures, flow, refusal

unhurried = settings(deadline=None, max_examples=60)  # a busy machine is no failure

INSTANCES = ["702", "703", "9"]
IDS = [
    "system/shop/calls",
    "system/shop/points",
    "instance/702/rate",
    "instance/703/rate",
    "pool/61/use",
    "platform/main/api",
    "platform/main/operations",
]
TEXTS = st.sampled_from(["ShipStation", "Shop\x00\n<!here>", "", "x" * 900])
AGES = st.sampled_from([-60, 0, 1, 59, 300, 900, 901, 7200]).map(
    lambda seconds: timedelta(seconds=seconds)
)
AMOUNTS = st.sampled_from([0.0, 5e-324, 1.0, 33.9, 34.0, 38.0, 40.0, 999.5, 1e9])
SECONDS = st.sampled_from([0, 0.01, 1, 60, 1e5]).map(lambda seconds: timedelta(seconds=seconds))
PERIODS = st.sampled_from([1, 20, 60, 300, 3600, 86400, 30 * 86400]).map(
    lambda seconds: timedelta(seconds=seconds)
)
forecasts = st.builds(
    forecast,
    st.sampled_from([0.001, 0.3, 0.5, 0.9, 0.999, 1.0]),
    st.sampled_from([0.001, 0.6]),
    skill=st.sampled_from([SKILLED, UNTRIED, NO_SKILL]),
    reasons=st.builds(
        Reasons,
        growth=st.sampled_from([None, 0.12, -0.3]),
        peak=st.none() | AMOUNTS,
        usual_peak=st.none() | AMOUNTS,
        occasions=st.sampled_from([(), ("x" * 900, "Pay\nday", "Third")]),
    ),
    age=AGES,
    withheld=st.sampled_from(["", "", "too\nshort"]),
)
spreads = st.builds(Spread, count=st.integers(1, 99), p50=SECONDS, p95=SECONDS, p99=SECONDS)
allowances = st.builds(
    Allowance,
    id=st.sampled_from(IDS),
    system=TEXTS,
    name=TEXTS,
    shape=st.sampled_from(Shape),
    unit=st.sampled_from(["calls", "points", "operations", "runs at a time"]),
    at=AGES.map(lambda age: NOW - age),
    size=st.none() | AMOUNTS,
    per=st.none() | PERIODS,
    used=st.none() | AMOUNTS,
    worst=st.none() | st.sampled_from([0.0, 0.5, 0.85, 0.97, 1.0, 3.0]),
    resets_at=st.none() | AGES.map(lambda age: NOW + age),
    size_from=st.sampled_from(SizeFrom),
    whose=st.sampled_from(Whose),
    derived=st.booleans(),
    usual=st.sampled_from([None, USUAL]),
    spends=st.lists(
        st.builds(Spend, flow_id=st.sampled_from("123"), flow_name=TEXTS, amount=AMOUNTS),
        max_size=2,
        unique_by=lambda each: each.flow_id,
    ).map(tuple),
    pace=st.none()
    | st.builds(
        Pace, lately=SECONDS.map(timedelta.total_seconds), runs=st.integers(0, 9), usual=spreads
    ),
    instance_ids=st.lists(st.sampled_from(INSTANCES), max_size=3, unique=True).map(tuple),
    system_kind=st.sampled_from(["", "shopify"]),
    forecast=st.none() | forecasts,
    record=st.sampled_from([None, RECORD]),
    time_sensitive=st.booleans(),
    blind=st.sampled_from(["", "", "", "no answer"]),
)
failed = st.builds(
    refusal,
    st.sampled_from(["11", "12", "13"]),
    ago=AGES,
    status=st.sampled_from([RunStatus.FAILURE, RunStatus.PARTIAL_SUCCESS]),
    instance=st.sampled_from(["", *INSTANCES]),
    cause=st.sampled_from([Cause.LIMIT, Cause.LIMIT, Cause.PASSING]),
    line=TEXTS,
)


@st.composite
def flows(draw: st.DrawFn) -> list[FlowRuns]:
    """Up to three flows; a run's id is its flow's own."""
    made = []
    for name in draw(st.lists(st.sampled_from(sorted(NAMES)), max_size=3, unique=True)):
        told = draw(st.lists(failed, max_size=3, unique_by=lambda each: each.run_id))
        own = (replace(each, flow_id=name, run_id=f"{name}-{each.run_id}") for each in told)
        uses = draw(st.sampled_from([(), ("702",), ("702", "703")]))
        made.append(flow(*own, id=name, instances=uses, good=draw(st.integers(0, 3))))
    return made


@st.composite
def evidences(draw: st.DrawFn) -> LimitEvidence:
    return LimitEvidence(
        limits=tuple(draw(st.lists(allowances, max_size=4, unique_by=lambda each: each.id))),
        failures=failures(*draw(flows()), blind=draw(st.sampled_from(["", "", "no answer"]))),
        own_calls_refused=draw(st.sampled_from([0, 0, 1, 3])),
    )


def judged(known: LimitEvidence) -> tuple[Verdict, ...]:
    return judge(known, Policy(warned=1), NOW)


def level_of(limit: Allowance) -> Level:
    (verdict,) = judged(LimitEvidence(limits=(limit,), failures=failures()))
    return verdict.level


@unhurried
@given(allowances)
def test_what_is_not_known_is_no_trouble_by_itself_and_never_well(limit: Allowance) -> None:
    limit = replace(limit, forecast=None)
    sized = replace(limit, size=40.0, used=None, worst=None)
    assert level_of(sized) is Level.UNKNOWN
    assert level_of(replace(limit, blind="no answer")) is Level.UNKNOWN
    bucket = replace(limit, id="system/shop/calls", whose=Whose.OWN, derived=False, size=40.0)
    assert level_of(bucket) is Level.UNKNOWN


@unhurried
@given(allowances, AMOUNTS)
def test_more_used_never_lowers_the_level(limit: Allowance, more: float) -> None:
    if limit.used is not None:
        fuller = replace(limit, used=limit.used + more)
        assert RANK[level_of(fuller)] >= RANK[level_of(limit)]
    if limit.worst is not None:
        fuller = replace(limit, worst=limit.worst + more)
        assert RANK[level_of(fuller)] >= RANK[level_of(limit)]


@unhurried
@given(evidences())
def test_a_larger_allowance_never_raises_the_level_by_itself(known: LimitEvidence) -> None:
    for limit in known.limits:
        if limit.size:
            roomier = replace(limit, size=limit.size * 2)
            assert RANK[level_of(roomier)] <= RANK[level_of(limit)]


@unhurried
@given(evidences(), st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_does_not_matter(known: LimitEvidence, chance: Random) -> None:
    def mixed(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(values, len(values)))

    limits = (
        replace(each, spends=mixed(each.spends), instance_ids=mixed(each.instance_ids))
        for each in known.limits
    )
    told = replace(
        known,
        limits=mixed(tuple(limits)),
        failures=replace(known.failures, flows=mixed(known.failures.flows)),
    )
    assert judged(told) == judged(known)


@unhurried
@given(evidences())
def test_a_refusal_is_told_by_exactly_one_verdict_an_instance(known: LimitEvidence) -> None:
    turned_away = refused(known.failures, NOW, Policy().within)
    found = judged(known)
    for count, fact in (("failed", "refused_runs"), ("warned", "refused_warned")):
        expected = sum(getattr(each, count) for each in turned_away.values())
        assert sum(int(str(each.facts[fact])) for each in found) == expected
    for verdict in found:
        if verdict.facts["refused_runs"]:
            assert verdict.level is Level.BREACH
        elif verdict.facts["refused_warned"]:
            assert verdict.level.is_trouble


@unhurried
@given(evidences())
def test_every_allowance_is_told_once_with_all_facts_in_a_sentence_that_fits(
    known: LimitEvidence,
) -> None:
    found = judged(known)
    keys = [verdict.key for verdict in found]
    assert len(set(keys)) == len(keys)
    assert len(found) >= len(known.limits)
    for verdict in found:
        assert tuple(verdict.facts) == FACTS
        assert verdict.sentence.endswith(".")
        assert not any(unicodedata.category(sign)[0] == "C" for sign in verdict.sentence)
        assert len(verdict.sentence) <= 600  # what an incident shows of it
        assert "None" not in verdict.sentence
        assert verdict.expected_at is None or verdict.expected_at >= NOW
        assert not (verdict.critical and verdict.level is not Level.BREACH)
        assert all(len(each.measured) <= 200 for each in verdict.measures)


@unhurried
@given(evidences())
def test_while_runs_cannot_be_read_no_instance_is_called_well(known: LimitEvidence) -> None:
    blind = replace(known, failures=replace(known.failures, blind="no answer"))
    for verdict in judged(blind):
        if verdict.facts["instance_ids"]:
            assert verdict.level is not Level.OK


findings = st.builds(
    Finding,
    signal=st.sampled_from(["refused", "nearly", "predicted"]),
    level=st.sampled_from(Level),
    sentence=st.text(max_size=9),
    expected_at=st.none() | AGES.map(lambda age: NOW + age),
)


@given(st.lists(findings, min_size=1, max_size=6))
def test_the_gravest_finding_speaks_with_the_soonest_time_of_its_level(
    told: list[Finding],
) -> None:
    chosen = gravest(told)
    equals = [each for each in told if each.level is chosen.level]
    assert all(RANK[each.level] <= RANK[chosen.level] for each in told)
    assert chosen.sentence == equals[0].sentence
    times = [each.expected_at for each in equals if each.expected_at]
    assert chosen.expected_at == (min(times) if times else None)
