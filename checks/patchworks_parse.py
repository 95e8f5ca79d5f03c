"""Rows of Patchworks' answers turned into our own words: runs, jobs, flows, instances. Pure."""

from __future__ import annotations

from datetime import datetime

from checks.patchworks_rows import Row, read_row, to_text
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
from checks.unreadable import Unavailable

# Codes and words as in Patchworks' own client, https://github.com/gopatchworks/patchworks-mcp
RUN_STATUSES = {
    "1": RunStatus.STARTED,
    "2": RunStatus.SUCCESS,
    "3": RunStatus.FAILURE,
    "4": RunStatus.STOPPED,
    "5": RunStatus.PARTIAL_SUCCESS,
    "started": RunStatus.STARTED,
    "success": RunStatus.SUCCESS,
    "failure": RunStatus.FAILURE,
    "stopped": RunStatus.STOPPED,
    "partialsuccess": RunStatus.PARTIAL_SUCCESS,
}
DIRECTIONS = {each.value: each for each in Direction}
PRIORITIES = range(1, 6)  # 1 is the highest, 3 the default


def read_run(row: Row) -> Run:
    flow_id, flow_name = _flow_of(row)
    return Run(
        id=row.id(),
        flow_id=flow_id,
        flow_name=flow_name,
        status=read_status(row),
        started_at=row.time("started_at"),
        finished_at=row.maybe_time("finished_at"),
        trigger=row.text("trigger"),
        summary=row.text("summary"),
        received=_operations(row, "operations_received"),
        sent=_operations(row, "operations_sent"),
        warned=_has_warnings(row),
    )


def read_status(row: Row) -> RunStatus:
    """The number or the word, however written; UNKNOWN for one that is not in Patchworks' list."""
    told = to_text(row.fields.get("status"))
    if not told or isinstance(row.fields["status"], bool):
        raise row.without("status", "a status")
    return RUN_STATUSES.get(plain_word(told), RunStatus.UNKNOWN)


def plain_word(text: str) -> str:
    """ "PARTIAL_SUCCESS", "Partial success" and "partial-success" are one word; numbers stay."""
    if text.lstrip("-").isdecimal():
        return text
    return "".join(c for c in text.casefold() if c.isalnum())


def read_waiting(row: Row) -> Waiting:
    """A job of the queue. When it was queued is told by `created_at`."""
    flow_id, flow_name = _flow_of(row)
    return Waiting(
        id=row.id(),
        flow_id=flow_id,
        flow_name=flow_name,
        queued_at=row.time("created_at"),
        trigger=row.text("trigger"),
        priority=_priority(row, row.child("flow_version"), row.child("flow")),
    )


def read_flow(row: Row) -> Flow:
    version = row.child("current_version")
    schedules = (version or row).children("schedules")
    steps = version.children("steps") if version else ()
    return Flow(
        id=row.id(),
        name=row.name(),
        enabled=_is_enabled(row),
        deployed=_is_deployed(row),
        priority=_priority(version, row),
        schedules=tuple(cron for each in schedules if (cron := each.text("cron_string"))),
        changed_at=_latest(row, "updated_at", "enabled_at", "deployed_at"),
        steps=tuple(found for step in steps if (found := _step(step))),
        pool_ids=tuple(dict.fromkeys(pool for step in steps if (pool := _pool_of(step)))),
    )


def read_log_line(row: Row) -> LogLine:
    """Patchworks' own client reads each of these under two names, so we do too."""
    text_key = "log_message" if "log_message" in row.fields else "message"
    if text_key not in row.fields:
        raise row.without("log_message", "the text of the line")
    step = row.child("flow_step")
    return LogLine(
        at=row.maybe_time("created_at") or row.maybe_time("timestamp"),
        level=(row.text("log_level") or row.text("level")).upper(),
        text=row.text(text_key),
        step=(step.text("name") if step else "") or row.text("flow_step_name"),
        step_id=row.maybe_id("flow_step_id") or row.maybe_id("step_id") or "",
    )


def read_instance(row: Row) -> Instance:
    """The amount allowed per unit stands in `rate_limit_duration`, despite its name."""
    way_in = row.child("authentication_implementation")
    kind = way_in.child("authentication_type") if way_in else None
    system = (way_in.child("system") if way_in else None) or row.child("system")
    return Instance(
        id=row.id(),
        name=row.name(),
        system=(system.text("label") or system.text("name")) if system else "",
        auth_type=(kind.text("name") if kind else "") or (way_in.text("name") if way_in else ""),
        changed_at=row.maybe_time("updated_at"),
        rate_limit=row.number("rate_limit_duration"),
        rate_limit_unit=row.text("rate_limit_unit") or None,
        pool_id=row.maybe_id("connection_pool_id"),
    )


def read_pool(row: Row) -> Pool:
    return Pool(
        id=row.id(),
        name=row.name(),
        limit=row.number("limit"),
        instance_ids=tuple(instance.id() for instance in row.children("connectors")),
    )


