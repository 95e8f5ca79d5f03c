"""Endpoint API Rate Limiting: a connected system's allowance runs out, usually at the peak.

What goes wrong: every system allows so many calls, points or calls at a time. Patchworks first
holds back what exceeds an instance's own limit, so runs get longer while everything stays green;
where the system allows less than that, or others spend the same quota, it refuses, and runs fail.

Who suffers: every flow of that system at once, the important with the trivial, and whoever else
shares its quota. What was refused is not sent until somebody runs it again.

How early we can know: up to three days before from a forecast of what will be asked for; from the
headroom before anything is refused, where it can be read or derived; from runs that take longer; at
the latest from the first refusal in a run's log.
"""

from __future__ import annotations

import re
from datetime import datetime

from checks.allowances.facts import FACTS, facts, measures
from checks.allowances.findings import Finding, gravest
from checks.allowances.look import Look, looks
from checks.allowances.policy import Policy
from checks.allowances.predicting import predicted
from checks.allowances.signals import clear, observed
from checks.allowances.words import system_name
from checks.limits import Allowance, LimitEvidence
from checks.model import Level, Subject, Verdict
from checks.registry import Check

__all__ = ["CHECK", "FACTS", "Policy", "judge", "subject_and_condition"]

CHECK_NAME = "rate_limit"


def judge(evidence: LimitEvidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:
    """One verdict an allowance, by its id, with the gravest of what is found about it.

    A limit that nobody publishes is judged by refusals and pace alone; one whose use is not known
    is UNKNOWN, and what it refuses is told by the condition "refusals" of the instance.
    """
    return tuple(_judge(look, policy, now) for look in looks(evidence, policy, now))


def _judge(look: Look, policy: Policy, now: datetime) -> Verdict:
    seen, foreseen = observed(look, policy, now), predicted(look, policy, now)
    return _verdict(look, gravest((*seen, *foreseen, clear(look, policy))), policy, now)


def _verdict(look: Look, finding: Finding, policy: Policy, now: datetime) -> Verdict:
    limit = look.allowance
    subject, condition = subject_and_condition(limit)
    return Verdict(
        check=CHECK_NAME,
        condition=condition,
        subject=subject,
        level=finding.level,
        signal=finding.signal,
        sentence=finding.sentence,
        measures=measures(look, now, finding),
        expected_at=finding.expected_at,
        critical=finding.level is Level.BREACH and limit.time_sensitive,
        foreseen=finding.foreseen,
        facts=facts(look, finding.signal, policy, now),
    )


def subject_and_condition(limit: Allowance) -> tuple[Subject, str]:
    """ "system/shop/query points" -> the system shop, and the condition "query-points".

    Nothing that changes from round to round is in either: one limit is one incident, from the
    first warning to the breach.
    """
    kind, _, rest = limit.id.partition("/")
    known_as, _, name = rest.partition("/")
    condition = re.sub(r"[\W_]+", "-", name.lower()).strip("-") or "limit"
    return Subject(kind=kind, id=known_as, name=system_name(limit)), condition


CHECK = Check(
    name=CHECK_NAME,
    title="Endpoint API Rate Limiting",
    judge=judge,
    policy=Policy,
    runbook="rate-limit",
    needs="limits",
)
