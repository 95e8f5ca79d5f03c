"""Whether a credential is accepted: rejected in the runs of flows, or refused to ourselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.credentials import Holder
from checks.expiry.case import Case, Finding
from checks.expiry.policy import Policy
from checks.expiry.words import (
    QUOTE_FITS,
    WHY_FITS,
    say_ago,
    say_day,
    say_flows,
    say_ours,
    say_span,
    say_system,
)
from checks.model import Level
from checks.rejections import Rejection
from checks.words import plain, say_count


def judge_acceptance(case: Case, policy: Policy, now: datetime) -> Iterator[Finding]:
    """What speaks against the credential, the surest first; nothing when nothing does."""
    if case.rejection and case.speaks:
        yield _rejected(case, case.rejection, now)
    elif case.rejection:
        yield _told_by_another(case)
    if case.held.refused_since and case.held.holder is not Holder.NOBODY:
        yield _refused(case, case.held.refused_since, policy, now)
    if case.blind:
        yield _unseen(case, plain(case.blind, WHY_FITS).rstrip(". "))
    elif case.held.holder is Holder.OURS and case.accepted_at is None:
        yield _unseen(case, "it could not be tried just now")


def _unseen(case: Case, why: str) -> Finding:
    said = f"Whether {say_system(case.held)} accepts {say_ours(case.held)} is not known: {why}."
    return Finding(level=Level.UNKNOWN, signal="unseen", sentence=said)


def _rejected(case: Case, rejection: Rejection, now: datetime) -> Finding:
    if rejection.certain:
        return Finding(
            level=Level.BREACH,
            signal="rejected",
            sentence=_say_rejected(case, rejection, now),
            critical=True,
        )
    return Finding(
        level=Level.UNKNOWN,
        signal="undecided",
        sentence=f"Perhaps {say_system(case.held)} no longer accepts {say_ours(case.held)}: "
        f"{say_flows(rejection.victims)} failed by it {say_ago(now - rejection.since)}, and no run "
        "since has shown whether it is so.",
    )


def _say_rejected(case: Case, rejection: Rejection, now: datetime) -> str:
    held, stopped = case.held, len(rejection.victims)
    said = (
        f"{say_system(held)} does not accept {say_ours(held)}, for "
        f"{say_span(now - rejection.since)} now: "
        f"{say_count(stopped, 'flow')} {'has' if stopped == 1 else 'have'} stopped"
    )
    if rejection.at_risk:
        more = len(rejection.at_risk)
        said += f" and {more} more {'uses' if more == 1 else 'use'} it"
    if line := plain(rejection.line, QUOTE_FITS):
        said += f'; the log says "{line}"'
    ended = held.ends_at is not None and held.ends_at <= now
    return " ".join(
        [
            f"{said}.",
            *([f"It ended on {say_day(held.ends_at, now)}."] if ended and held.ends_at else []),
            "A person must re-authorise it in Patchworks.",
        ]
    )


def _told_by_another(case: Case) -> Finding:
    system = say_system(case.held)
    return Finding(
        level=Level.UNKNOWN,
        signal="undecided",
        sentence=f"Whether {system} accepts {say_ours(case.held)} is not known: several stand on "
        "one instance, and another of them is told of.",
        explained_by=f"another credential of {system}",
    )


def _refused(case: Case, since: datetime, policy: Policy, now: datetime) -> Finding:
    held, why = case.held, plain(case.held.why, WHY_FITS).rstrip(". ")
    said = [
        f"{say_system(held)} does not accept {say_ours(held)}, for {say_span(now - since)} now"
        + (f": {why}." if why else ".")
    ]
    if held.holder is Holder.OURS:
        said.append(f"No flow uses it, but nobody watches {say_system(held)} meanwhile.")
    return Finding(
        level=Level.BREACH if now - since >= policy.refused_for else Level.UNKNOWN,
        signal="refused",
        sentence=" ".join([*said, "A person must renew it."]),
    )
