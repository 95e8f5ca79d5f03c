"""The chart of a digest as a picture: bars, the newest last, as large as that of a forecast."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from bot.digest.facts import Trend
from bot.foresight.chart import COLOURS, DOTS, FAINT, GROUND, INCHES, INK, MEASURED, SMALL, WORDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LABELLED = 7
"""So many labels have room below the bars on a phone."""


def draw_trend(trend: Trend) -> bytes:
    """The picture as PNG, 1000 x 500; some 0.2 s of work, so not for the loop."""
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    figure_of(trend).savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(COLOURS).save(small, format="png", optimize=True)
    return small.getvalue()


def figure_of(trend: Trend) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES, dpi=DOTS, facecolor=GROUND)
    axes = figure.add_axes((0.03, 0.13, 0.94, 0.7), facecolor=GROUND)
    figure.text(0.03, 0.92, trend.title, color=INK, size=WORDS, weight="bold", parse_math=False)
    _draw_bars(axes, trend)
    _draw_scale(axes, trend)
    return figure


def says(trend: Trend) -> str:
    """What the picture shows, in words and numbers, for those who do not see it."""
    steps = ", ".join(
        f"{each.label} {'not known' if each.value is None else f'{each.value:,}'}"
        for each in trend.steps
    )
    return f"{trend.title}: {steps}."


def _draw_bars(axes: Axes, trend: Trend) -> None:
    """Each with its number; of what is not known there is no bar, and a sign that says so."""
    known = [each.value or 0 for each in trend.steps]
    axes.bar(range(len(known)), known, width=0.72, color=MEASURED)
    for place, step in enumerate(trend.steps):
        told = "?" if step.value is None else f"{step.value:,}"
        axes.annotate(
            told,
            (place, step.value or 0),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            color=FAINT if step.value is None else INK,
            size=SMALL,
        )
    axes.set_ylim(0, max([1, *known]) * 1.15)


def _draw_scale(axes: Axes, trend: Trend) -> None:
    every = max(1, -(-len(trend.steps) // LABELLED))
    shown = list(range(len(trend.steps) - 1, -1, -every))
    words = [trend.steps[place].label for place in shown]
    axes.set_xticks(shown, words, parse_math=False)
    axes.set_yticks([])
    axes.tick_params(colors=INK, labelsize=SMALL, length=0, pad=7)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(FAINT)
