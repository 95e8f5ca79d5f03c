"""A forecast as a picture: what was measured, what is expected, the limit, and when it is reached.

The picture is looked at on a phone at 390 pixels, often at night: few large words, its own dark
background, and colours that differ in brightness too. matplotlib is imported when drawing only,
and without pyplot, so that it may be done in a thread or another process.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from forecasting.model import BandPoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INCHES, DOTS = (10.0, 5.0), 100
COLOURS = 96
DWARFS = 4.0  # times the limit
NAME = 34
WORDS, SMALL = 19, 17  # points; 26 and 24 pixels of 1000, 10 and 9 on a phone

GROUND, INK, FAINT = "#161d27", "#e9eef5", "#8b98a9"
MEASURED, EXPECTED, LIMIT = "#7cc4ff", "#ffd166", "#ff7a7a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is drawn of one limit, as of `made_at` (UTC).

    `name` is the system's and `unit` what is counted ("calls an hour"), both foreign text.
    `history` are the starts of bins of `step` (UTC, rising) with their amounts, None where nothing
    is known. `limit` is None where it counts something else than the amounts do. `soonest`,
    `middle` and `latest` are the 10, 50 and 90 % points of the first moment at which it is reached;
    the bin of the last of them has ended by `latest`.
    Days are those of `zone`.
    """

    name: str
    unit: str
    made_at: datetime
    zone: ZoneInfo
    step: timedelta
    history: tuple[tuple[datetime, float | None], ...]
    band: tuple[BandPoint, ...]
    limit: float | None = None
    soonest: datetime | None = None
    middle: datetime | None = None
    latest: datetime | None = None


def draw(chart: Chart) -> bytes:
    """The picture as PNG, 1000 x 500; some 0.2 s of work, so not for the loop."""
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    figure_of(chart).savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(COLOURS).save(small, format="png", optimize=True)
    return small.getvalue()


def figure_of(chart: Chart) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES, dpi=DOTS, facecolor=GROUND)
    axes = figure.add_axes((0.105, 0.15, 0.875, 0.645), facecolor=GROUND)
    _draw_amounts(axes, chart)
    _draw_limit(axes, chart)
    _draw_scales(axes, chart)
    _write_heading(figure, axes, chart)
    return figure


def _draw_amounts(axes: Axes, chart: Chart) -> None:
    """Gaps of the history stay gaps; the band is of 80 and, fainter, of 95 in 100."""
    past = [_hours(chart, at + chart.step / 2) for at, _ in chart.history]
    known = [float("nan") if amount is None else amount for _, amount in chart.history]
    axes.plot(past, known, color=MEASURED, linewidth=2.6, label="measured")
    ahead = [_hours(chart, point.at + chart.step / 2) for point in chart.band]
    outer = [point.lowest for point in chart.band], [point.highest for point in chart.band]
    inner = [point.low for point in chart.band], [point.high for point in chart.band]
    axes.fill_between(ahead, *outer, color=EXPECTED, alpha=0.16, linewidth=0)
    axes.fill_between(ahead, *inner, color=EXPECTED, alpha=0.34, linewidth=0)
    middles = [point.middle for point in chart.band]
    axes.plot(ahead, middles, color=EXPECTED, linewidth=2.6, label="expected")
    axes.axvline(0, color=FAINT, linewidth=1.4)


def _draw_limit(axes: Axes, chart: Chart) -> None:
    if chart.limit is None:
        return
    axes.axhline(chart.limit, color=LIMIT, linewidth=2.6, linestyle=(0, (5, 2)), label="limit")
    if chart.soonest and chart.latest:
        range_ = _hours(chart, chart.soonest), _hours(chart, chart.latest)
        axes.axvspan(*range_, color=LIMIT, alpha=0.24, linewidth=0, label="reached")
    if chart.middle:
        at = _hours(chart, chart.middle)
        axes.plot([at], [chart.limit], "o", color=LIMIT, markersize=13, markeredgecolor=INK)


def _draw_scales(axes: Axes, chart: Chart) -> None:
    axes.set_xlim(*_span(chart))
    axes.set_ylim(0, _top(chart))
    ticks = list(_midnights(chart))
    axes.set_xticks([at for at, _ in ticks], [words for _, words in ticks], parse_math=False)
    axes.yaxis.set_major_formatter(lambda value, _: say_amount(value))
    axes.locator_params(axis="y", nbins=4)
    axes.tick_params(colors=INK, labelsize=SMALL, length=0, pad=7)
    axes.grid(axis="y", color=FAINT, alpha=0.28, linewidth=1)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(FAINT)


def _write_heading(figure: Figure, axes: Axes, chart: Chart) -> None:
    """The name, cut where it would not fit, over the key to the lines."""
    unit = _drawable(chart.unit)[:NAME]
    name = _drawable(chart.name)
    room = 2 * NAME - len(unit) - 20
    shown = name if len(name) <= room else f"{name[: room - 1].rstrip()}…"
    said = f"{shown}: {unit}"
    figure.text(0.02, 0.925, said, color=INK, size=WORDS, weight="bold", parse_math=False)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 0.985),
        ncols=4,
        frameon=False,
        labelcolor=INK,
        fontsize=SMALL,
        handlelength=1.3,
        columnspacing=1.2,
        borderaxespad=0.1,
    )


def _drawable(text: str) -> str:
    """On one line, with "?" for every sign that the font has no picture of."""
    from matplotlib.font_manager import findfont, get_font

    known = get_font(findfont("DejaVu Sans")).get_charmap()
    one_line = " ".join(text[:200].split())
    return "".join(sign if ord(sign) in known else "?" for sign in one_line)


def _hours(chart: Chart, at: datetime) -> float:
    return (at - chart.made_at) / HOUR


def _span(chart: Chart) -> tuple[float, float]:
    first = chart.history[0][0] if chart.history else chart.made_at - DAY
    last = chart.band[-1].at + chart.step if chart.band else chart.made_at + DAY
    return _hours(chart, first), _hours(chart, last)


def _top(chart: Chart) -> float:
    """Over all that is drawn; the faint band too, unless it would dwarf the limit."""
    amounts = [amount for _, amount in chart.history if amount is not None]
    faint = max((point.highest for point in chart.band), default=0.0)
    if chart.limit:
        faint = min(faint, DWARFS * chart.limit)
    highest = max([*amounts, *(point.high for point in chart.band), chart.limit or 0.0, faint])
    return highest * 1.08 or 1.0


def _midnights(chart: Chart) -> Iterator[tuple[float, str]]:
    """Where each local day begins: a word on the day, and its number below it."""
    since, until = (chart.made_at + hours * HOUR for hours in _span(chart))
    day = since.astimezone(chart.zone).date()
    days = max(1, (until - since) // DAY)
    every = -(-days // 11)
    number = 0
    while (at := datetime.combine(day, datetime.min.time(), chart.zone)) < until:
        if at >= since and number % every == 0:
            yield _hours(chart, at.astimezone(UTC)), f"{at:%a}\n{at.day}"
        number += at >= since
        day += DAY


def say_amount(value: float) -> str:
    """ "2,400", "0.5", "1.2m"."""
    for size, sign in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if value >= size * (100 if sign == "k" else 1):
            return f"{value / size:,.1f}".removesuffix(".0") + sign
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def peak(amounts: Sequence[float | None]) -> float | None:
    """The highest that is known; None where nothing is."""
    return max((amount for amount in amounts if amount is not None), default=None)
