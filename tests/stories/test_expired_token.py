"""One credential lapses, twelve flows fail, and people hear of it once, with the victims."""

from __future__ import annotations

import pytest

from bot.incidents.model import Severity
from bot.sandbox.estate import server
from bot.sandbox.estate.company import FLOWS
from bot.store import incidents
from tests.stories.conftest import Begin
from tests.stories.transcript import root

CERTIFICATE = """\
[[credential]]
name = "NetSuite certificate"
instance = "NetSuite production"
type = "certificate"
owner = "Omar"
expires = 2090-03-20

[clock]"""

OF_NETSUITE = ("Refunds to NetSuite", "Prices to BigCommerce", "Nightly stock audit")


async def test_a_lapsed_credential_is_one_incident_with_twelve_victims(begin: Begin) -> None:
    story = await begin("expired_token")
    for seconds in (*range(30, 301, 15), *range(330, 1201, 30)):
        await story.until_seconds(seconds)
    (alert,) = incidents.open_alerts(story.bot.store.db).values()
    assert (alert.check, alert.signal) == ("token_expiry", "rejected")
    assert alert.subject.name == "Shopify UK store"
    assert (alert.facts["victim_count"], alert.facts["at_risk_count"]) == (12, 0)
    (incident,) = incidents.open_incidents(story.bot.store.db)
    assert incident.severity is Severity.CRITICAL
    await story.stands(root("[CRITICAL] #1 Triggered", "Authentication Token Expiry", "Shopify"))
    assert "12 flows have stopped" in await story.asks("priya", "show 1")
    assert "Runbook: Authentication Token Expiry: Shopify (#1)" in await story.asks(
        "priya", "runbook 1"
    )
    assert "HTTP 401" in await story.asks("priya", "flow Orders to NetSuite")
    tokens = await story.asks("priya", "tokens")
    assert tokens.index("Shopify UK store") < tokens.index("NetSuite production")
    for seconds in range(1260, 4201, 60):
        await story.until_seconds(seconds)
    done = "before it cleared: Re-authorised Shopify UK store by Tom Reyes"
    over = ("#1 Resolved", "It cleared after", done)
    await story.stands(root(*over, edits=1, lines=["Cleared: Shopify UK store accepts"]))


async def test_an_ending_credential_is_told_once_a_rung_and_ever_graver(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody renews the certificate; that it is accepted after its end shows a wrong date."""
    some = tuple(flow for flow in FLOWS if flow.name in OF_NETSUITE)  # days of all take long
    monkeypatch.setattr(server, "FLOWS", some)
    settings = {"[clock]": CERTIFICATE, "Orders to NetSuite": "Refunds to NetSuite"}
    story = await begin(settings=settings, reads_the_past=True)
    await story.stands(root("[LOW] #1 Triggered early", "ends in 12 d", "owner Omar"))
    tokens = await story.asks("priya", "tokens")
    assert "NetSuite production" in tokens
    assert "owner Omar" in tokens
    for _ in range(12):
        await story.passes(hours=24)
    lines = ["ends in 7 d", "Severity rose to high", "ends in 15 h", "ended on 20 March"]
    await story.stands(root("[HIGH] #1", "still accepted", edits=len(lines), lines=lines))
