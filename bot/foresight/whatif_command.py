"""`seamwatch whatif`: a peak rehearsed, told in the terminal or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.build_outside import make_clock, make_http
from bot.foresight.advice_words import say_advice
from bot.foresight.learning_jobs import the_model
from bot.foresight.peak_words import say_chances, say_fullest, say_hold, say_peak
from bot.foresight.rehearsal import Rehearsal, Rehearsed
from bot.foresight.whatif import rehearse_peak
from bot.settings import Settings
from bot.store.copying import copied_store
from checks.model import Level
from checks.words import plain
from forecasting.advice import Advice
from forecasting.trading_days import Occasion


async def rehearse(settings: Settings, words: str) -> Rehearsal:
    """Rehearse what was asked for, from what the database remembers; it is only read.

    Raises NotRehearsed, NotStarted or StoreRefused, each in one sentence.
    """
    async with make_http() as http:
        now = (await make_clock(settings.clock.url, http)).now()
    with copied_store(settings.watch.database) as store:
        return rehearse_peak(store.db, settings, the_model(), words, now)


def lines_of(told: Rehearsal, zone: ZoneInfo) -> Iterator[tuple[Level | None, str]]:
    """Line by line, with the level that colours it; None: no level. Times in the estate's zone."""
    yield None, f"With {say_peak(told, zone)}:"
    for each in told.rehearsed:
        yield _level(each), _line(each, zone)
        if each.breaks and (holds := say_hold(each)):
            yield None, f"{holds}."
        for advice in each.advice:
            yield None, say_advice(advice, each.allowance)
    if told.left_out:
        yield (
            None,
            f"{told.left_out} more, further from their limits, were left out; name a system.",
        )
    yield None, f"From calls known up to {_local(told.as_of, zone)}."


def as_json(told: Rehearsal) -> dict[str, object]:
    """As one JSON object; times as ISO 8601 in UTC, chances from 0 to 1, amounts as limits count.

    Advice has its sentence, and its amounts in the unit of the forecast.
    """
    return {
        "times": told.wanted.times,
        "systems": list(told.systems),
        "flow": told.flow,
        "since": told.since.isoformat(),
        "until": told.until.isoformat(),
        "as_of": told.as_of.isoformat(),
        "learned_at": _iso(told.learned_at),
        "left_out": told.left_out,
        "promotions": [_promotion(each, told) for each in told.promotions],
        "limits": [_limit(each) for each in told.rehearsed],
    }


def _promotion(each: Occasion, told: Rehearsal) -> dict[str, object]:
    """One that the settings expect in these days, and whether the peak comes on top of it."""
    return {"name": each.name, "times": each.times, "included": not told.wanted.replaces(each)}


def _limit(each: Rehearsed) -> dict[str, object]:
    return {
        "limit": each.allowance.id,
        "system": each.allowance.system,
        "name": each.allowance.name,
        "breaks": each.breaks if each.chance is not None else None,
        "chance": each.chance,
        "chance_without": each.usual,
        "soonest": _iso(each.soonest),
        "middle": _iso(each.middle),
        "latest": _iso(each.latest),
        "highest": each.highest,
        "size": each.allowance.size,
        "headroom": _headroom(each),
        "holds_until": each.holds_until,
        "judged_forecasts": each.judged,
        "withheld": each.withheld,
        "advice": [_advice(advice, each) for advice in each.advice],
    }


def _advice(advice: Advice, each: Rehearsed) -> dict[str, object]:
    return asdict(advice) | {"sentence": say_advice(advice, each.allowance)}


def _headroom(each: Rehearsed) -> float | None:
    if each.highest is None or each.allowance.size is None:
        return None
    return each.allowance.size - each.highest


def _level(each: Rehearsed) -> Level:
    if each.chance is None:
        return Level.UNKNOWN
    return Level.BREACH if each.breaks else Level.OK


def _line(each: Rehearsed, zone: ZoneInfo) -> str:
    name = f"{plain(each.allowance.system)} {plain(each.allowance.name)}"
    if each.chance is None:
        return f"{name}: {plain(each.withheld, 120)}."
    at = f", most likely {_local(each.middle, zone)}" if each.middle and each.breaks else ""
    return f"{name}: {say_chances(each)}{at}. {say_fullest(each)}."


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %-d %b %H:%M}"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
