"""A forecast as Slack's own chart: few points, so six hours at a time, each with its highest.

Slack allows 20 categories, every series has a value for each of them, and labels have 20 signs:
https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.foresight.chart import Chart, say_amount
from bot.slack.render.blocks import Block, section
from bot.slack.render.message import Message, message
from bot.slack.render.text import escape, foreign_plain

NATIVE = "data_visualization"
CATEGORIES = 20
TITLE = 50
AXIS = 50
HOURS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Six hours of the local day: the highest that was measured or is expected, and the highest
    that nine of ten paths stay below."""

    label: str
    amount: float
    high: float


def chart_block(chart: Chart) -> Block | None:
    """The block; None where there is nothing to draw."""
    bins = bins_of(chart)
    if not bins or not chart.band:
        return None
    return {
        "type": NATIVE,
        "title": foreign_plain(f"{chart.name}: {chart.unit}", TITLE) or "Forecast",
        "chart": {
            "type": "line",
            "series": list(_series(chart, bins)),
            "axis_config": {
                "categories": [each.label for each in bins],
                "x_label": foreign_plain(f"highest of {HOURS} h, {chart.zone.key}", AXIS),
            },
        },
    }


def without_charts(said: Message) -> Message | None:
    """The same for a workspace that does not take charts; None where it has none."""
    kept = tuple(block for block in said.blocks if block["type"] != NATIVE)
    return replace(said, blocks=kept) if len(kept) < len(said.blocks) else None


def chart_line(incident_id: int, chart: Chart) -> Message:
    """What stands above the picture in an incident's thread, and alone where it cannot be drawn."""
    said = f"#{incident_id}: {escape(alt_text(chart))}"
    return message(said, [section(said)])


def picture_message(said: str, file_id: str) -> Message:
    """An uploaded picture as a message of its own; `said` is what it shows, unescaped."""
    return Message(text=escape(said), blocks=(image_of(said, file_id),))


def with_picture(message: Message, said: str, file_id: str) -> Message:
    """The same with an uploaded picture above its small print."""
    *above, small = message.blocks
    return replace(message, blocks=(*above, image_of(said, file_id), small))


def image_of(said: str, file_id: str) -> Block:
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": said}


def bins_of(chart: Chart) -> list[Bin]:
    """All that lies ahead, and before it as much of the past as there is room for.

    Six hours of which nothing is known are left out: there is no sign for a gap.
    """
    found: dict[datetime, Bin] = {}
    now = _start(chart, chart.made_at)
    for at, amount, high in _amounts(chart):
        start = _start(chart, at)
        before = found.get(start) or Bin(label=_label(start, now), amount=amount, high=high)
        found[start] = Bin(
            label=before.label, amount=max(before.amount, amount), high=max(before.high, high)
        )
    past = [each for start, each in sorted(found.items()) if start < now]
    ahead = [each for start, each in sorted(found.items()) if start >= now][:CATEGORIES]
    room = CATEGORIES - len(ahead)
    return [*past[-room:], *ahead] if room else ahead


def sparkline(chart: Chart) -> str:
    """The same in one line of text, "▁▃▅█│▂▅": past and future parted, full where the limit is."""
    bins = bins_of(chart)
    top = max([chart.limit or 0.0, *(each.amount for each in bins)], default=0.0)
    if not top:
        return ""
    now = _start(chart, chart.made_at)
    current = _label(now, now)
    steps = "▁▂▃▄▅▆▇█"
    signs = [
        ("│" if each.label == current else "") + steps[int(each.amount / top * 7)] for each in bins
    ]
    return "".join(signs)


def alt_text(chart: Chart) -> str:
    """What the picture shows, in words and numbers; unescaped, for a plain field."""
    measured = max((amount for _, amount in chart.history if amount is not None), default=None)
    expected = max((point.middle for point in chart.band), default=None)
    high = max((point.high for point in chart.band), default=None)
    parts = [
        f"measured up to {say_amount(measured)} in the last 7 days" if measured is not None else "",
        f"expected up to {say_amount(expected)}" if expected is not None else "",
        f"9 in 10 times no more than {say_amount(high)}" if high is not None else "",
        f"limit {say_amount(chart.limit)}" if chart.limit is not None else "",
        _reached(chart),
    ]
    return foreign_plain(f"{chart.name}, {chart.unit}: {'; '.join(filter(None, parts))}.", 1000)


def _reached(chart: Chart) -> str:
    if not (chart.soonest and chart.middle and chart.latest):
        return ""
    soonest, middle, latest = (
        f"{at.astimezone(chart.zone):%a %-d %b %H:%M}"
        for at in (chart.soonest, chart.middle, chart.latest)
    )
    return f"reached most likely {middle}, between {soonest} and {latest} ({chart.zone.key})"


def _amounts(chart: Chart) -> Iterator[tuple[datetime, float, float]]:
    for at, amount in chart.history:
        if amount is not None:
            yield at, amount, amount
    for point in chart.band:
        yield point.at, point.middle, point.high


def _start(chart: Chart, at: datetime) -> datetime:
    """The local six hours that a moment falls into; as wall time, which sorts by itself."""
    local = at.astimezone(chart.zone)
    return local.replace(hour=local.hour // HOURS * HOURS, minute=0, second=0, microsecond=0)


def _label(start: datetime, now: datetime) -> str:
    """ "Thu 26 06-12"; the date makes it unique, as Slack wants it."""
    return f"{start:%a} {start.day} {start.hour:02}-{start.hour + HOURS:02}" + (
        " now" if start == now else ""
    )


def _series(chart: Chart, bins: list[Bin]) -> Iterator[Block]:
    """In the past the first two are one; the later is drawn over the earlier."""
    lines = {
        "9 in 10 stay below": [each.high for each in bins],
        "Measured, expected": [each.amount for each in bins],
    }
    if chart.limit is not None:
        lines["Limit"] = [chart.limit] * len(bins)
    for name, amounts in lines.items():
        points = [
            {"label": each.label, "value": _rounded(amount)}
            for each, amount in zip(bins, amounts, strict=True)
        ]
        yield {"name": name, "data": points}


def _rounded(amount: float) -> float:
    return round(amount) if amount >= 10 else round(amount, 2)
