"""The digest in Slack: one line on a quiet day, else what needs somebody first, with one chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.digest import phrases
from bot.digest.facts import Digest, Trend
from bot.digest.headline import asides, headline, is_calm
from bot.digest.phrases import Line, Part
from bot.digest.wording import figures, to_decide, to_read
from bot.slack.render.blocks import Block, context, fields, header, section
from bot.slack.render.chart import AXIS, CATEGORIES, NATIVE, TITLE
from bot.slack.render.lines import Group, in_sections
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import clip, escape, mention

DECIDING, READING = 4600, 2200
"""Signs for what needs a decision, before the figures, and for the rest."""
LINE = 240
FALLBACK = 600
LABEL = 20
STEPS = "▁▂▃▄▅▆▇█"
UNKNOWN = "·"
MORE = "`/seam digest` tells it as of now; `seamwatch digest --html` writes it as a page."


def digest_message(digest: Digest, *, native: bool = False, pictures: bool = False) -> Message:
    """`native`: the workspace takes Slack's own charts (if it refuses them after all, a picture is
    sent); `pictures`: it is sent pictures. If neither, the chart is a line of text."""
    first = _line(headline(digest), digest)
    covers = escape(phrases.covers(digest.period, digest.made_at, digest.late))
    if is_calm(digest):
        return answer(first, small=[covers, *map(escape, asides(digest))])
    title = phrases.title(digest.period, digest.estate)
    drawn = _chart(digest.trend) if digest.trend is not None and native else None
    shown = digest.trend if digest.trend is not None and digest.trend.is_known else None
    line = "" if native or pictures or shown is None else sparkline(shown)
    told = [(escape(label), escape(value)) for label, value in figures(digest)]
    said = message(
        clip(f"{escape(title)}. {first}", FALLBACK),
        [
            header(title),
            *context([covers]),
            section(first),
            *in_sections(_groups(to_decide(digest), digest), DECIDING),
            *fields(told),
            *([drawn] if drawn else []),
            *in_sections(_groups(to_read(digest), digest), READING),
            *context([line, MORE]),
        ],
    )
    return replace(said, picture=shown if native or pictures else None)


def _groups(parts: Sequence[Part], digest: Digest) -> list[Group]:
    return [
        Group.of(
            f"*{escape(part.title)}* ({len(part.lines):,})" if part.counted else f"*{part.title}*",
            part.lines,
            lambda each: _line(each, digest),
            most=part.most,
        )
        for part in parts
    ]


def sparkline(trend: Trend) -> str:
    """The chart in one line, "▁▃·█"; a point where nothing is known."""
    known = [step.value for step in trend.steps if step.value is not None]
    if not known:
        return ""
    top = max(*known, 1)
    signs = (
        UNKNOWN if step.value is None else STEPS[step.value * (len(STEPS) - 1) // top]
        for step in trend.steps
    )
    return f"`{''.join(signs)}` {escape(trend.title)}, at most {max(known):,}"


def _line(line: Line, digest: Digest) -> str:
    """In one line; a person by name, and by a mention only where no name is known, so that nobody
    is called by a summary."""
    said = phrases.whole_words(clip(escape(line.text), LINE))
    if line.who:
        name = digest.people.get(line.who)
        who = escape(phrases.name(name)) if name else mention(line.who)
        said += f" · {line.how.format(who)}"
    return f"{line.mark.sign} {said}"


def _chart(trend: Trend) -> Block | None:
    """Bars; steps of which nothing is known are left out, because there is no sign for a gap."""
    known = [step for step in trend.steps if step.value is not None][-CATEGORIES:]
    if not known:
        return None
    labels: Sequence[str] = [step.label[:LABEL] for step in known]
    points = [
        {"label": label, "value": step.value} for label, step in zip(labels, known, strict=True)
    ]
    return {
        "type": NATIVE,
        "title": clip(trend.title, TITLE),
        "chart": {
            "type": "bar",
            "series": [{"name": "number", "data": points}],
            "axis_config": {
                "categories": list(labels),
                "x_label": clip("days not shown are not known", AXIS),
            }
            if len(known) < len(trend.steps)
            else {"categories": list(labels)},
        },
    }
