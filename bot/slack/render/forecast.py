"""What is foreseen: every allowance in a line, likeliest first, or one system's in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.foresight.advice import Advised
from bot.foresight.chart import Chart
from bot.foresight.foreseen import OLD, ForeseenAllowance
from bot.slack.render.advice import advice_lines
from bot.slack.render.allowance import NAME
from bot.slack.render.blocks import context, section
from bot.slack.render.chart import chart_block, sparkline
from bot.slack.render.foreseen import (
    SENTENCE,
    hours,
    in_full,
    one_line,
    record_line,
    withheld_line,
)
from bot.slack.render.lines import Group, in_sections
from bot.slack.render.message import Message, answer, message
from bot.slack.render.queue import LEVELS
from bot.slack.render.text import ago, count, foreign, stopped, when
from checks.limits import TrackRecord
from checks.model import Level

LISTED = 12
FAR = 0.01  # a chance below it is none that anybody looks into
NO_ADVICE: Mapping[str, Advised] = MappingProxyType({})
NAMED = 10
IN_FULL = 5
ROOM = 6500
RECORD = timedelta(days=30)
NOT_YET = "⚪ Nothing is foreseen yet; the first forecasts follow the first rounds."
MORE = "`/seam forecast NAME` tells all about one system, with a chart."


def forecast_answer(
    told: Sequence[ForeseenAllowance], now: datetime, record: TrackRecord | None = None
) -> Message:
    """One line an allowance that is not far from its limit, then the others in one; what is
    withheld, and why, stands after what is foreseen."""
    if not told:
        return answer(NOT_YET)
    said = _first(told, now)
    held = [each for each in told if each.is_withheld]
    far = [each for each in told if not each.is_withheld and _is_far(each)]
    near = [each for each in told if not each.is_withheld and not _is_far(each)]
    shown = in_sections(
        [
            Group.of("", near, lambda each: one_line(each, now), most=LISTED),
            Group.of("", [far] if far else [], lambda each: _far_line(each, bool(near))),
            Group.of("*Not foreseen*", held, withheld_line, most=NAMED),
        ]
    )
    small = context([record_line(record, now), MORE, _age(told)])
    return message(said, [section(said), *shown, *small])


def chosen_forecast(
    told: Sequence[ForeseenAllowance],
    now: datetime,
    chart: Chart | None,
    *,
    native: bool,
    advice: Mapping[str, Advised] = NO_ADVICE,
) -> Message:
    """Everything about these, with the chart of the first: Slack's own, or a line of text.

    `advice` on what would help goes by the limit's id.
    """
    said = _first(told, now, foreign(told[0].allowance.system, NAME))
    block = chart_block(chart) if chart is not None and native else None
    drawn = [block] if block else []
    line = _sparkline(chart) if chart is not None and not drawn else ""

    def say(each: ForeseenAllowance) -> str:
        known = advice.get(each.allowance.id)
        helps = advice_lines(known.advice, each.allowance) if known else ()
        return "\n".join([*in_full(each, now), *helps])

    shown = in_sections([Group.of("", told, say, most=IN_FULL, apart=True)], ROOM)
    small = context([line, rehearse(told[0].allowance.system), _age(told)])
    return message(said, [section(said), *drawn, *shown, *small])


def _first(told: Sequence[ForeseenAllowance], now: datetime, of: str = "") -> str:
    """How all of them stand in one sentence; what is not known is never called well."""
    newest = max(each.forecast.made_at for each in told)
    if now - newest > OLD:
        return f"⚪ *The newest forecast was made {ago(newest)},* so what follows is old."
    whose = f"{of}: " if of else ""
    if likely := [each for each in told if each.is_likely]:
        why = "" if of else f" {stopped(foreign(likely[0].judged.sentence, SENTENCE))}"
        sign = LEVELS[Level.BREACH if any(each.is_reached for each in likely) else Level.EARLY]
        return f"{sign} *{whose}{_in_trouble(likely)}.*{why}"
    held = sum(each.is_withheld for each in told)
    if held:
        others = "" if held == len(told) else " None of the others is likely to be reached."
        return f"⚪ *{whose}{held} of {count(len(told), 'limit')} cannot be foreseen.*{others}"
    ahead = max((each.far.horizon for each in told if each.far), default=timedelta(0))
    none = "no limit" if of else "No limit"
    return f"🟢 *{whose}{none} is likely to be reached in the next {hours(ahead)}.*"


def _in_trouble(likely: Sequence[ForeseenAllowance]) -> str:
    """ "1 limit is likely to be reached", "2 limits are reached, 1 more is likely to be"."""
    reached = sum(each.is_reached for each in likely)
    ahead = len(likely) - reached
    if not reached:
        return f"{count(ahead, 'limit')} {'is' if ahead == 1 else 'are'} likely to be reached"
    now = f"{count(reached, 'limit')} {'is' if reached == 1 else 'are'} reached"
    return f"{now}, {ahead} more {'is' if ahead == 1 else 'are'} likely to be" if ahead else now


def _is_far(each: ForeseenAllowance) -> bool:
    """Whether nothing is to be said of it but that: no trouble, and hardly a chance of any."""
    return not each.in_trouble and (each.is_screened or (each.has_skill and each.chance < FAR))


def _far_line(far: Sequence[ForeseenAllowance], others: bool) -> str:
    """ "🟢 10 more are far from being reached: dispatch, netsuite-live, ..."."""
    names = list(dict.fromkeys(foreign(each.allowance.system, NAME) for each in far))
    more = [f"and {len(names) - NAMED:,} more systems"] if len(names) > NAMED else []
    many = f"{len(far):,} more" if others else count(len(far), "limit")
    verb = "is" if len(far) == 1 else "are"
    return f"🟢 {many} {verb} far from being reached: {', '.join([*names[:NAMED], *more])}."


def rehearse(system: str) -> str:
    name = foreign(system, NAME).replace("`", "'")
    return f"`/seam whatif {name} volume x2 on friday` rehearses a peak."


def _sparkline(chart: Chart) -> str:
    drawn = sparkline(chart)
    return (
        f"`{drawn}` the highest of every 6 h, now at │, full height is the limit" if drawn else ""
    )


def _age(told: Sequence[ForeseenAllowance]) -> str:
    newest = max(each.forecast.made_at for each in told)
    return f"Forecasts made {when(newest)} ({ago(newest)})."
