"""What goes missing inside flows that succeed: orders refused unseen, filters, empty answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.sandbox.estate.model import Flow, Run, Status
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.copies import SENT_EVERY
from bot.sandbox.estate.vendors.orders import Orders

_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOST_AT_ONCE = 3


class Losses:
    """The losses of one company. `carries` is the flow that takes the shop's orders to the ERP,

    whose runs carry the orders of the books; what other flows carry is not told one by one.
    """

    def __init__(self, books: Books, carries: int) -> None:
        self.carries = carries
        self.orders, self.loss = Orders(books), books.loss
        self.empty: set[int] = set()
        """Ids of flows whose source answers with nothing."""
        self.filtered: set[int] = set()
        """Ids of flows whose filter lets nothing through."""
        self._partly: set[int] = set()

    def lose_orders(self, now: datetime) -> range:
        """Three orders of the next whole hour will be refused, and nobody is told.

        Answers the numbers of that hour.
        """
        hour = now.replace(minute=0, second=0, microsecond=0) + _HOUR
        numbers = self.orders.between(hour, hour + _HOUR)
        quarters = range(1, _LOST_AT_ONCE + 1)
        self.loss.missing |= (
            {numbers[len(numbers) * n // 4] for n in quarters} if numbers else set()
        )
        return numbers

    def cut(self, text: str, length: int, now: datetime) -> None:
        """From now on a mapping cuts this text of every order."""
        self.loss.cuts[text] = length
        self.loss.cut_from = self.orders.next_number(now)

    def put_right(self, now: datetime) -> tuple[int, ...]:
        """What was cut is whole again, what never arrived arrives. Answers the latter's numbers."""
        late = tuple(sorted(n for n in self.loss.missing if n < self.orders.next_number(now)))
        self.loss.cuts.clear()
        self.loss.missing.intersection_update(late)
        self.loss.send_again(late, now)
        return late

    def fail_partly(self, flow: Flow) -> None:
        """The flow's next run succeeds with a part of its payloads refused."""
        self._partly.add(flow.id)

    def clear(self) -> None:
        """Nothing is lost any more, nor ever was."""
        self.loss.clear()
        for trouble in (self.empty, self.filtered, self._partly):
            trouble.clear()

    def records(
        self, usual: Callable[[Flow, datetime], int | None], flow: Flow, at: datetime
    ) -> int | None:
        """How many records a job of the flow finds that is queued at a moment."""
        if flow.id in self.empty:
            return 0
        return len(self._placed(at)) if flow.id == self.carries else usual(flow, at)

    def carried(self, run: Run) -> tuple[int, ...] | None:
        """The numbers of the orders that a run carries; None for runs of other flows."""
        if run.flow.id != self.carries:
            return None
        return _told(run.payload) if run.payload else tuple(self._placed(run.queued_at))

    def is_missing(self, run: Run, number: int) -> bool:
        """Whether a run carried the order in vain."""
        again = self.loss.sent_again.get(number)
        return number in self.loss.missing and (again is None or run.started_at < again)

    def settle(self, run: Run) -> Run:
        """A run that has succeeded, with what is said of its losses."""
        if run.outcome is not Status.SUCCESS:
            return run
        if run.flow.id in self._partly:
            self._partly.discard(run.flow.id)
            return replace(run, outcome=Status.PARTIAL_SUCCESS)
        refused = sum(self.is_missing(run, number) for number in self.carried(run) or ())
        return replace(run, refused=refused, filtered=run.flow.id in self.filtered)

    def _placed(self, queued_at: datetime) -> range:
        """The orders that were placed since the run before."""
        until = queued_at - (queued_at - _EPOCH) % SENT_EVERY
        return self.orders.between(until - SENT_EVERY, until)


def payload_of(numbers: Iterable[int]) -> str:
    """What a run is started with that is to carry these orders."""
    return json.dumps({"orders": list(numbers)})


def _told(payload: str) -> tuple[int, ...]:
    try:
        told = json.loads(payload)
    except ValueError:
        return ()
    orders = told.get("orders", []) if isinstance(told, dict) else []
    return tuple(number for number in orders if isinstance(number, int))
