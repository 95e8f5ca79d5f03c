"""Amounts as limits see them that add up: since they began anew, or over a while. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

Amounts = tuple[tuple[datetime, float | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """So much for every `per`, the next time anew at `resets_at` (UTC). `used` is what is spent of
    the present one by now, None where that is not told."""

    per: timedelta
    resets_at: datetime
    used: float | None = None

    def window(self, at: datetime) -> int:
        """Which window a bin that begins then belongs to; the present one is -1."""
        return (at - self.resets_at) // self.per


def past_sums(past: Amounts, quota: Quota) -> Amounts:
    """What was spent by the end of each bin. None for a gap, and while it is not known what was
    spent before the first bin.

    The present window ends at what is told to be used, which may hold what others spend.
    """
    sums: list[tuple[datetime, float | None]] = []
    total: float | None = None
    before = quota.window(past[0][0]) if past else 0
    for at, amount in past:
        if (window := quota.window(at)) != before:
            total, before = 0.0, window
        total = total + (amount or 0.0) if total is not None else None
        sums.append((at, None if amount is None else total))
    return _as_told(past, sums, quota)


def _as_told(past: Amounts, sums: list[tuple[datetime, float | None]], quota: Quota) -> Amounts:
    """The bins of the present window counted back from what is told."""
    if quota.used is None:
        return tuple(sums)
    left = quota.used
    for place in range(len(past) - 1, -1, -1):
        at, amount = past[place]
        if quota.window(at) != -1:
            break
        sums[place] = (at, None if amount is None else max(0.0, left))
        left -= amount or 0.0
    return tuple(sums)


def rolling_sums(past: Amounts, bins: int) -> Amounts:
    """The sum of so many bins that end with each; None where one of them is not known. The first
    bins, of which not all before them are there, are left out."""
    return tuple(
        (at, _sum(amount for _, amount in past[place + 1 - bins : place + 1]))
        for place, (at, _) in enumerate(past)
        if place + 1 >= bins
    )


def _sum(amounts: Iterable[float | None]) -> float | None:
    total = 0.0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
