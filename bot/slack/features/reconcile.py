"""`/seam reconcile`: which systems are compared with each other, and what differs."""

from __future__ import annotations

import re
from datetime import datetime

from bot.reconciling.behind import behind_of, say_behind
from bot.reconciling.due import next_look
from bot.slack.comparing import first_differences, incident_of
from bot.slack.desk import Desk
from bot.slack.named import find_named, nearest_names
from bot.slack.render.choice import none_named, several
from bot.slack.render.message import Message, answer
from bot.slack.render.reconcile import (
    PERIODS,
    Pair,
    Shown,
    pairs_answer,
    period_answer,
    periods_answer,
)
from bot.slack.render.text import code, foreign
from bot.slack.verbs import Ask, Example, Verb
from bot.store import reconciliations
from bot.store.reconciliations import Kept
from checks.reconcile.model import Standing

LISTED = 20
_PERIOD = re.compile(r"^(?P<name>.*\S)\s+(?P<number>[-+]?\d{1,9})$")


def reply(desk: Desk, ask: Ask) -> Message:
    if not ask.said:
        return pairs_answer([_pair(desk, each.name, 1) for each in desk.pairs], desk.zone)
    name, number = _read(desk, ask.said)
    found = find_named(name, desk.pairs, lambda pair: (pair.name,))
    if not found:
        if near := _misnumbered(desk, name):
            if number is not None:
                return answer(
                    f"Name one period of {foreign(near[0], 60)} at a time, such as "
                    f"{code(f'/seam reconcile {near[0]} {number}', 120)}."
                )
            return answer(
                f"{code(near[1], 40)} is no period of {foreign(near[0], 60)}: name it by its "
                "number, 1 for the newest."
            )
        names = [each.name for each in desk.pairs]
        return none_named("pair of systems", name, nearest_names(name, names), names)
    if len(found) > 1:
        choices = [(each.name, each.entity) for each in found]
        return several("pair of systems", name, choices, "/seam reconcile")
    pair = _pair(desk, found[0].name, PERIODS)
    return periods_answer(pair, desk.zone) if number is None else _period(desk, pair, number)


def _read(desk: Desk, said: str) -> tuple[str, int | None]:
    """A name, and which of its periods counted from the newest; a name may end with a number."""
    parts = _PERIOD.match(said.strip())
    if parts is None or any(each.name.casefold() == said.strip().casefold() for each in desk.pairs):
        return said, None
    return parts["name"], int(parts["number"])


def _misnumbered(desk: Desk, said: str) -> tuple[str, str] | None:
    """The pair that all but the last word names, and that word: no number of a period."""
    name, _, last = said.strip().rpartition(" ")
    found = find_named(name, desk.pairs, lambda pair: (pair.name,)) if name else []
    return (found[0].name, last) if len(found) == 1 else None


def _pair(desk: Desk, name: str, most: int) -> Pair:
    settings = next(each for each in desk.pairs if each.name == name)
    periods = reconciliations.of_pair(desk.store.db, name, most)
    behind = behind_of(desk.store.db, settings, desk.zone, desk.clock.now())
    return Pair(
        settings=settings,
        periods=tuple(periods),
        behind=say_behind(behind, desk.zone, desk.clock.now()) if behind else "",
    )


def _period(desk: Desk, pair: Pair, number: int) -> Message:
    if not 1 <= number <= len(pair.periods):
        known = len(pair.periods)
        there = f"give 1 (the newest) to {known}" if known > 1 else "1, the newest, is the only one"
        return answer(
            f"There is no period {number} of {foreign(pair.settings.name, 60)} to show: {there}."
            if known
            else f"Nothing of {foreign(pair.settings.name, 60)} was compared yet."
        )
    kept = pair.periods[number - 1]
    shown = Shown(
        kept=kept,
        differences=first_differences(desk, kept, LISTED),
        keys=desk.keys,
        incident_id=incident_of(desk, kept.compared.id),
        again_at=_next_look(desk, pair, kept),
    )
    return period_answer(shown, desk.zone)


def _next_look(desk: Desk, pair: Pair, kept: Kept) -> datetime | None:
    """When a period that is not known to be whole is looked at again."""
    at = max(next_look(pair.settings, kept), desk.clock.now())
    within = at - kept.compared.until <= pair.settings.look_again_for
    is_whole = kept.compared.standing is Standing.SAME and not kept.compared.blind
    return at if within and not is_whole else None


VERB = Verb(
    name="reconcile",
    place=50,
    answer=reply,
    aliases=("reconciliation", "compare"),
    examples=(
        Example(typed="reconcile", does="which systems are compared, and what came of it"),
        Example(typed="reconcile orders 1", does="what differs in the newest period of a pair"),
    ),
)
