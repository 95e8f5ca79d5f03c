"""The words of advice: what would keep a peak under its limit, and how well. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HOLDS = 0.3
"""A limit holds while the chance that it is reached is below this, where a warning closes too."""


class Way(StrEnum):
    """What is to be changed; in the order in which it is easier."""

    STAGGER = "stagger"  # other minutes of the hour
    MOVE = "move"  # another hour or weekday
    BATCH = "batch"  # more records a call
    RAISE = "raise"  # a larger limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A flow whose schedule, or whose calls, are to change; `instead` is the new cron line, ""
    where the schedule stays."""

    flow_id: str
    flow_name: str
    cron: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One change, and what it does: the chance that the limit is reached and the highest amount
    expected, each before and after, in the unit of the forecast. `moves` are the schedules to
    change. For BATCH, `records` a call in place of one are meant, and `per_run` is how many calls a
    run makes today. For RAISE, `needed` is the limit that would hold. `judged` is how many
    forecasts of the series were judged: with few, chances are better said in words."""

    limit_id: str
    way: Way
    amount: float
    before: float
    after: float
    highest_before: float
    highest_after: float
    moves: tuple[Move, ...] = ()
    records: int = 0
    per_run: float = 0.0
    needed: float | None = None
    judged: int = 0
