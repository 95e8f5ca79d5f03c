"""One allowance's forecast in words: how likely, when, why, and how far that may be believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.foresight.foreseen import OLD, ForeseenAllowance
from bot.slack.render.allowance import NAME, say_per
from bot.slack.render.foreseen_moments import likeliest, peak_due, reached
from bot.slack.render.queue import LEVELS
from bot.slack.render.text import ago, count, foreign, stopped
from checks.allowances.outlook import say_chance, say_record
from checks.allowances.words import say_amount
from checks.durations import say_duration
from checks.limits import TrackRecord
from forecasting.model import Crossing, Forecast

REASON = 120
SENTENCE = 500
OCCASIONS = 3
GROWS = 0.02
WORTH_A_TIME = 0.05
UNPROVEN = "unproven: tried on its own past, it was no better than a guess"


def one_line(each: ForeseenAllowance, now: datetime) -> str:
    """ "🟣 *dispatch* calls: 83 % within 72 h, likeliest ... · peak 2,900, usually 2,100, ..." """
    unproven = "" if each.has_skill else UNPROVEN
    parts = (_likeliest(each, now), _peak(each), unproven, _made(each))
    return f"{_sign(each)} {name_of(each)}: {' · '.join(filter(None, parts))}"


def in_full(each: ForeseenAllowance, now: datetime) -> Iterator[str]:
    """All that is known, a fact a line; what the round said of it comes second."""
    if each.is_withheld or each.far is None:
        yield withheld_line(each)
        return
    if each.is_screened and not each.in_trouble:
        left = f"{_left(each.far)} at its fullest"
        yield f"🟢 {name_of(each)}: far from its limit, {left}; {_limit(each)}"
        return
    yield f"{_sign(each)} {name_of(each)}: {_chances(each)}"
    if each.in_trouble:
        yield stopped(foreign(each.judged.sentence, SENTENCE))
    yield from filter(
        None,
        (
            _capital(foreign(each.allowance.note, SENTENCE)),
            reached(each, now),
            _capital(_peak(each)),
            _headroom(each.far),
            _why(each.forecast, now),
            record_line(each.allowance.record, now),
            _skill(each),
            _from(each.forecast),
        ),
    )


def name_of(each: ForeseenAllowance) -> str:
    return f"*{foreign(each.allowance.system, NAME)}* {foreign(each.allowance.name, NAME)}"


def withheld_line(each: ForeseenAllowance) -> str:
    why = foreign(each.forecast.withheld, REASON) or "no forecast was made"
    return f"⚪ {name_of(each)}: {why}"


def record_line(record: TrackRecord | None, now: datetime) -> str:
    """How earlier warnings turned out; "" where there were none."""
    if record is None or not (record.right or record.false or record.averted or record.missed):
        return ""
    return f"Track record, {say_record(record, now)}"


def hours(horizon: timedelta) -> str:
    """ "72 h"; longer ones in days."""
    number = round(horizon / timedelta(hours=1))
    return f"{number} h" if number <= 96 else f"{number // 24} days"


def _sign(each: ForeseenAllowance) -> str:
    if each.in_trouble:
        return LEVELS[each.judged.level]
    return "🟢" if each.has_skill else "⚪"


def _likeliest(each: ForeseenAllowance, now: datetime) -> str:
    far = each.far
    if far is None or each.chance == 1:
        return "reached already"
    at = likeliest(far, each.forecast, now) if far.chance >= WORTH_A_TIME else ""
    return f"{say_chance(far.chance, each.forecast)} within {hours(far.horizon)}{at}"


def _chances(each: ForeseenAllowance) -> str:
    if each.chance == 1:
        return "reached already"
    return ", ".join(
        f"{say_chance(crossing.chance, each.forecast)} within {hours(crossing.horizon)}"
        for crossing in reversed(each.forecast.crossings)
    )


def _peak(each: ForeseenAllowance) -> str:
    """What is expected at most, beside what is usual and what is allowed."""
    reasons = each.forecast.reasons
    if reasons.peak is None:
        return _limit(each)
    usual = f", usually {say_amount(reasons.usual_peak)}" if reasons.usual_peak is not None else ""
    return f"peak {say_amount(reasons.peak)}{usual}, {_limit(each)}"


def _limit(each: ForeseenAllowance) -> str:
    unit = f"{foreign(each.allowance.unit, 40)} {say_per(each.allowance)}".strip()
    return f"limit {say_amount(each.allowance.size or each.forecast.amount)} {unit}"


def _headroom(crossing: Crossing) -> str:
    return f"At its fullest: {_left(crossing)}"


def _left(crossing: Crossing) -> str:
    left = say_amount(abs(crossing.headroom))
    return f"{left} {'left' if crossing.headroom >= 0 else 'too many'}"


def _why(forecast: Forecast, now: datetime) -> str:
    """Growth, the days that are named, and when the peak is due, or was."""
    reasons, told = forecast.reasons, []
    if reasons.growth is not None and abs(reasons.growth) >= GROWS:
        way = "up" if reasons.growth > 0 else "down"
        told.append(f"{abs(reasons.growth) * 100:.0f} % {way} a week")
    told += [foreign(name, REASON) for name in reasons.occasions[:OCCASIONS]]
    told += [peak_due(reasons.peak_at, forecast.step, now)] if reasons.peak_at else []
    return f"Why: {', '.join(told)}" if told else ""


def _skill(each: ForeseenAllowance) -> str:
    skill = each.forecast.skill
    if skill.brier is None:
        return "Not yet tried on its own past"
    if not each.has_skill:
        return _capital(UNPROVEN)
    tried = count(skill.forecasts, "past forecast")
    return f"Tried on {tried}: {skill.brier * 100:.0f} % better than a guess"


def _from(forecast: Forecast) -> str:
    fitted = "not learned yet"
    if forecast.fitted_at is not None:
        fitted = f"learned from what was known {ago(forecast.fitted_at)}"
    return f"From {say_duration(forecast.history)} of history, {fitted}"


def _made(each: ForeseenAllowance) -> str:
    """The age of one forecast, where it is not that of the newest round."""
    old = each.allowance.at - each.forecast.made_at > OLD
    return f"made {ago(each.forecast.made_at)}" if old else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
