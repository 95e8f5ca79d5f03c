"""Failing flows that are but a symptom: of a rejected credential, of a used-up allowance."""

from __future__ import annotations

from datetime import timedelta

from checks.catalogue.failing_flow import Policy, judge
from checks.declare import Cause
from checks.failures import FlowRuns
from checks.model import Level, Verdict
from tests.checks.catalogue.failing_cases import NOW, SHOP, estate, flow, m

DAY = timedelta(days=1)


def the_verdict(one: FlowRuns) -> Verdict:
    (verdict,) = judge(estate(one), Policy(), NOW)
    return verdict


REJECTED = "HTTP 401: Unauthorized"


def rejected(flow_id: str) -> FlowRuns:
    name = f"Flow {flow_id}"
    return flow("FFF", flow_id=flow_id, name=name, cause=Cause.CREDENTIAL, line=REJECTED)


def test_a_rejected_credential_explains_the_flows_that_fail_by_it() -> None:
    both = estate(rejected("5"), rejected("6"), flow("FFF", flow_id="7", instance=SHOP))
    found = {verdict.subject.id: verdict for verdict in judge(both, Policy(), NOW)}
    for victim in (found["5"], found["6"]):
        assert victim.level is Level.UNKNOWN
        assert victim.explained_by == "the rejected credential of NetSuite production"
        assert victim.signal == "credential"
        assert victim.sentence == (
            f"The failing runs of {victim.subject.name} are explained by the rejected credential "
            "of NetSuite production."
        )
    assert (found["7"].level, found["7"].explained_by) == (Level.BREACH, "")


def test_while_a_rejection_is_open_we_wait_and_then_speak() -> None:
    """One run of a flow that seldom runs failed; another flow of the instance has yet to run."""
    other = flow("SSS", flow_id="6", newest=m(17))
    rare = flow("FSS", cause=Cause.CREDENTIAL, line=REJECTED, apart=DAY, time_sensitive=True)
    early, _ = judge(estate(rare, other), Policy(), NOW)
    late, _ = judge(estate(rare, other), Policy(), NOW + m(8))
    assert early.explained_by == "what may be the credential of NetSuite production"
    assert early.level is Level.UNKNOWN
    assert (late.explained_by, late.level) == ("", Level.BREACH)
    assert late.sentence.endswith(
        'The log says "HTTP 401: Unauthorized": NetSuite production may not accept the '
        "platform's credential any more."
    )


def test_a_code_fault_of_one_flow_is_its_own_trouble() -> None:
    """Other flows of the same instance succeed, so it is not the credential."""
    well = flow("SSSSS", flow_id="6", newest=m(1))
    assert judge(estate(rejected("5"), well), Policy(), NOW)[0].level is Level.BREACH


REFUSED = "HTTP 429: Too Many Requests"


def test_a_used_up_allowance_explains_the_flows_that_it_refused() -> None:
    limited = flow("FFF", cause=Cause.LIMIT, line=REFUSED)
    verdict = the_verdict(limited)
    assert verdict.level is Level.UNKNOWN
    assert verdict.explained_by == "the used-up allowance of NetSuite production"
    assert verdict.signal == "limit"


def test_refusals_of_long_ago_explain_nothing() -> None:
    limited = flow("FFF", cause=Cause.LIMIT, line=REFUSED, newest=m(40))
    verdict = the_verdict(limited)
    assert (verdict.level, verdict.explained_by) == (Level.BREACH, "")
    assert verdict.sentence.endswith(
        ": the allowance of NetSuite production was used up, which passes with time."
    )


def test_one_refusal_is_no_used_up_allowance() -> None:
    limited = flow("FSS", cause=Cause.LIMIT, line=REFUSED, apart=DAY, time_sensitive=True)
    assert the_verdict(limited).explained_by == ""
    assert the_verdict(limited).level is Level.BREACH


def test_a_flow_that_does_not_fail_needs_no_explanation() -> None:
    limited = flow("FFSSS", flow_id="6", cause=Cause.LIMIT, line=REFUSED)
    assert the_verdict(limited).explained_by == ""


def test_what_failed_by_a_credential_that_is_accepted_again_says_nothing_of_the_flow() -> None:
    """One good run of one flow, begun since, proves the credential of both."""
    victims = [
        flow(went, flow_id=each, cause=Cause.CREDENTIAL, line=REJECTED, newest=newest)
        for each, went, newest in (("5", "SFFFF", m(1)), ("6", "FFFF", m(7)))
    ]
    found = judge(estate(*victims), Policy(), NOW)
    assert [(each.level.is_trouble, each.explained_by) for each in found] == [(False, "")] * 2


def test_one_flow_that_fails_by_a_credential_while_another_succeeds_is_its_own_trouble() -> None:
    """Between its failures the other flow proves the credential, so it was never rejected."""
    faulty = flow("FFFF", cause=Cause.CREDENTIAL, line=REJECTED)
    well = flow("SSSSS", flow_id="6", newest=m(1))
    found = {each.subject.id: each for each in judge(estate(faulty, well), Policy(), NOW)}
    assert found["5"].level is Level.BREACH


def test_refusals_that_are_over_do_not_count_once_the_flow_runs_well_again() -> None:
    recovering = flow("SFFF", cause=Cause.LIMIT, line=REFUSED, apart=m(10), newest=m(20))
    assert not the_verdict(recovering).level.is_trouble
