"""Failing flows: when it is said, in which words, and what explains it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from checks.catalogue.failing_flow import CHECK, FACTS, Policy, judge
from checks.declare import Cause
from checks.failures import FlowRuns
from checks.model import Level, Measure, Verdict
from tests.checks.catalogue.failing_cases import (
    ERP,
    INSTANCES,
    NOW,
    WRONG_KEY,
    estate,
    flow,
    m,
    run,
)

DAY = timedelta(days=1)


def the_verdict(one: FlowRuns, policy: Policy | None = None) -> Verdict:
    (verdict,) = judge(estate(one), policy or Policy(), NOW)
    return verdict


@dataclass(frozen=True, kw_only=True)
class Case:
    of: FlowRuns
    level: Level
    signal: str
    says: str


LOG = f'The log says "{WRONG_KEY}", which fails again until something is changed.'
ORDERS = "Orders to NetSuite"
CASES = {
    "all is well": Case(
        of=flow("SSSSS"),
        level=Level.OK,
        signal="clear",
        says=f"The newest 5 runs of {ORDERS} ended well.",
    ),
    "one failed": Case(
        of=flow("FSSSS"),
        level=Level.OK,
        signal="clear",
        says=f"1 of the last 5 runs of {ORDERS} failed, which is no trouble by itself.",
    ),
    "two failed: not trouble yet, and no good news either": Case(
        of=flow("FSFSS"),
        level=Level.UNKNOWN,
        signal="undecided",
        says=f"2 of the last 5 runs of {ORDERS} failed, which is not decided yet.",
    ),
    "three failed, some succeed between": Case(
        of=flow("FSFSF"),
        level=Level.EARLY,
        signal="lasting",
        says=f"3 of the last 5 runs of {ORDERS} failed, the first 23 min ago; usually 1 in 160 "
        f"fails. {LOG}",
    ),
    "three in a row": Case(
        of=flow("FFFSS"),
        level=Level.BREACH,
        signal="lasting",
        says=f"3 of the last 5 runs of {ORDERS} failed, the first 13 min ago; usually 1 in 160 "
        f"fails. {LOG}",
    ),
    "five in a row": Case(
        of=flow("FFFFF"),
        level=Level.BREACH,
        signal="lasting",
        says=f"5 of the last 5 runs of {ORDERS} failed, the first 23 min ago; usually 1 in 160 "
        f"fails. {LOG}",
    ),
    "a row longer than what is looked at is counted whole": Case(
        of=flow("FFFFFFFFS"),
        level=Level.BREACH,
        signal="lasting",
        says=f"8 of the last 8 runs of {ORDERS} failed, the first 38 min ago; usually 1 in 160 "
        f"fails. {LOG}",
    ),
    "the first success after five failures": Case(
        of=flow("SFFFFF"),
        level=Level.EARLY,
        signal="lasting",
        says=f"4 of the last 5 runs of {ORDERS} failed, the first 23 min ago; usually 1 in 160 "
        f"fails. {LOG}",
    ),
    "two successes end it": Case(
        of=flow("SSFFF"),
        level=Level.OK,
        signal="clear",
        says=f"3 of the last 5 runs of {ORDERS} failed, which is no trouble by itself.",
    ),
    "a flow without a past": Case(
        of=flow("FFF", before=0, before_failed=0),
        level=Level.BREACH,
        signal="lasting",
        says=f"3 of the last 3 runs of {ORDERS} failed, the first 13 min ago; what is usual is "
        f"not known yet. {LOG}",
    ),
    "two runs are all that is known": Case(
        of=flow("FF", before=0, before_failed=0),
        level=Level.UNKNOWN,
        signal="undecided",
        says=f"2 of the last 2 runs of {ORDERS} failed, which is not decided yet.",
    ),
    "a flow that never failed before": Case(
        of=flow("FFFSS", before=90, before_failed=0),
        level=Level.BREACH,
        signal="lasting",
        says=f"3 of the last 5 runs of {ORDERS} failed, the first 13 min ago; usually none of 90 "
        f"fails. {LOG}",
    ),
    "a flow that fails as it always does": Case(
        of=flow("FSFSF", before=100, before_failed=60),
        level=Level.UNKNOWN,
        signal="undecided",
        says=f"3 of the last 5 runs of {ORDERS} failed, which is not decided yet.",
    ),
    "a flow that often fails, and now always": Case(
        of=flow("FFFFF", before=100, before_failed=20),
        level=Level.BREACH,
        signal="lasting",
        says=f"5 of the last 5 runs of {ORDERS} failed, the first 23 min ago; usually 1 in 5 "
        f"fails. {LOG}",
    ),
    "stopped runs say nothing": Case(
        of=flow("XFXFXFSS"),
        level=Level.BREACH,
        signal="lasting",
        says=f"3 of the last 5 runs of {ORDERS} failed, the first 28 min ago; usually 1 in 160 "
        f"fails. {LOG}",
    ),
    "only stopped runs": Case(
        of=flow("XXXXX"),
        level=Level.UNKNOWN,
        signal="unseen",
        says=f"No run of {ORDERS} that ended is known yet.",
    ),
    "a status that we do not know says nothing": Case(
        of=flow("????S"),
        level=Level.OK,
        signal="clear",
        says=f"The newest run of {ORDERS} ended well.",
    ),
    "partial successes do not count": Case(
        of=flow("PPPPP"),
        level=Level.OK,
        signal="clear",
        says=f"The newest 5 runs of {ORDERS} ended well.",
    ),
    "no run is known": Case(
        of=flow(""),
        level=Level.UNKNOWN,
        signal="unseen",
        says=f"No run of {ORDERS} that ended is known yet.",
    ),
    "none ended of late": Case(
        of=flow("FFFFF", newest=DAY + m(1)),
        level=Level.UNKNOWN,
        signal="unseen",
        says=f"No run of {ORDERS} has ended of late.",
    ),
    "what may pass": Case(
        of=flow("FFFSS", cause=Cause.PASSING, line="HTTP 502: Bad Gateway"),
        level=Level.BREACH,
        signal="passing",
        says=f"3 of the last 5 runs of {ORDERS} failed, the first 13 min ago; usually 1 in 160 "
        'fails. The log says "HTTP 502: Bad Gateway", which may pass by itself.',
    ),
    "a right is missing": Case(
        of=flow("FFFSS", cause=Cause.NOT_PERMITTED, line="HTTP 403: Forbidden."),
        level=Level.BREACH,
        signal="not_permitted",
        says=f"3 of the last 5 runs of {ORDERS} failed, the first 13 min ago; usually 1 in 160 "
        'fails. The log says "HTTP 403: Forbidden": a person must give the platform a right in '
        "NetSuite production.",
    ),
    "the cause is not known": Case(
        of=flow("FFFSS", cause=Cause.UNKNOWN, line="Something went wrong"),
        level=Level.BREACH,
        signal="unknown",
        says=f"3 of the last 5 runs of {ORDERS} failed, the first 13 min ago; usually 1 in 160 "
        'fails. The log says "Something went wrong".',
    ),
    "the logs could not be read": Case(
        of=replace(flow("FFFSS"), failures=()),
        level=Level.BREACH,
        signal="unknown",
        says=f"3 of the last 5 runs of {ORDERS} failed, the first 13 min ago; usually 1 in 160 "
        "fails. Why is not known: no log of these runs could be read.",
    ),
    "a rare flow that must be on time, after one failure": Case(
        of=flow("FSS", apart=DAY, newest=m(20), time_sensitive=True),
        level=Level.BREACH,
        signal="lasting",
        says=f"1 of the last 3 runs of {ORDERS} failed, the first 20 min ago; usually 1 in 160 "
        f"fails. {LOG}",
    ),
    "a rare flow that need not be on time": Case(
        of=flow("FSS", apart=DAY, newest=m(20)),
        level=Level.OK,
        signal="clear",
        says=f"1 of the last 3 runs of {ORDERS} failed, which is no trouble by itself.",
    ),
    "a rare flow that must be on time and often fails": Case(
        of=flow("FSS", apart=DAY, newest=m(20), time_sensitive=True, before_failed=60),
        level=Level.OK,
        signal="clear",
        says=f"1 of the last 3 runs of {ORDERS} failed, which is no trouble by itself.",
    ),
    "a busy flow that must be on time, after one failure": Case(
        of=flow("FSS", time_sensitive=True),
        level=Level.OK,
        signal="clear",
        says=f"1 of the last 3 runs of {ORDERS} failed, which is no trouble by itself.",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_said_and_how_grave_it_is(case: Case) -> None:
    verdict = the_verdict(case.of)
    assert (verdict.level, verdict.signal, verdict.sentence) == (case.level, case.signal, case.says)


def test_every_flow_has_a_verdict_of_its_own_in_order() -> None:
    found = judge(estate(flow("SS", flow_id="7"), flow("FFF", flow_id="6")), Policy(), NOW)
    assert [(verdict.key, verdict.level) for verdict in found] == [
        ("flow/6/failing_flow/failing", Level.BREACH),
        ("flow/7/failing_flow/failing", Level.OK),
    ]


def test_when_runs_cannot_be_read_nothing_is_claimed() -> None:
    blind = estate(flow("FFFFF"), flow("SSS", flow_id="7"), blind="Patchworks did not answer.")
    for verdict in judge(blind, Policy(), NOW):
        assert (verdict.level, verdict.sentence) == (Level.UNKNOWN, "Patchworks did not answer.")
        assert set(verdict.facts) == set(FACTS)


@pytest.mark.parametrize("time_sensitive", [True, False])
def test_a_breach_of_a_time_sensitive_flow_is_critical(*, time_sensitive: bool) -> None:
    assert the_verdict(flow("FFF", time_sensitive=time_sensitive)).critical is time_sensitive


def test_what_most_failures_have_in_common_leads() -> None:
    one, other = flow("FFFSS"), flow("FFFSS", cause=Cause.PASSING, line="HTTP 502")
    mixed = replace(one, failures=(one.failures[0], *other.failures[1:]))
    verdict = the_verdict(mixed)
    assert verdict.signal == "passing"
    assert verdict.facts["first_error"] == "HTTP 502"


def test_the_first_error_is_quoted_and_not_the_newest() -> None:
    one = flow("FFFSS")
    newest = replace(one.failures[0], line="HTTP 400: another one")
    assert the_verdict(replace(one, failures=(newest, *one.failures[1:]))).facts["first_error"] == (
        WRONG_KEY
    )


def test_the_runbook_gets_every_fact() -> None:
    verdict = the_verdict(flow("FFFSS", records=7))
    assert verdict.facts == {
        "signal": "lasting",
        "flow": ORDERS,
        "flow_id": "5",
        "failed": 3,
        "of": 5,
        "usual_failed": "1 in 160",
        "first_error": WRONG_KEY,
        "step": "Send orders to NetSuite",
        "instance": "NetSuite production",
        "system": "NetSuite",
        "system_kind": "netsuite",
        "cause": "lasting",
        "records": 21,
        "first_failed_at": "2026-03-02T09:47:00+00:00",
        "last_failed_at": "2026-03-02T09:57:00+00:00",
        "last_good_at": "2026-03-02T09:42:00+00:00",
        "last_good_run_id": "5097",
        "run_id": "5100",
        "retry": "fails again",
        "payload_deadline": "2026-03-05T09:47:00+00:00",
        "logs_deadline": "2026-03-09T09:47:00+00:00",
    }
    assert tuple(verdict.facts) == FACTS


RETRIES = {
    Cause.LASTING: "fails again",
    Cause.CREDENTIAL: "fails again",
    Cause.NOT_PERMITTED: "fails again",
    Cause.PASSING: "worth trying",
    Cause.LIMIT: "worth trying",
    Cause.UNKNOWN: None,
}


@pytest.mark.parametrize(("cause", "retry"), RETRIES.items(), ids=RETRIES)
def test_whether_to_run_it_again(cause: Cause, retry: str | None) -> None:
    assert the_verdict(flow("FFF", cause=cause)).facts["retry"] == retry


def test_it_is_measured() -> None:
    assert the_verdict(flow("FFFSS", records=7)).measures == (
        Measure(label="Failed", measured="3 of 5", usual="1 in 160"),
        Measure(label="Last good run", measured="18 min ago"),
        Measure(label="Records affected", measured="21"),
        Measure(label="Runs", measured="every 5 min"),
    )


def test_what_is_not_known_is_not_measured() -> None:
    one = flow("FFF", before=0, before_failed=0)
    known = replace(one.failures[0], records=4)
    verdict = the_verdict(replace(one, failures=(known, *one.failures[1:])))
    assert verdict.measures == (
        Measure(label="Failed", measured="3 of 3"),
        Measure(label="Last good run", measured="none known"),
        Measure(label="Records affected", measured="4 or more"),
        Measure(label="Runs", measured="every 5 min"),
    )


def test_the_last_good_run_may_lie_before_those_looked_at() -> None:
    good = run("S", NOW - DAY, flow_id="5", number=50)
    facts = the_verdict(flow("FFF", last_good=good)).facts
    assert (facts["last_good_run_id"], facts["last_good_at"]) == (
        good.id,
        "2026-03-01T10:00:00+00:00",
    )


def test_the_only_instance_of_a_flow_is_named_without_being_told() -> None:
    one = replace(flow("FFF", instance=""), instance_ids=(ERP,))
    assert the_verdict(one).facts["instance"] == "NetSuite production"
    assert the_verdict(flow("FFF", instance="")).facts["instance"] is None


def test_the_owner_decides_what_is_too_often() -> None:
    def level(went: str, **thresholds: object) -> Level:
        return the_verdict(flow(went), Policy.model_validate(thresholds)).level

    assert level("FFSSS", failed="2 of 3") is Level.BREACH
    assert level("FSFSF", failed="4 of 5") is Level.UNKNOWN
    assert level("FFFSS", chance=0.0000001) is Level.UNKNOWN
    assert level("PPPSS", partial_counts=True) is Level.BREACH
    assert level("SFFFF", recovered=1) is Level.OK
    assert level("FFFSS", fresh="2m") is Level.UNKNOWN


def test_one_look_opens_nothing() -> None:
    assert str(Policy().opens_after) == "2 of 3"
    assert CHECK.needs == "failures"
    assert CHECK.runbook == "failing-flow"


def test_an_instance_without_a_name_is_called_by_its_number() -> None:
    unnamed = estate(flow("FFF", cause=Cause.NOT_PERMITTED, instance="999"))
    assert "in instance 999." in judge(unnamed, Policy(), NOW)[0].sentence
    assert "999" not in INSTANCES
