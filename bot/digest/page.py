"""A digest as one page of HTML that needs nothing else: for a browser, a printer, a mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from bot.digest import phrases
from bot.digest.facts import Digest, Group, Step, Trend
from bot.digest.headline import headline
from bot.digest.measures import Times
from bot.digest.phrases import Mark
from bot.digest.plain import sentence
from bot.digest.wording import figures, groups_title, mark_of, to_decide, to_read, why_poor
from checks.durations import say_duration

WIDTH, HEIGHT, FLOOR = 700, 150, 30
"""Of the chart, in its own units; `FLOOR` is the room for the labels under the bars."""
NOT_KNOWN = "not known"
NONE = "no good run"
SHORT, LONG_WORD = 18, 18
LABELLED = 14
"""More bars than this have a label only at every other one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of the chart in its own units: a place of which nothing is known has no `value`."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A group of flows as a row of the table."""

    name: str
    flows: str
    runs: str
    standing: str
    why: str
    well: str
    before: str
    took: str
    took_before: str
    mark: Mark


def render(digest: Digest) -> str:
    """The whole page. Every word of it is escaped, whatever it holds."""
    trend = digest.trend
    after = [part for part in to_read(digest) if part.title != groups_title(digest)]
    return _template().render(
        title=phrases.title(digest.period, digest.estate),
        covers=phrases.covers(digest.period, digest.made_at, digest.late),
        first=headline(digest),
        figures=figures(digest),
        before_figures=to_decide(digest),
        after_figures=after,
        say=lambda line: _said(line, digest),
        fit=_fit,
        rows=[_row(group, digest) for group in digest.groups],
        before=phrases.BEFORE[digest.period.form],
        compared=any(group.before is not None for group in digest.groups),
        breaks=breaks,
        trend=trend if trend is not None and trend.is_known else None,
        bars=list(bars_of(trend)) if trend is not None else [],
        size=(WIDTH, HEIGHT + FLOOR),
        floor=HEIGHT,
        made=phrases.moment(digest.period, digest.made_at),
        zone=digest.period.zone.key,
    )


def bars_of(trend: Trend) -> Iterator[Bar]:
    """From left to right; the highest reaches the top."""
    top = max((step.value or 0 for step in trend.steps), default=0) or 1
    room = WIDTH / max(1, len(trend.steps))
    for place, step in enumerate(trend.steps):
        height = (HEIGHT - 22) * (step.value or 0) / top
        yield Bar(
            x=round(place * room + room * 0.14, 1),
            y=round(HEIGHT - height, 1),
            width=round(room * 0.72, 1),
            height=round(height, 1),
            label=_label(trend, place, step),
            value=step.value,
        )


def breaks(text: str) -> str:
    """Where the text of a cell may be broken, as a class of the page: "short" nowhere, "words"
    between words, "anywhere" within those that no column has room for."""
    if len(text) <= SHORT:
        return "short"
    return "words" if max(map(len, text.split()), default=0) <= LONG_WORD else "anywhere"


def _label(trend: Trend, place: int, step: Step) -> str:
    every = -(-len(trend.steps) // LABELLED)
    return step.label if place % every == 0 else ""


def _said(line: phrases.Line, digest: Digest) -> str:
    """Its sign stands apart, with the word for those who do not see it."""
    said = sentence(line, digest)
    return said.removeprefix(f"{line.mark.word}: ") if line.mark.word else said


def _fit(text: str) -> str:
    """A number and its sign for hundredths stay on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def _row(group: Group, digest: Digest) -> Row:
    went, before = group.went, group.before
    return Row(
        name=phrases.name(group.name),
        flows=f"{group.flows:,}",
        runs=f"{went.runs:,}",
        standing=f"{group.standing:,} open" if group.standing else "",
        why=why_poor(group, digest),
        well=phrases.share(went.share) if went.share is not None else "not known",
        before=phrases.share(before.share)
        if before is not None and before.share is not None
        else NOT_KNOWN,
        took=_took(went.took),
        took_before=_took(before.took) if before is not None else NOT_KNOWN,
        mark=mark_of(group),
    )


def _took(told: Times | None) -> str:
    if told is None:
        return NONE
    return " / ".join(say_duration(each) if each else "1 s" for each in (told.median, told.p90))


@cache
def _template() -> Template:
    text = files("bot.digest").joinpath("page.html.j2").read_text(encoding="utf-8")
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.from_string(text)
