"""What was asked of a rehearsed peak, and what came of it: as commands tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from checks.limits import Allowance
from forecasting.advice import HOLDS, Advice
from forecasting.trading_days import Occasion


class NotRehearsed(Exception):
    """Nothing can be rehearsed; one sentence for who asked, which may hold foreign names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A peak as it was asked for: `times` the usual, from `first` to `last`, both included, by the
    estate's calendar; without them from now on for three days. `system` "" means all, `flow` ""
    all flows. `occasion` is what the days are called, "" where they were told as dates.

    The usual of a day is what is foreseen of it, with what its promotions multiply. Only the
    promotion that was asked for by its name leaves its own multiple to `times`.
    """

    times: float
    system: str = ""
    flow: str = ""
    first: date | None = None
    last: date | None = None
    occasion: str = ""

    def replaces(self, promotion: Occasion) -> bool:
        """Whether `times` takes the place of the promotion's own multiple."""
        return promotion.name == self.occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What the peak does to one allowance.

    `chance` that its limit is reached, `usual` the same without the peak; None where nothing can be
    said, and `withheld` says why. The moments (UTC) are the 10, 50 and 90 % points of the first
    (the bin of the last of them has ended by `latest`).
    `highest` is the amount expected at the fullest moment, in the allowance's unit. `holds_until`
    is the multiple up to which it would hold, None where it would not even without the peak.
    `judged` forecasts of its series were judged so far, and what it was learned from ends at
    `learned_at` (None: nothing was learned of it).
    """

    allowance: Allowance
    usual: float | None = None
    chance: float | None = None
    soonest: datetime | None = None
    middle: datetime | None = None
    latest: datetime | None = None
    highest: float | None = None
    holds_until: float | None = None
    judged: int = 0
    learned_at: datetime | None = None
    advice: tuple[Advice, ...] = ()
    withheld: str = ""

    @property
    def breaks(self) -> bool:
        return self.chance is not None and self.chance >= HOLDS

    @property
    def share(self) -> float | None:
        """The fullest moment as a share of the limit."""
        if self.highest is None or not self.allowance.size:
            return None
        return self.highest / self.allowance.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A peak from `since` to `until` (UTC) and what it does; those that break first come first.

    `systems` are the names of those that were meant, `flow` the flow's. `as_of` is where the series
    end that it was made from, `left_out` how many allowances were one too many. `promotions` are
    those of these days that the settings expect to multiply the usual.
    """

    wanted: Wanted
    since: datetime
    until: datetime
    as_of: datetime
    rehearsed: tuple[Rehearsed, ...]
    systems: tuple[str, ...] = ()
    flow: str = ""
    left_out: int = 0
    promotions: tuple[Occasion, ...] = ()

    @property
    def learned_at(self) -> datetime | None:
        """The oldest of what was learned; None: nothing was."""
        known = (each.learned_at for each in self.rehearsed)
        return min((at for at in known if at is not None), default=None)

    @property
    def included(self) -> Sequence[Occasion]:
        """The promotions on top of which the peak comes."""
        return [each for each in self.promotions if not self.wanted.replaces(each)]

    @property
    def replaced(self) -> Sequence[Occasion]:
        """The promotions whose multiple the peak's own takes the place of."""
        return [each for each in self.promotions if self.wanted.replaces(each)]

    @property
    def broken(self) -> Sequence[Rehearsed]:
        return [each for each in self.rehearsed if each.breaks]

    @property
    def holding(self) -> Sequence[Rehearsed]:
        return [each for each in self.rehearsed if each.chance is not None and not each.breaks]

    @property
    def unknown(self) -> Sequence[Rehearsed]:
        return [each for each in self.rehearsed if each.chance is None]


def in_order(rehearsed: Sequence[Rehearsed]) -> tuple[Rehearsed, ...]:
    """What breaks, the first to break first; then what holds, the fullest first; then what cannot
    be told."""

    def rank(each: Rehearsed) -> tuple[object, ...]:
        group = 0 if each.breaks else 1 if each.chance is not None else 2
        at = each.middle.timestamp() if each.breaks and each.middle else float("inf")
        chance, share = -(each.chance or 0.0), -(each.share or 0.0)
        return group, at, *((chance, share) if each.breaks else (share, chance)), each.allowance.id

    return tuple(sorted(rehearsed, key=rank))
