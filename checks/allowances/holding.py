"""Signal "held": runs get longer while all is green, since the platform holds requests back."""

from __future__ import annotations

from datetime import datetime

from checks.allowances.findings import Finding
from checks.allowances.look import Look, is_slow
from checks.allowances.policy import Policy
from checks.allowances.words import say_heaviest, system_name
from checks.model import Level
from checks.runs import RunStatus
from checks.words import say_number


def judge_held(look: Look, policy: Policy, now: datetime) -> Finding | None:
    """Early when operations take far longer than usual and no run fails; a refusal leads before it.

    What exceeds an instance's rate limit is queued and sent once the limit frees, and a connection
    pool caps how many requests go out at once, so the first sign of either is longer runs:
    https://doc.wearepatchworks.com/product-documentation/connectors-and-instances/working-with-instances/adding-an-instance
    """
    limit, pace = look.allowance, look.allowance.pace
    if pace is None or not is_slow(pace, policy.slower) or look.blind or limit.blind:
        return None
    if look.slow_everywhere or look.elsewhere or not _is_green(look, policy, now):
        return None
    usual = say_number(pace.usual.p50.total_seconds())
    return Finding(
        signal="held",
        level=Level.EARLY,
        sentence=f"One operation with {system_name(limit)} takes {say_number(pace.lately)} s, "
        f"usually {usual} s, and no run fails: requests are probably being held back by the "
        f"instance's limit or the pool{say_heaviest(limit)}.",
    )


def _is_green(look: Look, policy: Policy, now: datetime) -> bool:
    """Whether it is known that none of its flows failed of late; what fails is slow by itself."""
    return bool(look.flows) and not any(
        run.status is RunStatus.FAILURE and (run.finished_at or now) >= now - policy.within
        for flow in look.flows
        for run in flow.runs
    )
