"""Call volume: which instance a run called, how often, in which minute. Worked out, no I/O.

Patchworks tells how many operations a run received and sent, not which step made them; an operation
is one request to an endpoint, answered well or not:
https://doc.wearepatchworks.com/product-documentation/company-management/company-insights/company-insights-overview/about-operations

So they are split by this method:

1. What was received belongs to the steps that receive, what was sent to those that send. Where a
   step's direction is not told, its place tells it: of the steps that call an instance the first
   receives and the others send; a step that is alone does both.
2. A flow without any step of a direction has all its calling steps share what went that way.
3. Within a direction every step gets the same number; what is left over goes one each to the
   earlier steps. Nothing is lost and nothing invented.
4. Each instance's operations are spread evenly over the minutes that the run touched.

What a trigger received (a webhook, an event) is an operation too and cannot be told apart, so that
the numbers err on the high side. Spread evenly, a burst inside a run does not show: what is called
the busiest here may in truth have been busier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from checks.runs import Direction, Run, Step

MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)
LONGEST_RUN = timedelta(days=7)  # a run told as longer than its log is kept has a wrong end


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The requests that runs of one flow made to one instance in the minute from `minute` (UTC)."""

    minute: datetime
    instance_id: str
    flow_id: str
    calls: int


def operations(run: Run) -> int | None:
    """All operations of a run that has ended; None while it runs, or where they were not told."""
    if run.finished_at is None or run.received is None or run.sent is None:
        return None
    return run.received + run.sent


def spread(run: Run, steps: Sequence[Step]) -> tuple[Calls, ...]:
    """The calls of an ended run to the instances of its flow's steps, by the method above.

    Empty when its operations are not known, which is not zero: `operations` tells which.
    """
    if run.received is None or run.sent is None or run.finished_at is None or not steps:
        return ()
    amounts: Counter[str] = Counter()
    ways = ((run.received, Direction.RECEIVE), (run.sent, Direction.SEND))
    for amount, direction in ways:
        takers = _steps_of(direction, steps)
        for step, part in zip(takers, _split(amount, len(takers)), strict=True):
            amounts[step.instance_id] += part
    minutes = _minutes(run.started_at, run.finished_at)
    return tuple(
        Calls(minute=minute, instance_id=instance_id, flow_id=run.flow_id, calls=calls)
        for instance_id, amount in amounts.items()
        for minute, calls in zip(minutes, _space(amount, len(minutes)), strict=True)
        if calls
    )


def busiest(
    per_minute: Mapping[datetime, int], width: timedelta, since: datetime, until: datetime
) -> float:
    """The most calls within any window of `width` whose last minute is one of those from `since` to
    `until`, both included.

    A lower bound: minutes are the finest that is known, so that a window shorter than a minute
    gets its share of the busiest minute, and one of 90 s is looked at as one of 60. `per_minute`
    must reach back `width` before `since`.
    """
    minutes = max(1, width // MINUTE)
    first, last = _minute(since), _minute(until)
    start = first - (minutes - 1) * MINUTE
    counts = [per_minute.get(start + n * MINUTE, 0) for n in range((last - start) // MINUTE + 1)]
    inside = sum(counts[: minutes - 1])
    most = 0
    for newest in range(minutes - 1, len(counts)):
        inside += counts[newest]
        most = max(most, inside)
        inside -= counts[newest - minutes + 1]
    return most * min(1.0, width / MINUTE)


def _steps_of(direction: Direction, steps: Sequence[Step]) -> Sequence[Step]:
    return [s for n, s in enumerate(steps) if direction in _ways(s, n, len(steps))] or steps


def _ways(step: Step, place: int, of: int) -> Iterable[Direction]:
    if step.direction is not None:
        return (step.direction,)
    if of == 1:
        return tuple(Direction)
    return (Direction.SEND if place else Direction.RECEIVE,)


def _split(amount: int, parts: int) -> list[int]:
    """Whole numbers as equal as can be, the larger ones first."""
    each, left = divmod(amount, parts)
    return [each + (place < left) for place in range(parts)]


def _space(amount: int, parts: int) -> list[int]:
    """Whole numbers as equal as can be, the larger ones evenly apart, the first among them."""
    so_far = [-(-amount * place // parts) for place in range(parts + 1)]
    return [after - before for before, after in pairwise(so_far)]


def _minutes(started_at: datetime, finished_at: datetime) -> list[datetime]:
    """The starts of all minutes from start to end; at least the one of the start."""
    end = min(finished_at - INSTANT, started_at + LONGEST_RUN)
    first, last = _minute(started_at), _minute(max(started_at, end))
    return [first + n * MINUTE for n in range((last - first) // MINUTE + 1)]


def _minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)
