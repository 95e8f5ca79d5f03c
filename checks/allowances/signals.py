"""Everything that is observed of an allowance, the gravest signal first."""

from __future__ import annotations

from datetime import datetime

from checks.allowances.filling import judge_nearly, judge_used_up
from checks.allowances.findings import Finding
from checks.allowances.holding import judge_held
from checks.allowances.look import Look, fullest, is_momentary, share_now
from checks.allowances.policy import Policy
from checks.allowances.refusing import judge_own_calls, judge_refused
from checks.allowances.unseen import unseen
from checks.allowances.words import say_share, say_size, say_used, system_name
from checks.declare import Shape
from checks.durations import say_duration
from checks.limits import Allowance
from checks.model import Level


def observed(look: Look, policy: Policy, now: datetime) -> tuple[Finding, ...]:
    """What each signal finds, then what is not known; empty when all is well."""
    limit = look.allowance
    found = (
        judge_own_calls(look),
        judge_refused(look, policy, now),
        judge_used_up(limit, policy, now),
        judge_nearly(limit, policy, now),
        judge_held(look, policy, now),
        _judge_sight(look, policy, now),
    )
    return tuple(filter(None, found))


def _judge_sight(look: Look, policy: Policy, now: datetime) -> Finding | None:
    why = unseen(look, policy, now)
    return Finding(signal="unknown", level=Level.UNKNOWN, sentence=why) if why else None


def clear(look: Look, policy: Policy) -> Finding:
    """That all is well, to be said when nothing else is, or to follow what is foreseen."""
    nothing = f"nothing was refused in the last {say_duration(policy.within)}"
    if look.elsewhere:
        nothing = "what was refused is told under another of its limits"
    said = _headroom(look.allowance, policy)
    sentence = f"{said}; {nothing}." if look.sees_refusals else f"{said}."
    return Finding(signal="clear", level=Level.OK, sentence=sentence, also=sentence)


def _headroom(limit: Allowance, policy: Policy) -> str:
    name, used, most = system_name(limit), say_used(limit), fullest(limit, policy.bursts)
    if not limit.size:
        return f"{name} has no published limit"
    if most is not None and most != share_now(limit):
        return f"{name} used up to {say_share(most)} of its {say_size(limit)} in the last hour"
    if limit.shape is Shape.CONCURRENCY and limit.derived and used:
        return f"{name} has at most {used} in use"
    refills = " at this moment" if is_momentary(limit, policy.bursts) else ""
    return f"{name} has used {used}{refills}" if used else f"{name} allows {say_size(limit)}"
