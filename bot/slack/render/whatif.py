"""A rehearsed peak: which limits break first, when, how likely, and what would hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.foresight.peak_words import (
    HOLDING,
    say_chances,
    say_fullest,
    say_hold,
    say_peak,
    say_share,
)
from bot.foresight.rehearsal import Rehearsal, Rehearsed
from bot.foresight.whatif_words import EXAMPLE
from bot.slack.render.advice import advice_lines
from bot.slack.render.allowance import NAME
from bot.slack.render.blocks import context, section
from bot.slack.render.lines import Group, in_sections
from bot.slack.render.message import Message, message
from bot.slack.render.queue import LEVELS
from bot.slack.render.text import ago, count, foreign, when
from checks.allowances.words import say_size
from checks.model import Level

BROKEN, HELD, NOT_TOLD = 6, 12, 8
REFUSAL = 500
WHY = 120
ROOM = 6500
LIKELY = 0.5
TRY = "`/seam whatif NAME volume x3 on friday for FLOW` lets one flow grow alone."


def refusal(sentence: str) -> Message:
    """Why nothing was rehearsed, and how it is asked."""
    said = f"⚪ {foreign(sentence, REFUSAL)}"
    return message(said, [section(said), *context([f"For example: `/seam {EXAMPLE}`"])])


def whatif_answer(told: Rehearsal, zone: ZoneInfo) -> Message:
    """The worst first; days are told by the estate's zone, moments in each reader's own."""
    said = _first(told, zone)
    shown = in_sections(
        [
            Group.of(
                "", told.broken, lambda each: "\n".join(_broken(each)), most=BROKEN, apart=True
            ),
            Group.of(f"*Would hold* ({HOLDING})", told.holding, _held, most=HELD),
            Group.of("*Cannot be told*", told.unknown, _not_told, most=NOT_TOLD),
        ],
        ROOM,
    )
    return message(said, [section(said), *shown, *context([_left_out(told), _from(told), TRY])])


def _first(told: Rehearsal, zone: ZoneInfo) -> str:
    peak = foreign(say_peak(told, zone), 6 * NAME)
    known = len(told.broken) + len(told.holding)
    if not known:
        return f"⚪ *With {peak}: nothing can be told yet.*"
    if not told.broken:
        fullest = told.holding[0]
        share = f", at {say_share(fullest)} of its limit" if fullest.share is not None else ""
        all_of = "the limit holds" if known == 1 else f"all {known} limits hold"
        return f"🟢 *With {peak}: {all_of}.* Fullest is {_name(fullest)}{share}."
    first, likely = told.broken[0], any((each.chance or 0.0) >= LIKELY for each in told.broken)
    sign = LEVELS[Level.BREACH if likely else Level.EARLY]
    verb = "are likely to be" if len(told.broken) > 1 else "is likely to be"
    many = f"{len(told.broken)} of {count(known, 'limit')} {verb if likely else 'may be'} reached"
    at = f" about {when(first.middle)}" if first.middle else ""
    order = "first " if len(told.broken) > 1 else ""
    return f"{sign} *With {peak}: {many}*, {order}{_name(first)}{at}."


def _broken(each: Rehearsed) -> Iterator[str]:
    """How likely, when and by how much, then what would hold."""
    yield f"{_sign(each)} {_name(each)}: {say_chances(each)}{_moments(each)}"
    yield foreign(say_fullest(each), 2 * NAME)
    if holds := say_hold(each):
        yield holds
    yield from advice_lines(each.advice, each.allowance)


def _moments(each: Rehearsed) -> str:
    if not (each.middle and each.soonest and each.latest):
        return ""
    at = f", most likely {when(each.middle)}"
    if each.latest - each.soonest < timedelta(hours=1):
        return at
    return f"{at} (between {when(each.soonest)} and {when(each.latest)})"


def _held(each: Rehearsed) -> str:
    fullest = (
        f"{say_share(each)} of {foreign(say_size(each.allowance), NAME)} at its fullest"
        if each.share is not None
        else ""
    )
    return f"🟢 {_name(each)}: {', '.join(filter(None, (say_chances(each), fullest)))}"


def _not_told(each: Rehearsed) -> str:
    return f"⚪ {_name(each)}: {foreign(each.withheld, WHY)}"


def _sign(each: Rehearsed) -> str:
    return LEVELS[Level.BREACH if (each.chance or 0.0) >= LIKELY else Level.EARLY]


def _name(each: Rehearsed) -> str:
    return f"*{foreign(each.allowance.system, NAME)}* {foreign(each.allowance.name, NAME)}"


def _left_out(told: Rehearsal) -> str:
    if not told.left_out:
        return ""
    many = count(told.left_out, "more limit")
    return f"Left out: {many}, further from being reached; name a system."


def _from(told: Rehearsal) -> str:
    """How old the facts are."""
    learned = ", not learned yet"
    if told.learned_at is not None:
        learned = f", learned from what was known {ago(told.learned_at)}"
    return f"From the usual shape of those days{learned}; calls known up to {when(told.as_of)}."
