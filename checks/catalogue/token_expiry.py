"""Authentication Token Expiry: a credential lapses, and every flow of that system stops at once.

What goes wrong: a token, certificate, password or consent ends, or somebody revokes it. A system
then refuses the platform, and all flows that use that instance fail until a person re-authorises
it. Or our own access is refused, and nobody watches. Vendors also date the end of whole kinds of
credentials.

Who suffers: every flow of the instance, at once. What the failed runs carried is kept for 72 hours,
so what is not sent again by then is lost.

How early we can know: Patchworks tells no end, so only the register of read and declared dates
warns, days ahead. Without a date, with the second run that the system refuses.
"""

from __future__ import annotations

from datetime import datetime

from checks.credentials import CredentialEvidence, Held, Holder
from checks.expiry.acceptance import judge_acceptance
from checks.expiry.case import Case, cases
from checks.expiry.facts import FACTS, facts, measures
from checks.expiry.ladder import judge_end
from checks.expiry.policy import Policy
from checks.expiry.words import say_system
from checks.model import Level, Subject, Verdict
from checks.registry import Check

__all__ = ["CHECK", "FACTS", "RANK", "Policy", "judge", "subject_of"]

CHECK_NAME = "token_expiry"
RANK = {Level.OK: 0, Level.UNKNOWN: 1, Level.EARLY: 2, Level.BREACH: 3}


def judge(evidence: CredentialEvidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:
    """One verdict a credential and a vendor's event, by id.

    The gravest of its findings leads; of equals a rejection before a refusal before its end. OK
    only where nothing speaks against it and everything could be looked at. An instance that flows
    use and the register does not list is judged too, so that a dead credential is always told.
    """
    return tuple(_verdict(case, policy, now) for case in cases(evidence, now))


def _verdict(case: Case, policy: Policy, now: datetime) -> Verdict:
    found = (*judge_acceptance(case, policy, now), judge_end(case, policy, now))
    finding = max(found, key=lambda each: RANK[each.level])  # the first of equals
    return Verdict(
        check=CHECK_NAME,
        condition="event" if case.held.holder is Holder.NOBODY else "credential",
        subject=subject_of(case.held),
        level=finding.level,
        signal=finding.signal,
        sentence=finding.sentence,
        measures=measures(case, finding, now),
        expected_at=finding.expected_at,
        urgent_within=policy.urgent,
        critical=finding.critical,
        explained_by=finding.explained_by,
        facts=facts(case, finding, now),
    )


def subject_of(held: Held) -> Subject:
    """ "instance/702" is instance 702; what has no kind, such as "patchworks", is a system."""
    kind, slash, rest = held.id.partition("/")
    name = say_system(held)
    if not slash:
        return Subject(kind="system", id=held.id, name=name)
    return Subject(kind=kind, id=rest, name=name)


CHECK = Check(
    name=CHECK_NAME,
    title="Authentication Token Expiry",
    judge=judge,
    policy=Policy,
    runbook="token-expiry",
    needs="credentials",
)
