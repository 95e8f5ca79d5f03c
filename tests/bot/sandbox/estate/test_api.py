"""The look-alike's contract over real HTTP: envelope, filters, includes, errors, shapes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.bot.sandbox.estate.visit import NOW, Visit, Visiting

LISTS = (
    "/flow-runs",
    "/scheduled-flows",
    "/flows",
    "/flow-version-deployments",
    "/connectors",
    "/systems",
    "/connection-pools",
    "/payload-metadata",
    "/tracked-data",
    "/data-pool",
    "/data-pool/81/deduped-data",
    "/activity-logs",
    "/notifications",
    "/message-brokers",
)


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.mark.parametrize("path", LISTS)
async def test_every_list_comes_in_the_envelope(visit: Visit, path: str) -> None:
    answer = (await visit.ask(path, per_page=2)).json()
    assert set(answer) == {"data", "meta", "links"}
    assert set(answer["meta"]) == {
        "current_page", "from", "last_page", "path", "per_page", "to", "total",
    }  # fmt: skip
    assert set(answer["links"]) == {"first", "last", "prev", "next"}
    assert answer["meta"]["path"] == visit.server.core_url + "/api/v1" + path


async def test_pages_together_are_the_whole_list(visit: Visit) -> None:
    url: str | None = "/api/v1/flow-runs?per_page=7&sort=-started_at"
    seen: list[int] = []
    while url:
        page = (await visit.client.get(url)).json()
        meta = page["meta"]
        assert meta["from"] == len(seen) + 1
        seen += [run["id"] for run in page["data"]]
        assert meta["to"] == len(seen)
        url = page["links"]["next"]
    assert len(seen) == len(set(seen)) == meta["total"] > 14
    assert meta["last_page"] == meta["current_page"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        pytest.param({}, 15, id="default"),
        pytest.param({"per_page": 3}, 3, id="as asked"),
        pytest.param({"per_page": 200}, 100, id="capped at 100"),
    ],
)
async def test_page_sizes(visit: Visit, asked: dict[str, int], given: int) -> None:
    assert (await visit.ask("/flow-runs", **asked)).json()["meta"]["per_page"] == given


async def test_a_page_beyond_the_last_is_empty(visit: Visit) -> None:
    answer = (await visit.ask("/flows", page=99)).json()
    assert answer["data"] == []
    assert answer["meta"]["from"] is None
    assert answer["links"]["next"] is None


@pytest.mark.parametrize(
    ("params", "status", "says"),
    [
        pytest.param({"per_page": "0"}, 422, "per_page", id="a page of nothing"),
        pytest.param({"page": "two"}, 422, "page", id="a page that is no number"),
        pytest.param({"filter[started_after]": "noon"}, 422, "milliseconds", id="not ms"),
        pytest.param({"filter[colour]": "red"}, 400, "colour", id="unknown filter"),
        pytest.param({"include": "weather"}, 400, "weather", id="unknown include"),
        pytest.param({"sort": "name"}, 400, "name", id="unknown sort"),
    ],
)
async def test_bad_questions_are_answered_in_the_error_shape(
    visit: Visit, params: dict[str, str], status: int, says: str
) -> None:
    answer = await visit.ask("/flow-runs", **params)
    assert answer.status_code == status
    body = answer.json()
    assert says in body["message"]
    if status == 422:
        assert all(isinstance(texts, list) for texts in body["errors"].values())


@pytest.mark.parametrize(
    "path",
    ["/flow-runs/12", "/flow-runs/12/flow-run-logs", "/flows/12/versions", "/nowhere"],
)
async def test_what_is_not_there_is_404(visit: Visit, path: str) -> None:
    answer = await visit.ask(path)
    assert answer.status_code == 404
    assert answer.json()["message"]


async def test_without_json_in_accept_an_error_is_a_page(visit: Visit) -> None:
    answer = await visit.client.get("/api/v1/nowhere", headers={"Accept": "*/*"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


# --- runs -------------------------------------------------------------------------------------


async def test_a_finished_run_has_its_fields(visit: Visit) -> None:
    run = (await visit.rows("/flow-runs", **{"filter[status]": "2"}))[0]
    assert run["status"] == 2
    assert run["trigger"] in {"Webhook", "Schedule"}
    assert run["started_at"].endswith("Z")
    assert run["finished_at"] > run["started_at"] >= run["created_at"]
    assert run["flow_version_id"] != run["flow_id"]


async def test_a_running_run_does_not_know_its_end(visiting: Visiting) -> None:
    visit = await visiting("slot_hog")
    visit.pass_time(minutes=2)
    running = await visit.rows("/flow-runs", **{"filter[status]": "1"})
    assert "Returns to Brightpearl" in {run["name"] for run in running}
    assert {run["finished_at"] for run in running} == {None}
    assert {run["summary"] for run in running} == {None}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("flow_id", "4001", {4001}, id="one"),
        pytest.param("flow_id", "4001,4003", {4001, 4003}, id="a comma means or"),
        pytest.param("flow_version_id", "9004", {4004}, id="by version"),
        pytest.param("search", "gorgias", {4011}, id="free text"),
    ],
)
async def test_runs_are_filtered_by_flow(
    visit: Visit, name: str, value: str, expected: set[int]
) -> None:
    visit.pass_time(minutes=30)
    runs = await visit.rows("/flow-runs", **{f"filter[{name}]": value})
    assert {run["flow_id"] for run in runs} == expected


@pytest.mark.parametrize("trigger", ["Webhook", "Schedule"])
async def test_runs_are_filtered_by_trigger(visit: Visit, trigger: str) -> None:
    runs = await visit.rows("/flow-runs", **{"filter[trigger]": trigger})
    assert {run["trigger"] for run in runs} == {trigger}


async def test_runs_are_filtered_by_milliseconds(visit: Visit) -> None:
    after, before = NOW - timedelta(minutes=6), NOW - timedelta(minutes=3)
    runs = await visit.rows(
        "/flow-runs",
        **{"filter[started_after]": ms(after), "filter[started_before]": ms(before)},
    )
    started = [datetime.fromisoformat(run["started_at"]) for run in runs]
    assert started
    assert all(after <= at < before for at in started)
    assert started == sorted(started)


async def test_runs_of_one_day(visiting: Visiting) -> None:
    visit = await visiting(history_days=2)
    yesterday = datetime(2026, 3, 3, 15, tzinfo=UTC)
    runs = await visit.rows("/flow-runs", **{"filter[started_on]": ms(yesterday)})
    assert {run["started_at"][:10] for run in runs} == {"2026-03-03"}


async def test_runs_with_warnings(visiting: Visiting) -> None:
    visit = await visiting(history_days=1)
    warned = await visit.rows("/flow-runs", **{"filter[has_warnings]": "1"})
    assert warned
    assert all(run["has_warnings"] for run in warned)
    company = visit.server.company
    company.losses.fail_partly(company.flow("Dispatch to ShipStation"))
    visit.pass_time(minutes=15)
    partial = await visit.rows("/flow-runs", **{"filter[status]": "5", "include": "metrics"})
    assert partial
    assert all("payloads failed" in run["summary"] for run in partial)


async def test_the_latest_run_comes_first_when_asked(visit: Visit) -> None:
    runs = await visit.rows("/flow-runs", sort="-started_at")
    started = [run["started_at"] for run in runs]
    assert started == sorted(started, reverse=True)
    assert started[0] > started[-1]


async def test_relations_come_only_when_asked(visit: Visit) -> None:
    (plain,) = (await visit.ask("/flow-runs", per_page=1)).json()["data"]
    assert {"flow", "flow_run_logs", "operations_sent"}.isdisjoint(plain)
    include = "flow,flowRunLogs.flowStep,operationsSent,operationsReceived,flowVersion.steps"
    (full,) = (await visit.ask("/flow-runs", per_page=1, include=include)).json()["data"]
    assert full["flow"]["name"] == full["name"]
    assert full["flow_run_logs"][0]["flow_step"]["name"] == "Trigger"
    assert full["operations_received"] > 0
    assert full["flow_version"]["steps"][0]["microservice"] == "trigger"


async def test_one_run_is_found_by_its_id(visit: Visit) -> None:
    first = (await visit.rows("/flow-runs"))[0]
    assert (await visit.ask(f"/flow-runs/{first['id']}")).json()["data"] == first


async def test_the_log_of_a_failure_says_why(visiting: Visiting) -> None:
    visit = await visiting(history_days=1)
    failed = (await visit.rows("/flow-runs", **{"filter[status]": "3"}))[0]
    lines = await visit.rows(
        f"/flow-runs/{failed['id']}/flow-run-logs",
        sort="id",
        include="flowRunLogMetadata",
        **{"fields[flowStep]": "id,name"},
    )
    assert [line["id"] for line in lines] == sorted(line["id"] for line in lines)
    error = next(line for line in lines if line["log_level"] == "ERROR")
    assert error["log_message"].split(" (attempt")[0] in failed["summary"]
    assert error["flow_step"]["name"].startswith("Send ")


async def test_the_log_of_a_hanging_run_has_stopped_talking(visiting: Visiting) -> None:
    visit = await visiting("stuck_queue")
    visit.pass_time(minutes=3)
    (run,) = await visit.rows("/flow-runs", **{"filter[status]": "1"})
    lines = await visit.rows(f"/flow-runs/{run['id']}/flow-run-logs")
    assert lines[-1]["log_message"].startswith("Sending to NetSuite production")


async def test_runs_are_hidden_after_seven_days(visit: Visit) -> None:
    first = (await visit.rows("/flow-runs"))[0]
    visit.pass_time(days=6, hours=23)
    assert (await visit.ask(f"/flow-runs/{first['id']}")).status_code == 200
    visit.pass_time(hours=2)
    assert (await visit.ask(f"/flow-runs/{first['id']}")).status_code == 404
    oldest = (await visit.rows("/flow-runs"))[0]
    assert datetime.fromisoformat(oldest["started_at"]) >= visit.clock.now() - timedelta(days=7)


@pytest.mark.parametrize(
    ("form", "status"),
    [("int", 2), ("digits", "2"), ("string", "SUCCESS")],
)
async def test_a_status_has_three_forms(visiting: Visiting, form: str, status: object) -> None:
    visit = await visiting(status_form=form)
    runs = await visit.rows("/flow-runs", **{"filter[status]": "2"})
    assert {run["status"] for run in runs} == {status}


async def test_objects_can_come_with_attributes(visiting: Visiting) -> None:
    visit = await visiting(object_shape="attributes")
    (run,) = (await visit.ask("/flow-runs", per_page=1)).json()["data"]
    assert set(run) == {"id", "type", "attributes", "relationships"}
    assert isinstance(run["id"], str)
    assert run["type"] == "flow-runs"
    assert "id" not in run["attributes"]
    flow_id = str(run["attributes"]["flow_id"])
    assert run["relationships"]["flow"]["data"] == {"type": "flows", "id": flow_id}


# --- the queue, flows and the rest ------------------------------------------------------------


async def test_the_queue_lists_what_waits_in_the_order_added(visiting: Visiting) -> None:
    visit = await visiting("stuck_queue")
    visit.pass_time(seconds=90)
    jobs = await visit.rows("/scheduled-flows")
    assert len(jobs) >= 8
    added = [job["created_at"] for job in jobs]
    assert added == sorted(added)
    total = (await visit.ask("/scheduled-flows", per_page=1)).json()["meta"]["total"]
    assert total == len(jobs)
    versions = {job["flow_version_id"] for job in jobs}
    some = await visit.rows("/scheduled-flows", **{"filter[flow_version_id]": min(versions)})
    assert {job["flow_version_id"] for job in some} == {min(versions)}
    assert {job["flow"]["id"] for job in some} == {min(versions) - 5000}


async def test_the_inventory_tells_schedules_and_instances(visit: Visit) -> None:
    include = "currentVersion.schedules,currentVersion.steps.connector,deployedVersion"
    flows = {flow["name"]: flow for flow in await visit.rows("/flows", include=include)}
    stock = flows["Stock to Shopify"]
    version = stock["current_version"]
    assert version["schedules"][0]["cron_string"] == "*/5 * * * *"
    called = [step["connector"]["name"] for step in version["steps"] if step["connector"]]
    assert called == ["NetSuite production", "Shopify UK store"]
    assert stock["is_enabled"] is True
    assert stock["deployed_version"]["flow_priority"] == 3
    assert flows["Gift cards to NetSuite (draft)"]["deployed_version"] is None
    assert len(flows) == 18


async def test_a_disabled_flow_shows_and_the_activity_log_names_somebody(
    visiting: Visiting,
) -> None:
    visit = await visiting("missed_schedule")
    visit.pass_time(minutes=1)
    stock = (await visit.ask("/flows/4003")).json()["data"]
    assert stock["is_enabled"] is False
    (row,) = await visit.rows("/activity-logs", **{"filter[subject_id]": "4003"})
    assert row["event"] == "disabled"
    assert row["name"] == "Tom Reyes"
    assert await visit.rows("/activity-logs", **{"filter[subject_id]": "4001"}) == []


async def test_instances_tell_their_limits_and_nothing_of_expiry(visit: Visit) -> None:
    include = "authenticationImplementation.authenticationType"
    rows = {row["name"]: row for row in await visit.rows("/connectors", include=include)}
    netsuite = rows["NetSuite production"]
    assert (netsuite["rate_limit_duration"], netsuite["rate_limit_unit"]) == (300, "minute")
    implementation = netsuite["authentication_implementation"]
    assert implementation["authentication_type"]["name"] == "OAuth 1"
    assert not any("expir" in key for row in rows.values() for key in row)


async def test_pools_and_allowances(visit: Visit) -> None:
    pools = await visit.rows("/connection-pools")
    assert {"id", "name", "limit", "timeout", "connectors"} <= pools[0].keys()
    allowances = (await visit.ask("/allowances")).json()["data"]
    assert allowances["concurrent_flows"]["limit"] == visit.server.concurrent_flows == 10
    refreshed = await visit.tell("/api/v1/allowances/refresh", {})
    assert refreshed.json()["data"]["operations"] == allowances["operations"]


async def test_payloads_are_gone_after_72_hours(visit: Visit) -> None:
    run = (await visit.rows("/flow-runs"))[0]
    (payload,) = await visit.rows("/payload-metadata", **{"filter[flow_run_id]": run["id"]})
    path = f"/payload-metadata/{payload['id']}/download"
    stored = await visit.ask(path)
    assert stored.status_code == 200
    assert len(stored.content) == int(payload["payload_size"])
    visit.pass_time(hours=73)
    assert (await visit.ask(path)).status_code == 404


async def test_tracked_data_is_kept_longer_than_runs(visit: Visit) -> None:
    run = (await visit.rows("/flow-runs", **{"filter[flow_id]": "4001", "filter[status]": "2"}))[0]
    mine = {"filter[flow_run_id]": run["id"]}
    tracked = await visit.rows("/tracked-data", **mine)
    assert [row["direction"] for row in tracked] == ["Receive", "Send"]
    visit.pass_time(days=8)
    assert (await visit.ask(f"/flow-runs/{run['id']}")).status_code == 404
    assert await visit.rows("/tracked-data", **mine) == tracked
    visit.pass_time(days=8)
    assert await visit.rows("/tracked-data", **mine) == []


# --- starting, retrying, stopping -------------------------------------------------------------


async def test_a_start_queues_and_its_run_can_be_read_when_picked(visit: Visit) -> None:
    answer = await visit.tell(visit.server.start_url + "/flows/4006/start", {"payload": "[1]"})
    assert answer.status_code == 200
    assert answer.json()["message"] == "Flow initialised."
    run_id = answer.json()["data"]["flow_run_id"]
    assert (await visit.ask(f"/flow-runs/{run_id}")).status_code == 404
    assert "API" in {job["trigger"] for job in await visit.rows("/scheduled-flows")}
    visit.pass_time(seconds=6)
    assert (await visit.ask(f"/flow-runs/{run_id}")).json()["data"]["trigger"] == "API"
    assert (await visit.ask(f"/payload-metadata/{run_id}1/download")).text == "[1]"


async def test_a_manual_start_runs_at_once(visiting: Visiting) -> None:
    visit = await visiting("stuck_queue")
    visit.pass_time(minutes=1)
    answer = await visit.tell(visit.server.start_url + "/flows/4001/manual/raw", {"order": 7})
    run_id = answer.json()["data"]["flow_run_id"]
    run = (await visit.ask(f"/flow-runs/{run_id}")).json()["data"]
    assert (run["trigger"], run["status"]) == ("Manual", 1)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        pytest.param("/flows/4099/start/raw", {}, 422, id="nothing deployed"),
        pytest.param("/flows/4001/start", {"payload": {"a": 1}}, 422, id="payload not a string"),
        pytest.param("/flows/4001/start/1", {}, 422, id="no such version"),
        pytest.param("/flows/4001/start/9001", {}, 200, id="the version by name"),
        pytest.param("/flows/4001/start/raw/9001", {"a": 1}, 200, id="raw with a version"),
        pytest.param("/flows/77/start", {}, 404, id="no such flow"),
        pytest.param("/flows/4001/start/raw", [1], 422, id="raw but no object"),
    ],
)
async def test_what_may_be_started(visit: Visit, path: str, body: Any, status: int) -> None:
    answer = await visit.tell(visit.server.start_url + path, body)
    assert answer.status_code == status
    assert answer.json()["message"]


async def test_requests_over_eight_megabytes_are_refused(visit: Visit) -> None:
    body = {"payload": "x" * (8 * 1024**2 + 1)}
    answer = await visit.tell(visit.server.start_url + "/flows/4001/start", body)
    assert answer.status_code == 413


async def test_a_retry_runs_at_once_and_names_its_original(visit: Visit) -> None:
    original = (await visit.rows("/flow-runs", **{"filter[status]": "2"}))[0]
    answer = await visit.tell(f"/api/v1/flow-runs/{original['id']}/retry", {})
    again = answer.json()["data"]["flow_run_id"]
    run = (await visit.ask(f"/flow-runs/{again}", include="retriedFlowRun")).json()["data"]
    assert (run["trigger"], run["status"]) == ("Retry", 1)
    assert run["retry_flow_run_id"] == original["id"]
    assert [r["id"] for r in await visit.rows("/flow-runs", **{"filter[retried]": "1"})] == [again]


async def test_a_run_is_stopped_once(visiting: Visiting) -> None:
    visit = await visiting("slot_hog")
    visit.pass_time(minutes=5)
    hog = (await visit.rows("/flow-runs", **{"filter[status]": "1"}))[0]
    assert (await visit.tell(f"/api/v1/flow-runs/{hog['id']}/stop", {})).status_code == 200
    assert (await visit.tell(f"/api/v1/flow-runs/{hog['id']}/stop", {})).status_code == 422
    run = (await visit.ask(f"/flow-runs/{hog['id']}")).json()["data"]
    assert run["status"] == 4
    assert run["summary"].startswith("Stopped by ")
    assert run["finished_at"] is not None
