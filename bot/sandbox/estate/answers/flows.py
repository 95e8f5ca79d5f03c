"""Flows, their versions, steps, schedules and deployments.

https://doc.wearepatchworks.com/product-documentation/api-reference/flow-actions
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sandbox.estate.answers.instances import show_instance
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.listing import Listing, Row, names, stamp
from bot.sandbox.estate.model import Flow
from bot.sandbox.estate.query import Query, Rejected
from bot.sandbox.estate.story import STEPS, step_id, step_name

BUILT_AT = datetime(2025, 5, 14, 9, 30, tzinfo=UTC)
_VERSION_RELATIONS = (
    "latestRun steps.connector.authenticationImplementation.system steps.variables steps.cache"
    " steps.dataPool steps.scriptVersion.script schedules variables"
)
_VERSIONS = {
    "currentVersion": "current_version",
    "latestVersion": "latest_version",
    "deployedVersion": "deployed_version",
}
_LISTS = {"labels", "webhooks", "callbacks", "notificationGroups", "messageBrokers"}


def show_step(flow: Flow, step: int, query: Query) -> Row:
    """One step of a flow's version; the receiving and sending steps each call an instance."""
    called = {1: flow.source, 3: flow.target}.get(step)
    row: Row = {
        "id": step_id(flow, step),
        "name": step_name(flow, step),
        "flow_version_id": flow.version_id,
        "microservice": {0: "trigger", 2: "map"}.get(step, "connector"),
        "connector_id": called.id if called else None,
        "config": {"timeout": 30, "allow_unsuccessful_statuses": False} if called else {},
    }
    if "connector" in query.include:
        nested = query.within("connector")
        row["connector"] = show_instance(called, nested) if called else None
    return row


def show_version(flow: Flow, query: Query) -> Row:
    """The one version that each flow has."""
    row: Row = {
        "id": flow.version_id,
        "flow_id": flow.id,
        "flow_name": flow.name,
        "flow_priority": flow.priority,
        "iteration": 4,
        "status": "Deployed" if flow.deployed else "Draft",
        "is_deployed": flow.deployed,
        "is_editable": not flow.deployed,
        "has_callback_step": False,
        "created_at": stamp(BUILT_AT),
        "updated_at": stamp(BUILT_AT),
        "deployed_at": stamp(_deployed_at(flow, query)) if flow.deployed else None,
    }
    if "steps" in query.include:
        nested = query.within("steps")
        row["steps"] = [show_step(flow, step, nested) for step in range(len(STEPS))]
    if "schedules" in query.include:
        row["schedules"] = _schedules(flow)
    if "latestRun" in query.include:
        row["latest_run"] = _latest_run(flow, query.estate)
    return row


def show_flow(flow: Flow, query: Query) -> Row:
    """A flow with what was asked for of its versions."""
    enabled = flow.deployed and flow.id not in query.estate.queue.disabled
    row: Row = {
        "id": flow.id,
        "name": flow.name,
        "description": f"{flow.source.system.name} to {flow.target.system.name}",
        "status": "Deployed" if flow.deployed else "Draft",
        "format": "json",
        "is_enabled": enabled,
        "enabled_at": stamp(BUILT_AT) if enabled else None,
        "deployed_at": stamp(_deployed_at(flow, query)) if flow.deployed else None,
        "created_at": stamp(BUILT_AT),
        "updated_at": stamp(_deployed_at(flow, query)),
        "notification_group_ids": [],
    }
    for relation, key in _VERSIONS.items():
        if relation in query.include:
            exists = flow.deployed or relation != "deployedVersion"
            nested = query.within(relation)
            row[key] = show_version(flow, nested) if exists else None
    if "versions" in query.include:
        row["versions"] = [show_version(flow, query.within("versions"))]
    if "deployments" in query.include:
        row["deployments"] = [_show_deployment(one, query) for one in _deployments(flow, query)]
    return row | {_snake(name): [] for name in _LISTS & query.include}


def _schedules(flow: Flow) -> list[Row]:
    if flow.cron is None:
        return []
    return [
        {
            "id": flow.id + 2000,
            "flow_version_id": flow.version_id,
            "cron_string": flow.cron,
            "created_at": stamp(BUILT_AT),
            "updated_at": stamp(BUILT_AT),
        }
    ]


def _latest_run(flow: Flow, estate: Estate) -> Row | None:
    latest_first = reversed(estate.queue.runs.values())
    run = next((run for run in latest_first if run.flow.id == flow.id), None)
    if run is None:
        return None
    status = int(run.status(estate.now))
    return {"id": run.id, "status": status, "started_at": stamp(run.started_at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deployment:
    """That a flow's version was put to use; the first time is when it was built. `at` is UTC."""

    id: int
    flow: Flow
    at: datetime


def _deployments(flow: Flow, query: Query) -> list[_Deployment]:
    if not flow.deployed:
        return []
    moments = (BUILT_AT, *query.estate.deployed_at.get(flow.id, ()))
    return [
        _Deployment(id=flow.id + 6000 + 10_000 * number, flow=flow, at=at)
        for number, at in enumerate(moments)
    ]


def _deployed_at(flow: Flow, query: Query) -> datetime:
    """When it was last deployed; of a draft, when it was last edited."""
    return max((one.at for one in _deployments(flow, query)), default=BUILT_AT)


def _show_deployment(deployment: _Deployment, _query: Query) -> Row:
    return {
        "id": deployment.id,
        "name": deployment.flow.name,
        "flow_id": deployment.flow.id,
        "flow_version_id": deployment.flow.version_id,
        "virtual_environment_id": None,
        "package_id": None,
        "created_at": stamp(deployment.at),
        "updated_at": stamp(deployment.at),
    }


def _snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def _select_versions(query: Query) -> list[Flow]:
    flow = query.estate.flows.get(int(query.path["flow"]))
    if flow is None:
        raise Rejected(404, f"No query results for flows {query.path['flow']}.")
    return [flow]


FLOWS = Listing(
    kind="flows",
    select=lambda query: [
        flow
        for flow in query.estate.flows.values()
        if str(flow.id) in query.filters.get("id", str(flow.id))
        and (query.value("name") or "").lower() in flow.name.lower()
    ],
    show=show_flow,
    filters=frozenset({"id", "name"}),
    includes=names(
        " ".join((*_VERSIONS, "versions", *_LISTS, "deployments.virtualEnvironment"))
        + "".join(
            f" {version}.{relation}"
            for version in (*_VERSIONS, "versions")
            for relation in _VERSION_RELATIONS.split()
        )
    ),
    sorts=frozenset({"id", "name"}),
)

VERSIONS = Listing(
    kind="flow-versions",
    select=_select_versions,
    show=show_version,
    key=lambda flow: flow.version_id,
    includes=names(_VERSION_RELATIONS),
)

DEPLOYMENTS = Listing(
    kind="flow-version-deployments",
    select=lambda query: [
        deployment
        for flow in query.estate.flows.values()
        for deployment in _deployments(flow, query)
    ],
    show=_show_deployment,
)
