"""What is not known of an allowance: absent numbers are never zero, and never well."""

from __future__ import annotations

from datetime import datetime

from checks.allowances.look import (
    Look,
    fullest,
    has_started_anew,
    is_momentary,
    is_platforms,
    share_now,
)
from checks.allowances.policy import Policy
from checks.allowances.words import say_size, say_used, system_name
from checks.durations import say_duration
from checks.words import plain

WHY_FITS = 300


def unseen(look: Look, policy: Policy, now: datetime) -> str:
    """Why it cannot be called well, in one sentence; "" when all is seen that it is judged by."""
    limit = look.allowance
    name = system_name(limit)
    if limit.blind:
        return f"How much of its allowance {name} has used is not known: {_why(limit.blind)}."
    if look.blind and limit.instance_ids:
        return f"Whether {name} refused runs is not known: {_why(look.blind)}."
    if not limit.size:
        return "" if look.sees_refusals else _untold(name)
    why = _unknown_use(look, policy, now)
    return f"{why} What was refused is told apart." if why and look.elsewhere else why


def _why(blind: str) -> str:
    return plain(blind, WHY_FITS).rstrip(". ") or "the reason is not told"


def _untold(name: str) -> str:
    return (
        f"How much {name} allows is not known, nor would a refusal be seen: declare the limit, and "
        "which instances use it, in the settings."
    )


def _unknown_use(look: Look, policy: Policy, now: datetime) -> str:
    """For an allowance whose size is known."""
    limit, bursts = look.allowance, policy.bursts
    name, size = system_name(limit), say_size(limit)
    if not is_platforms(limit):
        ours = say_used(limit)
        said = f"{name} allows each credential {size}; how much of it the platform has used is not"
        return f"{said} known, only that ours has used {ours}." if ours else f"{said} known."
    share = share_now(limit)
    if has_started_anew(limit, bursts, now) and share is not None and share >= policy.high:
        ago = say_duration(now - limit.at)
        return f"{name} had used {say_used(limit)} {ago} ago; it has started anew since."
    momentary_look = share is not None and is_momentary(limit, bursts)
    if fullest(limit, bursts) is None and not momentary_look:
        return f"{name} allows {size}; how much of it is used is not known."
    return ""
