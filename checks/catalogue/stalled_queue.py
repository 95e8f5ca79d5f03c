"""Stalled Queue Syndrome: runs pile up behind one failing or hanging run, or a full allowance.

What goes wrong: Patchworks queues the runs of all flows and picks some every five seconds while
slots of the allowance are free. When nothing is picked although slots are free (stall), when all
slots are taken and the queue grows (saturation), when one flow's runs wait far longer than usual
(ageing), when one run holds its slot far longer than usual (slot hog), when a scheduled flow does
not start (missed schedule), or when the queue stands at its cap (plateau), data stops moving.

Who suffers: every flow behind it; orders, stock and shipments get old while nothing reports an
error. Payloads are kept for 72 hours, so what is not replayed by then is lost.

How early we can know: a stall within a minute, saturation while the queue still grows, the rest
when a run or a schedule leaves what is usual for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.model import Level, Subject, Verdict
from checks.registry import Check
from checks.run_queue.evidence import Evidence, QueueSample, sample_of
from checks.run_queue.facts import FlowFinding, facts, without_suspect
from checks.run_queue.flows import judge_ageing, judge_slot_hog
from checks.run_queue.policy import Policy
from checks.run_queue.schedule import judge_schedule
from checks.run_queue.sight import flows_in_sight, subjects
from checks.run_queue.whole import CHECK_NAME, blind_queue, judge_queue
from checks.runs import Queue
from checks.words import plain

__all__ = ["CHECK", "Evidence", "Policy", "QueueSample", "judge", "sample_of"]

CONDITIONS = ("ageing", "missed_schedule", "slot_hog")
EXPLAINED = {"stall": "the stalled queue", "saturation": "the lack of free slots"}
SYMPTOM = {"ageing": "long wait", "slot_hog": "long run"}
CANNOT_SEE = "The run queue could not be read."


def judge(evidence: Evidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:
    """One verdict about the queue, and three about every flow in sight, in a fixed order.

    Flows in sight are the inventory's and those that wait or run. A flow that is in neither has
    vanished: it gets no verdict any more, so nothing is claimed about it. Ages are as of the
    moment the queue was read; `now` only keeps expected times out of the past.
    """
    if evidence.queue is None:
        return tuple(_blind(evidence))
    whole = judge_queue(evidence.queue, evidence, policy, now)
    return (whole, *_judge_flows(evidence.queue, evidence, policy, whole))


def _blind(evidence: Evidence) -> Iterator[Verdict]:
    sentence = plain(evidence.blind, at_most=300) or CANNOT_SEE
    yield blind_queue(sentence)
    for subject in subjects(evidence).values():
        for condition in CONDITIONS:
            finding = FlowFinding(level=Level.UNKNOWN, sentence=sentence)
            yield _verdict(condition, subject, finding, evidence, None)


def _judge_flows(
    queue: Queue, evidence: Evidence, policy: Policy, whole: Verdict
) -> Iterator[Verdict]:
    for one in flows_in_sight(queue, evidence):
        found = (
            judge_ageing(one, queue, evidence, policy),
            judge_schedule(one, queue, evidence, policy),
            judge_slot_hog(one, evidence, policy),
        )
        for condition, finding in zip(CONDITIONS, found, strict=True):
            yield _verdict(condition, one.subject, finding, evidence, whole)


def _verdict(
    condition: str,
    subject: Subject,
    finding: FlowFinding,
    evidence: Evidence,
    whole: Verdict | None,
) -> Verdict:
    """A symptom of what already stands about the queue neither opens nor closes anything."""
    level, sentence, cause = finding.level, finding.sentence, ""
    if level.is_trouble and whole and whole.signal in finding.explained_by:
        cause = EXPLAINED[whole.signal]
        level = Level.UNKNOWN
        sentence = f"The {SYMPTOM[condition]} of {subject.name} is explained by {cause}."
    around = without_suspect(whole.facts) if whole else facts()
    about = {"signal": condition, "flow": subject.name, "flow_id": subject.id}
    return Verdict(
        check=CHECK_NAME,
        condition=condition,
        subject=subject,
        level=level,
        signal=condition,
        sentence=sentence,
        measures=finding.measures,
        critical=subject.id in evidence.time_sensitive,
        explained_by=cause,
        facts=around | about | dict(finding.facts),
    )


CHECK = Check(
    name=CHECK_NAME,
    title="Stalled Queue Syndrome",
    judge=judge,
    policy=Policy,
    runbook="stalled-queue",
    needs="queue",
)
