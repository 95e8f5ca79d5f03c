"""Finds what a person means among names: the whole name, its beginning, or a part of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")

NEAR = 3
LONGEST = 200
FITS = (str.__eq__, str.startswith, str.__contains__)
_WORDS = re.compile(r"[^\W_]+")


def find_named(asked: str, known: Iterable[T], names: Callable[[T], Iterable[str]]) -> list[T]:
    """What is meant: one, several to choose from, or none.

    Case, quotes and punctuation do not matter. Whole names win over beginnings, beginnings over
    parts.
    """
    ranked = _ranked(asked, known, names)
    best = min((rank for rank, _ in ranked), default=None)
    return [each for rank, each in ranked if rank == best]


def all_named(asked: str, known: Iterable[T], names: Callable[[T], Iterable[str]]) -> list[T]:
    """Everything that may be meant: those of the whole name, then of its beginning, then a part."""
    ranked = sorted(_ranked(asked, known, names), key=lambda pair: pair[0])
    return [each for _, each in ranked]


def nearest_names(asked: str, names: Iterable[str]) -> Sequence[str]:
    """The few names most like what was typed; none when nothing is near."""
    by_key = {_key(name): name for name in names}
    return [by_key[key] for key in get_close_matches(_key(asked), by_key, n=NEAR, cutoff=0.6)]


def same_name(one: str, other: str) -> bool:
    """Whether they differ in case, quotes and punctuation at most: "Shop UK" and "shop-uk"."""
    return _key(one) == _key(other)


def _ranked(
    asked: str, known: Iterable[T], names: Callable[[T], Iterable[str]]
) -> list[tuple[int, T]]:
    """What it fits at all, each with how well: 0 is the whole name."""
    wanted = _key(asked)
    found = []
    for each in known:
        keys = [_key(name) for name in names(each) if name]
        fits = (any(suits(key, wanted) for key in keys) for suits in FITS)
        rank = next((rank for rank, fit in enumerate(fits) if fit), None)
        if rank is not None:
            found.append((rank, each))
    return found


def _key(name: str) -> str:
    """The words in lower case; the text itself where there are none, so that it is never empty."""
    short = name[:LONGEST].casefold()
    return " ".join(_WORDS.findall(short)) or short.strip() or "?"
