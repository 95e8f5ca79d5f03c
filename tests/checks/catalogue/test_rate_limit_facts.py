"""What is measured of an allowance, whose it is, and what the runbook gets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.allowances import outlook
from checks.catalogue.rate_limit import FACTS
from checks.declare import Whose
from checks.failures import FlowRuns
from checks.limits import Allowance, SizeFrom
from checks.model import Measure
from tests.checks.catalogue.limit_cases import (
    USUAL,
    WARNED,
    allowance,
    d,
    flow,
    h,
    m,
    pace,
    refusal,
    spend,
    the_verdict,
)

RATE = "instance/702/rate"


def measured(limit: Allowance, *flows: FlowRuns) -> dict[str, Measure]:
    return {each.label: each for each in the_verdict(limit, *flows).measures}


def test_what_is_measured_stands_beside_what_is_usual() -> None:
    limit = allowance(
        38,
        worst=0.98,
        seen=m(4),
        spends=(spend(4, "2"), spend(31), spend(2, "3"), spend(0, "1")),
        pace=pace(0.8),
    )
    flows = (flow(refusal("1"), refusal("2", status=WARNED)),)
    assert the_verdict(limit, *flows).measures == (
        Measure(
            label="Used",
            measured="38 of 40 calls a minute (95 %), seen 4 min ago",
            usual="12, up to 20 on Mondays at this hour",
        ),
        Measure(label="Limit", measured="calls: 40 calls a minute (read)"),
        Measure(label="Fullest in the last hour", measured="98 %"),
        Measure(label="Refused", measured="1 run failed by it, 1 run did not fail by it"),
        Measure(
            label="Spent by, last hour",
            measured="Dispatch to ShipStation (31), Stock to ShipStation (4), Returns (2)",
        ),
        Measure(label="Whose", measured="the account's, which others share"),
        Measure(label="Pace", measured="0.8 s per operation", usual="0.5 s, up to 1 s"),
    )


def test_what_is_not_known_is_never_measured_as_nothing() -> None:
    told = measured(allowance(None, instances=()))
    assert told["Used"].measured == "not known"
    assert set(told) == {"Used", "Limit", "Whose"}


WHOSE = {
    "the account's": (allowance(12), "the account's, which others share"),
    "the account's, derived": (
        allowance(31, derived=True),
        (
            "the account's, which others share; the platform's use is derived from Patchworks (31 "
            "calls a minute), without what others spend"
        ),
    ),
    "each credential's own, derived": (
        allowance(31, whose=Whose.OWN, derived=True),
        (
            "each credential has its own; we can read only ours; the platform's use is derived "
            "from Patchworks (31 calls a minute)"
        ),
    ),
    "our own bucket": (
        allowance(3, whose=Whose.OWN),
        "our own credential's, not the platform's, whose use is not known",
    ),
    "nobody's, derived": (
        allowance(31, None, whose=Whose.NOBODYS, derived=True),
        (
            "not told; the platform's use is derived from Patchworks (31 calls a minute), without "
            "what others spend"
        ),
    ),
    "nobody's": (allowance(None, None, whose=Whose.NOBODYS), "not told"),
    "the instance's": (
        allowance(31, id=RATE, derived=True),
        "the instance's own limit in Patchworks, which holds calls back",
    ),
    "a pool's": (
        allowance(3, 10, id="pool/61/use", derived=True),
        "the pool's in Patchworks, which several instances may share",
    ),
    "the bot's own access": (
        allowance(50, 240, id="platform/main/api", whose=Whose.OWN),
        (
            "the company's with Patchworks, which everything in it shares; only our own calls are "
            "counted"
        ),
    ),
}


@pytest.mark.parametrize(("limit", "whose"), WHOSE.values(), ids=WHOSE.keys())
def test_whose_quota_it_is_is_said_once(limit: Allowance, whose: str) -> None:
    assert measured(limit)["Whose"].measured == whose
    assert len(whose) <= 200  # what an incident shows of it


def test_where_a_size_is_known_from_is_said() -> None:
    published = replace(allowance(12), size_from=SizeFrom.PUBLISHED)
    assert measured(published)["Limit"].measured == "calls: 40 calls a minute (published)"
    assert measured(allowance(None, None))["Limit"].measured == "calls: no published limit"


def test_the_runbook_gets_every_fact() -> None:
    limit = allowance(
        380, 400, d(30), worst=0.97, resets_in=h(2), spends=(spend(31), spend(4, "2")),
        pace=pace(2.5), usual=USUAL, unit="operations", name="operations a month", derived=True,
    )  # fmt: skip
    runs = (refusal("1"), refusal("2", ago=m(9), line="quota exceeded"), refusal("3", ago=m(1)))
    verdict = the_verdict(limit, flow(*runs, refusal("4", status=WARNED)))
    assert tuple(verdict.facts) == FACTS
    assert verdict.facts == {
        "signal": "refused",
        "system": "ShipStation",
        "system_kind": "shipstation",
        "limit": "operations a month",
        "unit": "operations a month",
        "used": "380",
        "size": "400",
        "share": "95 %",
        "per": "a month",
        "resets_at": "2026-03-02T12:00:00+00:00",
        "worst": "97 %",
        "usual": "12, up to 20 on Mondays at this hour",
        "whose": "the account's, which others share; the platform's use is derived from Patchworks "
        "(380 operations a month), without what others spend",
        "derived": True,
        "size_from": "read",
        "refused_runs": 3,
        "refused_warned": 1,
        "own_calls_refused": None,
        "first_error": "quota exceeded",
        "last_refused_at": "2026-03-02T09:59:00+00:00",
        "flows": "Dispatch to ShipStation (31), Stock to ShipStation (4)",
        "heaviest_flow": "Dispatch to ShipStation",
        "heaviest_flow_id": "1",
        "pace": "2.5 s",
        "usual_pace": "0.5 s, up to 1 s",
        "instance_ids": "702",
        "pool": None,
        **dict.fromkeys(outlook.FACTS),
        "unforeseen": "No forecast has been made of it yet.",
    }


def test_a_pool_names_itself() -> None:
    limit = allowance(3, 10, None, id="pool/61/use", system="Warehouse", name="connection pool")
    assert the_verdict(limit).facts["pool"] == "Warehouse"
