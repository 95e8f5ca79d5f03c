"""The platform's limit on calls to its own API: a bucket that fills by so many tokens a minute."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class TokenBucket:
    """Admits `per_minute` calls at once and then as many as time refills.

    It lives on real time, because it protects the server and not the simulated business.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._now = now
        self._level, self._filled_at = float(per_minute), now()

    @property
    def remaining(self) -> int:
        """Whole calls left at this moment."""
        return int(self._level)

    def admit(self) -> float:
        """Take a token. Answers 0, or the seconds until there will be one."""
        moment = self._now()
        refill = (moment - self._filled_at) * self.per_minute / 60
        self._level, self._filled_at = min(self.per_minute, self._level + refill), moment
        if self._level >= 1:
            self._level -= 1
            return 0.0
        return (1 - self._level) * 60 / self.per_minute

    @staticmethod
    def retry_after(seconds: float) -> str:
        """A wait as the header says it: whole seconds, at least one."""
        return str(max(1, math.ceil(seconds)))
