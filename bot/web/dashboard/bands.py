"""A forecast as lines of SVG: what was measured, what is expected, the limit. Pure.

Only presentation attributes are used, which a strict Content-Security-Policy allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.foresight.chart import Chart, say_amount
from forecasting.model import BandPoint

WIDTH, HEIGHT, TOP, BOTTOM = 640.0, 170.0, 12.0, 146.0
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DWARFS = 3.0
"""The faint band is cut at so many times the limit, which it would make invisible."""
LABELLED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A day begins at `x`."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Points as SVG has them ("x,y x,y"). `measured` are the stretches of which something is known.
    `limit_y`, `reached` (from x, to x) are None where there is none."""

    name: str
    says: str
    measured: tuple[str, ...]
    outer: str
    inner: str
    middle: str
    now_x: float
    limit_y: float | None
    limit_label: str
    reached: tuple[float, float] | None
    ticks: tuple[Tick, ...]


def draw(chart: Chart, name: str, says: str) -> Drawing:
    """`says` tells in words what the drawing shows, for those who do not see it."""
    since, until = _span(chart)
    top = _top(chart)

    def x(at: datetime) -> float:
        return round(WIDTH * ((at - since) / (until - since)), 1)

    def y(amount: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * min(1.0, max(0.0, amount / top)), 1)

    def ahead(value: Callable[[BandPoint], float]) -> list[str]:
        return [f"{x(each.at + chart.step / 2)},{y(value(each))}" for each in chart.band]

    ends = (chart.soonest, chart.latest)
    return Drawing(
        name=name,
        says=says,
        measured=tuple(
            " ".join(f"{x(at + chart.step / 2)},{y(amount)}" for at, amount in stretch)
            for stretch in _stretches(chart.history)
        ),
        outer=_ring(ahead(lambda each: each.lowest), ahead(lambda each: each.highest)),
        inner=_ring(ahead(lambda each: each.low), ahead(lambda each: each.high)),
        middle=" ".join(ahead(lambda each: each.middle)),
        now_x=x(chart.made_at),
        limit_y=None if chart.limit is None else y(chart.limit),
        limit_label="" if chart.limit is None else f"limit {say_amount(chart.limit)}",
        reached=(x(ends[0]), x(ends[1])) if ends[0] and ends[1] and chart.limit else None,
        ticks=tuple(_ticks(chart, since, until, x)),
    )


def _span(chart: Chart) -> tuple[datetime, datetime]:
    since = chart.history[0][0] if chart.history else chart.made_at - DAY
    until = chart.band[-1].at + chart.step if chart.band else chart.made_at + DAY
    return since, max(until, since + HOUR)


def _top(chart: Chart) -> float:
    known = [amount for _, amount in chart.history if amount is not None]
    faint = max((each.highest for each in chart.band), default=0.0)
    if chart.limit:
        faint = min(faint, DWARFS * chart.limit)
    highest = max([*known, *(each.high for each in chart.band), chart.limit or 0.0, faint])
    return highest * 1.06 or 1.0


def _stretches(
    history: Sequence[tuple[datetime, float | None]],
) -> Iterator[list[tuple[datetime, float]]]:
    """What lies between two gaps."""
    stretch: list[tuple[datetime, float]] = []
    for at, amount in history:
        if amount is not None:
            stretch.append((at, amount))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _ring(below: list[str], above: list[str]) -> str:
    return " ".join([*below, *reversed(above)])


def _ticks(
    chart: Chart, since: datetime, until: datetime, x: Callable[[datetime], float]
) -> Iterator[Tick]:
    """Where local days begin, not more than fit on a phone."""
    every = max(1, -(-((until - since) // DAY) // LABELLED))
    day, number = since.astimezone(chart.zone).date() + DAY, 0
    while (at := datetime.combine(day, datetime.min.time(), chart.zone).astimezone(UTC)) < until:
        if number % every == 0:
            yield Tick(x=x(at), label=f"{day:%a} {day.day}")
        day, number = day + DAY, number + 1
