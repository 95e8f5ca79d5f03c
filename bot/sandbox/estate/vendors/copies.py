"""The copies of a shop's orders in another system: when each arrives, and which are posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.loss import Loss
from bot.sandbox.estate.vendors.orders import Order, Orders

SENT_EVERY = timedelta(minutes=5)
"""The flow that takes orders there runs this often, and takes what was placed since."""
ARRIVES_AFTER = timedelta(seconds=80)
"""So long after such a run began its orders stand in the target."""
POSTED_AFTER = timedelta(minutes=40)
"""So long after its arrival an order is posted, unless it stays open."""
ONE_STAYS_OPEN = 3
"""One order in so many stays open."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An order as it stands in the target, when it last changed there (UTC), if it was posted."""

    order: Order
    changed_at: datetime
    posted: bool


class Copies:
    """The copies in one target. Where it posts, a posted order moves from one list to another.

    Windows are from `since` up to, not including, `until`; nothing of after `now` can be seen.
    """

    def __init__(self, books: Books, loss: Loss | None = None, *, posts: bool = False) -> None:
        self._orders, self._loss, self._posts = Orders(books), loss or Loss(), posts

    def changed(
        self, since: datetime, until: datetime, now: datetime, *, posted: bool = False
    ) -> list[Copy]:
        """Those that last changed in the window, by when; of the posted ones or of the others."""
        window = since, min(until, now)
        numbers, special = self._arrived(*window, posted=posted), self._loss.special
        usual = (self._copy(order, now) for order in self._orders.each(numbers, now))
        found = [copy for copy in usual if copy.order.number not in special]
        found += [copy for number in special if (copy := self.find(number, now))]
        inside = [copy for copy in found if _is_inside(copy, *window, posted=posted)]
        return sorted(inside, key=lambda copy: (copy.changed_at, copy.order.number))

    def count(
        self, since: datetime, until: datetime, now: datetime, *, posted: bool = False
    ) -> int:
        """How many those are, without a look at each."""
        window = since, min(until, now)
        counted = self._usual_count(*window, now, posted=posted)
        for number in self._loss.special:
            order, copy = self._orders.find(number, now), self.find(number, now)
            if order and _is_inside(self._usual(order, now), *window, posted=posted):
                counted -= 1
            if copy and _is_inside(copy, *window, posted=posted):
                counted += 1
        return counted

    def find(self, number: int, now: datetime) -> Copy | None:
        """The copy of an order, if there is one by now."""
        order = self._orders.find(number, now)
        if order is None or self._loss.is_missing(number):
            return None
        copy = self._copy(order, now)
        return copy if copy.changed_at < now else None

    def _arrived(self, since: datetime, until: datetime, *, posted: bool) -> range:
        """The numbers that change in the window if all goes well: by arriving, or by posting."""
        late = ARRIVES_AFTER + (POSTED_AFTER if posted else timedelta(0))
        first, after = _sent_at(since - late), _sent_at(until - late)
        return self._orders.between(first - SENT_EVERY, after - SENT_EVERY)

    def _usual_count(self, since: datetime, until: datetime, now: datetime, *, posted: bool) -> int:
        numbers = self._arrived(since, until, posted=posted)
        if not self._posts:
            return 0 if posted else len(numbers)
        if posted:
            return _posted_among(numbers)
        unposted = self._arrived(now - POSTED_AFTER, now, posted=False)
        moved = range(numbers.start, min(numbers.stop, unposted.start))
        return len(numbers) - _posted_among(moved)

    def _copy(self, order: Order, now: datetime) -> Copy:
        """The copy that an order has or will have."""
        for name, length in self._loss.cuts_of(order.number).items():
            order = order.cut(name, length)
        again = self._loss.sent_again.get(order.number)
        return self._usual(order, now) if again is None else self._since(order, again, now)

    def _usual(self, order: Order, now: datetime) -> Copy:
        return self._since(order, _sent_at(order.placed_at, after=True) + ARRIVES_AFTER, now)

    def _since(self, order: Order, arrived_at: datetime, now: datetime) -> Copy:
        posted_at = arrived_at + POSTED_AFTER
        if self._posts and order.number % ONE_STAYS_OPEN and posted_at < now:
            return Copy(order=order, changed_at=posted_at, posted=True)
        return Copy(order=order, changed_at=arrived_at, posted=False)


def _sent_at(at: datetime, *, after: bool = False) -> datetime:
    """When the next run begins, counted from midnight; `after`: a run at this moment is over."""
    passed = (at - _EPOCH) % SENT_EVERY
    return at - passed + (SENT_EVERY if passed or after else timedelta(0))


def _is_inside(copy: Copy, since: datetime, until: datetime, *, posted: bool) -> bool:
    return copy.posted is posted and since <= copy.changed_at < until


def _posted_among(numbers: range) -> int:
    """How many of these orders are posted sooner or later."""
    open_ones = (numbers.stop - 1) // ONE_STAYS_OPEN - (numbers.start - 1) // ONE_STAYS_OPEN
    return len(numbers) - open_ones if numbers else 0
