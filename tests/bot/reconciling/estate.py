"""Two systems in memory with lists of orders, and a shop whose orders arrive in the books."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.reconcile_settings import ReconcileSettings
from checks.reconcile.model import Kind, Record
from checks.records import AS_DECLARED, By, RecordField, RecordList
from checks.unreadable import Unreadable

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PAGE = 100
FIELDS = (
    RecordField(name="total", kind=Kind.MONEY),
    RecordField(name="reference"),
    RecordField(name="customer", personal=True),
)


@dataclass
class Hands:
    """A clock that stands until it is moved."""

    at: datetime = NOON + 2 * HOUR

    def now(self) -> datetime:
        return self.at

    async def follow(self) -> None:
        raise AssertionError("nobody follows this clock")


@dataclass
class Books:
    """A system with one list of orders by the moment of creation. It counts the calls, and fails
    with `trouble` where that is set; `by_key` says whether it can be asked for one key."""

    name: str
    orders: list[Record] = field(default_factory=list)
    trouble: Unreadable | None = None
    by_key: bool = True
    pages: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def lists(self) -> tuple[RecordList, ...]:
        told = RecordList(
            entity="orders",
            place="orders",
            by=By.CREATED,
            keys=("number",),
            fields=FIELDS,
            by_key=self.by_key,
            asked_by=("number",) if self.by_key else (),
        )
        return (told,)

    async def records(self, entity, place, since, until, wanted=AS_DECLARED):
        self._may_fail()
        found = [each for each in self.orders if since <= each.at < until]
        for start in range(0, len(found), PAGE):
            self.pages += 1
            yield tuple(found[start : start + PAGE])

    async def record(self, entity, place, key, wanted=AS_DECLARED):
        self._may_fail()
        self.asked.append(key)
        return tuple(each for each in self.orders if each.key == key)

    def _may_fail(self):
        if self.trouble is not None:
            raise self.trouble


@dataclass
class Slow(Books):
    """One that answers when it may; `at_once` is how many were reading it."""

    answers: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: int = 0

    async def records(self, entity, place, since, until, wanted=AS_DECLARED):
        self.at_once += 1
        await self.answers.wait()
        self.at_once -= 1
        async for page in super().records(entity, place, since, until, wanted):
            yield page


def order(number: int, at: datetime, **told: object) -> Record:
    """An order of a made-up shop."""
    fields = {
        "total": Decimal(number % 97) + Decimal("0.95"),
        "reference": f"reference of order {number}",
        "customer": f"customer{number}@example.com",
    }
    return Record(key=str(number), fields=fields | told, id=f"id{number}", at=at, changed_at=at)


def orders(count: int, since: datetime = NOON, first: int = 1001) -> list[Record]:
    """So many orders, evenly over an hour."""
    return [order(first + each, since + each * HOUR / count) for each in range(count)]


def arrived(
    records: Iterable[Record], *, but: Iterable[int] = (), **changes: object
) -> list[Record]:
    """The same in the other system, three minutes later and without some; `changes` is by "nNUMBER"
    a dictionary of fields."""
    left_out = {str(each) for each in but}
    return [
        replace(
            each,
            id=f"b{each.id}",
            at=each.at + 3 * MINUTE,
            changed_at=each.at + 3 * MINUTE,
            fields={**each.fields, **changes.get(f"n{each.key}", {})},
        )
        for each in records
        if each.key not in left_out
    ]


def pair(**told: object) -> ReconcileSettings:
    start = {
        "name": "Orders to the books",
        "source": "Shop",
        "target": "Books",
        "field": [
            {"name": "total", "kind": "money"},
            {"name": "reference", "limit": 20},
            {"name": "customer"},
        ],
    }
    return ReconcileSettings.model_validate(start | told)
