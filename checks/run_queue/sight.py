"""The flows in sight of the run queue's check: each with what waits, what runs, when it started."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from checks.model import Subject
from checks.run_queue.evidence import Evidence
from checks.run_queue.slots import Suspect, suspects
from checks.runs import Flow, Queue, Run, Waiting
from checks.words import flow_name


@dataclass(frozen=True, slots=True, kw_only=True)
class InSight:
    """One flow. `flow` is None when the inventory does not tell it; `last_start` is UTC."""

    subject: Subject
    flow: Flow | None
    waiting: tuple[Waiting, ...] = ()
    held: tuple[Suspect, ...] = ()
    last_start: datetime | None = None


def flows_in_sight(queue: Queue, evidence: Evidence) -> tuple[InSight, ...]:
    """Every flow of the inventory, and every other one that waits or runs, by id."""
    inventory = {flow.id: flow for flow in evidence.flows or ()}
    waiting: dict[str, list[Waiting]] = defaultdict(list)
    for job in queue.waiting:
        waiting[job.flow_id].append(job)
    held: dict[str, list[Suspect]] = defaultdict(list)
    for suspect in suspects(queue, evidence.durations, queue.at):
        held[suspect.run.flow_id].append(suspect)
    last = last_starts(queue, evidence)
    return tuple(
        InSight(
            subject=subject,
            flow=inventory.get(key),
            waiting=tuple(waiting[key]),
            held=tuple(held[key]),
            last_start=last.get(key),
        )
        for key, subject in subjects(evidence).items()
    )


def subjects(evidence: Evidence) -> dict[str, Subject]:
    """The flows in sight by id, in order; the inventory's names first."""
    queue = evidence.queue
    rows: list[Waiting | Run] = [*queue.waiting, *queue.running] if queue else []
    names = {row.flow_id: row.flow_name for row in sorted(rows, key=lambda row: row.flow_name)}
    names |= {flow.id: flow.name for flow in evidence.flows or ()}
    return {
        key: Subject(kind="flow", id=key, name=flow_name(key, names[key])) for key in sorted(names)
    }


def last_starts(queue: Queue, evidence: Evidence) -> dict[str, datetime]:
    """The latest start by flow id, from history and from this round; manual starts included."""
    last = dict(evidence.last_runs)
    for run in (*queue.recent, *queue.running):
        last[run.flow_id] = max(run.started_at, last.get(run.flow_id, run.started_at))
    return last
