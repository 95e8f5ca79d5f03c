"""Broken promise: a flow fails more often, or takes longer, than was promised for it.

What goes wrong: runs fail now and then, or wait and take longer than somebody counts on. Each by
itself is no trouble; together they are more than what was promised for the flow.

Who suffers: whoever was promised it: a store that waits for stock, a customer for a confirmation.

How early we can know: when three quarters of what a promise allows are spent, while it goes on.
What a failing or odd flow, a stalled queue, a rejected credential or a used-up allowance explains
is told there and not here. Nothing is judged of a flow for which nothing was promised.
"""

from __future__ import annotations

from datetime import datetime

from checks.model import Level, Subject, Verdict
from checks.promises.budget import Standing, judge_success, judge_time
from checks.promises.model import Kept, PromiseEvidence
from checks.promises.policy import Policy
from checks.promises.words import FACTS, Look, facts, measures, say_calm, say_trouble, say_unjudged
from checks.registry import Check
from checks.words import plain

__all__ = ["CHECK", "FACTS", "Policy", "judge"]

CHECK_NAME = "broken_promise"
CONDITION = "promise"
GRAVEST = tuple(Standing)
LEVELS = {
    Standing.BROKEN: Level.BREACH,
    Standing.NEARLY: Level.EARLY,
    Standing.TOO_FEW: Level.UNKNOWN,
    Standing.SILENT: Level.UNKNOWN,
}


def judge(evidence: PromiseEvidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:  # noqa: ARG001 (the evidence is of this moment)
    """One verdict a flow that promises something, by its id. UNKNOWN neither opens nor closes: runs
    could not be read, too few have ended, or other trouble explains it."""
    flows = sorted(evidence.flows, key=lambda kept: kept.flow_id)
    return tuple(_judge_one(each, evidence.blind, policy) for each in flows)


def _judge_one(kept: Kept, blind: str, policy: Policy) -> Verdict:
    look = Look(kept=kept, success=judge_success(kept, policy), time=judge_time(kept, policy))
    if blind:
        return _verdict(look, Level.UNKNOWN, "unseen", plain(blind, at_most=300))
    if kept.known < policy.known:
        said = f"Too little is known of the runs of {look.name} to judge its promise yet."
        return _verdict(look, Level.UNKNOWN, "unseen", said)
    standing = max(look.success.standing, look.time.standing, key=GRAVEST.index)
    level = LEVELS.get(standing, Level.OK)
    if level is Level.UNKNOWN:
        return _verdict(look, level, "unseen", say_unjudged(look, standing, policy.enough))
    if not level.is_trouble:
        return _verdict(look, level, "clear", say_calm(look, standing))
    if kept.told:
        said = f"That {look.name} does not keep its promise is explained by {kept.told}."
        return _verdict(look, Level.UNKNOWN, _signal(look, standing), said, kept.told)
    return _verdict(look, level, _signal(look, standing), say_trouble(look))


def _signal(look: Look, standing: Standing) -> str:
    return "failing" if look.success.standing is standing else "slow"


def _verdict(look: Look, level: Level, signal: str, said: str, explained_by: str = "") -> Verdict:
    return Verdict(
        check=CHECK_NAME,
        condition=CONDITION,
        subject=Subject(kind="flow", id=look.kept.flow_id, name=look.name),
        level=level,
        signal=signal,
        sentence=said,
        measures=measures(look),
        explained_by=explained_by,
        facts=facts(look, signal),
    )


CHECK = Check(
    name=CHECK_NAME,
    title="Broken promise",
    judge=judge,
    policy=Policy,
    runbook="broken-promise",
    needs="promises",
)
