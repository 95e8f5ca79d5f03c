"""Failing flow: the runs of a flow fail, and more often than is usual for it.

What goes wrong: a system refuses what it is sent, a mapping meets data that it was not made for,
an endpoint is down. Each failed run leaves its records behind, and a run that is started again
with what made it fail fails again.

Who suffers: whoever waits for those records. Patchworks keeps their payloads for 72 hours; what
was not sent again by then is lost.

How early we can know: with the third failed run of five for a flow that seldom fails, with the
first one for a time-sensitive flow that seldom runs. A flow that always fails now and then is told
only when it fails more often than chance explains. What a rejected credential or a used-up
allowance explains is told there and not here, and does not count once it is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.failures import FailureEvidence, FlowRuns
from checks.flow_runs.policy import Policy
from checks.flow_runs.tally import Tally, tally
from checks.flow_runs.trouble import (
    Elsewhere,
    explain,
    look_elsewhere,
    read_trouble,
    told_elsewhere,
    without,
)
from checks.flow_runs.words import FACTS, Look, facts, measures, say_calm, say_trouble
from checks.model import Level, Subject, Verdict
from checks.registry import Check
from checks.words import flow_name, plain

__all__ = ["CHECK", "FACTS", "Policy", "judge"]

CHECK_NAME = "failing_flow"
CONDITION = "failing"
CANNOT_SEE = "How the runs of flows ended could not be read."


def judge(evidence: FailureEvidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:
    """One verdict a flow, by its id. UNKNOWN neither opens nor closes: runs could not be read, none
    ended of late, trouble is explained by other trouble, or the flow is between ill and well.
    """
    flows = sorted(evidence.flows, key=lambda flow: flow.flow_id)
    if evidence.blind:
        sentence = plain(evidence.blind, at_most=300) or CANNOT_SEE
        return tuple(_unknown(flow, sentence) for flow in flows)
    return tuple(_judge_all(flows, evidence, policy, now))


def _judge_all(
    flows: list[FlowRuns], evidence: FailureEvidence, policy: Policy, now: datetime
) -> Iterator[Verdict]:
    elsewhere = look_elsewhere(evidence, policy, now)
    over = told_elsewhere(evidence, policy, now)
    for flow in (without(each, over) for each in flows):
        counted = tally(flow, policy)
        look = Look(
            flow=flow,
            name=flow_name(flow.flow_id, flow.flow_name),
            counted=counted,
            trouble=read_trouble(flow, counted, evidence),
        )
        yield _judge_one(look, elsewhere, policy, now)


def _judge_one(look: Look, elsewhere: Elsewhere, policy: Policy, now: datetime) -> Verdict:
    newest_at = look.counted.newest_at
    if newest_at is None:
        return _unknown(look.flow, f"No run of {look.name} that ended is known yet.")
    if now - newest_at > policy.fresh:
        return _unknown(look.flow, f"No run of {look.name} has ended of late.", look)
    level = _level(look.flow, look.counted, policy)
    if not level.is_trouble:
        return _verdict(look, level, now)
    cause = explain(look.flow, look.trouble, elsewhere, policy, now)
    return _verdict(look, Level.UNKNOWN if cause else level, now, cause)


def _level(flow: FlowRuns, counted: Tally, policy: Policy) -> Level:
    """How its newest runs stand.

    UNKNOWN lies between: one failure short of trouble, or often failing as it always does, while
    the newest runs are not good either. An open incident then stays, and none opens. So does a flow
    that has failed for so long that failing has become usual for it.
    """
    if _is_rare(flow, counted, policy) and counted.in_row:
        return Level.BREACH
    if counted.good_in_row >= policy.recovered:
        return Level.OK
    needed = policy.failed.needed
    if counted.within >= needed and counted.chance < policy.chance:
        return Level.BREACH if counted.in_row >= needed else Level.EARLY
    return Level.UNKNOWN if counted.within >= max(1, needed - 1) else Level.OK


def _is_rare(flow: FlowRuns, counted: Tally, policy: Policy) -> bool:
    """Whether waiting for a second failure would cost a time-sensitive flow too much time."""
    seldom = counted.apart is not None and counted.apart >= policy.rare
    return flow.time_sensitive and seldom and counted.share <= policy.rare_share


def _verdict(look: Look, level: Level, now: datetime, explained_by: str = "") -> Verdict:
    undecided = level is Level.UNKNOWN
    signal = "undecided" if undecided else "clear"
    sentence = say_calm(look, undecided=undecided)
    if level.is_trouble or explained_by:
        signal, sentence = look.trouble.cause.name.lower(), say_trouble(look, now)
    if explained_by:
        sentence = f"The failing runs of {look.name} are explained by {explained_by}."
    return Verdict(
        check=CHECK_NAME,
        condition=CONDITION,
        subject=_subject(look.flow),
        level=level,
        signal=signal,
        sentence=sentence,
        measures=measures(look, now),
        critical=look.flow.time_sensitive,
        explained_by=explained_by,
        facts=facts(look, signal),
    )


def _unknown(flow: FlowRuns, sentence: str, look: Look | None = None) -> Verdict:
    subject = _subject(flow)
    about = {"signal": "unseen", "flow": subject.name, "flow_id": subject.id}
    return Verdict(
        check=CHECK_NAME,
        condition=CONDITION,
        subject=subject,
        level=Level.UNKNOWN,
        signal="unseen",
        sentence=sentence,
        critical=flow.time_sensitive,
        facts=facts(look, "unseen") if look else dict.fromkeys(FACTS) | about,
    )


def _subject(flow: FlowRuns) -> Subject:
    return Subject(kind="flow", id=flow.flow_id, name=flow_name(flow.flow_id, flow.flow_name))


CHECK = Check(
    name=CHECK_NAME,
    title="Failing flow",
    judge=judge,
    policy=Policy,
    runbook="failing-flow",
    needs="failures",
)
