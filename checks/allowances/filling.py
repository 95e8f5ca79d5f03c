"""Signals "used_up" and "nearly": how full an allowance stands, and when it will be used up."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks.allowances.findings import Finding
from checks.allowances.look import BUCKETS, fullest, has_started_anew, is_lasting, share_now
from checks.allowances.outlook import say_under_way
from checks.allowances.policy import Policy
from checks.allowances.words import (
    say_heaviest,
    say_share,
    say_size,
    say_used,
    say_usually,
    system_name,
)
from checks.declare import Shape
from checks.durations import say_duration
from checks.limits import Allowance
from checks.model import Level


def judge_used_up(limit: Allowance, policy: Policy, now: datetime) -> Finding | None:
    """A breach when nothing is left of what does not refill at once."""
    share = current_share(limit, policy, now)
    if share is None or share < 1 or not is_lasting(limit, policy.bursts):
        return None
    said = f"{system_name(limit)} has used up its allowance: {say_used(limit)}"
    if limit.shape is Shape.CONCURRENCY:
        said = f"{system_name(limit)} has no free place: {say_used(limit)} are in use"
    return Finding(
        signal="used_up",
        level=Level.BREACH,
        sentence=f"{said}{say_usually(limit)}{say_heaviest(limit)}. Further calls wait or are "
        f"refused{_until(limit, now)}.{say_under_way(limit, policy.forecast_fresh, now)}",
    )


def _until(limit: Allowance, now: datetime) -> str:
    at = limit.resets_at
    return f"; it starts anew in {say_duration(at - now)}" if at is not None and at > now else ""


def judge_nearly(limit: Allowance, policy: Policy, now: datetime) -> Finding | None:
    """Early when little is left; with the moment it runs out where that can be told."""
    share = current_share(limit, policy, now)
    if share is None or share < policy.high:
        return None
    at = _full_at(limit, policy, now) if share >= policy.full else None
    soon = f" At the last hour's pace it is used up in {say_duration(at - now)}." if at else ""
    return Finding(
        signal="nearly",
        level=Level.EARLY,
        sentence=f"{_say_used(limit, share)}{say_usually(limit)}{say_heaviest(limit)}.{soon}",
        expected_at=at,
    )


def _say_used(limit: Allowance, share: float) -> str:
    now_share = share_now(limit)
    if now_share is not None and now_share >= share:
        return f"{system_name(limit)} has used {say_used(limit)}"
    most = f"{say_share(share)} of its {say_size(limit)}"
    return f"{system_name(limit)} has used up to {most} in the last hour"


def current_share(limit: Allowance, policy: Policy, now: datetime) -> float | None:
    """How full it is as a share of its size, as far as that is known now.

    Places in use that are derived are at most so many, since a run under way need not be calling:
    they are shown and never judged; requests that are held back show in the runs' pace.
    """
    if limit.shape is Shape.CONCURRENCY and limit.derived:
        return None
    if limit.blind or has_started_anew(limit, policy.bursts, now):
        return None
    return fullest(limit, policy.bursts)


def _full_at(limit: Allowance, policy: Policy, now: datetime) -> datetime | None:
    """When the rest is spent at the flows' pace of the last hour, if it does not start anew before.

    A bucket drains, a free place returns, and a short window is over at once, so none of these has
    such a moment.
    """
    fills = is_lasting(limit, policy.bursts) and limit.shape not in (*BUCKETS, Shape.CONCURRENCY)
    hours = _hours_left(limit)
    if not fills or hours is None or limit.resets_at is None:
        return None
    if hours >= (limit.resets_at - limit.at) / timedelta(hours=1):
        return None
    return max(now, limit.at + timedelta(hours=hours))


def _hours_left(limit: Allowance) -> float | None:
    an_hour = sum(spend.amount for spend in limit.spends)
    if limit.size is None or limit.used is None or an_hour <= 0:
        return None
    return max(0.0, limit.size - limit.used) / an_hour
