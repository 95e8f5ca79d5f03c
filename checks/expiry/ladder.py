"""How near a credential's end is, or a vendor's date: a rung of the ladder, each told once."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks.credentials import Holder, KnownBy
from checks.expiry.case import Case, Finding
from checks.expiry.policy import Policy
from checks.expiry.words import (
    DAY,
    WHY_FITS,
    capital,
    say_ago,
    say_credential,
    say_day,
    say_ours,
    say_span,
    say_system,
)
from checks.model import Level
from checks.words import plain, say_count

SHORT_LIFE_DAYS = 60  # shorter lives would stand on the full ladder for most of their time
RENEWED_UNSEEN_DAYS = 2  # tokens of hours: they end all the time, and are renewed each time
IN_FORCE = timedelta(days=7)


def judge_end(case: Case, policy: Policy, now: datetime) -> Finding:
    """Early from the first rung on, a breach from the end on; unknown is neither trouble nor ok."""
    held = case.held
    if held.id in policy.ignore:
        said = f"By the settings, the date of {say_credential(held)} is not judged."
        return Finding(level=Level.OK, signal="clear", sentence=said)
    if held.holder is Holder.NOBODY:
        return _judge_event(case, policy, now)
    if _renews_unseen(case):
        return _fine(case, "it renews itself")
    if held.ends_at is None:
        return _without_end(case)
    if held.ends_at <= now:
        return _ended(case, held.ends_at, now)
    rung = _reached(held.ends_at - now, rungs(case, policy))
    if rung is None:
        return _fine(case, f"it ends {_ahead(held.ends_at, now)}")
    return Finding(
        level=Level.EARLY,
        signal=f"ends_in_{rung}",
        sentence=_say_ending(case, held.ends_at, now),
        expected_at=held.ends_at,
    )


def rungs(case: Case, policy: Policy) -> tuple[int, ...]:
    """The rungs, in days, that fit the life of the credential.

    Of a short life those below its half. Of what renews itself those in its last third: by then it
    should have been renewed, as is the custom of clients.
    """
    life, kept = case.held.lasts_days, policy.ladder
    if life is not None and life < SHORT_LIFE_DAYS:
        kept = tuple(rung for rung in kept if rung < life / 2)
    if life is not None and case.held.renews_itself:
        kept = tuple(rung for rung in kept if rung <= life / 3)
    return kept


def _renews_unseen(case: Case) -> bool:
    """What renews itself every few hours, or at an unknown pace: failing to is seen by refusals."""
    held = case.held
    if held.lasts_days is None:
        return held.renews_itself and held.ends_at is not None
    return held.renews_itself and held.lasts_days <= RENEWED_UNSEEN_DAYS


def _reached(left: timedelta, rungs: tuple[int, ...]) -> int | None:
    return min((rung for rung in rungs if left <= rung * DAY), default=None)


def _fine(case: Case, tail: str) -> Finding:
    held = case.held
    if case.accepted_at:
        said = f"{say_system(held)} accepts {say_ours(held)}; {tail}."
    else:
        said = f"{capital(say_credential(held))}: {tail}."
    return Finding(level=Level.OK, signal="clear", sentence=said)


def _without_end(case: Case) -> Finding:
    """Never trouble. OK only for what does not end, or is seen accepted while nobody claims to know
    its end; what is usually told and just was not stays as it stood."""
    held = case.held
    if held.known_by is KnownBy.ENDLESS:
        return _fine(case, "it does not end by itself")
    if held.renews_itself and held.known_by is KnownBy.READ and case.accepted_at:
        return _fine(case, "it renews itself")
    section = "[[credential]]" if held.holder is Holder.PLATFORM else "[[system]]"
    if held.known_by is KnownBy.UNKNOWN:
        if case.accepted_at:
            return _fine(case, f"when it ends is not known: declare it under {section}")
        said = f"When {say_credential(held)} ends is not known: declare it under {section}."
    else:
        said = f"When {say_credential(held)} ends could not be read just now."
    return Finding(level=Level.UNKNOWN, signal="end_not_known", sentence=said)


def _say_ending(case: Case, ends_at: datetime, now: datetime) -> str:
    held = case.held
    renewal = "a person must renew it"
    if held.renews_itself and not held.needs_person:
        renewal = "it should have renewed itself by now"
    said = f"{capital(say_credential(held))} ends {_ahead(ends_at, now)}; {renewal}."
    return " ".join([said, *_concerned(case)])


def _ended(case: Case, ends_at: datetime, now: datetime) -> Finding:
    """One signal a day, so that the thread gets one line a day. Proof that it is accepted after its
    end makes it less grave: then the date is wrong, not the credential dead."""
    held = case.held
    past = now - ends_at
    used = case.accepted_at is not None and case.accepted_at > ends_at
    said = [
        f"{capital(say_credential(held))} ended on {say_day(ends_at, now)}, {say_ago(past)}.",
        *_concerned(case),
        "It was still accepted since, so correct the date if it was renewed."
        if used
        else "A person must renew it.",
    ]
    return Finding(
        level=Level.BREACH,
        signal=f"ended_{past // DAY}",
        sentence=" ".join(said),
        critical=held.holder is Holder.PLATFORM and not used,
    )


def _concerned(case: Case) -> tuple[str, ...]:
    if case.held.holder is Holder.OURS:
        return (f"No flow uses it, only our sight of {say_system(case.held)} does.",)
    uses = "uses" if case.users == 1 else "use"
    return (f"{say_count(case.users, 'flow')} {uses} it.",) if case.users else ()


def _ahead(at: datetime, now: datetime) -> str:
    return f"in {say_span(at - now)}, on {say_day(at, now)}"


def _judge_event(case: Case, policy: Policy, now: datetime) -> Finding:
    """A vendor's date: the same ladder up to it, a week of reminder in force, never a breach."""
    at = case.held.ends_at
    if at is None:
        said = f"When this takes effect is not known: {_say_event(case)}."
        return Finding(level=Level.UNKNOWN, signal="end_not_known", sentence=said)
    if at <= now:
        recent = now - at < IN_FORCE
        return Finding(
            level=Level.EARLY if recent else Level.OK,
            signal="in_force" if recent else "clear",
            sentence=f"Since {say_day(at, now)}, {say_ago(now - at)}: {_say_event(case)}.",
        )
    rung = _reached(at - now, policy.ladder)
    return Finding(
        level=Level.OK if rung is None else Level.EARLY,
        signal="clear" if rung is None else f"ends_in_{rung}",
        sentence=f"On {say_day(at, now)}, in {say_span(at - now)}: {_say_event(case)}.",
        expected_at=None if rung is None else at,
    )


def _say_event(case: Case) -> str:
    what = plain(case.held.what, WHY_FITS).rstrip(". ") or f"a change of {say_system(case.held)}"
    whom = plain(case.held.whom, WHY_FITS).rstrip(". ")
    return f"{what}. It concerns {whom}" if whom else what
