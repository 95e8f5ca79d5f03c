"""What the platform shows of lost data, over HTTP: all is green, and the traces are there."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from bot.sandbox.estate.company import TO_THE_ERP
from bot.sandbox.estate.vendors.copies import Copies
from tests.bot.sandbox.estate.visit import Visit, Visiting

ERP_POOL = 82


@pytest.fixture
async def visit(visiting: Visiting) -> Visit:
    """A sandbox in which the scenario has gone on for two hours."""
    found = await visiting(scenario="silent_loss")
    for _ in range(8):
        found.pass_time(minutes=15)
        found.server.company.advance(found.clock.now())
    return found


async def runs_of(visit: Visit, flow: str, **asked: object) -> list[dict]:
    flow_id = visit.server.company.flow(flow).id
    includes = "operationsReceived,operationsSent,errorWarningLogs"
    told = {"filter[flow_id]": flow_id, "include": includes, "sort": "-started_at", **asked}
    return await visit.rows("/flow-runs", **told)


async def all_rows(visit: Visit, path: str, **asked: object) -> list[dict]:
    found: list[dict] = []
    while rows := await visit.rows(path, page=len(found) // 100 + 1, **asked):
        found += rows
        if len(rows) < 100:
            break
    return found


async def test_three_orders_of_an_hour_are_missing_in_the_erp_and_nowhere_else(
    visit: Visit,
) -> None:
    estate = visit.server.company
    missing = estate.losses.loss.missing
    assert len(missing) == 3
    (hour,) = {estate.losses.orders.find(n, estate.now).placed_at.hour for n in missing}
    assert hour == 10
    copies = Copies(estate.losses.orders.books, estate.losses.loss, posts=True)
    assert all(copies.find(number, estate.now) is None for number in missing)


async def test_runs_that_lost_an_order_are_green_and_warn_with_an_error_in_the_log(
    visit: Visit,
) -> None:
    asked = {"filter[has_warnings]": 1, "filter[started_after]": 0}
    runs = await runs_of(visit, TO_THE_ERP.name, **asked)
    lines = [line for run in runs for line in run["error_warning_logs"]]
    errors = [line for line in lines if line["log_level"] == "ERROR"]
    assert len(errors) == 3
    assert all("carrying on" in line["log_message"] for line in errors)
    assert {run["status"] for run in runs} == {2}


async def test_tracked_data_has_the_three_received_and_never_sent(visit: Visit) -> None:
    rows = await all_rows(visit, "/tracked-data", **{"filter[flow_id]": TO_THE_ERP.id})
    seen = Counter((row["value"], row["direction"]) for row in rows)
    orders, now = visit.server.company.losses.orders, visit.clock.now()
    settled = orders.next_number(now - timedelta(minutes=15))
    received = {value for value, direction in seen if direction == "Receive"}
    sent = {value for value, direction in seen if direction == "Send"}
    lost = {value for value in received - sent if int(value) < settled}
    missing = {str(number) for number in visit.server.company.losses.loss.missing}
    assert lost == missing
    assert len({row["id"] for row in rows}) == len(rows)


async def test_the_pool_knows_the_lost_ones_as_taken(visit: Visit) -> None:
    pools = await visit.rows("/data-pool")
    assert ERP_POOL in [pool["id"] for pool in pools]
    rows = await all_rows(visit, f"/data-pool/{ERP_POOL}/deduped-data")
    missing = {str(number) for number in visit.server.company.losses.loss.missing}
    assert {row["value"] for row in rows} >= missing


async def test_the_other_traces_are_there_too(visit: Visit) -> None:
    partial = await runs_of(visit, "Dispatch to ShipStation", **{"filter[status]": 5})
    assert any("payloads failed" in run["summary"] for run in partial)
    filtered = await runs_of(visit, "Outlet orders to NetSuite", **{"filter[status]": 2})
    assert sum(not run["operations_sent"] and run["operations_received"] for run in filtered) > 20
    estate = visit.server.company
    stock = estate.flow("Stock to Shopify").id
    empty = [run for run in estate.queue.runs.values() if run.flow.id == stock and run.records == 0]
    assert len(empty) == 12


async def test_what_was_lost_arrives_once_a_colleague_puts_it_right(visit: Visit) -> None:
    estate = visit.server.company
    missing = set(estate.losses.loss.missing)
    for _ in range(4):
        visit.pass_time(hours=1)
        estate = visit.server.company
    copies = Copies(estate.losses.orders.books, estate.losses.loss, posts=True)
    for number in missing:
        found = copies.find(number, estate.now)
        assert found is not None
        assert found.order == estate.losses.orders.find(number, estate.now)
    asked = {"filter[flow_id]": TO_THE_ERP.id, "filter[value]": str(min(missing))}
    rows = await visit.rows("/tracked-data", **asked)
    assert [row["direction"] for row in rows] == ["Receive", "Receive", "Send"]


async def test_another_scenario_takes_the_loss_back(visit: Visit) -> None:
    visit.server.play("quiet_day")
    losses = visit.server.company.losses
    assert not losses.loss.special
    assert not losses.loss.cuts
    assert not losses.filtered | losses.empty


async def test_a_sandbox_that_runs_already_gets_the_new_flow(visiting: Visiting) -> None:
    visit = await visiting(scenario="quiet_day", history_days=0)
    assert [pool["id"] for pool in await visit.rows("/data-pool")] == [81]
    visit.server.play("silent_loss")
    visit.pass_time(minutes=12)
    (flow,) = await visit.rows("/flows", **{"filter[name]": TO_THE_ERP.name})
    assert flow["status"] == "Deployed"
    names = [instance["name"] for instance in await visit.rows("/connectors")]
    assert TO_THE_ERP.target.name in names
    assert len(await runs_of(visit, TO_THE_ERP.name)) >= 2
