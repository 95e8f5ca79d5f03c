"""Silent Data Loss: runs report success, and records are missing at the other end.

What goes wrong: one payload of twenty is taken out by a try/catch, a refusal is tolerated, a filter
or a de-dupe pool drops what it should not, a source answers with nothing. Every run is green.

Who suffers: the customer whose order never reached the warehouse, and whoever finds out weeks
later. Patchworks keeps the payloads of a run for 72 hours: what was not sent again by then is lost.

How early we can know: with the run, where it ended as partial success or its log tells of an error
(certain); with the usual lag, where values are tracked (certain, or likely where some are never
sent anyway); with the third run of five that sends nothing on, or the third hour of empty runs
(likely); with the third hour of too little volume, a growing de-dupe pool, or no run of a flow that
is called from outside (possible). One flow is one incident, whatever shows the loss. A signal that
cannot be seen is said and never counts as well. What a run left behind is lost until a person
settles it, or until tracked data show that all it received was sent after all. A flow whose runs
fail is told as failing, and a missed schedule with the queue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from checks.loss.balance import judge_balance
from checks.loss.elsewhere import Elsewhere, look_elsewhere
from checks.loss.evidence import LossEvidence
from checks.loss.finding import Finding, State
from checks.loss.look import Look, look_at
from checks.loss.partial import judge_green, judge_partial
from checks.loss.policy import Policy
from checks.loss.pools import judge_pools
from checks.loss.tracked import judge_tracked
from checks.loss.volume import all_of as judge_volumes
from checks.loss.words import FACTS, deadlines, facts, in_order, measures, say_calm, say_loss
from checks.model import Level, Subject, Verdict
from checks.registry import Check
from checks.words import plain

__all__ = ["CHECK", "FACTS", "Policy", "judge"]

CHECK_NAME = "silent_loss"
CONDITION = "loss"
CANNOT_SEE = "How the runs of flows ended could not be read."


def judge(evidence: LossEvidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:
    """One verdict a flow, by its id. UNKNOWN neither opens nor closes: runs could not be read, none
    ended of late, a signal is undecided, or other trouble explains what was seen.
    """
    return tuple(_judge_all(evidence, policy, now))


def _judge_all(evidence: LossEvidence, policy: Policy, now: datetime) -> Iterator[Verdict]:
    elsewhere = look_elsewhere(evidence.told)
    blind = evidence.failures.blind
    for flow in sorted(evidence.failures.flows, key=lambda each: each.flow_id):
        look = look_at(flow, evidence)
        if blind:
            yield _unknown(look, evidence, plain(blind, at_most=300) or CANNOT_SEE)
        else:
            yield _judge_one(look, evidence, elsewhere, policy, now)


def _judge_one(
    look: Look, evidence: LossEvidence, elsewhere: Elsewhere, policy: Policy, now: datetime
) -> Verdict:
    findings = (
        judge_partial(look, policy, now),
        judge_green(look, policy, now),
        judge_balance(look, policy),
        judge_tracked(look, policy, now),
        *judge_volumes(look, policy, now),
        judge_pools(look, policy),
    )
    troubles = in_order([each for each in findings if each.is_trouble])
    if troubles:
        return _trouble(look, evidence, findings, troubles, elsewhere, policy, now)
    if not look.flow.runs:
        return _unknown(look, evidence, f"No run of {look.name} has ended of late.", findings)
    doubtful = any(each.state is State.UNDECIDED for each in findings)
    return _verdict(
        look,
        evidence,
        findings,
        level=Level.UNKNOWN if doubtful else Level.OK,
        signal="undecided" if doubtful else "clear",
        sentence=say_calm(look, findings, evidence.zone),
    )


def _trouble(
    look: Look,
    evidence: LossEvidence,
    findings: Sequence[Finding],
    troubles: Sequence[Finding],
    elsewhere: Elsewhere,
    policy: Policy,
    now: datetime,
) -> Verdict:
    """Other trouble explains it, unless payloads are about to be deleted: then it must be heard."""
    breach = any(each.level is Level.BREACH for each in troubles)
    critical = _is_near(troubles, policy, now)
    explained = "" if critical else elsewhere.explains(look, troubles)
    level = Level.BREACH if breach else Level.EARLY
    sentence = say_loss(troubles, now, evidence.zone)
    if explained:
        level, sentence = Level.UNKNOWN, f"What {look.name} lacks is explained by {explained}."
    return _verdict(
        look,
        evidence,
        findings,
        level=level,
        signal=str(troubles[0].signal),
        sentence=sentence,
        troubles=troubles,
        critical=critical,
        explained_by=explained,
    )


def _is_near(troubles: Sequence[Finding], policy: Policy, now: datetime) -> bool:
    """Whether payloads of what is lost are being deleted, or will be soon."""
    first, last = deadlines(troubles)
    return first is not None and last is not None and first - policy.deadline_near <= now < last


def _unknown(
    look: Look, evidence: LossEvidence, sentence: str, findings: Sequence[Finding] = ()
) -> Verdict:
    return _verdict(
        look, evidence, findings, level=Level.UNKNOWN, signal="unseen", sentence=sentence
    )


def _verdict(
    look: Look,
    evidence: LossEvidence,
    findings: Sequence[Finding],
    *,
    level: Level,
    signal: str,
    sentence: str,
    troubles: Sequence[Finding] = (),
    critical: bool = False,
    explained_by: str = "",
) -> Verdict:
    return Verdict(
        check=CHECK_NAME,
        condition=CONDITION,
        subject=Subject(kind="flow", id=look.flow.flow_id, name=look.name),
        level=level,
        signal=signal,
        sentence=sentence,
        measures=measures(findings),
        critical=critical,
        explained_by=explained_by,
        facts=facts(look, signal, findings, troubles, evidence.failures.instances),
    )


CHECK = Check(
    name=CHECK_NAME,
    title="Silent Data Loss",
    judge=judge,
    policy=Policy,
    runbook="silent-loss",
    needs="losses",
)
