"""The arithmetic of vendors' limits: who may call now, what is left, and when there is more.

Every limiter counts in units of its vendor (calls, points, seconds of work) and is told the time.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GRAIN = 1e-9  # below any unit that is counted: what floats lose


class Limiter(ABC):
    """An allowance of `size` units.

    `others` is the share of it (0 to 1) that somebody else holds all the time.
    """

    def __init__(self, size: float) -> None:
        self.size = float(size)
        self.others = 0.0

    @abstractmethod
    def held(self, at: datetime) -> float:
        """What the calls seen here still weigh."""

    @abstractmethod
    def add(self, at: datetime, cost: float) -> None:
        """Let a call weigh, whether it fits or not."""

    @abstractmethod
    def wait(self, at: datetime) -> timedelta:
        """How long until one unit fits; for somebody told to wait, so never nothing."""

    def used(self, at: datetime) -> float:
        """What is used up, by whomever."""
        return min(self.size, self.held(at) + self.others * self.size)

    def left(self, at: datetime) -> float:
        return self.size - self.used(at)

    def fits(self, at: datetime, cost: float = 1.0) -> bool:
        return cost <= self.left(at) + _GRAIN

    def take(self, at: datetime, cost: float = 1.0) -> bool:
        """Spend it if it fits. What is refused costs nothing."""
        fits = self.fits(at, cost)
        if fits:
            self.add(at, cost)
        return fits

    def fitting(self, at: datetime, calls: int) -> int:
        """How many of so many calls of one unit each fit."""
        return max(0, min(calls, math.floor(self.left(at) + _GRAIN)))


class LeakyBucket(Limiter):
    """Every call fills it by its cost; it drains by so many units a second."""

    def __init__(self, size: float, *, drains: float) -> None:
        super().__init__(size)
        self.drains = drains
        self._level, self._seen_at = 0.0, _EPOCH

    def held(self, at: datetime) -> float:
        since = max(0.0, (at - self._seen_at).total_seconds())
        return max(0.0, self._level - since * self.drains)

    def add(self, at: datetime, cost: float) -> None:
        self._level, self._seen_at = max(0.0, self.held(at) + cost), at

    def wait(self, at: datetime, cost: float = 1.0) -> timedelta:
        missing = cost - self.left(at)
        return timedelta(seconds=(missing if missing > _GRAIN else 1.0) / self.drains)


class PointsBucket(LeakyBucket):
    """The same told from the other side: points there are, and points restored a second."""

    def __init__(self, size: float, *, restores: float) -> None:
        super().__init__(size, drains=restores)


class FixedWindow(Limiter):
    """So many units in each window; all windows begin at whole multiples of their length."""

    def __init__(self, size: float, *, lasts: timedelta) -> None:
        super().__init__(size)
        self.lasts = lasts
        self._window, self._count = -1, 0.0

    def held(self, at: datetime) -> float:
        return self._count if self._number(at) == self._window else 0.0

    def add(self, at: datetime, cost: float) -> None:
        self._window, self._count = self._number(at), self.held(at) + cost

    def resets_at(self, at: datetime) -> datetime:
        """When the next window begins."""
        return _EPOCH + (self._number(at) + 1) * self.lasts

    def wait(self, at: datetime) -> timedelta:
        return self.resets_at(at) - at

    def _number(self, at: datetime) -> int:
        return (at - _EPOCH) // self.lasts


class SlidingWindow(Limiter):
    """So many units within any stretch of time of that length."""

    def __init__(self, size: float, *, lasts: timedelta) -> None:
        super().__init__(size)
        self.lasts = lasts
        self._calls: deque[tuple[datetime, float]] = deque()
        self._total = 0.0

    def held(self, at: datetime) -> float:
        while self._calls and self._calls[0][0] <= at - self.lasts:
            self._total -= self._calls.popleft()[1]
        return max(0.0, self._total)

    def add(self, at: datetime, cost: float) -> None:
        self._total += cost
        if self._calls and self._calls[-1][0] == at:
            cost += self._calls.pop()[1]
        self._calls.append((at, cost))

    def wait(self, at: datetime) -> timedelta:
        missing = 1.0 - self.left(at)
        for called_at, weight in self._calls:
            missing -= weight
            if missing <= _GRAIN:
                return called_at + self.lasts - at
        return self.lasts


class Concurrency(Limiter):
    """So many calls at the same time.

    A call that is answered at once holds no slot afterwards. Calls that follow each other hold one
    from the first to the last: `hold` it.
    """

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._ends: list[tuple[datetime, float]] = []

    def held(self, at: datetime) -> float:
        self._ends = [slot for slot in self._ends if slot[0] > at]
        return sum(slots for _, slots in self._ends)

    def add(self, at: datetime, cost: float) -> None:
        """Calls of no length: they are over before the next one."""

    def fitting(self, at: datetime, calls: int) -> int:
        """Calls that follow each other need one slot."""
        return calls if self.fits(at) else 0

    def hold(self, at: datetime, lasts: timedelta, slots: int = 1) -> bool:
        """Occupy slots for so long, if they are free."""
        free = self.fits(at, slots)
        if free:
            self._ends.append((at + lasts, slots))
        return free

    def wait(self, at: datetime) -> timedelta:
        ends = [end for end, _ in self._ends if end > at]
        return min(ends) - at if ends else timedelta(seconds=1)
