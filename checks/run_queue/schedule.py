"""Condition "missed_schedule": a flow that was due by its schedule and did not start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from checks.durations import say_duration
from checks.model import Level
from checks.run_queue.backlog import full_since
from checks.run_queue.evidence import Evidence
from checks.run_queue.facts import FlowFinding, iso
from checks.run_queue.policy import Policy
from checks.run_queue.sight import InSight
from checks.runs import Flow, Queue
from checks.words import plain

SECOND = timedelta(seconds=1)


def judge_schedule(one: InSight, queue: Queue, evidence: Evidence, policy: Policy) -> FlowFinding:
    """Whether the flow started since it was last due, `missed_margin` granted."""
    name, flow = one.subject.name, one.flow
    if flow is None:
        return _unknown(f"The schedule of {name} is not known: the list of flows does not tell it.")
    if fault := next(filter(None, (_fault(line) for line in flow.schedules)), ""):
        return _unknown(f"A schedule of {name} cannot be read: {fault}; correct it in Patchworks.")
    if not flow.schedules:
        return _ok(f"{name} has no schedule.")
    until = queue.at - policy.missed_margin
    if one.waiting or one.held or _has_started(one, until):
        return _ok(f"{name} keeps its schedule.")
    dues = latest_dues(flow.schedules, until, ZoneInfo(policy.schedule_zone))
    if not dues or _has_started(one, dues[0]):
        return _ok(f"{name} keeps its schedule.")
    if excuse := _excuse(one, flow, queue.at, evidence, policy):
        return _ok(excuse)
    if doubt := _doubt(one, flow, dues, queue, evidence, policy):
        return _unknown(doubt)
    return _missed(one, flow, queue.at, evidence, policy)


def _excuse(one: InSight, flow: Flow, at: datetime, evidence: Evidence, policy: Policy) -> str:
    """Why a flow that is held need not run; empty when it should, or was held only lately."""
    held, name = held_words(flow), one.subject.name
    if not held:
        return ""
    if not _has_started(one, evidence.watched_since):
        return f"{name} is {held} and has not run while we watched."
    if at - missed_since(one, flow, evidence, policy) > policy.missed_memory:
        return f"{name} has been {held} for more than {say_duration(policy.missed_memory)}."
    return ""


def _doubt(
    one: InSight,
    flow: Flow,
    dues: Sequence[datetime],
    queue: Queue,
    evidence: Evidence,
    policy: Policy,
) -> str:
    """Why we cannot tell; empty when we can. Nobody is accused for a time before we watched a whole
    interval, nor for a time before the flow was last changed."""
    name, due = one.subject.name, dues[0]
    interval = due - dues[-1]
    begun = max(due, evidence.watched_since + interval) + policy.missed_margin
    if due < evidence.watched_since or queue.at < begun or not interval:
        return f"{name} has not been watched long enough to judge its schedule."
    held = held_words(flow)
    if not held and flow.changed_at and due < flow.changed_at:
        return f"{name} has not been due since it was changed."
    if not _has_started(one, evidence.watched_since) and None in (flow.enabled, flow.deployed):
        return f"Whether {name} is enabled and deployed is not known."
    if len(queue.waiting) < queue.waiting_total:
        return f"Not all waiting runs could be read, so one of {name} may be waiting."
    full = evidence.queue_cap is not None and queue.waiting_total >= evidence.queue_cap
    if full or full_since(evidence, policy):
        return f"The queue is full, so a run of {name} may be held back outside, unseen."
    return ""


def _missed(
    one: InSight, flow: Flow, at: datetime, evidence: Evidence, policy: Policy
) -> FlowFinding:
    since, last, held = missed_since(one, flow, evidence, policy), one.last_start, held_words(flow)
    because = f" because it is {held}" if held else ""
    watched = say_duration(at - evidence.watched_since)
    seen = f"no start was seen in {watched} of watching"
    if last:
        seen = f"it last started {say_duration(at - last)} ago"
    return FlowFinding(
        level=Level.BREACH,
        sentence=f"{one.subject.name} has missed its schedule for {say_duration(at - since)}"
        f"{because}: {seen}, and no run of it waits.",
        facts={
            "schedule": "; ".join(plain(line) for line in flow.schedules),
            "due_at": iso(since),
            "last_start_at": iso(last),
            "state": held or "enabled and deployed",
        },
    )


def missed_since(one: InSight, flow: Flow, evidence: Evidence, policy: Policy) -> datetime:
    """The first time due after the latest start, or after watching began; UTC."""
    after = max(one.last_start or evidence.watched_since, evidence.watched_since)
    zone = ZoneInfo(policy.schedule_zone)
    nexts = (next(CronSim(line, after.astimezone(zone)), None) for line in flow.schedules)
    return min((due.astimezone(UTC) for due in nexts if due), default=after)


def latest_dues(lines: Iterable[str], until: datetime, zone: ZoneInfo) -> list[datetime]:
    """The latest time due at or before `until`, and the one before it; UTC, newest first.

    Clock changes as Debian's cron treats them: a fixed time that is skipped is due at the change,
    one that is repeated is due once.
    """
    found: set[datetime] = set()
    for line in lines:
        back = CronSim(line, (until + SECOND).astimezone(zone), reverse=True)
        found |= {due.astimezone(UTC) for due in islice(back, 2)}
    return sorted(found, reverse=True)[:2]


def held_words(flow: Flow) -> str:
    """Why a flow does not start by itself; empty when nothing is known to hold it.

    It must be both deployed and enabled:
    https://doc.wearepatchworks.com/product-documentation/process-flows/managing-process-flows/flow-deployment/deploying-a-process-flow-without-virtual-environments
    """
    held = (("disabled", flow.enabled is False), ("not deployed", flow.deployed is False))
    return " and ".join(words for words, holds in held if holds)


def _has_started(one: InSight, since: datetime) -> bool:
    return one.last_start is not None and one.last_start >= since


@lru_cache(maxsize=4096)
def _fault(line: str) -> str:
    """What is wrong with a cron line, naming it; empty when it can be read."""
    try:
        CronSim(line, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        return f'"{plain(line)}" ({str(error).lower()})'
    return ""


def _ok(sentence: str) -> FlowFinding:
    return FlowFinding(level=Level.OK, sentence=sentence)


def _unknown(sentence: str) -> FlowFinding:
    return FlowFinding(level=Level.UNKNOWN, sentence=sentence)
