"""What a vendor says about itself is evidence, about its own parts only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from checks.budget import Budget
from checks.declare import StatusPage
from tests.checks.system_double import (
    CONNECTOR,
    NOON,
    SOURCE,
    Reply,
    Vendor,
    system,
)

PAGE = "https://status.vendor.example/api/v2/summary.json"
SUMMARY = {
    "components": [
        {"id": "g", "name": "Core", "group": True, "status": "major_outage"},
        {"id": "1", "name": "API", "group_id": "g", "status": "degraded_performance"},
        {"id": "2", "name": "Admin", "status": "operational"},
        {"id": "3", "name": "Stripe", "status": "major_outage"},
    ],
    "incidents": [
        {"name": "Slow\nAPI", "components": [{"name": "API"}]},
        {"name": "Cards fail", "components": [{"name": "Stripe"}]},
    ],
}


@pytest.mark.parametrize(
    ("own", "troubled", "incidents"),
    [
        pytest.param(("API",), ("API: degraded performance",), ("Slow API",), id="one component"),
        pytest.param(("Core",), ("API: degraded performance",), ("Slow API",), id="a group"),
        pytest.param(("Admin",), (), (), id="well itself"),
        pytest.param(
            (),
            ("API: degraded performance", "Stripe: major outage"),
            ("Slow API", "Cards fail"),
            id="all of them",
        ),
    ],
)
async def test_a_third_partys_trouble_is_not_the_vendors(
    own: tuple[str, ...], troubled: tuple[str, ...], incidents: tuple[str, ...]
) -> None:
    connector = replace(CONNECTOR, status_page=StatusPage(url=PAGE, components=own, source=SOURCE))
    vendor = Vendor(httpx.Response(200, json=SUMMARY))
    told = await system(vendor, connector=connector).status()
    assert told is not None
    assert (told.at, told.troubled, told.incidents) == (NOON, troubled, incidents)
    assert "Authorization" not in vendor.asked[0].headers


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(200, text="<rss/>"), id="another format"),
        pytest.param(httpx.Response(200, json={"components": []}), id="nothing of ours"),
        pytest.param(httpx.Response(503, json=SUMMARY), id="down itself"),
        pytest.param(httpx.ConnectError("x"), id="not reached"),
    ],
)
async def test_a_status_page_that_cannot_be_read_says_nothing(answer: Reply) -> None:
    status_page = StatusPage(url=PAGE, components=("API",), source=SOURCE)
    connector = replace(CONNECTOR, status_page=status_page)
    assert await system(Vendor(answer), connector=connector).status() is None
    assert await system(Vendor(answer)).status() is None


async def test_a_resting_system_does_not_keep_us_from_its_status_page() -> None:
    status_page = StatusPage(url=PAGE, components=(), source=SOURCE)
    connector = replace(CONNECTOR, status_page=status_page)
    budget = Budget(1_000)
    budget.hold(timedelta(minutes=5))
    vendor = Vendor(httpx.Response(200, json=SUMMARY))
    assert await system(vendor, connector=connector, budget=budget).status()
