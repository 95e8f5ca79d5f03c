"""`/seam forecast`: how likely every limit is reached, or everything about one system's."""

from __future__ import annotations

from dataclasses import replace

from bot import inventory
from bot.foresight.advice import find_all_advice
from bot.foresight.chart_history import chart_of
from bot.foresight.foreseen import foreseen_of
from bot.slack.desk import Desk
from bot.slack.named import find_named, nearest_names
from bot.slack.render.choice import none_named
from bot.slack.render.forecast import RECORD, chosen_forecast, forecast_answer
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb
from bot.store.predictions import track_record


def answer(desk: Desk, ask: Ask) -> Message:
    db, now = desk.store.db, desk.clock.now()
    told = foreseen_of(inventory.find_limits(db))
    if not told or not ask.said:
        return forecast_answer(told, now, track_record(db, None, now - RECORD))
    found = find_named(
        ask.said, told, lambda each: (each.allowance.system, each.allowance.system_kind)
    )
    if not found:
        names = sorted({each.allowance.system for each in told})
        return none_named("system", ask.said, nearest_names(ask.said, names), names)
    chart = chart_of(db, found[0].allowance, desk.zone)
    advice = find_all_advice(db)
    said = chosen_forecast(found, now, chart, native=desk.charting.native, advice=advice)
    return replace(said, picture=chart)


VERB = Verb(
    name="forecast",
    place=12,
    answer=answer,
    aliases=("foresee",),
    examples=(
        Example(typed="forecast", does="how likely every limit is reached, the likeliest first"),
        Example(typed="forecast netsuite-live", does="one system: when, why, with a chart"),
    ),
)
