"""How a flow served, worked out from its runs and from the jobs that waited for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from checks.promises.model import Served
from checks.runs import RunStatus

BAD = (RunStatus.FAILURE, RunStatus.PARTIAL_SUCCESS)
APART = 5.0
"""Seconds that the clocks of the platform and of the bot may be apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """One run: when it started and ended, as seconds since 1970 (UTC); None while it runs."""

    status: RunStatus
    started: float
    finished: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """One job of the queue: when it was queued, last seen there, and first seen gone, as seconds
    since 1970 (UTC); `left` None while it waits."""

    queued: float
    seen: float
    left: float | None


def served(runs: Iterable[Went], waits: Iterable[Waited], now: datetime) -> Served:
    """How runs went, each from when its job was queued, where one is known.

    The platform does not say which run a job of its queue became: it is the one that started
    between two looks, of which the first saw the job waiting and the second did not. A run for
    which none is found waited for less than the time between two looks.
    """
    went = sorted(runs, key=lambda run: run.started)
    told = list(waits)
    since = _queued(went, told)
    seconds: dict[int, int] = {}
    good = bad = 0
    for run, begun in zip(went, since, strict=True):
        if run.finished is None:
            continue
        bad += run.status in BAD
        if run.status is RunStatus.SUCCESS:
            good += 1
            took = max(0, ceil(run.finished - begun))
            seconds[took] = seconds.get(took, 0) + 1
    still = [begun for run, begun in zip(went, since, strict=True) if run.finished is None]
    still += [each.queued for each in told if each.left is None]
    ages = tuple(int(now.timestamp() - each) for each in still)
    return Served(good=good, bad=bad, seconds=seconds, waiting=ages)


def together(parts: Iterable[Served]) -> Served:
    """Times one after the other as one."""
    good = bad = 0
    seconds: dict[int, int] = {}
    for each in parts:
        good, bad = good + each.good, bad + each.bad
        for length, number in each.seconds.items():
            seconds[length] = seconds.get(length, 0) + number
    return Served(good=good, bad=bad, seconds=seconds)


def _queued(runs: Sequence[Went], waits: Iterable[Waited]) -> list[float]:
    """Since when each run's record was on its way: its job's time in the queue, else its start."""
    gone = sorted((each for each in waits if each.left is not None), key=_left)
    found, place = [], 0
    for run in runs:
        while place < len(gone) and _left(gone[place]) + APART < run.started:
            place += 1
        if place < len(gone) and gone[place].seen - APART <= run.started:
            found.append(min(run.started, gone[place].queued))
            place += 1
        else:
            found.append(run.started)
    return found


def _left(wait: Waited) -> float:
    return wait.left if wait.left is not None else float("inf")
