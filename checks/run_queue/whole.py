"""The verdict about the queue as a whole: the strongest signal, or that all is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from checks.durations import say_duration
from checks.model import Level, Subject, Verdict
from checks.run_queue.backlog import find_plateau, find_saturation, say_ahead
from checks.run_queue.evidence import Evidence, age, oldest
from checks.run_queue.facts import Finding, facts, queue_facts, queue_measures
from checks.run_queue.policy import Policy
from checks.run_queue.stall import find_stall
from checks.runs import Queue
from checks.words import say_count, say_waiting
from forecasting.backlog import BacklogSample, Outlook, outlook

CHECK_NAME = "stalled_queue"
QUEUE = Subject(kind="queue", id="main", name="the run queue")


def judge_queue(queue: Queue, evidence: Evidence, policy: Policy, now: datetime) -> Verdict:
    """One verdict under one key; its signal may change while the condition stands."""
    ahead = _look_ahead(evidence)
    finding = (
        _unreadable(queue)
        or find_stall(queue, evidence, policy)
        or find_saturation(queue, evidence, policy, ahead)
        or find_plateau(queue, evidence, policy)
        or _clear(queue, evidence, ahead)
    )
    if finding.signal == "stall":
        ahead = replace(ahead, drains_at=None, worked_off_at=None)  # nothing starts
    expected = ahead.fills_at or ahead.drains_at
    return Verdict(
        check=CHECK_NAME,
        condition="queue",
        subject=QUEUE,
        level=finding.level,
        signal=finding.signal,
        sentence=finding.sentence,
        measures=queue_measures(queue, evidence),
        expected_at=max(now, expected) if expected else None,
        critical=any(job.flow_id in evidence.time_sensitive for job in queue.waiting),
        facts=queue_facts(queue, evidence, finding, ahead),
    )


def blind_queue(sentence: str) -> Verdict:
    """The verdict of a round in which the queue could not be read."""
    return Verdict(
        check=CHECK_NAME,
        condition="queue",
        subject=QUEUE,
        level=Level.UNKNOWN,
        signal="blind",
        sentence=sentence,
        facts=facts(signal="blind"),
    )


def _look_ahead(evidence: Evidence) -> Outlook:
    samples = (
        BacklogSample(at=sample.at, waiting=sample.waiting, started=sample.started)
        for sample in evidence.history
    )
    return outlook(samples, cap=evidence.queue_cap)


def _unreadable(queue: Queue) -> Finding | None:
    """A total without a single row says that runs wait, and nothing about since when."""
    if queue.waiting or not queue.waiting_total:
        return None
    return Finding(
        signal="blind",
        level=Level.UNKNOWN,
        sentence=f"{say_waiting(queue.waiting_total)}, but none of them could be read.",
    )


def _clear(queue: Queue, evidence: Evidence, ahead: Outlook) -> Finding:
    taken = len(queue.running)
    of = f"{taken} of {say_count(evidence.allowance, 'slot')}" if evidence.allowance else ""
    slots = f"{of or say_count(taken, 'slot')} {'is' if taken == 1 else 'are'} taken"
    waiting = "Nothing waits"
    if queue.waiting:
        waited = say_duration(age(oldest(queue.waiting), queue.at))
        waiting = f"{say_waiting(queue.waiting_total)}, the oldest for {waited}"
    drains = say_ahead(ahead, queue.at, None) if ahead.drains_at else ""
    return Finding(signal="clear", level=Level.OK, sentence=f"{waiting}; {slots}{drains}.")
