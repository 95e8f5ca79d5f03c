"""Flows that fail and flows that do not, for the tests of what is said about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from checks.declare import Cause
from checks.failures import Failure, FailureEvidence, FlowRuns, InstanceName
from checks.runs import Run, RunStatus

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ERP, SHOP = "702", "701"
INSTANCES = {
    ERP: InstanceName(id=ERP, name="NetSuite production", system="NetSuite", kind="netsuite"),
    SHOP: InstanceName(id=SHOP, name="Shopify UK store", system="Shopify", kind="shopify"),
}
STATUSES = {
    "F": RunStatus.FAILURE,
    "S": RunStatus.SUCCESS,
    "P": RunStatus.PARTIAL_SUCCESS,
    "X": RunStatus.STOPPED,
    "?": RunStatus.UNKNOWN,
}
WRONG_KEY = "HTTP 400: Invalid reference key for field entity"


def m(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def flow(
    went: str,
    *,
    flow_id: str = "5",
    name: str = "Orders to NetSuite",
    cause: Cause = Cause.LASTING,
    line: str = WRONG_KEY,
    apart: timedelta = timedelta(minutes=5),
    newest: timedelta = timedelta(minutes=3),
    before: int = 160,
    before_failed: int = 1,
    instance: str = ERP,
    records: int | None = None,
    time_sensitive: bool = False,
    last_good: Run | None = None,
) -> FlowRuns:
    """A flow whose newest runs went so, newest first: F failed, S succeeded, P partly, X stopped.

    The newest ended `newest` before NOW, each other one `apart` before the next.
    """
    runs = tuple(
        run(letter, NOW - newest - number * apart, flow_id=flow_id, name=name, number=number)
        for number, letter in enumerate(went)
    )
    failures = tuple(
        failure(each, cause, line, instance=instance, records=records)
        for each in runs
        if each.status in (RunStatus.FAILURE, RunStatus.PARTIAL_SUCCESS)
    )
    return FlowRuns(
        flow_id=flow_id,
        flow_name=name,
        runs=runs,
        failures=failures,
        before=before,
        before_failed=before_failed,
        last_good=last_good,
        instance_ids=(SHOP, ERP),
        time_sensitive=time_sensitive,
    )


def run(letter: str, at: datetime, *, flow_id: str, name: str = "", number: int = 0) -> Run:
    """A run that ended then; ids grow with time."""
    return Run(
        id=f"{flow_id}{100 - number:03}",
        flow_id=flow_id,
        flow_name=name,
        status=STATUSES[letter],
        started_at=at - timedelta(seconds=12),
        finished_at=at,
    )


def failure(
    of: Run, cause: Cause, line: str, *, instance: str = ERP, records: int | None = None
) -> Failure:
    return Failure(
        run_id=of.id,
        flow_id=of.flow_id,
        at=of.finished_at or of.started_at,
        status=of.status,
        cause=cause,
        line=line,
        step="Send orders to NetSuite",
        instance_id=instance,
        records=records,
    )


def estate(*flows: FlowRuns, blind: str = "") -> FailureEvidence:
    return FailureEvidence(flows=flows, instances=INSTANCES, blind=blind)
