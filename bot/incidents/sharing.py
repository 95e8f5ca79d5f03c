"""What many incidents have in common, so that it is said once. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

MOST = 0.8
"""From this share on it is worth saying of all of them."""
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The `value` that `number` of all have, as the first of them says it."""

    value: str
    number: int


def in_common(values: Sequence[str]) -> Common | None:
    """What most of two or more have in common, the numbers in it aside; "" is known of none."""
    by_shape = Counter(_shape(value) for value in values if value)
    if len(values) < 2 or not by_shape:
        return None
    shape, number = by_shape.most_common(1)[0]
    if number < max(2, MOST * len(values)):
        return None
    return Common(value=next(each for each in values if _shape(each) == shape), number=number)


def _shape(value: str) -> str:
    return _DIGITS.sub("0", value.casefold())
