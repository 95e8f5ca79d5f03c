"""What vendors do to runs, and what a person is told of it by the platform."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.sandbox.estate.company import FLOWS, NEW_FLOWS
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.model import Run, Status, Trigger
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.story import log_lines, operations, requests, summary
from bot.sandbox.estate.trade import UnknownVendor
from bot.sandbox.scenarios import find
from tests.bot.sandbox.estate.visit import NOW, Visit

ORDERS, STOCK, OUTLET = "Orders to NetSuite", "Stock to Shopify", "Outlet orders to NetSuite"


@pytest.fixture
def estate() -> Estate:
    options = EstateOptions(history_days=0)
    return Estate(now=NOW, opens=find("quiet_day").opens, options=options)


def run_now(estate: Estate, name: str, **passes: float) -> Run:
    """Start a run of the flow by hand, and let it end."""
    run = estate.queue.start_now(estate.flow(name), Trigger.MANUAL)
    estate.advance(estate.now + timedelta(**(passes or {"minutes": 10})))
    return estate.queue.runs[run.id]


def spoken(run: Run, estate: Estate) -> list[tuple[str, int, str]]:
    lines = log_lines(run, estate.now)
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    return [(line.level, line.step, line.text) for line in lines if line.level != "INFO"]


def test_no_vendor_refuses_anything_unless_it_is_made_to(estate: Estate) -> None:
    estate.advance(NOW + timedelta(hours=12))
    assert [run for run in estate.queue.runs.values() if run.refusal] == []


@pytest.mark.parametrize(
    ("name", "step"),
    [
        pytest.param(ORDERS, "Receive orders from Shopify UK store", id="where records come from"),
        pytest.param(STOCK, "Send stock levels to Shopify UK store", id="where records go"),
    ],
)
def test_a_lapsed_credential_fails_the_whole_run(estate: Estate, name: str, step: str) -> None:
    estate.lapse("Shopify")
    run = run_now(estate, name)
    assert run.outcome is Status.FAILURE
    says = "HTTP 401: [API] Invalid API key or access token"
    told = summary(run, estate.now)
    assert told.startswith(f"{step} failed: re-authentication was not successful: {says}")
    number = run.refusal.step
    levels, steps, texts = zip(*spoken(run, estate), strict=True)
    assert set(levels) == {"ERROR"}
    assert set(steps) == {number}
    assert texts[0].startswith(says)
    assert texts[1] == "Re-authentication with Shopify UK store was not successful"


def test_a_run_that_nobody_lets_in_is_over_soon_and_received_nothing(estate: Estate) -> None:
    usual = run_now(estate, ORDERS)
    estate.lapse("Shopify")
    refused = [run_now(estate, ORDERS) for _ in range(20)]
    assert all(run.ends_at - run.started_at < usual.flow.usual for run in refused)
    assert not any("Received" in line.text for line in log_lines(refused[0], estate.now))
    assert operations(refused[0])[1] == 0


def test_a_credential_that_is_not_accepted_costs_one_request(estate: Estate) -> None:
    estate.lapse("Shopify")
    assert operations(run_now(estate, ORDERS)) == (1, 0), "where records come from"
    refused = run_now(estate, STOCK)
    assert operations(refused) == (requests(refused)[0], 1), "where records go"


def test_what_a_vendor_refuses_was_asked_for_all_the_same(estate: Estate) -> None:
    estate.crowd("Brightpearl", 1.0)
    refused = run_now(estate, "Returns to Brightpearl", hours=1)
    assert refused.outcome is Status.FAILURE
    assert operations(refused) == requests(refused)
    assert requests(refused)[1] > 0


def test_the_flows_of_other_systems_do_not_notice(estate: Estate) -> None:
    estate.lapse("Shopify")
    assert run_now(estate, OUTLET).outcome is not Status.FAILURE


def test_a_used_up_allowance_fails_a_run_after_four_attempts(estate: Estate) -> None:
    estate.crowd("Brightpearl", 1.0)
    run = run_now(estate, "Returns to Brightpearl", hours=1)
    assert run.outcome is Status.FAILURE
    assert "failed after 4 attempts" in summary(run, estate.now)
    lines = spoken(run, estate)
    attempts = [(level, text.rpartition("(")[2]) for level, _, text in lines[:-1]]
    assert attempts == [
        ("WARNING", "attempt 1 of 4)"),
        ("WARNING", "attempt 2 of 4)"),
        ("WARNING", "attempt 3 of 4)"),
        ("ERROR", "attempt 4 of 4)"),
    ]
    assert lines[-1] == ("ERROR", 3, "Flow run failed")


def test_a_run_goes_on_between_its_attempts_and_may_still_succeed(estate: Estate) -> None:
    estate.trade.complain("NetSuite", "HTTP 400: SSS_REQUEST_LIMIT_EXCEEDED", times=2)
    run = run_now(estate, ORDERS)
    assert run.outcome is Status.SUCCESS
    assert [(level, step) for level, step, _ in spoken(run, estate)][:2] == [("WARNING", 3)] * 2
    assert run.ends_at - run.started_at > timedelta(seconds=20)


@pytest.mark.parametrize(
    ("share", "held"),
    [
        pytest.param(0.4, 1.0, id="much is left"),
        pytest.param(0.75, 4.0, id="a quarter is left"),
        pytest.param(1.0, 8.0, id="nothing is left"),
    ],
)
def test_requests_are_held_back_before_any_is_refused(
    estate: Estate, share: float, held: float
) -> None:
    estate.crowd("ShipStation", share)
    drag = {flow.name: estate.trade.drag(flow) for flow in FLOWS}
    assert drag["Dispatch to ShipStation"] == pytest.approx(held)
    assert drag[STOCK] == 1.0


def test_calm_ends_every_trouble_with_vendors(estate: Estate) -> None:
    estate.lapse("Shopify")
    estate.crowd("NetSuite", 1.0)
    estate.trade.complain("Klaviyo", "HTTP 429", times=9)
    estate.calm()
    for name in (ORDERS, STOCK, "Customers to Klaviyo"):
        assert run_now(estate, name).refusal is None
    assert {estate.trade.drag(flow) for flow in FLOWS} == {1.0}


def test_twelve_deployed_flows_use_the_shop() -> None:
    users = [
        flow
        for flow in FLOWS
        if flow.deployed and "Shopify" in (flow.source.system.name, flow.target.system.name)
    ]
    assert len(users) == 12


def test_every_system_of_the_company_has_exactly_one_vendor(estate: Estate) -> None:
    sold = sorted(shop.system for shop in estate.trade.shops.values() if shop.system)
    flows = (*FLOWS, *NEW_FLOWS)
    used = {one.system.name for flow in flows for one in (flow.source, flow.target)}
    assert sold == sorted(used)


def test_an_unknown_vendor_is_refused_with_the_names_that_exist(estate: Estate) -> None:
    with pytest.raises(UnknownVendor, match=r"no vendor is called 'Etsy'; .*shopify-uk-store"):
        estate.lapse("Etsy")


async def test_a_renewal_is_on_record_and_shows_on_the_instance(visit: Visit) -> None:
    before = {row["name"]: row["updated_at"] for row in await visit.rows("/connectors")}
    lapse, renew = {"name": "Shopify", "lapse": "platform"}, {"name": "Shopify", "renew": True}
    assert (await visit.tell("/control/vendor", renew)).json() == {"ok": True}
    assert await visit.rows("/activity-logs") == []  # nothing had lapsed
    await visit.tell("/control/vendor", lapse)
    visit.pass_time(minutes=5)
    await visit.tell("/control/vendor", renew)
    after = {row["name"]: row["updated_at"] for row in await visit.rows("/connectors")}
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"Shopify UK store"}
    assert after["Shopify UK store"].startswith("2026-03-04T09:19:07")
    (row,) = await visit.rows("/activity-logs", **{"filter[subject_type]": "Connector"})
    assert (row["subject_id"], row["event"]) == (701, "updated")
    assert row["description"] == "Re-authorised Shopify UK store"
    assert await visit.rows("/activity-logs", **{"filter[subject_type]": "Flow"}) == []


async def test_a_deployment_is_on_record_and_shows_on_the_flow(visit: Visit) -> None:
    visit.pass_time(minutes=5)
    assert (await visit.tell("/control/deploy", {"flow": ORDERS})).status_code == 200
    moment = "2026-03-04T09:19:07"
    (flow,) = await visit.rows("/flows", **{"filter[id]": "4001"})
    assert flow["updated_at"].startswith(moment)
    assert flow["deployed_at"].startswith(moment)
    rows = [row for row in await visit.rows("/flow-version-deployments") if row["name"] == ORDERS]
    assert [row["created_at"][:19] for row in rows] == ["2025-05-14T09:30:00", moment]
    assert len({row["id"] for row in rows}) == 2
    (activity,) = await visit.rows("/activity-logs")
    assert (activity["event"], activity["subject_type"]) == ("deployed", "Flow")
    refused = await visit.tell("/control/deploy", {"flow": "Nonsense"})
    assert (refused.status_code, refused.json()["error"]) == (400, "no flow is called 'Nonsense'")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"name": "Etsy", "renew": True}, id="nobody"),
        pytest.param({"name": "Shopify"}, id="nothing to do"),
        pytest.param({"name": "Shopify", "lapse": "somebody"}, id="whose"),
        pytest.param({"name": "Shopify", "crowd": 2}, id="more than all"),
        pytest.param({"name": "Shopify", "crowd": True}, id="not a number"),
        pytest.param({"name": "Shopify", "renew": True, "crowd": 0.2}, id="two things"),
        pytest.param({"name": "Shopify", "drop": 7}, id="not a field"),
        pytest.param({"name": "Shopify", "drop": "email", "blank": "name"}, id="two changes"),
        pytest.param([], id="a list"),
    ],
)
async def test_nonsense_about_a_vendor_is_refused(visit: Visit, body: object) -> None:
    answer = await visit.tell("/control/vendor", body)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_a_status_page_is_red_for_any_part_of_it(visit: Visit) -> None:
    path = "/vendors/shopify-uk-store/status.json"
    assert (await visit.client.get(path)).json()["status"]["indicator"] == "none"
    visit.server._site.estate.trade.redden("Shopify", "Payment provider (third party)")
    page = (await visit.client.get(path)).json()
    assert page["status"]["indicator"] == "critical"
    out = [part["name"] for part in page["components"] if part["status"] != "operational"]
    assert out == ["Payment provider (third party)"]


async def test_a_new_version_of_an_api_changes_a_field_until_it_is_restored(visit: Visit) -> None:
    async def order() -> dict[str, object]:
        token = visit.server.company.trade.shop("BigCommerce").secrets["token"]
        path, headers = "/vendors/bigcommerce-outlet/v2/orders", {"X-Auth-Token": token}
        answer = await visit.client.get(path, params={"limit": 1}, headers=headers)
        told: dict[str, object] = answer.json()[0]
        return told

    whole = await order()
    for how, field in (("drop", "total_inc_tax"), ("blank", "status"), ("retype", "id")):
        answer = await visit.tell("/control/vendor", {"name": "BigCommerce", how: field})
        assert answer.status_code == 200
    changed = await order()
    assert whole.keys() - changed.keys() == {"total_inc_tax"}
    assert (changed["status"], changed["id"]) == (None, str(whole["id"]))
    await visit.tell("/control/vendor", {"name": "BigCommerce", "restore": True})
    assert await order() == whole
