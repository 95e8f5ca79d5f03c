"""What holds of silent loss whatever a flow does: blindness, order, one verdict a flow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from checks.catalogue.silent_loss import FACTS, judge
from checks.declare import Cause
from checks.loss.evidence import LossEvidence
from checks.loss.policy import Policy
from checks.loss.usual import FlowSpan, Norm, Traffic, Weighed
from checks.model import Level
from checks.runs import Run, RunStatus
from tests.checks.catalogue import loss_cases as case

amounts = st.none() | st.integers(0, 60)
minutes = st.integers(0, 7 * 24 * 60).map(lambda n: timedelta(minutes=n))
runs = st.lists(
    st.builds(
        case.run,
        st.integers(0, 30),
        ago=minutes,
        received=amounts,
        sent=amounts,
        status=st.sampled_from(RunStatus),
        warned=st.none() | st.booleans(),
    ),
    max_size=12,
    unique_by=lambda run: run.id,
).map(tuple)
counts = st.integers(0, 500)
traffic = st.builds(Traffic, started=counts, told=counts, received=counts, sent=counts)
spans = st.builds(
    FlowSpan,
    flow_id=st.just(case.FLOW),
    now=st.none() | traffic,
    alike=st.lists(traffic, max_size=4).map(tuple),
    kind=st.lists(traffic, max_size=20).map(tuple),
    norm=st.builds(Norm, fed=st.just(400), unsent=st.integers(0, 400), blocks=st.just(80)),
)
weighed = st.none() | spans.map(case.weighed)


def evidence_of(newest: tuple[Run, ...], hours: Weighed | None, **more: object) -> LossEvidence:
    partial = tuple(run for run in newest if run.status is RunStatus.PARTIAL_SUCCESS)
    return case.evidence(newest, partial={case.FLOW: partial}, weighed=hours, **more)  # type: ignore[arg-type]


@given(runs, weighed)
def test_every_verdict_is_whole(newest, hours):
    (found,) = judge(evidence_of(newest, hours), Policy(), case.NOW)
    assert found.key == "flow/5/silent_loss/loss"
    assert tuple(found.facts) == FACTS
    assert found.sentence.isprintable()
    assert found.sentence[-1] == "."
    assert (found.facts["sure"] is None) is (not found.level.is_trouble and not found.explained_by)
    assert not found.critical or found.level is Level.BREACH


@given(runs, weighed, st.randoms())
def test_the_order_in_which_runs_are_given_does_not_matter(newest, hours, random):
    shuffled = list(newest)
    random.shuffle(shuffled)
    ordered = judge(evidence_of(newest, hours), Policy(), case.NOW)
    assert ordered == judge(evidence_of(tuple(shuffled), hours), Policy(), case.NOW)


@given(spans)
def test_hours_that_were_not_watched_whole_are_never_trouble_nor_make_it_well(span):
    unseen = case.weighed(replace(span, now=None))
    (found,) = judge(case.evidence(weighed=unseen), Policy(), case.NOW)
    assert not found.level.is_trouble or found.signal not in ("low_volume", "empty", "silent")


@given(runs, weighed)
def test_while_runs_cannot_be_read_nothing_is_said(newest, hours):
    evidence = evidence_of(newest, hours, blind="Patchworks answered with 503")
    assert {each.level for each in judge(evidence, Policy(), case.NOW)} == {Level.UNKNOWN}


@given(st.lists(st.sampled_from(Cause), max_size=6), st.permutations(range(6)))
def test_the_order_of_errors_does_not_matter(causes, order):
    told = [case.told(case.run(n), cause) for n, cause in enumerate(causes)]
    mixed = [told[n] for n in order if n < len(told)]
    first, second = (
        judge(case.evidence(green_errors={case.FLOW: tuple(each)}), Policy(), case.NOW)
        for each in (told, mixed)
    )
    assert first == second
