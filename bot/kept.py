"""What is dear to read and changes slowly: kept from round to round, read again now and then."""

from __future__ import annotations

from collections.abc import Callable, Sized
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T", bound=Sized)


class Kept(Generic[T]):
    """One such thing, read again when `every` has gone by; nothing found is not kept."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._read_at: datetime | None = None
        self._found: T | None = None

    def take(self, now: datetime, read: Callable[[], T]) -> T:
        """What is known at `now` (UTC); `read` is called when that is too old."""
        if self._found and self._read_at is not None and now - self._read_at < self._every:
            return self._found
        self._read_at, self._found = now, read()
        return self._found
