"""Out of sight: Patchworks, a part of it, or a system cannot be read, so nobody watches it.

What goes wrong: a credential is revoked, a right is missing, an address is wrong, a vendor or the
way to it is in trouble. The data may flow on or not: that we cannot see a system never means that
it is down, and never that it is well.

Who suffers: whoever relies on the watch. Every other check is blind there, so that trouble in it
would be told late or not at all.

How early we can know: at the first look that fails. Most failures pass by themselves, so we speak
after minutes; sooner when we were refused, because that stays until a person acts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from checks.durations import Duration, say_duration
from checks.model import Fact, Level, Measure, Subject, Verdict
from checks.policy import CheckPolicy, NofM, parse_n_of_m
from checks.registry import Check
from checks.sight import Seen, SightEvidence
from checks.words import plain

CHECK_NAME = "unreadable"
FACTS = (
    "signal",
    "system",
    "system_id",
    "part",
    "blind_for",
    "blind_since",
    "seen_at",
    "why",
    "refused",
    "vendor",
)
RANK = {Level.OK: 0, Level.UNKNOWN: 1, Level.EARLY: 2, Level.BREACH: 3}
FEWEST_LOOKS = 3
"""Of so few that failed in a row nothing is said, however long ago the first was: a machine that
slept, or a clock that was set, has not looked in between."""
REJECTED = "the credential that is not accepted"
WHY_FITS = 300
QUOTE_FITS = 100
PART_FITS = 30


class Policy(CheckPolicy):
    """Thresholds of `[checks.unreadable]`; the defaults are proposals to be tuned."""

    opens_after: Annotated[NofM, BeforeValidator(parse_n_of_m), PlainSerializer(str)] = Field(
        default=NofM(needed=1, of=1),
        description="troubled rounds of the last rounds before an incident opens; one, because "
        "the times below are the guard",
    )
    stay_clear: Duration = Field(
        default=timedelta(minutes=2),
        description="how long it must be readable again before its incident closes",
    )
    blind_early: Duration = Field(
        default=timedelta(minutes=5),
        description="warn when something could not be read for this long",
    )
    blind_breach: Duration = Field(
        default=timedelta(minutes=15),
        description="a breach when something could not be read for this long",
    )
    resting_for: Duration = Field(
        default=timedelta(minutes=30),
        description="warn when a system has answered for this long only that we should wait",
    )
    refused_for: Duration = Field(
        default=timedelta(minutes=2),
        description="a breach already after this long when we are refused, because a person must "
        "act",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one source means. `blind_for` is None when it is not blind."""

    seen: Seen
    level: Level
    blind_for: timedelta | None

    @property
    def order(self) -> tuple[object, ...]:
        """The gravest first; the last two keep the evidence's own order from mattering."""
        seen, blind = self.seen, self.blind_for or timedelta(0)
        grave = (-RANK[self.level], self.blind_for is None, not seen.refused, -blind)
        return (*grave, seen.part, repr(seen))


def judge(evidence: SightEvidence, policy: Policy, now: datetime) -> tuple[Verdict, ...]:
    """One verdict a source, by its id; the parts of one source share a verdict, the gravest leads.

    Blind for less than `blind_early` is UNKNOWN and not OK, so that an open incident does not
    close. What has never been looked at is UNKNOWN too.
    """
    looks: dict[str, list[_Look]] = defaultdict(list)
    for seen in evidence.sources:
        looks[seen.id].append(_look(seen, policy, now))
    ordered = (sorted(looks[key], key=lambda look: look.order) for key in sorted(looks))
    return tuple(_verdict(first, others, now) for first, *others in ordered)


