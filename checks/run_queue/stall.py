"""Signal "stall": runs wait, slots are free, and nothing starts."""

from __future__ import annotations

from checks.durations import say_duration
from checks.model import Level
from checks.run_queue.evidence import Evidence, idle_for
from checks.run_queue.facts import Finding
from checks.run_queue.policy import Policy
from checks.run_queue.slots import Suspect, suspects
from checks.runs import Queue
from checks.words import say_count, say_waiting


def find_stall(queue: Queue, evidence: Evidence, policy: Policy) -> Finding | None:
    """None unless runs wait, slots may be free, and nothing was picked for `stall_after`.

    Without the allowance free slots are certain only when nothing runs: until the wait reaches
    `saturated_breach` it stays an early sign.
    """
    idle = idle_for(queue, evidence)
    running, allowance = len(queue.running), evidence.allowance
    if not queue.waiting or idle < policy.stall_after:
        return None
    if allowance is not None and running >= allowance:
        return None
    sure = allowance is not None or running == 0 or idle >= policy.saturated_breach
    found = suspects(queue, evidence.durations, queue.at - idle)
    return Finding(
        signal="stall",
        level=Level.BREACH if sure else Level.EARLY,
        sentence=f"Nothing has started for {say_duration(idle)} {_slots(running, allowance)}: "
        f"{say_waiting(queue.waiting_total)}{_behind(running, found)}.",
        suspect=found[0] if found else None,
    )


def _slots(running: int, allowance: int | None) -> str:
    if allowance is None and running == 0:
        return "although no slot is taken"
    if allowance is None:
        holding = "run holds a slot" if running == 1 else "runs hold slots"
        return f"while {running} {holding} of an allowance that is not known"
    free = allowance - running
    return f"although {free} of {allowance} slots {'is' if free == 1 else 'are'} free"


def _behind(running: int, found: tuple[Suspect, ...]) -> str:
    """Who is in the way, no surer than we are."""
    if not running:
        return ", and nothing is running at all"
    if not found:
        return ", and no run in progress is old enough to be in the way"
    first, elapsed = found[0], say_duration(found[0].elapsed)
    if first.usual is None:
        return f"; {first.words} has run longest, for {elapsed} (its usual time is not known yet)"
    usual = say_duration(first.usual.p50)
    if not first.is_beyond:
        rarely = f"rarely over {say_duration(first.usual.p99)}"
        return f"; {first.words} has run longest, for {elapsed} (usually {usual}, {rarely})"
    more = sum(suspect.is_beyond for suspect in found[1:])
    others = f"; {say_count(more, 'other run')} also beyond the usual time" if more else ""
    return f" behind {first.words}, running for {elapsed} (usually {usual}){others}"
