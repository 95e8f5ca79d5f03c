"""Signal "refused": runs that failed for want of allowance, and the bot's own refused calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from checks.allowances.findings import Finding
from checks.allowances.look import Look, has_started_anew, is_platforms, share_now
from checks.allowances.policy import Policy
from checks.allowances.words import say_used, say_usually, system_name
from checks.durations import say_duration
from checks.failures import Failure
from checks.model import Level
from checks.runs import RunStatus
from checks.words import flow_name, plain, say_count

OWN_BREACH = 3  # fewer may be chance; from here on our sight suffers
QUOTE_FITS = 160
OTHERS_BELOW = 0.5  # of an allowance that refuses all the same


def judge_own_calls(look: Look) -> Finding | None:
    """Patchworks answered the bot itself with 429: we, or another integration, use up its API."""
    count = look.own_refused
    if not count:
        return None
    return Finding(
        signal="refused",
        level=Level.BREACH if count >= OWN_BREACH else Level.EARLY,
        sentence=f"{system_name(look.allowance)} refused {say_count(count, 'call')} of our own in "
        "the last hour for want of allowance, so what we tell may be late.",
    )


def judge_refused(look: Look, policy: Policy, now: datetime) -> Finding | None:
    """A breach when a run failed by it, early when several only tell of it: one that was refused
    and then served has cost nothing.

    Refused runs are the only ground truth, so they count even when nothing else is known.
    """
    failures = [failure for each in look.refusals for failure in each.failures]
    if not failures:
        return None
    failed = [failure for failure in failures if failure.status is RunStatus.FAILURE]
    if not failed and len({failure.run_id for failure in failures}) < policy.warned:
        return None
    return Finding(
        signal="refused",
        level=Level.BREACH if failed else Level.EARLY,
        sentence=_say(look, failed or failures, policy, now) + _use(look, policy, now),
    )


def _say(look: Look, told: list[Failure], policy: Policy, now: datetime) -> str:
    first = min(told, key=lambda failure: (failure.at, failure.run_id))
    system, within = system_name(look.allowance), say_duration(policy.within)
    runs = f"{say_count(len({each.run_id for each in told}), 'run')} of {_say_flows(look, told)}"
    ago = f"the first {say_duration(now - first.at)} ago"
    if first.status is RunStatus.FAILURE:
        said = f"{runs} failed in the last {within} because {system} refused calls, {ago}"
    else:
        said = f"{system} refused calls of {runs} in the last {within}, {ago}; none failed by it"
    line = plain(first.line, QUOTE_FITS)
    return f'{said}; the log says "{line}".' if line else f"{said}."


def _say_flows(look: Look, failures: Iterable[Failure]) -> str:
    """The flow with most of them, and how many others: "Stock to Shopify and 2 other flows"."""
    names = {flow.flow_id: flow.flow_name for each in look.refusals for flow in each.flows}
    counted = Counter(failure.flow_id for failure in failures)
    first, *others = sorted(counted, key=lambda flow: (-counted[flow], flow))
    name = flow_name(first, names.get(first, ""))
    return f"{name} and {say_count(len(others), 'other flow')}" if others else name


def _use(look: Look, policy: Policy, now: datetime) -> str:
    """What is used of it, to follow, as far as that is known now."""
    limit = look.allowance
    used = say_used(limit)
    stale = limit.blind or not is_platforms(limit) or has_started_anew(limit, policy.bursts, now)
    if stale or not used:
        return ""
    share = share_now(limit)
    others = limit.derived and share is not None and share < OTHERS_BELOW
    more = " That is not all of it, so somebody else probably spends it too." if others else ""
    who = "The platform" if limit.derived else "It"
    return f" {who} has used {used}{say_usually(limit)}.{more}"
