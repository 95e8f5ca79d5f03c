"""Who was refused for want of allowance: runs that a limit turned away, by instance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks.declare import Cause
from checks.failures import Failure, FailureEvidence, FlowRuns, InstanceName
from checks.runs import RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What one instance was refused in a span: newest first, and by which flows.

    `failed` counts the runs that failed by it, `warned` those that ended otherwise and only tell
    of it in their log.
    """

    instance: InstanceName
    failures: tuple[Failure, ...]
    flows: tuple[FlowRuns, ...]
    failed: int
    warned: int


def refused(evidence: FailureEvidence, now: datetime, within: timedelta) -> Mapping[str, Refused]:
    """The refusals of the last `within`, by instance id; an instance without any is left out.

    A refusal belongs to the instance that its step calls, else to its flow's only instance. Where
    neither is known it belongs to nobody here, and only the flow's own failure is told.
    """
    found: dict[str, list[tuple[Failure, FlowRuns]]] = defaultdict(list)
    for flow in evidence.flows:
        for failure in _refusals(flow, now - within):
            instance = failure.instance_id or _only(flow.instance_ids)
            if instance:
                found[instance].append((failure, flow))
    return {instance: _refused(instance, found[instance], evidence) for instance in sorted(found)}


def _refusals(flow: FlowRuns, since: datetime) -> Iterator[Failure]:
    return (
        failure for failure in flow.failures if failure.cause is Cause.LIMIT and failure.at >= since
    )


def _only(instance_ids: tuple[str, ...]) -> str:
    return instance_ids[0] if len(set(instance_ids)) == 1 else ""


def _refused(
    instance: str, found: list[tuple[Failure, FlowRuns]], evidence: FailureEvidence
) -> Refused:
    failures = sorted({failure for failure, _ in found}, key=_when, reverse=True)
    flows = {flow.flow_id: flow for _, flow in found}
    failed = {each.run_id for each in failures if each.status is RunStatus.FAILURE}
    return Refused(
        instance=evidence.instances.get(instance) or InstanceName(id=instance, name=""),
        failures=tuple(failures),
        flows=tuple(flows[key] for key in sorted(flows)),
        failed=len(failed),
        warned=len({each.run_id for each in failures} - failed),
    )


def _when(failure: Failure) -> tuple[datetime, str, str]:
    """The last keeps the evidence's own order from mattering."""
    return (failure.at, failure.run_id, repr(failure))
