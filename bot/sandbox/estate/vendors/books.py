"""The records of the made-up company: how many of each entity changed since a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from math import ceil
from typing import Protocol

from bot.sandbox.estate.recording import recording
from bot.sandbox.estate.vendors.loss import Loss

BEGIN_AT = datetime(2025, 5, 12, tzinfo=UTC)
"""Before it the company has no records."""

_HOUR = timedelta(hours=1)
_WEEK = timedelta(weeks=1)
_BUSY_HOUR: Mapping[str, tuple[str, int]] = {
    "orders": ("purchases_04", 280),
    "products": ("shop_api_nov_dec", 12),
    "customers": ("gate_southern_cross", 36),
    "inventory": ("orders_bike_spring12", 300),
}
"""Which recording an entity follows, and how many of its records change in a busy hour."""


class Books(Protocol):
    """Records by entity (orders, products, customers, inventory); the same for every vendor.

    `loss` is what of the orders does not reach the ERP.
    """

    loss: Loss

    def changed(self, entity: str, since: datetime, until: datetime) -> int:
        """How many records of the entity changed in between; both UTC."""
        ...


class RecordedBooks:
    """Books that follow the recordings, shifted as the estate replays them.

    The changes of an hour are evenly spread over it, so that any two windows that meet add up.
    """

    def __init__(self, shift: Mapping[str, timedelta]) -> None:
        self._shift = shift
        self.loss = Loss()
        self._until = cache(self._from_the_beginning)
        self._in_hour = cache(self._count)

    def changed(self, entity: str, since: datetime, until: datetime) -> int:
        """How many records changed from `since` up to, not including, `until`.

        Raises KeyError for an entity that nobody keeps books of.
        """
        since = max(since, BEGIN_AT)
        if until <= since:
            return 0
        whole = self._until(entity, _hour(until)) - self._until(entity, _hour(since))
        return whole + self._before(entity, until) - self._before(entity, since)

    def _from_the_beginning(self, entity: str, hour: datetime) -> int:
        return self._in_hours(entity, BEGIN_AT, hour)

    def _in_hours(self, entity: str, first: datetime, last: datetime) -> int:
        """Whole hours from `first` up to `last`. Before and after what was recorded the same week
        comes again and again, so that decades cost no more than weeks."""
        series, _ = _BUSY_HOUR[entity]
        begins = recording(series).first - self._shift[series]
        ends = recording(series).last - self._shift[series] + _HOUR
        before = self._repeated(entity, first, min(last, begins))
        within = self._each(entity, max(first, begins), min(last, ends))
        return before + within + self._repeated(entity, max(first, ends), last)

    def _repeated(self, entity: str, first: datetime, last: datetime) -> int:
        weeks = (last - first) // _WEEK if first < last else 0
        week = self._each(entity, first, first + _WEEK) if weeks else 0
        return weeks * week + self._each(entity, first + weeks * _WEEK, last)

    def _each(self, entity: str, first: datetime, last: datetime) -> int:
        hours = (last - first) // _HOUR
        return sum(self._in_hour(entity, first + _HOUR * n) for n in range(hours))

    def _before(self, entity: str, moment: datetime) -> int:
        """How many records changed in the hour of `moment` and before it."""
        hour = _hour(moment)
        amount = self._in_hour(entity, hour)
        return max(0, ceil(amount * ((moment - hour) / _HOUR) - 0.5))

    def _count(self, entity: str, hour: datetime) -> int:
        series, busy = _BUSY_HOUR[entity]
        return round(busy * recording(series).share(hour + self._shift[series]))


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
