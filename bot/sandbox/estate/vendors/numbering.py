"""The records of one entity, numbered as they change: which number at which moment, and back."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from bot.sandbox.estate.vendors.answering import LONG_AGO
from bot.sandbox.estate.vendors.books import Books

_HOUR = timedelta(hours=1)


class Numbering:
    """Every change that the books have of an entity has a number; the first of all is `first`.

    All times are UTC. Numbers are as evenly spread over an hour as its changes are.
    """

    def __init__(self, books: Books, entity: str, first: int = 1) -> None:
        self._books, self._entity, self._first = books, entity, first
        self._at_hour = cache(self.next_number)

    def next_number(self, at: datetime) -> int:
        """The number of the first change at a moment or later."""
        return self._first + self._books.changed(self._entity, LONG_AGO, at)

    def between(self, since: datetime, until: datetime) -> range:
        """The numbers from `since` up to, not including, `until`."""
        first = self.next_number(since)
        return range(first, max(first, self.next_number(until)))

    def has(self, number: int, now: datetime) -> bool:
        """Whether there is such a number by now."""
        return self._first <= number < self.next_number(now)

    def named(self, text: str, now: datetime) -> range:
        """The number that a text names, if there is it: as a range of one or none."""
        number = int(text) if text.isascii() and text.isdigit() else -1
        return range(number, number + 1) if self.has(number, now) else range(0)

    def times(self, numbers: range, now: datetime) -> Iterator[tuple[int, datetime]]:
        """Each of these numbers, all of before `now`, and its moment."""
        if not numbers:
            return
        hour = self._hour_of(numbers[0], now)
        begins, ends = self._at_hour(hour), self._at_hour(hour + _HOUR)
        for number in numbers:
            while number >= ends:
                hour += _HOUR
                begins, ends = ends, self._at_hour(hour + _HOUR)
            share = (number - begins + 0.5) / (ends - begins)
            yield number, (hour + share * _HOUR).replace(microsecond=0)

    def _hour_of(self, number: int, now: datetime) -> datetime:
        """The hour of a number: by halves, since numbers only rise."""
        hours = range((now - LONG_AGO) // _HOUR + 1)
        after = bisect_left(hours, number + 1, key=lambda n: self._at_hour(LONG_AGO + n * _HOUR))
        return LONG_AGO + (after - 1) * _HOUR
