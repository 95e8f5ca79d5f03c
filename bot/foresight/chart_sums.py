"""Amounts as a quota sees them: added up since it began anew. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from forecasting.model import BandPoint

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


def band_sums(band: Sequence[BandPoint], quota: Quota) -> tuple[BandPoint, ...]:
    """What will be spent by the end of each bin; from `used` on, then from nothing.

    High hours are taken to come together with high hours, so the band is rather too wide.
    """
    added: list[BandPoint] = []
    start = quota.used or 0.0
    sums, before = [start] * 5, -1
    for point in band:
        if (window := quota.window(point.at)) != before:
            sums, before = [0.0] * 5, window
        parts = (point.lowest, point.low, point.middle, point.high, point.highest)
        sums = [total + part for total, part in zip(sums, parts, strict=True)]
        lowest, low, middle, high, highest = sums
        added.append(
            BandPoint(
                at=point.at, lowest=lowest, low=low, middle=middle, high=high, highest=highest
            )
        )
    return tuple(added)
