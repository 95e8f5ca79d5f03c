"""Credentials: the rungs that fit a life, who speaks for an instance, what the runbook gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from checks.catalogue.token_expiry import CHECK, Policy
from checks.credentials import Held
from checks.failures import FailureEvidence
from checks.model import Level, Measure
from tests.checks.credential_cases import (
    NOTHING,
    NOW,
    SAYS_401,
    SHOP,
    WELL,
    certificate,
    d,
    failed,
    flow,
    judged,
    m,
    our_key,
    shop_token,
    the_verdict,
    twelve_flows,
    vendor_date,
    went,
)


@pytest.mark.parametrize(
    ("lasts_days", "renews", "signals"),
    [
        (730, False, ["ends_in_30", "ends_in_14", "ends_in_7", "ends_in_3", "ends_in_1"]),
        (None, False, ["ends_in_30", "ends_in_14", "ends_in_7", "ends_in_3", "ends_in_1"]),
        (60, False, ["ends_in_30", "ends_in_14", "ends_in_7", "ends_in_3", "ends_in_1"]),
        (59, False, ["ends_in_14", "ends_in_7", "ends_in_3", "ends_in_1"]),
        (7, False, ["ends_in_3", "ends_in_1"]),
        (2, False, []),
        (90, True, ["ends_in_30", "ends_in_14", "ends_in_7", "ends_in_3", "ends_in_1"]),
        (30, True, ["ends_in_7", "ends_in_3", "ends_in_1"]),
        (7, True, ["ends_in_1"]),
        (2, True, []),
    ],
    ids=[
        "two years",
        "of an unknown life",
        "sixty days",
        "less than sixty days",
        "a week",
        "two days",
        "ninety days, renews itself",
        "thirty days, renews itself",
        "a week, renews itself",
        "two days, renews itself",
    ],
)
def test_the_rungs_fit_the_life(lasts_days: float | None, renews: bool, signals: list[str]) -> None:
    seen = [
        the_verdict(replace(certificate(d(left)), lasts_days=lasts_days, renews_itself=renews))
        for left in (31, 30, 14, 7, 3, 1)
    ]
    assert list(dict.fromkeys(each.signal for each in seen if each.level.is_trouble)) == signals


def test_severity_rises_three_days_before_the_end_as_the_owner_wishes() -> None:
    assert the_verdict(certificate(d(9))).urgent_within == d(3)
    assert the_verdict(certificate(d(9)), policy=Policy(urgent=d(5))).urgent_within == d(5)


def test_every_credential_has_its_own_verdict() -> None:
    patchworks = replace(our_key(), id="patchworks", system="Patchworks")
    found = judged(vendor_date(d(3)), patchworks, our_key(), shop_token())
    assert [verdict.key for verdict in found.values()] == [
        "event/shopify/tokens/token_expiry/event",
        "instance/702/token_expiry/credential",
        "system/patchworks/token_expiry/credential",
        "system/shop/token_expiry/credential",
    ]
    assert [verdict.subject.name for verdict in found.values()] == [
        "Shopify",
        "Shopify UK store",
        "Patchworks",
        "shop",
    ]


def test_a_rejected_credential_of_ours_is_not_the_platforms() -> None:
    ours = replace(our_key(), instance_id=SHOP)
    assert the_verdict(ours, twelve_flows()).level is Level.OK


def test_of_several_on_one_instance_only_the_first_tells_of_the_rejection() -> None:
    second = replace(certificate(d(90)), id="instance/702#certificate", instance_id=SHOP)
    found = judged(second, shop_token(), failures=twelve_flows())
    assert found["instance/702"].signal == "rejected"
    other = found["instance/702#certificate"]
    assert other.level is Level.UNKNOWN
    assert other.explained_by == "another credential of NetSuite live"
    assert other.facts["victim_count"] is None


def test_a_credential_of_ours_on_the_instance_does_not_speak_for_the_platforms() -> None:
    ours = replace(our_key(), id="a/ours", instance_id=SHOP)
    found = judged(ours, shop_token(), failures=twelve_flows())
    assert (found["a/ours"].signal, found["instance/702"].signal) == ("clear", "rejected")


def test_an_instance_that_the_register_does_not_list_is_told_all_the_same() -> None:
    ours = replace(our_key(), instance_id=SHOP)
    assert judged(ours, failures=twelve_flows())["instance/702"].signal == "rejected"
    found = judged(certificate(d(90)), failures=twelve_flows())
    assert found["instance/702"].signal == "rejected"
    assert found["instance/702"].subject.name == "Shopify UK store"
    assert found["instance/703"].level is Level.OK


def test_ignored_dates_are_not_judged_and_refusals_are_told_all_the_same() -> None:
    policy = Policy(ignore=("instance/703", "event/shopify/tokens", "instance/702"))
    found = judged(
        certificate(d(1)), vendor_date(d(1)), shop_token(), failures=twelve_flows(), policy=policy
    )
    assert found["instance/703"].level is Level.OK
    assert found["event/shopify/tokens"].level is Level.OK
    assert found["instance/702"].level is Level.BREACH
    assert found["instance/703"].sentence == (
        "By the settings, the date of the certificate of NetSuite live (owner Omar) is not judged."
    )


def test_the_runbook_gets_every_fact_of_a_rejection() -> None:
    assert the_verdict(shop_token(), twelve_flows()).facts == {
        "signal": "rejected",
        "system": "Shopify UK store",
        "system_kind": "shopify",
        "instance_id": SHOP,
        "what": "access token",
        "holder": "platform",
        "owner": "Dana",
        "known_by": "not known",
        "ends_at": None,
        "ends_in": None,
        "renewed_by": "a person in Patchworks: process flows > connectors & instances",
        "since": "2026-11-20T11:48:00+00:00",
        "victims": ", ".join(f"Flow {n}" for n in range(8)) + " and Flow 8",
        "victim_count": 9,
        "at_risk_count": 3,
        "first_error": SAYS_401,
        "records_deadline": "2026-11-23T11:48:00+00:00",
        "event": None,
        "event_source": None,
    }


def test_the_runbook_gets_every_fact_of_an_ending() -> None:
    facts = the_verdict(certificate(d(12))).facts
    assert facts["ends_at"] == "2026-12-02T12:00:00+00:00"
    assert (facts["ends_in"], facts["known_by"], facts["owner"]) == ("12 d", "declared", "Omar")
    assert (facts["since"], facts["victims"], facts["event"]) == (None, None, None)


def test_the_runbook_gets_every_fact_of_a_vendors_date() -> None:
    facts = the_verdict(vendor_date(d(12))).facts
    assert facts["event"] == "Shopify refuses non-expiring tokens of public apps"
    assert facts["event_source"] == "https://shopify.dev/tokens"
    assert (facts["holder"], facts["renewed_by"]) == ("nobody", None)


@pytest.mark.parametrize(
    ("held", "way"),
    [
        (our_key(), "a person in shop, then in Seamwatch's settings"),
        (
            replace(our_key(), id="patchworks"),
            "a person in Patchworks: settings > API keys, then in Seamwatch's settings",
        ),
        (replace(our_key(), renews_itself=True), "itself; a person only when that fails"),
        (
            replace(our_key(), renews_itself=True, needs_person=True),
            "a person in shop, then in Seamwatch's settings",
        ),
    ],
    ids=["ours", "our access to Patchworks", "by itself", "by itself until a person must"],
)
def test_who_renews_it(held: Held, way: str) -> None:
    (verdict,) = judged(held).values()
    assert verdict.facts["renewed_by"] == way


@pytest.mark.parametrize(
    ("held", "failures", "measures"),
    [
        (
            shop_token(),
            twelve_flows(),
            {
                "Flows stopped": "9 of 12 that use it",
                "Which": "Flow 0, Flow 1, Flow 2, Flow 3, Flow 4, Flow 5 and 3 more",
                "Failing since": "12 min ago",
                "Last success": "20 min ago",
                "Owner": "Dana",
            },
        ),
        (
            shop_token(),
            went(flow("Orders", failed(m(2)), failed(m(7)))),
            {
                "Flows stopped": "1 of 1 that use it",
                "Which": "Orders",
                "Failing since": "7 min ago",
                "Last success": "not known",
                "Owner": "Dana",
            },
        ),
        (
            certificate(d(12)),
            WELL,
            {"Ends in": "12 d", "Flows that use it": "1", "Owner": "Omar"},
        ),
        (certificate(-d(2)), NOTHING, {"Ended": "2 d ago", "Owner": "Omar"}),
        (our_key(), NOTHING, {"Ends": "does not end by itself", "Owner": "not declared"}),
        (
            replace(our_key(), refused_since=NOW - m(4)),
            NOTHING,
            {"Refused for": "4 min", "Owner": "not declared"},
        ),
        (vendor_date(d(12)), NOTHING, {"Ends in": "12 d"}),
    ],
    ids=["rejected", "never seen well", "ending", "ended", "endless", "refused", "a vendor's date"],
)
def test_it_is_measured(held: Held, failures: FailureEvidence, measures: dict[str, str]) -> None:
    found = the_verdict(held, failures).measures
    assert {each.label: each.measured for each in found} == measures


def test_what_is_left_stands_beside_the_whole_life() -> None:
    first = the_verdict(certificate(d(12))).measures[0]
    assert first == Measure(label="Ends in", measured="12 d", usual="lasts 730 d")


def test_the_owner_decides() -> None:
    policy = Policy.model_validate(
        {"ladder": [90, 5], "refused_for": "10m", "urgent": "1d", "ignore": ["patchworks"]}
    )
    assert the_verdict(certificate(d(80)), policy=policy).signal == "ends_in_90"
    refused = replace(our_key(), refused_since=NOW - m(4))
    assert the_verdict(refused, policy=policy).level is Level.UNKNOWN


def test_dates_are_the_guard_so_one_round_opens() -> None:
    policy = Policy()
    assert (str(policy.opens_after), policy.stay_clear) == ("1 of 1", m(2))
    assert policy.reopen_after == timedelta(days=1)
    assert (CHECK.needs, CHECK.runbook) == ("credentials", "token-expiry")
