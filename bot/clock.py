"""Domain time: the machine's, or a sandbox's that runs at any speed and can be moved ahead."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx

log = logging.getLogger(__name__)

LONG_POLL_SECONDS = 30.0
RETRY_SECONDS = 1.0
ASK_SECONDS = 2.0


class Clock(Protocol):
    """Tells domain time, UTC. Rounds, thresholds and timers follow it; transport time does not."""

    def now(self) -> datetime: ...

    async def follow(self) -> None:
        """Keep this clock right until cancelled."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def follow(self) -> None:
        await asyncio.Event().wait()


class FollowedClock:
    """A clock that another server keeps, told at `url` as {"now", "speed", "version"}.

    `GET url?after=VERSION` is expected to answer as soon as the clock is set anew, or after some
    seconds. Between answers the time runs on at the last speed, and it never goes back.
    """

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url, self._http = url, http
        self._anchor = datetime.now(UTC)
        self._anchored = time.monotonic()
        self._speed = 1.0
        self._version = 0

    def now(self) -> datetime:
        elapsed = time.monotonic() - self._anchored
        return self._anchor + timedelta(seconds=elapsed * self._speed)

    async def read(self) -> None:
        """Ask once. Raises httpx.HTTPError or ValueError when the answer is not a clock's."""
        answer = await self._http.get(self._url)
        self._set(answer)

    async def follow(self) -> None:
        while True:
            try:
                answer = await self._http.get(
                    self._url, params={"after": self._version}, timeout=LONG_POLL_SECONDS
                )
                self._set(answer)
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                log.warning("the clock at %s does not answer (%s)", self._url, type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    def _set(self, answer: httpx.Response) -> None:
        told = answer.raise_for_status().json()
        at, speed, version = datetime.fromisoformat(told["now"]), told["speed"], told["version"]
        first = self._version == 0
        self._anchor = at if first else max(at, self.now())
        self._anchored = time.monotonic()
        self._speed, self._version = float(speed), int(version)


def domain_now(url: str | None) -> datetime:
    """Domain time, UTC, for a command that runs once beside the bot: that of the clock at `url`;
    the machine's without one, or when it does not answer."""
    if url is not None:
        try:
            answer = httpx.get(url, timeout=ASK_SECONDS, trust_env=False).raise_for_status()
            return datetime.fromisoformat(answer.json()["now"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("the clock at %s does not answer (%s)", url, type(error).__name__)
    return datetime.now(UTC)
