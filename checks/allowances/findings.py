"""What a signal says about an allowance, and which of several speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from checks.model import Foreseen, Level

RANK = {Level.OK: 0, Level.UNKNOWN: 1, Level.EARLY: 2, Level.BREACH: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one signal says about an allowance; `expected_at` (UTC) is when it will be used up.

    `also` is what it adds, as a sentence of its own, where another finding of its level speaks.
    """

    signal: str
    level: Level
    sentence: str
    expected_at: datetime | None = None
    also: str = ""
    foreseen: Foreseen | None = None


def gravest(findings: Sequence[Finding]) -> Finding:
    """The highest level speaks, of equals the first, with the soonest time that its level expects.

    What is observed and what is predicted of one allowance meet here: a forecast takes part
    whichever of them speaks. Raises ValueError when there is nothing to choose from.
    """
    level = max((each.level for each in findings), key=RANK.__getitem__)
    equals = [each for each in findings if each.level is level]
    soonest = min((each.expected_at for each in equals if each.expected_at), default=None)
    first, *others = equals
    return replace(
        first,
        sentence=" ".join((first.sentence, *(each.also for each in others if each.also))),
        expected_at=soonest,
        foreseen=next((each.foreseen for each in findings if each.foreseen), None),
    )
