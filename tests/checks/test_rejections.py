"""Who is rejected: what a dead credential looks like in the runs, and what only looks like one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from checks.declare import Cause
from checks.failures import FailureEvidence, FlowRuns
from checks.rejections import accepted, rejections
from checks.runs import RunStatus
from tests.checks.credential_cases import (
    ERP,
    INSTANCES,
    NOW,
    SAYS_401,
    SHOP,
    d,
    failed,
    flow,
    h,
    m,
    ran,
    twelve_flows,
    went,
)

BOTH = (SHOP, ERP)


@dataclass(frozen=True, kw_only=True)
class Case:
    """`certain` None: no rejection of the shop stands."""

    flows: tuple[FlowRuns, ...]
    certain: bool | None
    victims: tuple[str, ...] = ()
    at_risk: tuple[str, ...] = ()
    since: timedelta = timedelta(0)


CASES = {
    "all is well": Case(flows=(flow("A", ran(m(1))), flow("B", ran(m(2)))), certain=None),
    "no runs at all": Case(flows=(flow("A"),), certain=None),
    "two flows fail by it": Case(
        flows=(flow("A", failed(m(3)), ran(h(1))), flow("B", failed(m(1))), flow("C", ran(m(9)))),
        certain=True,
        victims=("A", "B"),
        at_risk=("C",),
        since=m(3),
    ),
    "one flow fails once, nobody else has run": Case(
        flows=(flow("A", failed(m(3)), ran(h(1))), flow("B", ran(m(9)))),
        certain=False,
        victims=("A",),
        at_risk=("B",),
        since=m(3),
    ),
    "one flow fails twice, nobody else has run": Case(
        flows=(flow("A", failed(m(3)), failed(m(8))), flow("B", ran(m(9)))),
        certain=True,
        victims=("A",),
        at_risk=("B",),
        since=m(8),
    ),
    "the only flow of the instance fails twice": Case(
        flows=(flow("A", failed(m(3)), failed(m(8))), flow("B", ran(m(1)), uses=(ERP,))),
        certain=True,
        victims=("A",),
        since=m(8),
    ),
    "the only flow of the instance fails once": Case(
        flows=(flow("A", failed(m(3)), ran(m(8))),), certain=False, victims=("A",), since=m(3)
    ),
    "a code fault: another flow succeeds after the failure": Case(
        flows=(flow("A", failed(m(3)), failed(m(8))), flow("B", ran(m(1)))), certain=None
    ),
    "a code fault goes on failing between the successes of another": Case(
        flows=(
            flow("A", failed(m(1)), failed(m(2)), failed(m(30))),
            flow("B", ran(m(10)), ran(m(40))),
        ),
        certain=None,
    ),
    "renewed: one flow of many has succeeded": Case(
        flows=(flow("A", failed(m(20))), flow("B", failed(m(18))), flow("C", ran(m(2)))),
        certain=None,
    ),
    "renewed: the failing flow itself succeeds": Case(
        flows=(flow("A", ran(m(1)), failed(m(5)), failed(m(9))),), certain=None
    ),
    "one flow fails twice while another failed by something else": Case(
        flows=(
            flow("A", failed(m(3)), failed(m(8))),
            flow("B", failed(m(5), cause=Cause.PASSING), ran(h(1))),
        ),
        certain=False,
        victims=("A",),
        since=m(8),
    ),
    "a run that began before the failure and succeeded after it proves nothing": Case(
        flows=(flow("A", failed(m(9))), flow("B", failed(m(8))), flow("C", ran(m(5), took=h(1)))),
        certain=True,
        victims=("A", "B"),
        since=m(9),
    ),
    "an unfinished run proves nothing": Case(
        flows=(flow("A", failed(m(3)), failed(m(8))), flow("B", ran(m(1), RunStatus.STARTED))),
        certain=True,
        victims=("A",),
        at_risk=("B",),
        since=m(8),
    ),
    "a stopped run proves nothing": Case(
        flows=(flow("A", failed(m(3)), failed(m(8))), flow("B", ran(m(1), RunStatus.STOPPED))),
        certain=True,
        victims=("A",),
        at_risk=("B",),
        since=m(8),
    ),
    "a partial success of another flow is no proof, yet raises doubt": Case(
        flows=(
            flow("A", failed(m(3)), failed(m(8))),
            flow("B", ran(m(1), RunStatus.PARTIAL_SUCCESS)),
        ),
        certain=False,
        victims=("A",),
        since=m(8),
    ),
    "a partial success ends the flow's own streak": Case(
        flows=(flow("A", ran(m(1), RunStatus.PARTIAL_SUCCESS), failed(m(3)), failed(m(8))),),
        certain=None,
    ),
    "a success that called nobody proves nothing": Case(
        flows=(
            flow("A", failed(m(9))),
            flow("B", failed(m(8))),
            flow("C", ran(m(1), received=0, sent=0)),
        ),
        certain=True,
        victims=("A", "B"),
        since=m(9),
    ),
    "a success that sent nothing proves nothing of its target": Case(
        flows=(
            flow("A", failed(m(9))),
            flow("B", failed(m(8))),
            flow("C", ran(m(1), received=3, sent=0), uses=(ERP, SHOP)),
        ),
        certain=True,
        victims=("A", "B"),
        since=m(9),
    ),
    "a success that sent nothing proves its source": Case(
        flows=(
            flow("A", failed(m(9))),
            flow("B", failed(m(8))),
            flow("C", ran(m(1), received=3, sent=0), uses=BOTH),
        ),
        certain=None,
    ),
    "a success whose own log blames the credential proves nothing": Case(
        flows=(
            flow("A", failed(m(9))),
            flow("B", failed(m(8))),
            flow("C", failed(m(1), status=RunStatus.SUCCESS)),
        ),
        certain=True,
        victims=("A", "B"),
        since=m(9),
    ),
    "a flow that renewed its session is no victim": Case(
        flows=(flow("A", failed(m(1), status=RunStatus.SUCCESS), failed(m(9)), failed(m(12))),),
        certain=None,
    ),
    "a time-out between two refusals does not end the streak": Case(
        flows=(flow("A", failed(m(1)), failed(m(5), cause=Cause.PASSING), failed(m(9))),),
        certain=True,
        victims=("A",),
        since=m(9),
    ),
    "a record that the system itself turned down ends the flow's own streak": Case(
        flows=(flow("A", failed(m(1), cause=Cause.LASTING), failed(m(5)), failed(m(9))),),
        certain=None,
    ),
    "other causes are no rejection": Case(
        flows=(
            flow("A", failed(m(1), cause=Cause.NOT_PERMITTED), failed(m(2), cause=Cause.LIMIT)),
            flow("B", failed(m(1), cause=Cause.UNKNOWN), failed(m(2), cause=Cause.PASSING)),
        ),
        certain=None,
    ),
    "source and target: the step's instance is meant": Case(
        flows=(
            flow("A", failed(m(3), ERP), failed(m(5), ERP), uses=BOTH),
            flow("B", failed(m(1), ERP), uses=BOTH),
        ),
        certain=None,
    ),
    "no step is named: the flow's only instance": Case(
        flows=(flow("A", failed(m(3), "")), flow("B", failed(m(1), ""))),
        certain=True,
        victims=("A", "B"),
        since=m(3),
    ),
    "no step is named: the instance that the failing flows share": Case(
        flows=(
            flow("A", failed(m(3), ""), uses=(SHOP, ERP)),
            flow("B", failed(m(1), ""), uses=("9", SHOP)),
        ),
        certain=True,
        victims=("A", "B"),
        since=m(3),
    ),
    "no step is named: of two shared ones the one that another log names": Case(
        flows=(
            flow("A", failed(m(3), ""), uses=BOTH),
            flow("B", failed(m(1)), uses=(SHOP,)),
        ),
        certain=True,
        victims=("A", "B"),
        since=m(3),
    ),
    "no step is named, and the choice is open": Case(
        flows=(flow("A", failed(m(3), ""), failed(m(5), ""), uses=BOTH),), certain=None
    ),
    "no step is named, and they share nothing": Case(
        flows=(
            flow("A", failed(m(3), ""), uses=(SHOP, ERP)),
            flow("B", failed(m(1), ""), uses=("8", "9")),
        ),
        certain=None,
    ),
    "no step is named: a failure of last week does not join in": Case(
        flows=(
            flow("A", failed(m(3), ""), uses=(SHOP, ERP)),
            flow("B", failed(m(1), ""), uses=(SHOP, "9")),
            flow("Old", failed(d(6), ""), uses=("7", "8")),
        ),
        certain=True,
        victims=("A", "B"),
        since=m(3),
    ),
    "a flow with a fault of its own is a victim too, once it fails again": Case(
        flows=(
            flow("A", failed(m(1)), failed(m(50))),
            flow("B", failed(m(4)), failed(m(9)), ran(m(40))),
        ),
        certain=True,
        victims=("A", "B"),
        since=m(9),
    ),
    "a flow with a fault of its own that has not failed since is no victim": Case(
        flows=(
            flow("A", failed(m(30)), failed(m(50))),
            flow("B", failed(m(4)), failed(m(9)), ran(m(20))),
        ),
        certain=True,
        victims=("B",),
        at_risk=("A",),
        since=m(9),
    ),
    "an instance that its flow no longer lists": Case(
        flows=(flow("A", failed(m(3)), failed(m(8)), uses=(ERP,)),),
        certain=True,
        victims=("A",),
        since=m(8),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_whether_the_shop_rejects_the_platform(case: Case) -> None:
    found = rejections(went(*case.flows), NOW).get(SHOP)
    assert (found.certain if found else None) is case.certain
    if found:
        assert tuple(each.flow_name for each in found.victims) == case.victims
        assert tuple(each.flow_name for each in found.at_risk) == case.at_risk
        assert found.since == NOW - case.since


def test_twelve_flows_of_one_credential_are_one_rejection() -> None:
    found = rejections(twelve_flows(), NOW)
    assert set(found) == {SHOP}
    assert found[SHOP].instance == INSTANCES[SHOP]
    assert (len(found[SHOP].victims), len(found[SHOP].at_risk)) == (9, 3)
    assert found[SHOP].since == NOW - m(12)
    assert [each.at for each in found[SHOP].failures] == [NOW - m(ago) for ago in range(4, 13)]


def test_what_the_log_said_first_is_quoted() -> None:
    first, second = failed(m(9), line="token expired"), failed(m(3), line=SAYS_401)
    silent = failed(m(12), line=" ")
    assert rejections(went(flow("A", second, first, silent)), NOW)[SHOP].line == "token expired"


def test_time_sensitive_flows_are_told_first() -> None:
    slow, fast = flow("A", failed(m(1))), flow("Z", failed(m(2)), time_sensitive=True)
    found = rejections(went(slow, fast), NOW)[SHOP]
    assert [each.flow_name for each in found.victims] == ["Z", "A"]


def test_two_systems_may_be_rejected_at_once() -> None:
    shop, erp = flow("A", failed(m(1)), failed(m(2))), failed(m(3), ERP)
    found = rejections(went(shop, flow("B", erp, failed(m(5), ERP), uses=(ERP,))), NOW)
    assert {key: each.certain for key, each in found.items()} == {SHOP: True, ERP: True}


def test_nothing_is_decided_while_the_runs_cannot_be_read() -> None:
    blind = replace(twelve_flows(), blind="Patchworks did not answer")
    assert rejections(blind, NOW) == {}
    assert accepted(blind) == {}


def test_an_instance_without_a_name_is_called_by_its_id() -> None:
    flows = (flow("A", failed(m(1), "9"), failed(m(2), "9"), uses=("9",)),)
    assert rejections(FailureEvidence(flows=flows), NOW)["9"].instance.name == "instance 9"


def test_a_clock_that_went_back_puts_nothing_into_the_future() -> None:
    assert rejections(went(flow("A", failed(-m(3)))), NOW)[SHOP].since == NOW


def test_a_streak_longer_than_the_known_runs_keeps_its_beginning() -> None:
    long = flow("A", *(failed(m(ago)) for ago in range(1, 30)))
    assert rejections(went(replace(long, runs=long.runs[:5])), NOW)[SHOP].since == NOW - m(29)


def test_a_warning_of_an_older_success_is_no_failure() -> None:
    told = flow("A", failed(m(1)), failed(m(9), status=RunStatus.SUCCESS))
    assert rejections(went(replace(told, runs=told.runs[:1])), NOW)[SHOP].since == NOW - m(1)


def test_the_newest_success_counts_even_from_before_the_known_runs() -> None:
    (run,) = flow("A", ran(m(30))).runs
    broken = replace(flow("A", failed(m(1))), last_good=replace(run, id="older"))
    assert accepted(went(broken)) == {SHOP: run.started_at}


def test_acceptance_is_as_old_as_the_start_of_the_run_that_proves_it() -> None:
    flows = (flow("A", ran(m(5), took=m(3)), uses=BOTH), flow("B", ran(m(1), RunStatus.STOPPED)))
    assert accepted(went(*flows)) == {SHOP: NOW - m(8), ERP: NOW - m(8)}
    assert accepted(went(flow("A", failed(m(1))))) == {}
