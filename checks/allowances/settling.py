"""How a warning turned out: right, false, or averted. Each is settled once, by what came first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from checks.allowances.filling import current_share
from checks.allowances.look import kind_of
from checks.allowances.outlook import JUDGED, say_odds
from checks.allowances.policy import Policy
from checks.allowances.words import say_size
from checks.durations import say_duration
from checks.limits import Allowance
from checks.model import Level, Verdict
from checks.runs import Changed
from checks.words import plain

RERUN_WITHIN = timedelta(hours=2)
"""A forecast is made anew when an hour has ended, and the platform's record of what was changed is
read now and then: the first forecast that knows of an act comes within this time."""
QUIET_BETWEEN = timedelta(hours=6)
"""Moments at which a limit was reached belong to one breach when they are at most so far apart, and
a warning that comes so soon after one announces nothing."""
HOLD_BACK = frozenset({"instance", "pool"})
WHAT_FITS = 60


class Outcome(StrEnum):
    """AVERTED stands beside the others, and never counts as right. UNTOLD counts as nothing: nobody
    could act on it, or nobody looked whether it came true."""

    HIT = "hit"
    FALSE = "false"
    AVERTED = "averted"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A warning that stands: from `opened_at` (UTC) on, for `horizon`. `told`: its message has
    reached people. `seen_at` is when its limit was last looked at before."""

    opened_at: datetime
    horizon: timedelta
    told: bool = True
    seen_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        return self.opened_at + self.horizon

    @property
    def is_followed(self) -> bool:
        """Whether its limit was still looked at when half of its time was over."""
        return self.seen_at is None or self.seen_at >= self.opened_at + self.horizon / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person did about a limit, or about what spends it; `said` begins a sentence."""

    at: datetime
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """A forecast made anew, seen at `at` (UTC): the chances before and after, the acts before, and
    how many forecasts of the series were judged."""

    at: datetime
    before: float
    after: float
    acts: tuple[Act, ...] = ()
    judged: int = JUDGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """`at` (UTC) is when it was decided: of a HIT the moment at which the limit was reached."""

    outcome: Outcome
    at: datetime
    sentence: str


def settle(
    warned: Warned,
    breaches: Iterable[datetime],
    reruns: Iterable[Rerun],
    *,
    unlikely: float,
    now: datetime,
) -> Settled | None:
    """What the evidence up to `now` makes of a warning; None while it may still come true.

    A breach that starts within the horizon makes it right. Before one, an act after which the next
    forecast falls below `unlikely` averts it. With neither it was false once the horizon is over,
    unless people never heard of it, or it was hardly looked at: then nobody can say. The earliest
    decides, whatever order they are told in; of the same moment the breach.
    """
    until = min(now, warned.ends_at)
    reached = min((at for at in breaches if _lies_within(at, warned, until)), default=None)
    averting = [each for each in reruns if _averts(each, warned, unlikely, until)]
    rerun = min(averting, key=_order, default=None)
    if reached is not None and (rerun is None or reached <= rerun.at):
        return _right(warned, reached)
    if rerun is not None:
        return _averted(warned, rerun)
    if now < warned.ends_at:
        return None
    return _false(warned) if warned.told and warned.is_followed else _untold(warned)


def _lies_within(at: datetime, warned: Warned, until: datetime) -> bool:
    return warned.opened_at <= at <= until and at < warned.ends_at


def _averts(rerun: Rerun, warned: Warned, unlikely: float, until: datetime) -> bool:
    falls = rerun.before >= unlikely > rerun.after
    return falls and _lies_within(rerun.at, warned, until) and bool(_in_time(rerun, warned))


def _in_time(rerun: Rerun, warned: Warned) -> list[Act]:
    acts = (each for each in rerun.acts if warned.opened_at <= each.at <= rerun.at)
    recent = (each for each in acts if rerun.at - each.at <= RERUN_WITHIN)
    return sorted(recent, key=lambda act: (act.at, act.said))


def _order(rerun: Rerun) -> tuple[datetime, float, float, str]:
    return rerun.at, rerun.before, rerun.after, repr(rerun.acts)


def _right(warned: Warned, at: datetime) -> Settled:
    lead = at - warned.opened_at
    after = f"{say_duration(lead)} after it" if lead else "at that moment"
    said = f"The warning was right: the limit was reached {after}."
    return Settled(outcome=Outcome.HIT, at=at, sentence=said)


def _averted(warned: Warned, rerun: Rerun) -> Settled:
    said = _in_time(rerun, warned)[-1].said
    before, after = (say_odds(each, rerun.judged) for each in (rerun.before, rerun.after))
    fell = f"from {before} to {after}"
    return Settled(
        outcome=Outcome.AVERTED,
        at=rerun.at,
        sentence=f"Averted: {said}, and the chance of reaching the limit fell {fell}.",
    )


def _false(warned: Warned) -> Settled:
    span = say_duration(warned.horizon)
    said = f"The warning did not come true: the limit was not reached within {span}."
    return Settled(outcome=Outcome.FALSE, at=warned.ends_at, sentence=said)


def _untold(warned: Warned) -> Settled:
    why = "its limit was not looked at for most of that time"
    if not warned.told:
        why = "its message had reached nobody"
    said = f"The warning does not count: {why}."
    return Settled(outcome=Outcome.UNTOLD, at=warned.ends_at, sentence=said)


def is_reached(limit: Allowance, verdict: Verdict, policy: Policy, now: datetime) -> bool:
    """Whether the limit is reached now: it is refused or used up, or what was asked for in the
    fullest window of the last hour was all that it allows.

    What Patchworks itself holds back is never refused, so that for its own limits longer runs are
    all that shows.
    """
    if verdict.level is Level.BREACH:
        return True
    if verdict.signal == "held" and kind_of(limit) in HOLD_BACK:
        return True
    shares = (current_share(limit, policy, now), limit.worst if not limit.blind else None)
    return limit.size is not None and max((each or 0.0) for each in shares) >= 1


def acts_on(
    limit: Allowance, before: Allowance | None, changes: Iterable[Changed], callers: frozenset[str]
) -> tuple[Act, ...]:
    """What people did that bears on a limit: they changed one of its instances or a flow that calls
    them (`callers`, by id), or the limit itself, which shows in that its forecast now goes by
    another amount than that of `before`, the look of the last round."""
    ids = set(limit.instance_ids)
    touching = (each for each in changes if each.instance_id in ids or each.flow_id in callers)
    acts = [Act(at=each.at, said=_say_change(each)) for each in touching]
    old, new = before.forecast if before else None, limit.forecast
    if old is not None and new is not None and old.amount != new.amount:
        acts.append(Act(at=limit.at, said=f"the limit is now {say_size(limit)}"))
    return tuple(acts)


def _say_change(change: Changed) -> str:
    """Who did it is not said: a warning averted is nobody's fault and the timeline is public."""
    return f"somebody changed what spends it ({plain(change.what, WHAT_FITS) or 'not told what'})"
