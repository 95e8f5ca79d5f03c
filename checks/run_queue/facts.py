"""The numbers behind a verdict about the run queue: facts for the runbook, measures for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from checks.durations import say_duration
from checks.model import Fact, Level, Measure
from checks.run_queue.evidence import Evidence, age, idle_for, oldest
from checks.run_queue.slots import Suspect, list_slot_holders
from checks.runs import Queue
from checks.words import flow_name, say_number
from forecasting.backlog import Outlook

FACTS = (
    "signal",
    "waiting",
    "oldest_age",
    "oldest_flow",
    "idle_for",
    "running",
    "allowance",
    "slot_holders",
    "queue_cap",
    "usual_waiting",
    "drains_at",
    "fills_at",
    "blocking_flow",
    "blocking_flow_id",
    "blocking_run_id",
    "blocking_elapsed",
    "blocking_usual",
    "flow",
    "flow_id",
    "limit",
    "usual_wait",
    "priority",
    "schedule",
    "due_at",
    "last_start_at",
    "state",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one signal says about the queue as a whole. `suspect` is the run in the way, if any."""

    signal: str
    level: Level
    sentence: str
    suspect: Suspect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFinding:
    """What one condition says about one flow. `explained_by` names the queue's signals that, while
    they stand, are the cause."""

    level: Level
    sentence: str
    measures: tuple[Measure, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    explained_by: frozenset[str] = frozenset()


def facts(**known: Fact) -> dict[str, Fact]:
    """Every key of FACTS, so that a runbook may name any; None for what does not apply."""
    return dict.fromkeys(FACTS) | known


def queue_facts(
    queue: Queue, evidence: Evidence, finding: Finding, ahead: Outlook
) -> dict[str, Fact]:
    """Durations as people read them, times as ISO 8601 in UTC."""
    first = oldest(queue.waiting)
    return facts(
        signal=finding.signal,
        waiting=queue.waiting_total,
        oldest_age=say_duration(age(first, queue.at)) if first else None,
        oldest_flow=flow_name(first.flow_id, first.flow_name) if first else None,
        idle_for=say_duration(idle_for(queue, evidence)),
        running=len(queue.running),
        allowance=evidence.allowance,
        slot_holders=list_slot_holders(queue) or None,
        queue_cap=evidence.queue_cap,
        usual_waiting=say_usual(evidence),
        drains_at=iso(ahead.drains_at),
        fills_at=iso(ahead.fills_at),
        **suspect_facts(finding.suspect),
    )


def suspect_facts(suspect: Suspect | None) -> dict[str, Fact]:
    if suspect is None:
        return {}
    return {
        "blocking_flow": suspect.flow_name,
        "blocking_flow_id": suspect.run.flow_id,
        "blocking_run_id": suspect.run.id,
        "blocking_elapsed": say_duration(suspect.elapsed),
        "blocking_usual": say_duration(suspect.usual.p50) if suspect.usual else None,
    }


def without_suspect(known: Mapping[str, Fact]) -> dict[str, Fact]:
    """The queue's facts for a verdict about one flow, where its suspect would mislead."""
    return {key: None if key.startswith("blocking_") else value for key, value in known.items()}


def queue_measures(queue: Queue, evidence: Evidence) -> tuple[Measure, ...]:
    """How many wait, how old the oldest is, how many slots are taken; each beside what is usual."""
    first = oldest(queue.waiting)
    wait = evidence.waits.get(first.flow_id) if first else None
    allowed = "an unknown number" if evidence.allowance is None else str(evidence.allowance)
    usual = say_usual(evidence) or "not known yet"
    return (
        Measure(label="Waiting", measured=str(queue.waiting_total), usual=usual),
        Measure(
            label="Oldest",
            measured=say_duration(age(first, queue.at)) if first else "none",
            usual=f"within {say_duration(wait.p95)}" if wait else None,
        ),
        Measure(label="Running", measured=f"{len(queue.running)} of {allowed}"),
    )


def say_usual(evidence: Evidence) -> str | None:
    """How many usually wait: "2, up to 6 on Mondays at this hour"; None when not known yet."""
    usual = evidence.usual_waiting
    if usual is None:
        return None
    return f"{say_number(usual.middle)}, up to {say_number(usual.high)} on {usual.basis}"


def iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