def read_activity(row: Row) -> Changed:
    """A row of the activity log; its subject is a flow, an instance, or something else.

    https://doc.wearepatchworks.com/product-documentation/api-reference/company-management/activity-logs
    """
    subject, kind = row.maybe_id("subject_id") or "", plain_word(row.text("subject_type"))
    return Changed(
        at=row.time("created_at"),
        what=row.text("description") or row.text("event"),
        who=row.text("name") or row.text("email"),
        flow_id=subject if kind.endswith("flow") else "",
        instance_id=subject if kind.endswith(("connector", "instance")) else "",
    )


def read_deployment(row: Row) -> Changed:
    """A flow version put into service; who did it is told by the activity log only."""
    version = row.child("flow_version")
    flow_id = row.maybe_id("flow_id") or (version.maybe_id("flow_id") if version else "") or ""
    name = row.text("name") or f"flow {flow_id}"
    return Changed(at=row.time("created_at"), what=f"Deployed {name}", flow_id=flow_id)


def read_allowances(body: object) -> dict[str, object]:
    """No schema is published, so all of it, under dotted names: "concurrent_flows.limit"."""
    answer = read_row(body, "the allowances")
    told = answer.fields.get("data", dict(answer.fields))
    if not isinstance(told, dict | list):
        raise answer.without("data", "the allowances")
    return flatten(read_row(told, "the allowances").fields if isinstance(told, dict) else told)


def flatten(value: object) -> dict[str, object]:
    """Nested JSON as dotted names: {"runs": {"limit": 10}} -> {"runs.limit": 10}."""
    found: dict[str, object] = {}
    todo: list[tuple[str, object]] = [("", value)]
    while todo:  # not by recursion: how deep foreign JSON goes is not ours to say
        name, inner = todo.pop()
        if isinstance(inner, dict | list):
            pairs = inner.items() if isinstance(inner, dict) else enumerate(inner)
            todo += [(f"{name}.{key}" if name else str(key), part) for key, part in pairs]
        else:
            found[name] = inner
    return dict(sorted(found.items()))


def _flow_of(row: Row) -> tuple[str, str]:
    """Id and name of the flow that a run or job belongs to; the id may stand in four places."""
    flow, version, linked = row.child("flow"), row.child("flow_version"), row.child("relationships")
    linked = linked.child("flow") if linked else None
    linked = linked.child("data") if linked else None
    flow_id = (
        row.maybe_id("flow_id")
        or (flow and flow.maybe_id("id"))
        or (version and version.maybe_id("flow_id"))
        or (linked and linked.maybe_id("id"))
    )
    if not flow_id:
        raise row.without("flow_id", "an id")
    name = (flow.text("name") if flow else "") or row.text("name")
    return flow_id, name.strip() or f"flow {flow_id}"


def _priority(*rows: Row | None) -> int | None:
    for row in rows:
        for key in ("flow_priority", "priority"):
            if row and (told := to_text(row.fields.get(key))).isdecimal():
                return int(told) if int(told) in PRIORITIES else None
    return None


def _is_enabled(row: Row) -> bool | None:
    told = row.flag("is_enabled")
    if told is None and "enabled_at" in row.fields:
        return row.maybe_time("enabled_at") is not None
    return told


def _is_deployed(row: Row) -> bool | None:
    """By the flow's own status word, else by whether a deployed version is told."""
    if status := plain_word(row.text("status")):
        return status == "deployed"
    if "deployed_version" in row.fields:
        return row.child("deployed_version") is not None
    return None


def _step(row: Row) -> Step | None:
    """A step that calls an instance; None for one that does not."""
    connector = row.child("connector")
    if connector is None:
        return None
    endpoint = row.child("endpoint")
    told = plain_word(endpoint.text("direction")) if endpoint else ""
    return Step(
        id=row.maybe_id("id") or "",
        name=row.text("name"),
        instance_id=connector.id(),
        direction=DIRECTIONS.get(told),
    )


def _pool_of(row: Row) -> str:
    """The de-dupe pool that a step writes; "" for none."""
    pool = row.child("data_pool")
    return (pool.maybe_id("id") if pool else row.maybe_id("data_pool_id")) or ""


def _operations(row: Row, key: str) -> int | None:
    """A count, or None where none is told; Patchworks does not publish this field's shape."""
    try:
        told = row.number(key)
    except Unavailable:
        return None
    return told if told is None or told >= 0 else None


def _has_warnings(row: Row) -> bool | None:
    """A flag or a list, by the documentation a truthy value; None where it is not told."""
    told = row.fields.get("has_warnings")
    return None if told is None else told not in (False, 0, "0", "", "false", [])


def _latest(row: Row, *keys: str) -> datetime | None:
    return max((at for key in keys if (at := row.maybe_time(key))), default=None)
