"""Rows of both shapes and all spellings turned into our words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.fetch import Unavailable
from checks.patchworks_parse import (
    flatten,
    read_activity,
    read_deployment,
    read_flow,
    read_instance,
    read_log_line,
    read_pool,
    read_run,
    read_waiting,
)
from checks.patchworks_rows import Row, parse_time, read_row
from checks.runs import (
    Changed,
    Direction,
    Flow,
    Instance,
    LogLine,
    Pool,
    Run,
    RunStatus,
    Step,
    Waiting,
)

WHEN = "2026-07-01T10:00:05Z"
STARTED = datetime(2026, 7, 1, 10, 0, 5, tzinfo=UTC)
FLAT_RUN = {
    "id": 81,
    "flow_id": 40,
    "name": "Orders to NetSuite",
    "status": 3,
    "trigger": "Schedule",
    "started_at": "2026-07-01T10:00:05Z",
    "finished_at": "2026-07-01T10:00:41Z",
    "summary": "Timed out",
    "something_new": [1, 2],
}
RUN = Run(
    id="81",
    flow_id="40",
    flow_name="Orders to NetSuite",
    status=RunStatus.FAILURE,
    started_at=STARTED,
    finished_at=datetime(2026, 7, 1, 10, 0, 41, tzinfo=UTC),
    trigger="Schedule",
    summary="Timed out",
)


def row(fields: object) -> Row:
    return read_row(fields, "run 81")


def shaped(fields: dict[str, object]) -> dict[str, object]:
    """The same object as JSON:API writes it."""
    inner = {key: value for key, value in fields.items() if key != "id"}
    return {"id": str(fields["id"]), "type": "flow-runs", "attributes": inner}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(FLAT_RUN, id="flat"),
        pytest.param(shaped(FLAT_RUN), id="with attributes"),
        pytest.param({**FLAT_RUN, "id": "81", "flow_id": "40"}, id="ids as text"),
        pytest.param({**FLAT_RUN, "status": "FAILURE"}, id="status as a word"),
        pytest.param({**FLAT_RUN, "flow_id": None, "flow": {"id": 40}}, id="flow as an object"),
        pytest.param(
            {**FLAT_RUN, "flow_id": None, "flow": shaped({"id": 40, "name": RUN.flow_name})},
            id="flow with attributes",
        ),
        pytest.param(
            {**FLAT_RUN, "flow_id": None, "flow_version": {"id": 9, "flow_id": 40}, "flow": []},
            id="flow only by its version",
        ),
        pytest.param(
            {**FLAT_RUN, "flow_id": None, "relationships": {"flow": {"data": {"id": "40"}}}},
            id="flow only as a relationship",
        ),
    ],
)
def test_one_run_reads_the_same_in_every_shape(fields: dict[str, object]) -> None:
    assert read_run(row(fields)) == RUN


def test_what_stands_outside_attributes_wins() -> None:
    assert row({"id": 1, "attributes": {"id": 2, "name": "in"}}).fields == {"id": 1, "name": "in"}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (1, RunStatus.STARTED),
        (2, RunStatus.SUCCESS),
        (3, RunStatus.FAILURE),
        (4, RunStatus.STOPPED),
        (5, RunStatus.PARTIAL_SUCCESS),
        ("5", RunStatus.PARTIAL_SUCCESS),
        ("STARTED", RunStatus.STARTED),
        ("Success", RunStatus.SUCCESS),
        ("PARTIAL_SUCCESS", RunStatus.PARTIAL_SUCCESS),
        ("Partial success", RunStatus.PARTIAL_SUCCESS),
        ("partial-success", RunStatus.PARTIAL_SUCCESS),
        (0, RunStatus.UNKNOWN),
        (6, RunStatus.UNKNOWN),
        (-1, RunStatus.UNKNOWN),
        ("Deployed", RunStatus.UNKNOWN),
        ("Wartet…", RunStatus.UNKNOWN),
    ],
)
def test_statuses_in_either_form(told: object, status: RunStatus) -> None:
    assert read_run(row({**FLAT_RUN, "status": told})).status is status


@pytest.mark.parametrize("key", ["id", "flow_id", "status", "started_at"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param(True, id="a flag"),
        pytest.param(1.5, id="a fraction"),
        pytest.param({"a": 1}, id="an object"),
        pytest.param([1], id="a list"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_run_cannot_do_without(key: str, value: object) -> None:
    with pytest.raises(Unavailable, match=f'run 81 without a usable "{key}"'):
        read_run(row({**FLAT_RUN, key: value}))


def test_a_run_that_ended_at_no_time_is_not_taken_for_a_running_one() -> None:
    with pytest.raises(Unavailable, match=r'"finished_at" .expected a date and time, found str'):
        read_run(row({**FLAT_RUN, "finished_at": "yesterday"}))


def test_a_run_whose_flow_has_no_name_is_called_by_its_id() -> None:
    assert read_run(row({**FLAT_RUN, "name": None})).flow_name == "flow 40"


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("2026-07-01T10:00:05Z", STARTED),
        ("2026-07-01T10:00:05.000000Z", STARTED),
        ("2026-07-01 10:00:05", STARTED),
        ("2026-07-01T11:00:05+01:00", STARTED),
        ("2026-07-01T10:00:05.25Z", STARTED.replace(microsecond=250_000)),
        ("10:00", None),
        ("2026-13-01T10:00:05Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("0000-00-00 00:00:00", None),
        (1751364005, None),
        (None, None),
    ],
)
def test_times_with_and_without_a_zone(told: object, read: datetime | None) -> None:
    assert parse_time(told) == read


OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(seconds=st.integers(1_000_000_000, 7_000_000_000), offset=OFFSETS)
def test_every_moment_survives_being_written(seconds: int, offset: timedelta) -> None:
    at = datetime.fromtimestamp(seconds, timezone(offset))
    assert parse_time(at.isoformat()) == at


def test_a_job_tells_when_it_was_queued_and_its_priority() -> None:
    fields = {
        "id": 5,
        "flow": {"id": 40, "name": "Orders"},
        "flow_version": {"id": 9, "flow_priority": 1},
        "created_at": "2026-07-01T10:00:05Z",
        "trigger": "Webhook",
    }
    assert read_waiting(row(fields)) == Waiting(
        id="5", flow_id="40", flow_name="Orders", queued_at=STARTED, trigger="Webhook", priority=1
    )


@pytest.mark.parametrize(
    ("fields", "enabled", "deployed"),
    [
        pytest.param({"is_enabled": True, "status": "Deployed"}, True, True, id="live"),
        pytest.param({"is_enabled": 0, "status": "INACTIVE"}, False, False, id="switched off"),
        pytest.param({"is_enabled": "true", "status": "Draft"}, True, False, id="draft"),
        pytest.param({"enabled_at": None}, False, None, id="never enabled"),
        pytest.param({"enabled_at": "2026-07-01"}, True, None, id="enabled once"),
        pytest.param({"deployed_version": {"id": 3}}, None, True, id="has a deployed version"),
        pytest.param({"deployed_version": None}, None, False, id="has no deployed version"),
        pytest.param({}, None, None, id="not told"),
    ],
)
def test_whether_a_flow_can_run(
    fields: dict[str, object], enabled: bool | None, deployed: bool | None
) -> None:
    flow = read_flow(row({"id": 40, "name": "Orders", **fields}))
    assert (flow.enabled, flow.deployed) == (enabled, deployed)


@pytest.mark.parametrize("version_key", ["current_version", "currentVersion"])
def test_a_flow_tells_its_schedules_and_what_it_calls(version_key: str) -> None:
    version = {
        "flow_priority": "2",
        "schedules": [{"cron_string": "0 * * * *"}, {"id": 7}],
        "steps": [
            {"id": 1, "name": "Receive", "connector": {"id": 5}, "endpoint": {"direction": "Send"}},
            {"id": 2, "connector": None},
            {"id": 3, "connector": {"id": 5}, "endpoint": {"direction": "sideways"}},
        ],
    }
    fields = {
        "id": 40,
        "name": "Orders",
        "updated_at": "2026-07-01T10:00:05Z",
        "deployed_at": "2026-06-01T10:00:05Z",
        version_key: shaped({"id": 9, **version}),
    }
    assert read_flow(row(fields)) == Flow(
        id="40",
        name="Orders",
        enabled=None,
        deployed=None,
        priority=2,
        schedules=("0 * * * *",),
        changed_at=STARTED,
        steps=(
            Step(id="1", name="Receive", instance_id="5", direction=Direction.SEND),
            Step(id="3", name="", instance_id="5"),
        ),
    )


@pytest.mark.parametrize(
    ("fields", "received", "sent", "warned"),
    [
        ({"operations_received": 3, "operations_sent": "4", "has_warnings": [1]}, 3, 4, True),
        ({"operationsReceived": 0, "operationsSent": 0, "has_warnings": False}, 0, 0, False),
        (
            {"operations_received": [7], "operations_sent": -1, "has_warnings": []},
            None,
            None,
            False,
        ),
        ({}, None, None, None),
    ],
    ids=["counts and text", "zeros", "something else is not known", "not told"],
)
def test_what_a_run_tells_of_its_operations(
    fields: dict[str, object], received: int | None, sent: int | None, warned: bool | None
) -> None:
    run = read_run(row({"id": 1, "flow_id": 4, "status": 2, "started_at": WHEN, **fields}))
    assert (run.received, run.sent, run.warned) == (received, sent, warned)


def test_what_people_changed_is_told_with_what_it_was_done_to() -> None:
    fields = {"id": 1, "created_at": WHEN, "name": "Tom", "subject_id": 40}
    flow = read_activity(row({**fields, "description": "Disabled it", "subject_type": "Flow"}))
    assert flow == Changed(at=STARTED, what="Disabled it", who="Tom", flow_id="40")
    instance = read_activity(row({**fields, "event": "updated", "subject_type": "App\\Connector"}))
    assert instance == Changed(at=STARTED, what="updated", who="Tom", instance_id="40")
    user = read_activity(row({**fields, "event": "invited", "subject_type": "User"}))
    assert (user.flow_id, user.instance_id) == ("", "")


def test_a_deployment_names_its_flow() -> None:
    told = row({"id": 1, "created_at": WHEN, "flow_version": {"flow_id": 40}, "name": "Orders"})
    assert read_deployment(told) == Changed(at=STARTED, what="Deployed Orders", flow_id="40")


def test_an_instance_tells_its_system_and_how_it_proves_who_asks() -> None:
    way_in = {"name": "x", "authentication_type": {"name": "OAuth 2"}, "system": {"name": "Shop"}}
    told = row({"id": 5, "name": "UK", "updated_at": WHEN, "authenticationImplementation": way_in})
    found = read_instance(told)
    assert (found.system, found.auth_type, found.changed_at) == ("Shop", "OAuth 2", STARTED)


@pytest.mark.parametrize(
    "fields",
    [
        {"log_level": "error", "log_message": "429 from NetSuite", "flow_step": {"name": "Send"}},
        {"level": "ERROR", "message": "429 from NetSuite", "flow_step_name": "Send"},
    ],
)
def test_log_lines_under_both_names(fields: dict[str, object]) -> None:
    line = read_log_line(row({"id": 1, "timestamp": "2026-07-01T10:00:05Z", **fields}))
    assert line == LogLine(at=STARTED, level="ERROR", text="429 from NetSuite", step="Send")


def test_a_log_line_of_structured_text_loses_nothing() -> None:
    line = read_log_line(row({"id": 1, "log_message": {"code": 429}}))
    assert line.text == '{"code": 429}'


def test_a_log_line_without_text_is_named() -> None:
    with pytest.raises(Unavailable, match='without a usable "log_message"'):
        read_log_line(row({"id": 1}))


def test_foreign_text_can_always_be_stored_and_sent() -> None:
    line = read_log_line(row({"id": 1, "message": "\ud800 half \0 a pair" + "x" * 9_000}))
    assert line.text.encode()
    assert line.text.startswith("? half   a pair")
    assert len(line.text) == 2_000


def test_an_instance_tells_its_own_limit() -> None:
    fields = {"id": 5, "name": "netsuite-live", "rate_limit_duration": "10"}
    fields |= {"rate_limit_unit": "second", "connection_pool_id": 3}
    assert read_instance(row(fields)) == Instance(
        id="5", name="netsuite-live", rate_limit=10, rate_limit_unit="second", pool_id="3"
    )


def test_a_pool_tells_who_shares_it() -> None:
    fields = {"id": 3, "name": "NetSuite", "limit": 5, "connectors": [{"id": 5}, {"id": "6"}]}
    assert read_pool(row(fields)) == Pool(id="3", name="NetSuite", limit=5, instance_ids=("5", "6"))


def test_a_limit_that_is_no_number_is_not_read_as_none() -> None:
    with pytest.raises(Unavailable, match=r'"limit" .expected a whole number, found str'):
        read_pool(row({"id": 3, "name": "NetSuite", "limit": "plenty"}))


@pytest.mark.parametrize("odd", ["../flows", "a b", "", "x" * 101, "7\n", "Ω"])
def test_an_id_that_could_not_stand_in_an_address_is_none(odd: str) -> None:
    with pytest.raises(Unavailable, match='without a usable "id"'):
        read_instance(row({"id": odd, "name": "x"}))


def test_flattened_names_follow_the_path() -> None:
    told = {"a": {"b": [1, {"c": None}]}, "d": "x", "e": {}}
    assert flatten(told) == {"a.b.0": 1, "a.b.1.c": None, "d": "x"}
