"""What all look-alikes do the same: let in, limit, find; serve the platform, lapse and renew."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from bot.sandbox.estate.vendors.answering import with_headers
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.limiters import Concurrency, Limiter
from bot.sandbox.estate.vendors.vendor import Answered, Asked

A_CALL = timedelta(milliseconds=400)
"""How long a call of the platform takes; those of one run follow each other."""


class Lookalike(ABC):
    """One vendor; a file of its own says what is particular to it.

    `shares` is whether the platform and the monitor spend one allowance; where they do not, each
    has limiters of its own that are made alike.
    """

    shares: ClassVar[bool] = True
    says_unauthorised: ClassVar[str]
    says_too_many: ClassVar[str]

    def __init__(self, books: Books) -> None:
        self._books = books
        self._ours = self.limiters()
        self._platforms = self._ours if self.shares else self.limiters()
        self._platform_lapsed = self._monitor_lapsed = False

    @abstractmethod
    def limiters(self) -> Sequence[Limiter]:
        """The limits of one credential, the one that its headers tell first."""

    @abstractmethod
    def admits(self, asked: Asked, /) -> bool:
        """Whether it shows a credential that is good at this moment."""

    @abstractmethod
    def shut_out(self, asked: Asked, /) -> Answered:
        """The answer to a credential that is not."""

    @abstractmethod
    def turn_away(self, asked: Asked, /) -> Answered:
        """The answer at the limit."""

    @abstractmethod
    def find(self, asked: Asked, /) -> Answered:
        """The answer to a call that is let in."""

    def grant(self, _asked: Asked, /) -> Answered | None:
        """The answer of the token endpoint, which needs no token; None for any other call."""
        return None

    def take(self, asked: Asked, /) -> bool:
        """Spend what the call costs. A refused call costs nothing."""
        return _take(self._ours, asked.at, 1) == 1

    def tells(self, _asked: Asked, /) -> Mapping[str, str]:
        """The headers of every answer to who is let in."""
        return {}

    def answer(self, asked: Asked) -> Answered:
        granted = self.grant(asked)
        if granted is not None:
            return granted
        if self._monitor_lapsed or not self.admits(asked):
            return self.shut_out(asked)
        if not self.take(asked):
            return self.turn_away(asked)
        return with_headers(self.find(asked), self.tells(asked))

    def serve(self, calls: int, at: datetime) -> str:
        if self._platform_lapsed:
            return self.says_unauthorised
        if _take(self._platforms, at, calls) < calls:
            return self.says_too_many
        for limiter in self._platforms:
            if isinstance(limiter, Concurrency):
                limiter.hold(at, calls * A_CALL)
        return ""

    def lapse(self, *, platforms: bool) -> None:
        if platforms:
            self._platform_lapsed = True
        else:
            self._monitor_lapsed = True

    def renew(self) -> None:
        self._platform_lapsed = self._monitor_lapsed = False

    def crowd(self, share: float, at: datetime) -> None:
        del at
        for limiter in {*self._ours, *self._platforms}:
            limiter.others = share


def _take(limiters: Sequence[Limiter], at: datetime, calls: int) -> int:
    """Spend as many calls as fit every limit. Answers how many that were."""
    admitted = min((limiter.fitting(at, calls) for limiter in limiters), default=calls)
    for limiter in limiters if admitted else ():
        limiter.add(at, admitted)
    return admitted
