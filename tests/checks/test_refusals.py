"""Who was refused for want of allowance: what counts, whose it is, for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.declare import Cause
from checks.failures import Failure, FlowRuns
from checks.refusals import Refused, refused
from checks.runs import RunStatus
from tests.checks.catalogue.limit_cases import (
    NAMES,
    NOW,
    SHIPSTATION,
    SHOPIFY,
    failures,
    flow,
    m,
    refusal,
    s,
)

WITHIN = m(15)


def found(*flows: FlowRuns) -> dict[str, Refused]:
    return dict(refused(failures(*flows), NOW, WITHIN))


def test_the_refused_runs_of_an_instance_are_told_newest_first_with_their_flows() -> None:
    old, new = refusal("11", ago=m(9)), refusal("12", ago=m(2))
    other = refusal("21", "2", ago=m(4), status=RunStatus.PARTIAL_SUCCESS)
    first, second = flow(old, new), flow(other, id="2")
    assert found(first, second) == {
        "702": Refused(
            instance=SHIPSTATION,
            failures=(new, other, old),
            flows=(first, second),
            failed=2,
            warned=1,
        )
    }


def test_no_refusals_leave_nothing_to_tell() -> None:
    assert found() == {}
    assert found(flow(good=3)) == {}


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.LIMIT])
def test_runs_that_failed_for_other_causes_were_not_refused(cause: Cause) -> None:
    assert found(flow(refusal("11", cause=cause))) == {}


@pytest.mark.parametrize(
    ("ago", "counts"),
    [(m(0), True), (m(15), True), (m(15) + s(1), False), (-m(1), True)],
    ids=["just now", "at the edge of the span", "before it", "by a clock ahead of ours"],
)
def test_only_what_was_refused_lately_counts(ago: timedelta, counts: bool) -> None:
    assert bool(found(flow(refusal("11", ago=ago)))) is counts


@pytest.mark.parametrize(
    ("told", "uses", "whose"),
    [
        ("703", ("702", "703"), {"703"}),
        ("", ("702",), {"702"}),
        ("", ("702", "702"), {"702"}),
        ("", ("702", "703"), set()),
        ("", (), set()),
    ],
    ids=[
        "the instance of the step",
        "the only instance of its flow",
        "the only instance, called by two steps",
        "nobody's where a flow calls two",
        "nobody's where none is known",
    ],
)
def test_whose_refusal_it_is(told: str, uses: tuple[str, ...], whose: set[str]) -> None:
    assert set(found(flow(refusal("11", instance=told), instances=uses))) == whose


@pytest.mark.parametrize(
    ("status", "failed", "warned"),
    [
        (RunStatus.FAILURE, 1, 0),
        (RunStatus.PARTIAL_SUCCESS, 0, 1),
        (RunStatus.SUCCESS, 0, 1),
        (RunStatus.STOPPED, 0, 1),
    ],
)
def test_how_a_refused_run_ended(status: RunStatus, failed: int, warned: int) -> None:
    one = found(flow(refusal("11", status=status)))["702"]
    assert (one.failed, one.warned) == (failed, warned)


def test_a_run_that_both_instances_refused_is_told_of_both() -> None:
    told = found(flow(refusal("11"), refusal("11", instance="703"), instances=("702", "703")))
    assert {key: each.instance for key, each in told.items()} == {
        "702": SHIPSTATION,
        "703": SHOPIFY,
    }


def test_an_instance_nobody_has_named_is_told_by_its_id() -> None:
    assert found(flow(refusal("11", instance="9")))["9"].instance.id == "9"


STATUSES = st.sampled_from(list(RunStatus))
one_failure = st.builds(
    refusal,
    st.sampled_from(["11", "12", "13"]),
    st.sampled_from("12"),
    ago=st.integers(0, 3600).map(lambda seconds: timedelta(seconds=seconds)),
    status=STATUSES,
    instance=st.sampled_from(["", "702", "703", "9"]),
    cause=st.sampled_from(list(Cause)),
)


@st.composite
def some_flows(draw: st.DrawFn) -> list[FlowRuns]:
    return [
        flow(
            *(replace(each, flow_id=name) for each in draw(st.lists(one_failure, max_size=5))),
            id=name,
            instances=draw(st.sampled_from([(), ("702",), ("702", "703")])),
        )
        for name in sorted(NAMES)
    ]


@given(some_flows(), st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_does_not_matter(told: list[FlowRuns], chance: Random) -> None:
    def shuffled(each: FlowRuns) -> FlowRuns:
        return replace(each, failures=tuple(chance.sample(each.failures, len(each.failures))))

    def runs(flows: list[FlowRuns]) -> dict[str, tuple[tuple[Failure, ...], int, int]]:
        return {
            key: (each.failures, each.failed, each.warned) for key, each in found(*flows).items()
        }

    assert runs(told) == runs([shuffled(each) for each in chance.sample(told, len(told))])


@given(some_flows())
def test_every_run_is_counted_once_and_each_count_has_its_failures(told: list[FlowRuns]) -> None:
    for instance, each in found(*told).items():
        assert each.instance.id == instance
        assert each.failed + each.warned == len({failure.run_id for failure in each.failures})
        assert each.failures
        assert {failure.flow_id for failure in each.failures} == {x.flow_id for x in each.flows}
        moments = [failure.at for failure in each.failures]
        assert moments == sorted(moments, reverse=True)
