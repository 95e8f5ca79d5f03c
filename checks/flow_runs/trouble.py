"""Why a flow's runs failed, as far as their logs tell, and which other trouble explains it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from checks.declare import Cause
from checks.failures import Failure, FailureEvidence, FlowRuns, InstanceName
from checks.flow_runs.policy import Policy
from checks.flow_runs.tally import Tally
from checks.refusals import Refused, refused
from checks.rejections import Rejection, over, rejections
from checks.runs import Run
from checks.words import plain

UNREAD = Cause.UNKNOWN
REFUSED_OFTEN = 2  # runs refused before their allowance, and not the flow, is the trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What the failed runs have in common.

    `cause` is that of most of them, `first` the earliest failure with it and `newest` what the
    newest failed run told, each None where no log was read. `instance` is whose trouble it is, None
    where that is not known. `records` is how many records are known to be concerned, and
    `all_records` says whether every failed run told how many.
    """

    cause: Cause
    first: Failure | None
    newest: Failure | None
    instance: InstanceName | None
    records: int | None
    all_records: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Trouble that stands elsewhere and may explain what flows suffer, by instance id."""

    rejections: Mapping[str, Rejection]
    refused: Mapping[str, Refused]


def read_trouble(flow: FlowRuns, counted: Tally, evidence: FailureEvidence) -> Trouble:
    """What the logs of the failed runs tell."""
    told = {failure.run_id: failure for failure in flow.failures}
    found = [told[run.id] for run in counted.failed if run.id in told]
    causes = Counter(failure.cause for failure in found)
    cause = max(causes, key=lambda each: (causes[each], each is not Cause.UNKNOWN), default=UNREAD)
    first = next((each for each in reversed(found) if each.cause is cause), None)
    records = [failure.records for failure in found if failure.records is not None]
    return Trouble(
        cause=cause,
        first=first,
        newest=told.get(counted.failed[0].id) if counted.failed else None,
        instance=_instance(flow, first, evidence),
        records=sum(records) if records else None,
        all_records=len(records) == len(counted.failed),
    )


def look_elsewhere(evidence: FailureEvidence, policy: Policy, now: datetime) -> Elsewhere:
    """The rejected credentials and used-up allowances of the whole estate."""
    return Elsewhere(
        rejections=rejections(evidence, now),
        refused=refused(evidence, now, policy.refused_within),
    )


def told_elsewhere(evidence: FailureEvidence, policy: Policy, now: datetime) -> frozenset[str]:
    """Ids of failed runs that say nothing about their flow, because other trouble that is over made
    them fail: a credential that is accepted again, an allowance that ran out some time ago."""
    limited = (_limited(flow, now - policy.refused_within) for flow in evidence.flows)
    return over(evidence).union(*limited)


def _limited(flow: FlowRuns, before: datetime) -> set[str]:
    """Its runs that failed for want of allowance some time ago; none while its newest run did."""
    found = {
        failure.run_id
        for failure in flow.failures
        if failure.cause is Cause.LIMIT
        and (failure.instance_id or len(set(flow.instance_ids)) == 1)
    }
    newest = max(flow.runs, key=_newest, default=None)
    if newest is None or newest.id in found:
        return set()
    return {each.run_id for each in flow.failures if each.run_id in found and each.at < before}


def _newest(run: Run) -> tuple[datetime, str]:
    """Runs may start in the same moment; the larger id then came later."""
    return run.started_at, run.id


def without(flow: FlowRuns, elsewhere: frozenset[str]) -> FlowRuns:
    """The flow as if those runs had not been."""
    return replace(flow, runs=tuple(run for run in flow.runs if run.id not in elsewhere))


def explain(
    flow: FlowRuns, trouble: Trouble, elsewhere: Elsewhere, policy: Policy, now: datetime
) -> str:
    """The trouble of which this is but a symptom, ready to read; "" when it is its own.

    Whether a credential is rejected shows with the next runs of other flows; as long as that is
    open, we wait `undecided` and then speak for ourselves.
    """
    if trouble.newest and trouble.newest.cause is Cause.CREDENTIAL:
        for rejection in elsewhere.rejections.values():
            if _concerns(flow, rejection.victims):
                return _credential(rejection, policy, now)
    if trouble.cause is Cause.LIMIT:
        for refusal in elsewhere.refused.values():
            often = refusal.failed + refusal.warned >= REFUSED_OFTEN
            if often and _concerns(flow, refusal.flows):
                return f"the used-up allowance of {name_of(refusal.instance)}"
    return ""


def name_of(instance: InstanceName | None) -> str:
    """An instance as people call it; "the system" where it is not known."""
    if instance is None:
        return "the system"
    return plain(instance.name) or plain(instance.system) or f"instance {plain(instance.id)}"


def _credential(rejection: Rejection, policy: Policy, now: datetime) -> str:
    name = name_of(rejection.instance)
    if rejection.certain:
        return f"the rejected credential of {name}"
    waiting = now - rejection.since <= policy.undecided
    return f"what may be the credential of {name}" if waiting else ""


def _concerns(flow: FlowRuns, flows: tuple[FlowRuns, ...]) -> bool:
    return any(each.flow_id == flow.flow_id for each in flows)


def _instance(
    flow: FlowRuns, failure: Failure | None, evidence: FailureEvidence
) -> InstanceName | None:
    """The instance that a failure tells, else the flow's only one."""
    if failure is None:
        return None
    only = flow.instance_ids[0] if len(set(flow.instance_ids)) == 1 else ""
    wanted = failure.instance_id or only
    return evidence.instances.get(wanted) or (InstanceName(id=wanted, name="") if wanted else None)
