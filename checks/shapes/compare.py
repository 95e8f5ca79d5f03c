"""What has changed between the shape that a system's answers used to have and its newest. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from checks.shapes.shape import NO_FIELD, Field, Kind, Shape

ENOUGH = 20
"""So many objects of a place must have been seen before and now; fewer tell nothing. A proposal."""
ALWAYS = 0.99
SELDOM_EMPTY, MOSTLY_EMPTY = 0.05, 0.6
SHORT = 8  # signs: shorter texts have one length by nature
PILED = 5  # so many texts of exactly the greatest length
TOWER = 4  # times as many as of any length just below


class Change(StrEnum):
    VANISHED = "vanished"
    OTHER_KIND = "other kind"
    EMPTIED = "mostly empty"
    AT_LIMIT = "at its limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """One field that changed. `before` and `now` are what it looked like, in words; `certain` says
    that the answer itself changed, and not only what its values look like."""

    path: str
    change: Change
    before: str
    now: str

    @property
    def certain(self) -> bool:
        return self.change in (Change.VANISHED, Change.OTHER_KIND)


def altered(
    before: Sequence[Shape], now: Shape, limits: Mapping[str, int] | None = None
) -> tuple[Altered, ...]:
    """The fields that changed, the gravest first.

    `before` are the shapes of earlier days: a field counts as it was on any of them, so that a
    change stays one for as long as they are remembered. `limits` are the signs that a text field
    has room for, by path, where that is known.
    """
    found = [*_certain(before, now), *_likely(before, now, limits or {})]
    order = list(Change)
    return tuple(sorted(found, key=lambda each: (order.index(each.change), each.path)))


def can_be_judged(before: Sequence[Shape], now: Shape) -> bool:
    """Whether enough was seen, before and now, to tell anything."""
    return any(map(_has_enough, before)) and _has_enough(now)


def _has_enough(shape: Shape) -> bool:
    return any(each.of >= ENOUGH for each in shape.values())


def _certain(before: Sequence[Shape], now: Shape) -> Iterator[Altered]:
    gone: list[str] = []
    for path, held in _usual(before).items():
        seen = now.get(path) or Field(of=_of_place(now, path))
        if any(path.startswith((f"{each}.", f"{each}[]")) for each in gone):
            continue
        if seen.of >= ENOUGH and not seen.present and held.present >= ALWAYS * held.of:
            gone.append(path)
            yield Altered(
                path=path,
                change=Change.VANISHED,
                before=f"in all of {held.of:,}",
                now=f"in none of {seen.of:,}",
            )
        was, is_now = _only(held), _only(seen)
        if was and is_now and was is not is_now and seen.filled >= ENOUGH:
            yield Altered(path=path, change=Change.OTHER_KIND, before=was.value, now=is_now.value)


def _likely(before: Sequence[Shape], now: Shape, limits: Mapping[str, int]) -> Iterator[Altered]:
    usual = _usual(before)
    for path, seen in now.items():
        held = usual.get(path, NO_FIELD)
        if held.present and seen.present >= ENOUGH:
            empty_before, empty = held.empty / held.present, seen.empty / seen.present
            if empty_before <= SELDOM_EMPTY and empty >= MOSTLY_EMPTY:
                yield Altered(
                    path=path,
                    change=Change.EMPTIED,
                    before=f"{empty_before:.0%} empty",
                    now=f"{empty:.0%} empty",
                )
        yield from _at_limit(path, held, seen, limits.get(path))


def _at_limit(path: str, held: Field, seen: Field, limit: int | None) -> Iterator[Altered]:
    longest = max(seen.lengths, default=0)
    if limit is not None and longest >= limit:
        full = sum(number for length, number in seen.lengths.items() if length >= limit)
        said = f"{full:,} of {seen.filled:,} as long as there is room for"
        yield Altered(path=path, change=Change.AT_LIMIT, before=f"room for {limit}", now=said)
    elif limit is None and held.filled >= ENOUGH and _towers(seen) and not _towers(held):
        piled = f"{seen.lengths[longest]:,} of {seen.filled:,}"
        said = f"{piled} exactly {longest} characters long, none longer"
        was = max(held.lengths, default=0)
        before = f"up to {was} characters long"
        yield Altered(path=path, change=Change.AT_LIMIT, before=before, now=said)


def _towers(seen: Field) -> bool:
    """Whether texts pile up at the greatest length, as they do where they are cut; texts that are
    nearly all of one length are codes, dates and the like."""
    longest = max(seen.lengths, default=0)
    piled = seen.lengths.get(longest, 0)
    below = max((seen.lengths.get(longest - step, 0) for step in (1, 2, 3)), default=0)
    return (
        longest > SHORT and PILED <= piled <= 0.5 * seen.filled and piled >= TOWER * max(1, below)
    )


def _usual(before: Sequence[Shape]) -> Mapping[str, Field]:
    """Each field as on that day on which it was filled most surely."""
    best: dict[str, Field] = {}
    for shape in before:
        for path, each in shape.items():
            if each.of >= ENOUGH and _sureness(each) > _sureness(best.get(path, NO_FIELD)):
                best[path] = each
    return best


def _sureness(field: Field) -> tuple[float, float, int]:
    share = field.present / field.of if field.of else 0.0
    filled = field.filled / field.present if field.present else 0.0
    return (share, filled, field.of)


def _of_place(now: Shape, path: str) -> int:
    """How often that was seen which used to hold a field that nothing has now."""
    place = path.rpartition(".")[0]
    return max(
        (each.of for name, each in now.items() if name.rpartition(".")[0] == place), default=0
    )


def _only(field: Field) -> Kind | None:
    """The kind of nearly all of its values."""
    kind = max(field.kinds, key=lambda each: field.kinds[each], default=None)
    return kind if kind and field.kinds[kind] >= ALWAYS * field.filled > 0 else None