def _look(seen: Seen, policy: Policy, now: datetime) -> _Look:
    if seen.blind_since is None:
        level = Level.UNKNOWN if seen.seen_at is None else Level.OK
        return _Look(seen=seen, level=level, blind_for=None)
    blind_for = max(timedelta(0), now - seen.blind_since)
    limit = min(policy.blind_breach, policy.refused_for) if seen.refused else policy.blind_breach
    if not seen.refused and seen.looks is not None and seen.looks < FEWEST_LOOKS:
        return _Look(seen=seen, level=Level.UNKNOWN, blind_for=blind_for)
    if seen.resting and not seen.refused:  # it answers; that its allowance is short is told apart
        level = Level.EARLY if blind_for >= policy.resting_for else Level.UNKNOWN
        return _Look(seen=seen, level=level, blind_for=blind_for)
    level = Level.EARLY if blind_for >= policy.blind_early else Level.UNKNOWN
    if blind_for >= limit:
        level = Level.BREACH
    return _Look(seen=seen, level=level, blind_for=blind_for)


def _verdict(first: _Look, others: Sequence[_Look], now: datetime) -> Verdict:
    seen = first.seen
    title = plain(seen.title) or plain(seen.id) or "a system without a name"
    blind = {look.seen.part for look in others if look.blind_for is not None}
    unseen = [plain(part, PART_FITS) for part in sorted(blind - {"", seen.part})]
    explained = first.blind_for is not None and seen.rejected
    return Verdict(
        check=CHECK_NAME,
        condition="sight",
        subject=Subject(kind="system", id=seen.id, name=title),
        level=Level.UNKNOWN if explained else first.level,
        explained_by=REJECTED if explained else "",
        signal=_signal(first),
        sentence=_say(first, title, unseen),
        measures=_measures(first, now),
        facts=_facts(first, title, unseen),
    )


def _signal(look: _Look) -> str:
    if look.blind_for is None:
        return "clear" if look.level is Level.OK else "unavailable"
    return "refused" if look.seen.refused else "unavailable"


def _say(look: _Look, title: str, unseen: Sequence[str]) -> str:
    """Never that it is down, never that it is well; only what we could not do, and why."""
    part = plain(look.seen.part, PART_FITS)
    whole = f"the {part} of {title}" if part else title
    if look.blind_for is None:
        readable = f"{title} can be read."
        return readable if look.level is Level.OK else f"We have not looked at {whole} yet."
    known = look.blind_for >= timedelta(seconds=1)
    since = f", for {say_duration(look.blind_for)} now" if known else " right now"
    said = [f"We cannot see {whole}{since}: {_why(look) or 'the reason is not known'}."]
    if unseen:
        said.append(f"Nor can we see its {' and '.join(unseen)}.")
    if look.seen.refused:
        said.append("A person must act.")
    if look.seen.vendor:
        said.append(f'Its status page says "{plain(_quote(look), QUOTE_FITS)}".')
    return " ".join([*said, "Whether it works is not known."])


def _why(look: _Look) -> str:
    return plain(look.seen.why, WHY_FITS).rstrip(". ")


def _quote(look: _Look) -> str:
    return "; ".join(plain(said) for said in look.seen.vendor)


def _measures(look: _Look, now: datetime) -> tuple[Measure, ...]:
    seen_at = look.seen.seen_at
    last = f"{say_duration(now - seen_at)} ago" if seen_at else "never"
    read = Measure(label="Last read", measured=last)
    if look.blind_for is None:
        return (read,)
    return (Measure(label="Out of sight for", measured=say_duration(look.blind_for)), read)


def _facts(look: _Look, title: str, unseen: Sequence[str]) -> dict[str, Fact]:
    """Every key of FACTS, so that the runbook may name any; None for what does not apply."""
    seen, blind = look.seen, look.blind_for is not None
    known: dict[str, Fact] = {
        "signal": _signal(look),
        "system": title,
        "system_id": seen.id,
        "seen_at": _iso(seen.seen_at),
        "refused": blind and seen.refused,
    }
    if look.blind_for is not None:
        known |= {
            "part": ", ".join(filter(None, [plain(seen.part, PART_FITS), *unseen])) or None,
            "blind_for": say_duration(look.blind_for),
            "blind_since": _iso(seen.blind_since),
            "why": _why(look) or None,
            "vendor": plain(_quote(look), WHY_FITS) or None,
        }
    return dict.fromkeys(FACTS) | known


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


CHECK = Check(
    name=CHECK_NAME,
    title="Out of sight",
    judge=judge,
    policy=Policy,
    runbook="unreadable",
    needs="sight",
)
