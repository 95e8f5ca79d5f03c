"""Credentials: what is said of a rejected one, of an ending one, and of those nobody knows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from checks.catalogue.token_expiry import FACTS
from checks.credentials import Held, KnownBy
from checks.failures import FailureEvidence
from checks.model import Level
from tests.checks.credential_cases import (
    ERP,
    NOTHING,
    NOW,
    WELL,
    certificate,
    d,
    failed,
    flow,
    h,
    m,
    our_key,
    ran,
    shop_token,
    the_verdict,
    twelve_flows,
    vendor_date,
    went,
)


@dataclass(frozen=True, kw_only=True)
class Case:
    held: Held
    level: Level
    signal: str
    says: str
    failures: FailureEvidence = field(default=NOTHING)
    critical: bool = False
    ahead: bool = False


REJECTED = {
    "nine flows of one credential fail": Case(
        held=shop_token(),
        failures=twelve_flows(),
        level=Level.BREACH,
        signal="rejected",
        critical=True,
        says="Shopify UK store does not accept the platform's access token, for 12 min now: 9 "
        'flows have stopped and 3 more use it; the log says "Re-authentication failed: 401 '
        'Unauthorized". A person must re-authorise it in Patchworks.',
    ),
    "one flow failed by it twice, and the log is empty": Case(
        held=shop_token(),
        failures=went(flow("Orders", failed(m(2), line=""), failed(m(7), line=""))),
        level=Level.BREACH,
        signal="rejected",
        critical=True,
        says="Shopify UK store does not accept the platform's access token, for 7 min now: 1 flow "
        "has stopped. A person must re-authorise it in Patchworks.",
    ),
    "it had ended, as the register says": Case(
        held=certificate(-h(3)),
        failures=went(flow("Orders", failed(m(2), ERP), failed(m(7), ERP), uses=(ERP,))),
        level=Level.BREACH,
        signal="rejected",
        critical=True,
        says="NetSuite live does not accept the platform's certificate, for 7 min now: 1 flow has "
        'stopped; the log says "Re-authentication failed: 401 Unauthorized". It ended on '
        "20 November. A person must re-authorise it in Patchworks.",
    ),
    "one failure, not yet certain": Case(
        held=shop_token(),
        failures=went(flow("Orders", failed(m(2)), ran(h(1))), flow("Stock", ran(h(2)))),
        level=Level.UNKNOWN,
        signal="undecided",
        says="Perhaps Shopify UK store no longer accepts the platform's access token: Orders "
        "failed by it 2 min ago, and no run since has shown whether it is so.",
    ),
    "not certain, and it ends soon: the date stands": Case(
        held=certificate(d(2)),
        failures=went(flow("Orders", failed(m(2), ERP), uses=(ERP,))),
        level=Level.EARLY,
        signal="ends_in_3",
        ahead=True,
        says="The certificate of NetSuite live (owner Omar) ends in 2 d, on 22 November; a person "
        "must renew it. 1 flow uses it.",
    ),
    "a code fault: another flow of the shop succeeds": Case(
        held=shop_token(),
        failures=went(flow("Orders", failed(m(4)), failed(m(9))), flow("Stock", ran(m(2)))),
        level=Level.OK,
        signal="clear",
        says="Shopify UK store accepts the platform's access token; when it ends is not known: "
        "declare it under [[credential]].",
    ),
    "the runs could not be read": Case(
        held=certificate(d(90)),
        failures=went(blind="Patchworks did not answer within 10 s."),
        level=Level.UNKNOWN,
        signal="unseen",
        says="Whether NetSuite live accepts the platform's certificate is not known: Patchworks "
        "did not answer within 10 s.",
    ),
    "the runs could not be read, and it ends soon: the date stands": Case(
        held=certificate(d(10)),
        failures=went(blind="Patchworks did not answer within 10 s."),
        level=Level.EARLY,
        signal="ends_in_14",
        ahead=True,
        says="The certificate of NetSuite live (owner Omar) ends in 10 d, on 30 November; a person "
        "must renew it.",
    ),
}
ENDING = {
    "far from its end": Case(
        held=certificate(d(31)),
        level=Level.OK,
        signal="clear",
        says="The certificate of NetSuite live (owner Omar): it ends in 31 d, on 21 December.",
    ),
    "renewed, and seen accepted": Case(
        held=certificate(d(730)),
        failures=WELL,
        level=Level.OK,
        signal="clear",
        says="NetSuite live accepts the platform's certificate; it ends in 730 d, on "
        "19 November 2028.",
    ),
    "the first rung": Case(
        held=certificate(d(30)),
        level=Level.EARLY,
        signal="ends_in_30",
        ahead=True,
        says="The certificate of NetSuite live (owner Omar) ends in 30 d, on 20 December; a person "
        "must renew it.",
    ),
    "between two rungs": Case(
        held=replace(certificate(d(12)), owner=""),
        failures=WELL,
        level=Level.EARLY,
        signal="ends_in_14",
        ahead=True,
        says="The certificate of NetSuite live ends in 12 d, on 2 December; a person must renew "
        "it. 1 flow uses it.",
    ),
    "the last day": Case(
        held=certificate(h(20)),
        level=Level.EARLY,
        signal="ends_in_1",
        ahead=True,
        says="The certificate of NetSuite live (owner Omar) ends in 20 h, on 21 November; a person "
        "must renew it.",
    ),
    "it ends now": Case(
        held=certificate(d(0)),
        level=Level.BREACH,
        signal="ended_0",
        critical=True,
        says="The certificate of NetSuite live (owner Omar) ended on 20 November, just now. A "
        "person must renew it.",
    ),
    "it ended two days ago": Case(
        held=certificate(-d(2.5)),
        level=Level.BREACH,
        signal="ended_2",
        critical=True,
        says="The certificate of NetSuite live (owner Omar) ended on 18 November, 2 d ago. A "
        "person must renew it.",
    ),
    "it ended, and is still accepted: the date is wrong": Case(
        held=certificate(-d(1)),
        failures=WELL,
        level=Level.BREACH,
        signal="ended_1",
        says="The certificate of NetSuite live (owner Omar) ended on 19 November, 1 d ago. 1 flow "
        "uses it. It was still accepted since, so correct the date if it was renewed.",
    ),
    "our own ended": Case(
        held=replace(our_key(), ends_at=NOW - h(5), known_by=KnownBy.READ),
        level=Level.BREACH,
        signal="ended_0",
        says="The API key of shop ended on 20 November, 5 h ago. No flow uses it, only our sight "
        "of shop does. It was still accepted since, so correct the date if it was renewed.",
    ),
    "our own ended, and was not tried since": Case(
        held=replace(our_key(), ends_at=NOW - d(2), accepted_at=NOW - d(3)),
        level=Level.BREACH,
        signal="ended_2",
        says="The API key of shop ended on 18 November, 2 d ago. No flow uses it, only our sight "
        "of shop does. A person must renew it.",
    ),
    "a token that should have renewed itself": Case(
        held=replace(certificate(d(2)), lasts_days=30, renews_itself=True, needs_person=False),
        level=Level.EARLY,
        signal="ends_in_3",
        ahead=True,
        says="The certificate of NetSuite live (owner Omar) ends in 2 d, on 22 November; it should "
        "have renewed itself by now.",
    ),
    "a token of an hour that renews itself": Case(
        held=replace(certificate(m(2)), lasts_days=1 / 24, renews_itself=True),
        level=Level.OK,
        signal="clear",
        says="The certificate of NetSuite live (owner Omar): it renews itself.",
    ),
    "a token of two days that renews itself, past its end": Case(
        held=replace(certificate(-h(1)), lasts_days=2, renews_itself=True),
        level=Level.OK,
        signal="clear",
        says="The certificate of NetSuite live (owner Omar): it renews itself.",
    ),
    "a token that renews itself at an unknown pace": Case(
        held=replace(certificate(m(2)), lasts_days=None, renews_itself=True),
        level=Level.OK,
        signal="clear",
        says="The certificate of NetSuite live (owner Omar): it renews itself.",
    ),
}
UNKNOWN_END = {
    "nobody knows when it ends, and nobody uses it": Case(
        held=shop_token(),
        level=Level.UNKNOWN,
        signal="end_not_known",
        says="When the access token of Shopify UK store (owner Dana) ends is not known: declare "
        "it under [[credential]].",
    ),
    "nobody knows when it ends, and it is accepted": Case(
        held=shop_token(),
        failures=WELL,
        level=Level.OK,
        signal="clear",
        says="Shopify UK store accepts the platform's access token; when it ends is not known: "
        "declare it under [[credential]].",
    ),
    "nobody knows when it ends, although it renews itself": Case(
        held=replace(shop_token(), renews_itself=True),
        failures=WELL,
        level=Level.OK,
        signal="clear",
        says="Shopify UK store accepts the platform's access token; when it ends is not known: "
        "declare it under [[credential]].",
    ),
    "its end is told as a rule, and could not be read now": Case(
        held=replace(certificate(), known_by=KnownBy.READ),
        failures=WELL,
        level=Level.UNKNOWN,
        signal="end_not_known",
        says="When the certificate of NetSuite live (owner Omar) ends could not be read just now.",
    ),
    "it does not end": Case(
        held=our_key(),
        level=Level.OK,
        signal="clear",
        says="shop accepts Seamwatch's API key; it does not end by itself.",
    ),
    "our own session": Case(
        held=replace(our_key(), known_by=KnownBy.READ, renews_itself=True),
        level=Level.OK,
        signal="clear",
        says="shop accepts Seamwatch's API key; it renews itself.",
    ),
    "our own, of unknown end": Case(
        held=replace(our_key(), known_by=KnownBy.UNKNOWN),
        level=Level.OK,
        signal="clear",
        says="shop accepts Seamwatch's API key; when it ends is not known: declare it under "
        "[[system]].",
    ),
}
REFUSED = {
    "our own is refused": Case(
        held=replace(
            our_key(), refused_since=NOW - m(4), accepted_at=None, why="shop answered with 401."
        ),
        level=Level.BREACH,
        signal="refused",
        says="shop does not accept Seamwatch's API key, for 4 min now: shop answered with 401. No "
        "flow uses it, but nobody watches shop meanwhile. A person must renew it.",
    ),
    "our own is refused for two minutes": Case(
        held=replace(our_key(), refused_since=NOW - m(2), accepted_at=None),
        level=Level.BREACH,
        signal="refused",
        says="shop does not accept Seamwatch's API key, for 2 min now. No flow uses it, but nobody "
        "watches shop meanwhile. A person must renew it.",
    ),
    "our own is refused, not yet for long": Case(
        held=replace(our_key(), refused_since=NOW - m(1), accepted_at=None),
        level=Level.UNKNOWN,
        signal="refused",
        says="shop does not accept Seamwatch's API key, for 1 min now. No flow uses it, but nobody "
        "watches shop meanwhile. A person must renew it.",
    ),
    "our own could not be tried": Case(
        held=replace(our_key(), accepted_at=None),
        level=Level.UNKNOWN,
        signal="unseen",
        says="Whether shop accepts Seamwatch's API key is not known: it could not be tried just "
        "now.",
    ),
}
EVENTS = {
    "far away": Case(
        held=vendor_date(d(41)),
        level=Level.OK,
        signal="clear",
        says="On 31 December, in 41 d: Shopify refuses non-expiring tokens of public apps. It "
        "concerns public apps.",
    ),
    "in sight": Case(
        held=vendor_date(d(14)),
        level=Level.EARLY,
        signal="ends_in_14",
        ahead=True,
        says="On 4 December, in 14 d: Shopify refuses non-expiring tokens of public apps. It "
        "concerns public apps.",
    ),
    "in force": Case(
        held=vendor_date(-d(3)),
        level=Level.EARLY,
        signal="in_force",
        says="Since 17 November, 3 d ago: Shopify refuses non-expiring tokens of public apps. It "
        "concerns public apps.",
    ),
    "in force for a week": Case(
        held=replace(vendor_date(-d(7)), whom="", what=""),
        level=Level.OK,
        signal="clear",
        says="Since 13 November, 7 d ago: a change of Shopify.",
    ),
    "without a date": Case(
        held=replace(vendor_date(d(1)), ends_at=None),
        level=Level.UNKNOWN,
        signal="end_not_known",
        says="When this takes effect is not known: Shopify refuses non-expiring tokens of public "
        "apps. It concerns public apps.",
    ),
}
CASES = REJECTED | ENDING | UNKNOWN_END | REFUSED | {f"a date {k}": v for k, v in EVENTS.items()}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_said_and_how_grave_it_is(case: Case) -> None:
    verdict = the_verdict(case.held, case.failures)
    assert (verdict.level, verdict.signal, verdict.sentence) == (case.level, case.signal, case.says)
    assert verdict.critical is case.critical
    assert verdict.expected_at == (case.held.ends_at if case.ahead else None)
    assert set(verdict.facts) == set(FACTS)
