"""The pages on limits, credentials and failing flows: each situation's own way out."""

from __future__ import annotations

import re

import pytest

from checks.systems import all_connectors
from tests.runbooks.situations import BOOK, SITUATIONS, page_on, render, text_of

OURS = ("rate_limit", "token_expiry", "failing_flow")
SHOWN = [(check, name) for check in OURS for name in SITUATIONS[check]]


def said(check: str, name: str) -> str:
    return text_of(render(check, name)).replace("&gt;", ">").replace("&amp;", "&")


@pytest.mark.parametrize(
    ("check", "kind", "page"),
    [
        ("token_expiry", "netsuite", "token-expiry.netsuite"),
        ("token_expiry", "sap_b1", "token-expiry.sap_b1"),
        ("token_expiry", "shopify_rest", "token-expiry.shopify"),
        ("rate_limit", "shopify", "rate-limit.shopify"),
        ("rate_limit", "adobe_commerce_saas", "rate-limit"),
        ("failing_flow", "netsuite", "failing-flow"),
        ("token_expiry", None, "token-expiry"),
        ("token_expiry", "", "token-expiry"),
        ("token_expiry", "_", "token-expiry"),
    ],
)
def test_the_most_specific_page_wins(check: str, kind: str | None, page: str) -> None:
    found = BOOK.find(check, kind)
    assert found is not None
    assert found.name == page


@pytest.mark.parametrize("kind", sorted(all_connectors()))
@pytest.mark.parametrize("check", OURS)
def test_every_kind_of_system_has_a_page(check: str, kind: str) -> None:
    assert BOOK.find(check, kind) is not None


@pytest.mark.parametrize(
    "words", ["token-expiry.sap_b1", "token expiry.sap b1", "Token-Expiry.SAP_B1"]
)
def test_the_page_of_a_system_is_found_by_its_topic(words: str) -> None:
    page = BOOK.find_topic(words)
    assert page is not None
    assert page.name == "token-expiry.sap_b1"


@pytest.mark.parametrize(("check", "name"), SHOWN)
def test_the_first_screen_says_what_to_do(check: str, name: str) -> None:
    first = render(check, name).sections[0]
    assert first.heading == "Meaning"
    before, found, _ = first.body.partition("*First:* ")
    assert found
    if name != "no-incident":
        assert len(before) < 300


@pytest.mark.parametrize(
    ("check", "name"),
    [(check, name) for check, name in SHOWN if name not in ("unseen", "unknown", "no-incident")],
)
def test_what_is_not_known_is_not_put_into_a_sentence(check: str, name: str) -> None:
    assert "not known" not in said(check, name).replace("Why is not known: no log", "")


@pytest.mark.parametrize(
    ("check", "name", "told", "untold"),
    [
        ("token_expiry", "rejected", "reach Dana, who renews it", "seamwatch doctor"),
        ("token_expiry", "rejected", "23 Nov 2026 11:48", "may wait"),
        ("token_expiry", "rejected-nobody-owns-it", "whoever administers Klaviyo", "Dana"),
        ("token_expiry", "refused-to-us", "may wait for the morning", "72 hours"),
        ("token_expiry", "patchworks-key", "nobody watches any of them", "may wait"),
        ("token_expiry", "patchworks-key", "settings > API keys", "72 hours"),
        ("token_expiry", "ends-soon", "Nothing is broken yet", "72 hours"),
        ("token_expiry", "vendor-date", "nothing tonight", "Put it in"),
        ("token_expiry", "vendor-date-in-force", "is in force", "nothing tonight"),
        ("token_expiry", "netsuite-rejected", "M2M", "re-authentication script"),
        ("token_expiry", "netsuite-rejected", "the credential is good", "code `301`"),
        ("token_expiry", "netsuite-ends-soon", "Create New", "Invalid login attempt"),
        ("token_expiry", "shopify-rejected", "uninstall, install again", "1 January"),
        ("token_expiry", "shopify-date", "exempt", "uninstall, install again"),
        ("token_expiry", "sap-b1-rejected", "do not lock the user again", "M2M"),
        ("token_expiry", "peoplevox-rejected", "Base64", "M2M"),
        ("rate_limit", "refused", "Can Dispatch to ShipStation wait?", "M2M"),
        ("rate_limit", "used-up", "It starts anew", "Once `/seam limits` shows room"),
        ("rate_limit", "held", "Nothing urgent is late: leave it", "Before you retry"),
        ("rate_limit", "used-up-in-patchworks", "sends them later", "refuses calls"),
        ("rate_limit", "own-calls", "budget_per_minute", "Make room"),
        ("rate_limit", "operations", "owns the contract", "Make room"),
        ("rate_limit", "netsuite-refused", "one connection pool", "Base64"),
        ("rate_limit", "shopify-refused", "per second", "SuiteCloud"),
        ("rate_limit", "sap-b1-held", "logged out", "SuiteCloud"),
        ("rate_limit", "peoplevox-refused", "halve the calls", "SuiteCloud"),
        ("failing_flow", "passing", "retry the failed ones", "Do *not* retry"),
        ("failing_flow", "lasting", "Do *not* retry the failed runs", "wait for the next run"),
        ("failing_flow", "credential", "/seam runbook token-expiry", "Do *not* retry"),
        ("failing_flow", "not-permitted", "the right that the log names", "Do *not* retry"),
        ("failing_flow", "unknown-line", "matches nothing that we know", "no log of these"),
        ("failing_flow", "no-log", "no log of these runs could be read", "matches nothing"),
        ("failing_flow", "well-again", "fail no more", "*First:* open the log"),
    ],
)
def test_each_situation_has_its_own_way_out(check: str, name: str, told: str, untold: str) -> None:
    shown = said(check, name)
    assert told in shown
    assert untold not in shown


@pytest.mark.parametrize(
    ("check", "name"),
    [
        ("token_expiry", "rejected"),
        ("token_expiry", "netsuite-rejected"),
        ("token_expiry", "shopify-rejected"),
        ("token_expiry", "sap-b1-rejected"),
        ("token_expiry", "peoplevox-rejected"),
        ("rate_limit", "refused"),
        ("rate_limit", "netsuite-refused"),
        ("rate_limit", "shopify-refused"),
        ("rate_limit", "peoplevox-refused"),
        *(("failing_flow", name) for name in SITUATIONS["failing_flow"]),
    ],
)
def test_where_runs_failed_deadlines_and_duplicates_are_told(check: str, name: str) -> None:
    shown = said(check, name)
    for promised in ("72 hours", "7 days", "original version", "delivered twice"):
        assert promised in shown


@pytest.mark.parametrize("kind", ["shopify", "shopify_rest"])
def test_the_id_of_the_vendors_date_is_that_of_the_register(kind: str) -> None:
    (event,) = all_connectors()[kind].events
    slug = "-".join(re.findall(r"[a-z0-9]+", event.what.casefold()))
    facts = {"holder": "nobody", "signal": "ends_in_30", "system_kind": kind}
    assert f"event/{kind}/{slug}" in text_of(BOOK.render(page_on("token_expiry", kind), facts))
