"""`/seam limits`: how full every allowance is, or everything about one system's."""

from __future__ import annotations

from bot import inventory
from bot.slack.desk import Desk
from bot.slack.named import find_named, nearest_names
from bot.slack.render.choice import none_named
from bot.slack.render.limits import chosen_limits, limits_answer
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    limits, now = inventory.find_limits(desk.store.db), desk.clock.now()
    if limits is None or not limits.allowances or not ask.said:
        return limits_answer(limits, now)
    found = find_named(
        ask.said,
        limits.allowances,
        lambda judged: (judged.allowance.system, judged.allowance.system_kind),
    )
    if not found:
        names = sorted({judged.allowance.system for judged in limits.allowances})
        return none_named("system", ask.said, nearest_names(ask.said, names), names)
    return chosen_limits(found, limits.at, now)


VERB = Verb(
    name="limits",
    place=9,
    answer=answer,
    examples=(
        Example(typed="limits", does="how full every allowance is, the fullest first"),
        Example(typed="limits netsuite-live", does="one system: whose, who spends it, refusals"),
    ),
)
