"""Who is rejected: what holds whatever the runs tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from checks.declare import Cause
from checks.failures import FailureEvidence
from checks.rejections import accepted, rejections
from checks.runs import RunStatus
from tests.checks.credential_cases import ERP, NOW, SHOP, Told, failed, flow, ran, went

BOTH = (SHOP, ERP)
AGES = st.integers(1, 300).map(lambda minutes: timedelta(minutes=minutes))
TOLD = st.one_of(
    st.builds(ran, AGES, st.sampled_from(RunStatus), took=AGES, sent=st.none() | st.just(0)),
    st.builds(
        failed,
        AGES,
        st.sampled_from(["", SHOP, ERP]),
        cause=st.sampled_from(Cause),
        line=st.text(max_size=9),
        status=st.sampled_from([RunStatus.FAILURE, RunStatus.SUCCESS, RunStatus.PARTIAL_SUCCESS]),
    ),
)
USES = st.sampled_from([(SHOP,), (ERP,), BOTH, (ERP, SHOP), ()])
TELLING = st.lists(st.tuples(st.lists(TOLD, max_size=5), USES), max_size=5)
Telling = list[tuple[list[Told], tuple[str, ...]]]


def estate(telling: Telling) -> FailureEvidence:
    return went(*(flow(f"F{n}", *told, uses=uses) for n, (told, uses) in enumerate(telling)))


@given(TELLING, st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_does_not_matter(telling: Telling, chance: Random) -> None:
    evidence = estate(telling)
    mixed = [
        replace(
            each,
            runs=tuple(chance.sample(each.runs, len(each.runs))),
            failures=tuple(chance.sample(each.failures, len(each.failures))),
        )
        for each in chance.sample(evidence.flows, len(evidence.flows))
    ]
    told = {key: _names(evidence, key) for key in rejections(evidence, NOW)}
    assert {key: _names(went(*mixed), key) for key in rejections(went(*mixed), NOW)} == told
    assert accepted(went(*mixed)) == accepted(evidence)


def _names(evidence: FailureEvidence, key: str) -> tuple[object, ...]:
    found = rejections(evidence, NOW)[key]
    victims, at_risk = ([each.flow_id for each in side] for side in (found.victims, found.at_risk))
    return (found.since, found.failures, victims, at_risk, found.line, found.certain)


@given(TELLING)
def test_a_code_fault_is_never_a_rejection(telling: Telling) -> None:
    """Whatever one flow's runs tell: another one that began after them all and succeeded clears."""
    evidence = estate(telling)
    healthy = flow("healthy", ran(timedelta(0), took=timedelta(seconds=50)), uses=BOTH)
    assert rejections(went(*evidence.flows, healthy), NOW) == {}


@given(TELLING)
def test_a_rejection_names_only_flows_that_fail_by_it(telling: Telling) -> None:
    for key, found in rejections(estate(telling), NOW).items():
        assert found.victims
        assert found.failures
        assert {each.flow_id for each in found.failures} == {each.flow_id for each in found.victims}
        assert all(each.cause is Cause.CREDENTIAL for each in found.failures)
        assert all(each.instance_id in ("", key) for each in found.failures)
        assert not {*found.at_risk} & {*found.victims}
        assert found.since == found.failures[-1].at
