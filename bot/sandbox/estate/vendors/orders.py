"""The orders of the made-up company, each made from its number: what was bought, when, by whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from bot.sandbox.estate.chance import draws
from bot.sandbox.estate.vendors.books import Books
from bot.sandbox.estate.vendors.numbering import Numbering

FIRST_NUMBER = 1001
"""The first number that a new shop gives."""
CURRENCY = "GBP"
TAX = Decimal("0.2")
"""Part of every price without tax."""

_PENNY = Decimal("0.01")
_FIRST_NAMES = ("Aisha", "Ben", "Catrin", "Dov", "Elif", "Finlay", "Gwen", "Hal", "Iona", "Jude")
_LAST_NAMES = ("Ashworth", "Birch", "Calder", "Dunmore", "Ellery", "Fothergill", "Garside", "Hyde")
_HOUSES = (
    "Harbour View Cottage",
    "The Old Chandlery",
    "Unit 4, Riverside Trading Estate",
    "Fell End",
)
_STREETS = ("Long Quay Road", "Saltmarsh Lane", "Upper Fellside Terrace", "Mill Brow")
_TOWNS = (
    ("Whitby", "YO21 1AA"),
    ("Keswick", "CA12 5JR"),
    ("Oban", "PA34 4LW"),
    ("Conwy", "LL32 8AY"),
)
_CLUBS = ("Ramblers", "Scout group", "Sailing school", "Mountain rescue")
_THINGS = (("FH-TENT-2", "Two-person tent", "189.00"), ("FH-BOOT-W", "Walking boots", "124.50"))
_SMALL_THINGS = (
    ("FH-SOCK-3", "Merino socks, three pairs", "27.99"),
    ("FH-LAMP-1", "Head torch", "34.95"),
    ("FH-MUG-E", "Enamel mug", "8.50"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; `price` is of one piece, with tax."""

    sku: str
    title: str
    quantity: int
    price: Decimal

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order as its shop has it; `placed_at` (UTC) is also when it last changed."""

    number: int
    placed_at: datetime
    lines: tuple[Line, ...]
    first_name: str
    last_name: str
    address: str
    town: str
    postcode: str
    reference: str
    """What the customer calls it; "" for most."""

    @property
    def total(self) -> Decimal:
        """With tax."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """The tax that is part of the total."""
        return (self.total * TAX / (1 + TAX)).quantize(_PENNY)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        return f"{self.first_name}.{self.last_name}.{self.number}@customers.example".lower()

    def cut(self, field: str, length: int) -> Order:
        """The same with one of its texts cut off."""
        return replace(self, **{field: getattr(self, field)[:length].rstrip()})


class Orders(Numbering):
    """Every order of the books, by number. The first one of all is FIRST_NUMBER."""

    def __init__(self, books: Books) -> None:
        super().__init__(books, "orders", FIRST_NUMBER)
        self.books = books

    def find(self, number: int, now: datetime) -> Order | None:
        """An order by its number; None before it is placed."""
        if not self.has(number, now):
            return None
        return next(self.each(range(number, number + 1), now))

    def page(
        self, numbers: range, page: int, size: int, now: datetime, *, falls: bool = False
    ) -> list[Order]:
        """A page of these, the first of which is 1; the newest first if it `falls`."""
        first = (page - 1) * size
        if falls:
            return list(self.each(numbers[::-1][first : first + size][::-1], now))[::-1]
        return list(self.each(numbers[first : first + size], now))

    def each(self, numbers: range, now: datetime) -> Iterator[Order]:
        """The orders of these numbers, all of which were placed before `now`."""
        for number, placed_at in self.times(numbers, now):
            yield _made(number, placed_at)


@lru_cache(maxsize=16_384)  # every vendor lists the same orders, again and again
def _made(number: int, placed_at: datetime) -> Order:
    draw = draws("order", number)
    lines = [_line(draw.choice(_SMALL_THINGS), draw.randint(1, 4))]
    lines += [_line(thing, 1) for thing in _THINGS if draw.random() < 0.3]
    town, postcode = draw.choice(_TOWNS)
    house = f"{draw.randint(1, 180)} " if draw.random() < 0.6 else f"{draw.choice(_HOUSES)}, "
    club = draw.choice(_CLUBS) if draw.random() < 0.1 else ""
    return Order(
        number=number,
        placed_at=placed_at,
        lines=tuple(lines),
        first_name=draw.choice(_FIRST_NAMES),
        last_name=draw.choice(_LAST_NAMES),
        address=house + draw.choice(_STREETS),
        town=town,
        postcode=postcode,
        reference=f"{club} {town} {number % 97}" if club else "",
    )


def _line(thing: tuple[str, str, str], quantity: int) -> Line:
    sku, title, price = thing
    return Line(sku=sku, title=title, quantity=quantity, price=Decimal(price))
