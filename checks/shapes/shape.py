"""What an answer looks like, field by field, and how two looks add up. No value is kept. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import islice

MOST_PATHS = 400
MOST_DEPTH = 10
MOST_ITEMS = 250  # of one list; a page has no more
LENGTHS = 6  # the longest ones are told apart
ITEM = "[]"
_PLAIN = (str, int, float, Decimal, type(None))


class Kind(StrEnum):
    """Of which kind a value is; whole and broken numbers are one kind."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "yes or no"
    LIST = "list"
    OBJECT = "object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. `of` is how often what holds it was seen, `present` how often it was there,
    `empty` how often it was null or "". `kinds` counts the rest; `lengths` how many texts had one
    of the greatest lengths, in signs."""

    of: int = 0
    present: int = 0
    empty: int = 0
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    lengths: Mapping[int, int] = field(default_factory=dict)

    @property
    def filled(self) -> int:
        """How often it held something."""
        return self.present - self.empty


Shape = Mapping[str, Field]
"""Fields by their path: "data.orders.nodes[].name"."""
NO_FIELD = Field()


def shape_of(data: object) -> Shape:
    """What one answer looks like."""
    places: dict[str, _Place] = {}
    _see(data, "", 0, places)
    found = {
        f"{path}.{name}" if path else name: tally.field(of=place.seen)
        for path, place in places.items()
        for name, tally in place.fields.items()
    }
    return dict(islice(found.items(), MOST_PATHS))


def together(one: Shape, other: Shape) -> Shape:
    """Both looks as one."""
    return {
        path: _sum(one.get(path, NO_FIELD), other.get(path, NO_FIELD))
        for path in islice(dict.fromkeys((*one, *other)), MOST_PATHS)
    }


def leaf(path: str) -> str:
    """The last name of a path, as people call the field."""
    return path.removesuffix(ITEM).rpartition(".")[2]


class _Tally:
    """A field while it is counted."""

    __slots__ = ("empty", "kinds", "lengths", "present")

    def __init__(self) -> None:
        self.present = self.empty = 0
        self.kinds: Counter[Kind] = Counter()
        self.lengths: Counter[int] = Counter()

    def see(self, value: object) -> None:
        self.present += 1
        if value is None or value == "":
            self.empty += 1
            return
        self.kinds[_kind(value)] += 1
        if isinstance(value, str):
            self.lengths[len(value)] += 1

    def field(self, of: int) -> Field:
        return Field(
            of=of,
            present=self.present,
            empty=self.empty,
            kinds=dict(self.kinds),
            lengths=_greatest(self.lengths),
        )


class _Place:
    """The objects that stand in one place, while they are counted."""

    __slots__ = ("fields", "seen")

    def __init__(self) -> None:
        self.seen = 0
        self.fields: dict[str, _Tally] = {}

    def tally(self, name: str) -> _Tally | None:
        """The field's; None for one more than is kept."""
        found = self.fields.get(name)
        if found is None and len(self.fields) < MOST_PATHS:
            found = self.fields[name] = _Tally()
        return found


def _see(data: object, path: str, depth: int, places: dict[str, _Place]) -> None:
    if depth > MOST_DEPTH:
        return
    if isinstance(data, list):
        for item in data[:MOST_ITEMS]:
            _see(item, path + ITEM, depth + 1, places)
    elif isinstance(data, Mapping) and (path in places or len(places) < MOST_PATHS):
        place = places.setdefault(path, _Place())
        place.seen += 1
        for name, value in data.items():
            if tally := place.tally(str(name)):
                tally.see(value)
                if not isinstance(value, _PLAIN):  # nearly all are: no need to look inside
                    _see(value, f"{path}.{name}" if path else str(name), depth + 1, places)


def _kind(value: object) -> Kind:
    if isinstance(value, bool):
        return Kind.TRUTH
    if isinstance(value, (int, float, Decimal)):
        return Kind.NUMBER
    if isinstance(value, list):
        return Kind.LIST
    return Kind.OBJECT if isinstance(value, Mapping) else Kind.TEXT


def _sum(one: Field, other: Field) -> Field:
    return Field(
        of=one.of + other.of,
        present=one.present + other.present,
        empty=one.empty + other.empty,
        kinds=dict(Counter(one.kinds) + Counter(other.kinds)),
        lengths=_greatest(Counter(one.lengths) + Counter(other.lengths)),
    )


def _greatest(lengths: Mapping[int, int]) -> Mapping[int, int]:
    return {length: lengths[length] for length in sorted(lengths, reverse=True)[:LENGTHS]}
