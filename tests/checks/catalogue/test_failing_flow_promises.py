"""Failing flows: what holds whatever the runs, their logs and their past are."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.catalogue.failing_flow import FACTS, Policy, judge
from checks.declare import Cause
from checks.failures import FailureEvidence, FlowRuns
from checks.flow_runs.tally import chance_of
from checks.model import Level
from tests.checks.catalogue.failing_cases import ERP, NOW, SHOP, estate, flow, m

WENT = st.text("FFFSSPX?", max_size=12)
CAUSES = st.sampled_from(Cause)
LINES = st.sampled_from(["HTTP 401", "HTTP 502: Bad Gateway"]) | st.text(min_size=1, max_size=400)


@st.composite
def flows(draw: st.DrawFn, flow_id: str = "5") -> FlowRuns:
    before = draw(st.integers(0, 400))
    one = flow(
        draw(WENT),
        flow_id=flow_id,
        name=draw(st.just("Orders to NetSuite") | st.text(max_size=200)),
        cause=draw(CAUSES),
        line=draw(LINES),
        apart=timedelta(minutes=draw(st.integers(0, 2000))),
        newest=timedelta(minutes=draw(st.integers(-5, 3000))),
        before=before,
        before_failed=draw(st.integers(0, before)),
        instance=draw(st.sampled_from([ERP, SHOP, "999", ""])),
        records=draw(st.none() | st.integers(0, 10_000)),
        time_sensitive=draw(st.booleans()),
    )
    kept = draw(st.integers(0, len(one.failures)))  # not every log could be read
    return replace(one, failures=one.failures[:kept])


several = st.tuples(flows("5"), flows("6"), flows("7"))


@given(several)
def test_every_flow_is_told_once_with_all_facts_in_a_sentence_that_fits(
    evidence: tuple[FlowRuns, ...],
) -> None:
    found = judge(estate(*evidence), Policy(), NOW)
    assert [verdict.subject.id for verdict in found] == ["5", "6", "7"]
    for verdict in found:
        assert set(verdict.facts) == set(FACTS)
        assert verdict.facts["signal"] == verdict.signal
        assert verdict.sentence.endswith(".")
        assert not any(unicodedata.category(sign)[0] == "C" for sign in verdict.sentence)
        assert len(verdict.sentence) <= 600  # what an incident shows of it


@given(several, st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_does_not_matter(
    evidence: tuple[FlowRuns, ...], chance: Random
) -> None:
    mixed = [
        replace(
            one,
            runs=tuple(chance.sample(one.runs, len(one.runs))),
            failures=tuple(chance.sample(one.failures, len(one.failures))),
        )
        for one in chance.sample(evidence, len(evidence))
    ]
    assert judge(estate(*evidence), Policy(), NOW) == judge(estate(*mixed), Policy(), NOW)


def test_of_two_runs_that_started_at_once_the_one_with_the_larger_id_is_the_newest() -> None:
    one = flow("FX", cause=Cause.LIMIT, apart=timedelta(0), newest=timedelta(hours=3))
    turned = replace(one, runs=one.runs[::-1])
    assert judge(estate(one), Policy(), NOW) == judge(estate(turned), Policy(), NOW)


@given(several)
def test_what_is_explained_or_not_seen_neither_opens_nor_closes(
    evidence: tuple[FlowRuns, ...],
) -> None:
    blind = FailureEvidence(flows=evidence, blind="Patchworks did not answer.")
    assert {verdict.level for verdict in judge(blind, Policy(), NOW)} == {Level.UNKNOWN}
    for verdict in judge(estate(*evidence), Policy(), NOW):
        if verdict.explained_by:
            assert verdict.level is Level.UNKNOWN


@given(
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.integers(4, 200),
    st.integers(0, 3000),
)
def test_a_flow_that_fails_as_often_as_it_always_does_never_opens(
    newest: list[bool], times: int, minutes: int
) -> None:
    went = "".join("F" if failed else "S" for failed in newest)
    always = flow(
        went,
        before=5 * times,
        before_failed=sum(newest) * times,
        apart=timedelta(minutes=minutes),
    )
    (verdict,) = judge(estate(always), Policy(), NOW)
    assert not verdict.level.is_trouble


@given(flows())
def test_without_a_failed_run_there_is_no_trouble(one: FlowRuns) -> None:
    well = [run for run in one.runs if run.status.value != "failure"]
    (verdict,) = judge(estate(replace(one, runs=tuple(well))), Policy(), NOW)
    assert not verdict.level.is_trouble


@given(flows(), st.integers(0, 23 * 60))
def test_trouble_does_not_end_by_waiting_while_nothing_runs(one: FlowRuns, minutes: int) -> None:
    """What explains it may pass; a flow that failed and did not run since is not well."""
    (before,) = judge(estate(one), Policy(), NOW)
    (after,) = judge(estate(one), Policy(), NOW + m(minutes))
    if before.level.is_trouble:
        assert after.level is not Level.OK


@given(flows())
def test_being_never_well_again_is_not_taken_for_health(one: FlowRuns) -> None:
    """However usual failing has become, five failures in a row do not close an incident."""
    failing = replace(one, runs=flow("FFFFF").runs, failures=(), before=5000, before_failed=4990)
    (verdict,) = judge(estate(failing), Policy(), NOW)
    assert verdict.level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("failed", "runs", "share", "chance"),
    [(0, 5, 0.3, 1.0), (1, 1, 0.25, 0.25), (2, 2, 0.5, 0.25), (1, 2, 0.5, 0.75), (5, 5, 1.0, 1.0)],
)
def test_the_chance_is_that_of_so_many_or_more(
    failed: int, runs: int, share: float, chance: float
) -> None:
    assert chance_of(failed, runs, share) == pytest.approx(chance)


@given(st.integers(0, 30), st.integers(0, 30), st.floats(0, 1), st.floats(0, 1))
def test_more_failures_are_never_likelier_and_a_worse_past_never_makes_them_odder(
    failed: int, runs: int, share: float, other: float
) -> None:
    low, high = sorted((share, other))
    assert chance_of(failed + 1, runs, share) <= chance_of(failed, runs, share) + 1e-9
    assert chance_of(failed, runs, low) <= chance_of(failed, runs, high) + 1e-9
