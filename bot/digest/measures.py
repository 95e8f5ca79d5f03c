"""The figures of a digest: how long things took, how well runs went. Pure.

Half and nine in ten are told instead of a mean, which one long night moves. They are by nearest
rank: the smallest value that so many do not exceed, so that each is one that really occurred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from checks.runs import RunStatus

GOOD, FALL = 0.95, 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Of `of` durations half are within `median`, and nine in ten within `p90`."""

    of: int
    median: timedelta
    p90: timedelta


def times(durations: Iterable[timedelta]) -> Times | None:
    """None where there are none."""
    counted: dict[int, int] = {}
    for each in durations:
        seconds = max(0, round(each.total_seconds()))
        counted[seconds] = counted.get(seconds, 0) + 1
    return times_of(counted)


def times_of(seconds: Mapping[int, int]) -> Times | None:
    """Of so many durations of so many whole seconds each."""
    total = sum(seconds.values())
    if not total:
        return None
    return Times(of=total, median=_rank(seconds, total, 50), p90=_rank(seconds, total, 90))


def _rank(seconds: Mapping[int, int], total: int, percent: int) -> timedelta:
    wanted, seen = -(-total * percent // 100), 0
    for length in sorted(seconds):
        seen += seconds[length]
        if seen >= wanted:
            return timedelta(seconds=length)
    return timedelta(seconds=max(seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """How runs went. `failed` failed or succeeded in part only; `unsure` ended nobody knows how;
    those that a person stopped are in neither. `seconds` counts the good ones by their length."""

    well: int = 0
    failed: int = 0
    unsure: int = 0
    seconds: Mapping[int, int] = field(default_factory=dict)

    @property
    def runs(self) -> int:
        return self.well + self.failed + self.unsure

    @property
    def share(self) -> float | None:
        """How many of those that are judged went well, 0 to 1; None where none is."""
        judged = self.well + self.failed
        return self.well / judged if judged else None

    @property
    def took(self) -> Times | None:
        return times_of(self.seconds)


def went_of(ended: Mapping[RunStatus, int], seconds: Mapping[int, int]) -> Went:
    """Of how many runs ended in each way, and how many good ones took how many seconds."""
    return Went(
        well=ended.get(RunStatus.SUCCESS, 0),
        failed=ended.get(RunStatus.FAILURE, 0) + ended.get(RunStatus.PARTIAL_SUCCESS, 0),
        unsure=ended.get(RunStatus.UNKNOWN, 0),
        seconds=seconds,
    )


def together(parts: Iterable[Went]) -> Went:
    """All of them as one."""
    well = failed = unsure = 0
    seconds: dict[int, int] = {}
    for each in parts:
        well, failed, unsure = well + each.well, failed + each.failed, unsure + each.unsure
        for length, count in each.seconds.items():
            seconds[length] = seconds.get(length, 0) + count
    return Went(well=well, failed=failed, unsure=unsure, seconds=seconds)


def is_poor(now: Went, before: Went | None) -> bool:
    """Whether it is worth a mark: fewer than 95 in a hundred went well, or a whole one less than
    before."""
    if now.share is None:
        return False
    return now.share < GOOD or has_fallen(now, before)


def has_fallen(now: Went, before: Went | None) -> bool:
    """Whether a whole one in a hundred less than before went well."""
    if now.share is None or before is None or before.share is None:
        return False
    return before.share - now.share >= FALL
