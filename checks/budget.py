"""The call budget: how many calls a minute we allow ourselves towards one system."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta

MINUTE = 60.0
HOUR = 3600.0
LONGEST_WAIT = timedelta(seconds=10)  # a longer rest is reported instead of sat out
LONGEST_HOLD = timedelta(minutes=15)  # no system may silence the watch for longer


def paced(rest: timedelta) -> timedelta:
    """A rest in the time of this pacing, in which a minute lasts MINUTE seconds."""
    return rest * (MINUTE / 60)


class Held(Exception):
    """No call may go for another `left`, because the system asked for a rest."""

    def __init__(self, left: timedelta) -> None:
        super().__init__(left)
        self.left = left


class Budget:
    """At most `per_minute` calls in any 60 seconds, in the order of asking; shared by one process.

    A token bucket: a tenth of the minute's calls may go at once, the rest trickle in evenly.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if per_minute < 1:
            raise ValueError(f"expected a budget of at least 1 call a minute, found {per_minute}")
        burst = max(1, per_minute // 10)
        # burst + 60 s of refill stay below per_minute + 1, that is at most per_minute whole calls
        self._interval = MINUTE / (per_minute - burst + 1)
        self._tolerance = (burst - 1) * self._interval
        self._monotonic, self._sleep = monotonic, sleep
        self._turn = asyncio.Lock()  # wakes its waiters first come, first served
        self._paid_until = self._held_until = monotonic() - MINUTE
        self._calls: deque[float] = deque()
        self._refused: deque[float] = deque()

    async def spend(self) -> None:
        """Returns when one call may go. Raises Held during a long rest."""
        async with self._turn:
            await self._sit_out_rest()
            wait = self._paid_until - self._tolerance - self._monotonic()
            if wait > 0:
                await self._sleep(wait)
                await self._sit_out_rest()
            now = self._monotonic()
            self._paid_until = max(self._paid_until, now) + self._interval
            self._calls.append(now)
            self._forget_old(now)

    def hold(self, rest: timedelta) -> None:
        """Lets no call go for so long, at most LONGEST_HOLD."""
        until = self._monotonic() + paced(min(rest, LONGEST_HOLD)).total_seconds()
        self._held_until = max(self._held_until, until)

    def note_refusal(self) -> None:
        """A call was turned away because the system's limit is used up."""
        self._refused.append(self._monotonic())

    @property
    def refused_last_hour(self) -> int:
        """Calls that were turned away so in the last 60 minutes."""
        while self._refused and self._refused[0] <= self._monotonic() - HOUR:
            self._refused.popleft()
        return len(self._refused)

    @property
    def held_for(self) -> timedelta:
        return timedelta(seconds=max(0.0, self._held_until - self._monotonic()))

    @property
    def spent_last_minute(self) -> int:
        """Calls that went out in the last 60 seconds."""
        self._forget_old(self._monotonic())
        return len(self._calls)

    async def _sit_out_rest(self) -> None:
        while (left := self.held_for) > timedelta(milliseconds=1):
            if left > LONGEST_WAIT:
                raise Held(left)
            await self._sleep(left.total_seconds())

    def _forget_old(self, now: float) -> None:
        while self._calls and self._calls[0] <= now - MINUTE:
            self._calls.popleft()
