"""Signal "refused": runs that failed for want of allowance, and the bot's own refused calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from checks.allowances.findings import Finding
from checks.allowances.look import Look, has_started_anew, is_platforms, share_now
from checks.allowances.outlook import say_under_way
from checks.allowances.policy import Policy
from checks.allowances.words import say_heaviest, say_used, say_usually, system_name
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
        sentence=_say(look, failed or failures, policy, now)
        + _use(look, failed, policy, now)
        + say_under_way(look.allowance, policy.forecast_fresh, now),
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


def _use(look: Look, failed: Sequence[Failure], policy: Policy, now: datetime) -> str:
    """What is used of it, to follow, as far as that is known now, and by which flow most."""
    limit = look.allowance
    used = say_used(limit)
    stale = limit.blind or not is_platforms(limit) or has_started_anew(limit, policy.bursts, now)
    if stale or not used:
        return ""
    if not limit.derived:
        return f" It has used {used}{say_usually(limit)}{say_heaviest(limit)}."
    share = share_now(limit)
    has = "asked for" if share is not None and share > 1 else "used"
    said = f" The platform has {has} {used}{say_usually(limit)}"
    if not _are_counted(look, failed):
        return f"{said}. Calls of the runs that failed may be missing from that."
    others = share is not None and share < OTHERS_BELOW
    more = " That is not all of it, so somebody else probably spends it too." if others else ""
    return f"{said}{say_heaviest(limit)}.{more}"


def _are_counted(look: Look, failed: Sequence[Failure]) -> bool:
    """Whether Patchworks told what each of the runs that failed had sent: an operation that was
    refused is one as well, so a run that failed by a refusal and sent none was not counted, or
    failed where it reads, which cannot be told apart."""
    sent = {
        run.id for each in look.refusals for flow in each.flows for run in flow.runs if run.sent
    }
    return all(failure.run_id in sent for failure in failed)
