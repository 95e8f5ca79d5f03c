"""Conditions "ageing" and "slot_hog": a flow's run that waits, or runs, far too long."""

from __future__ import annotations

from datetime import timedelta

from checks.durations import say_duration
from checks.model import Level, Measure
from checks.run_queue.evidence import REGULAR, Evidence, age, oldest
from checks.run_queue.facts import FlowFinding, suspect_facts
from checks.run_queue.policy import Policy
from checks.run_queue.sight import InSight
from checks.run_queue.slots import Suspect
from checks.runs import Queue
from checks.words import plain, say_count

PRIORITY_WORDS = {1: "highest", 2: "high", 3: "regular", 4: "low", 5: "lowest"}
PATIENCE = {4: 2, 5: 4}  # a class is picked only after all higher ones, so these wait by design


def judge_ageing(one: InSight, queue: Queue, evidence: Evidence, policy: Policy) -> FlowFinding:
    """The flow's oldest waiting run: a breach past the flow's own maximum age, early past the limit
    of its priority."""
    rank = _priority(one)
    limit = wait_limit(one.subject.id, rank, evidence, policy)
    allowed = evidence.max_age.get(one.subject.id)
    waited = age(oldest(one.waiting), queue.at)
    if one.waiting and allowed is not None and waited >= allowed:
        too_long = f", longer than the {say_duration(allowed)} allowed for it"
        return _aged(one, Level.BREACH, waited, allowed, too_long, evidence)
    if waited > limit:
        return _aged(one, Level.EARLY, waited, limit, " while others start", evidence)
    if unseen_age(queue) > min(limit, allowed or limit):
        return FlowFinding(
            level=Level.UNKNOWN,
            sentence=f"Not all waiting runs could be read, so one of {one.subject.name} may be "
            "waiting too long.",
        )
    return FlowFinding(level=Level.OK, sentence=f"No run of {one.subject.name} waits too long.")


def _aged(
    one: InSight,
    level: Level,
    waited: timedelta,
    limit: timedelta,
    too_long: str,
    evidence: Evidence,
) -> FlowFinding:
    rank, usual = _priority(one), evidence.waits.get(one.subject.id)
    usual_wait = say_duration(usual.p50) if usual else None
    by_design = f"; its priority is {PRIORITY_WORDS[rank]}" if rank in PATIENCE else ""
    return FlowFinding(
        level=level,
        sentence=f"A run of {one.subject.name} has waited for {say_duration(waited)}"
        f"{_usually(usual_wait)}{too_long}{by_design}.",
        measures=(Measure(label="Waiting for", measured=say_duration(waited), usual=usual_wait),),
        facts={
            "oldest_age": say_duration(waited),
            "oldest_flow": one.subject.name,
            "limit": say_duration(limit),
            "usual_wait": usual_wait,
            "priority": PRIORITY_WORDS.get(rank, str(rank)),
        },
        explained_by=_causes(level, rank),
    )


def _causes(level: Level, priority: int) -> frozenset[str]:
    """A lack of slots explains a long wait, except of low priority (passed over by others), and
    except past the age that the owner set."""
    lack_of_slots = level is Level.EARLY and priority <= REGULAR
    return frozenset({"stall", "saturation"} if lack_of_slots else {"stall"})


def _priority(one: InSight) -> int:
    """The waiting run's own priority, else the flow's, else the platform's default."""
    first = oldest(one.waiting)
    own, flows = first.priority if first else None, one.flow.priority if one.flow else None
    return next((known for known in (own, flows) if known is not None), REGULAR)


def wait_limit(flow_id: str, priority: int, evidence: Evidence, policy: Policy) -> timedelta:
    """The floor of this priority, or what nearly all waits of the flow stay under if that is more;
    the flow's own history already contains its priority."""
    floor = policy.ageing_floor * PATIENCE.get(priority, 1)
    usual = evidence.waits.get(flow_id)
    return max(floor, usual.p99) if usual and usual.count >= policy.enough_runs else floor


def unseen_age(queue: Queue) -> timedelta:
    """How old a waiting run can be at most that was not read."""
    if len(queue.waiting) >= queue.waiting_total:
        return timedelta(0)
    if not queue.oldest_known:
        return timedelta.max
    return min((age(job, queue.at) for job in queue.waiting), default=timedelta.max)


def judge_slot_hog(one: InSight, evidence: Evidence, policy: Policy) -> FlowFinding:
    """The flow's longest run in progress; early past the limit, never a breach, since a long run
    may still end well."""
    name = one.subject.name
    hogs = [suspect for suspect in one.held if suspect.elapsed > hog_limit(suspect, policy)]
    if not hogs:
        return FlowFinding(level=Level.OK, sentence=f"No run of {name} runs too long.")
    worst = max(hogs, key=lambda suspect: (suspect.elapsed, suspect.run.id))
    slots = f"one of {evidence.allowance} slots" if evidence.allowance is not None else "a slot"
    more = f", as {say_count(len(hogs) - 1, 'other run')} of it" if len(hogs) > 1 else ""
    usual = say_duration(worst.usual.p50) if worst.usual else None
    return FlowFinding(
        level=Level.EARLY,
        sentence=f"Run {plain(worst.run.id)} of {name} has been running for "
        f"{say_duration(worst.elapsed)}{_usually(usual)} and holds {slots} while others "
        f"proceed{more}.",
        measures=(Measure(label="Running for", measured=say_duration(worst.elapsed), usual=usual),),
        facts={"limit": say_duration(hog_limit(worst, policy))} | suspect_facts(worst),
        explained_by=frozenset({"stall"}),
    )


def hog_limit(suspect: Suspect, policy: Policy) -> timedelta:
    """Beyond what nearly all runs of the flow take, and a floor: one attempt of a shape may take 30
    minutes, and four attempts are made.

    https://doc.wearepatchworks.com/product-documentation/process-flows/building-process-flows/understanding-how-data-flows-through-shapes
    """
    usual = suspect.usual
    if usual is None:
        return policy.hog_unknown
    known = usual.count >= policy.enough_runs
    return max(policy.hog_floor if known else policy.hog_unknown, usual.p99)


def _usually(usual: str | None) -> str:
    return f" (usually {usual})" if usual else " (what is usual is not known yet)"
