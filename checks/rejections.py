"""Who is rejected: instances whose credential is no longer accepted, told apart from code faults.

Patchworks tells no expiry and no health of an instance, so the runs of its flows are the witnesses.
A connector that cannot re-authenticate fails the whole run, whatever the flow catches, and all
flows that use an instance share its credential: one that succeeds clears the credential of what
another fails by.
https://doc.wearepatchworks.com/product-documentation/process-flows/building-process-flows/process-flow-shapes/standard-shapes/try-catch-shape
https://doc.wearepatchworks.com/product-documentation/connectors-instances/working-with-instances/updating-an-instance
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import lru_cache

from checks.declare import Cause
from checks.expiry.blame import blame, end, ended
from checks.failures import Failure, FailureEvidence, FlowRuns, InstanceName
from checks.runs import Run, RunStatus

TWICE = 2  # one failure alone proves nothing: sessions end and are opened again
ANSWERED = (Cause.NOT_PERMITTED, Cause.LASTING)  # the system knew us, and answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """An instance whose credential seems to be no longer accepted.

    `since` (UTC) is the end of the first failed run of the present streak. `failures` are newest
    first. `victims` are the flows whose newest run that tells anything failed by the credential,
    `at_risk` the other flows that use the instance and have not run since. `line` is what the log
    said first, foreign. Not `certain`: what it is shows with the next runs.
    """

    instance: InstanceName
    since: datetime
    failures: tuple[Failure, ...]
    victims: tuple[FlowRuns, ...]
    at_risk: tuple[FlowRuns, ...]
    line: str
    certain: bool


class _Tells(Enum):
    """What one ended run of a flow tells in favour of the credential of one instance."""

    ACCEPTED = auto()
    PAST = auto()  # it got past the credential, yet is no proof of it: its own streak ends
    NOTHING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class _User:
    """A flow that uses the instance. `streak`: its failures by the credential, newest first, up to
    now; `accepted_at`: the start of its newest run that proves the credential."""

    flow: FlowRuns
    streak: tuple[Failure, ...]
    accepted_at: datetime | None


def rejections(evidence: FailureEvidence, now: datetime) -> Mapping[str, Rejection]:
    """The instances that seem rejected, by id; none when the runs could not be read.

    A run that succeeded clears its instances of every streak that began before it started. What is
    left stands: certain when two flows fail by it, or when one did twice while no flow that uses
    the instance ended otherwise since.
    """
    found = {
        instance_id: _rejection(_name(evidence, instance_id), users, now)
        for instance_id, users in _users(evidence).items()
    }
    return {instance_id: each for instance_id, each in found.items() if each}


def accepted(evidence: FailureEvidence) -> Mapping[str, datetime]:
    """When (UTC) each instance's credential was last seen accepted: the start of the newest run
    that proves it. An instance without such a run is left out."""
    found = {instance_id: _accepted_at(users) for instance_id, users in _users(evidence).items()}
    return {instance_id: at for instance_id, at in found.items() if at}


def over(evidence: FailureEvidence) -> frozenset[str]:
    """Ids of the runs that failed by a credential which was rejected then and is accepted again.

    At least two flows failed by it, and no run that proves it began between their failures; a
    success afterwards ended that. Such runs say nothing about their flow.
    """
    found: set[str] = set()
    whose = blame(evidence.flows)
    for instance_id, users in _users(evidence).items():
        found |= _over(instance_id, [user.flow for user in users], whose)
    return frozenset(found)


def _over(instance_id: str, flows: Sequence[FlowRuns], whose: Mapping[str, str]) -> set[str]:
    proofs = sorted(run.started_at for flow in flows for run in _proving(flow, instance_id, whose))
    ended_by: dict[datetime, list[Failure]] = defaultdict(list)
    for failure in (each for flow in flows for each in flow.failures):
        place = bisect_left(proofs, failure.at)
        if whose.get(failure.run_id) == instance_id and place < len(proofs):
            ended_by[proofs[place]].append(failure)
    return {
        failure.run_id
        for episode in ended_by.values()
        if len({each.flow_id for each in episode}) >= TWICE
        for failure in episode
    }


def _proving(flow: FlowRuns, instance_id: str, whose: Mapping[str, str]) -> list[Run]:
    """The runs of a flow that prove the credential of an instance."""
    failures = {each.run_id: each for each in flow.failures}
    return [
        run
        for run in ended(flow)
        if _tells(run, failures.get(run.id), flow, instance_id, whose) is _Tells.ACCEPTED
    ]


def _name(evidence: FailureEvidence, instance_id: str) -> InstanceName:
    unnamed = InstanceName(id=instance_id, name=f"instance {instance_id}")
    return evidence.instances.get(instance_id) or unnamed


@lru_cache(maxsize=1)
def _users(evidence: FailureEvidence) -> Mapping[str, list[_User]]:
    """The flows that use each instance, by instance id; the time-sensitive ones first."""
    if evidence.blind:
        return {}
    whose = blame(evidence.flows)
    found: dict[str, list[_User]] = defaultdict(list)
    for flow in sorted(evidence.flows, key=_grave_first):
        named = {whose.get(each.run_id, "") for each in flow.failures} - {""}
        for instance_id in {*flow.instance_ids, *named}:
            found[instance_id].append(_user(flow, instance_id, whose))
    return dict(sorted(found.items()))


def _grave_first(flow: FlowRuns) -> tuple[object, ...]:
    return (not flow.time_sensitive, flow.flow_name, flow.flow_id)


def _user(flow: FlowRuns, instance_id: str, whose: Mapping[str, str]) -> _User:
    failures = {each.run_id: each for each in flow.failures}
    told = [
        (run, _tells(run, failures.get(run.id), flow, instance_id, whose)) for run in ended(flow)
    ]
    excused = max((end(run) for run, tells in told if tells is not _Tells.NOTHING), default=None)
    streak = (
        each
        for each in failures.values()
        if each.status is RunStatus.FAILURE and whose.get(each.run_id) == instance_id
    )
    return _User(
        flow=flow,
        streak=_newest_first(each for each in streak if excused is None or each.at > excused),
        accepted_at=max(
            (run.started_at for run, tells in told if tells is _Tells.ACCEPTED), default=None
        ),
    )


def _tells(
    run: Run,
    failure: Failure | None,
    flow: FlowRuns,
    instance_id: str,
    whose: Mapping[str, str],
) -> _Tells:
    """Only a clean success that called the instance proves its credential.

    A success whose own log blames the credential may have renewed it, or may have been told to
    carry on without: it excuses its own flow alone.
    """
    if run.status is RunStatus.FAILURE:
        past = failure and failure.instance_id == instance_id and failure.cause in ANSWERED
        return _Tells.PAST if past else _Tells.NOTHING
    if run.status is RunStatus.PARTIAL_SUCCESS or whose.get(run.id) == instance_id:
        return _Tells.PAST
    return _Tells.ACCEPTED if _called(run, flow, instance_id) else _Tells.NOTHING


def _called(run: Run, flow: FlowRuns, instance_id: str) -> bool:
    """Whether a success has called the instance: one that sent nothing proves its source alone."""
    if run.sent != 0:
        return True
    return run.received != 0 and flow.instance_ids[:1] == (instance_id,)


def _rejection(name: InstanceName, users: Sequence[_User], now: datetime) -> Rejection | None:
    proof = _accepted_at(users)
    live = [user for user in users if user.streak and not _cleared(user.streak, proof)]
    if not live:
        return None
    since = min(user.streak[-1].at for user in live)
    victims = [user for user in users if user.streak and user.streak[0].at >= since]
    bystanders = [user.flow for user in users if user not in victims]
    at_risk = [flow for flow in bystanders if not _has_run_since(flow, since)]
    failures = _newest_first(each for user in victims for each in user.streak if each.at >= since)
    return Rejection(
        instance=name,
        since=min(since, now),
        failures=failures,
        victims=tuple(user.flow for user in victims),
        at_risk=tuple(at_risk),
        line=next((each.line for each in reversed(failures) if each.line.strip()), ""),
        certain=len(live) >= TWICE or (_repeated(live) and len(at_risk) == len(bystanders)),
    )


def _accepted_at(users: Sequence[_User]) -> datetime | None:
    return max((user.accepted_at for user in users if user.accepted_at), default=None)


def _cleared(streak: Sequence[Failure], proof: datetime | None) -> bool:
    return proof is not None and proof >= streak[-1].at


def _repeated(live: Sequence[_User]) -> bool:
    return any(len(user.streak) >= TWICE for user in live)


def _has_run_since(flow: FlowRuns, since: datetime) -> bool:
    return any(end(run) >= since for run in ended(flow))


def _newest_first(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    return tuple(sorted(failures, key=lambda each: (each.at, each.run_id), reverse=True))
