"""The line of an incident that says what happens next and when, or why nothing does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.incidents.events import Acknowledge, Remind, Snooze
from bot.incidents.model import Actor
from bot.slack.letters import view_of
from bot.slack.render.text import when
from bot.transitions import act
from checks.model import Level
from tests.bot.response_scene import rules
from tests.bot.slack.scene import NOON, PRIYA, desk_over, stall

HOUR = timedelta(hours=1)
HOLDER = Actor(who=PRIYA, via="button")
TIMER = Actor(who="patience", via="timer")
ASKED = f"Next: <@{PRIYA}> is asked {when(NOON + 3 * HOUR)} whether they still have it."
GIVEN_UP = f"Next: without an answer of <@{PRIYA}> nobody has it in hand from "

CASES = {
    "nobody has it": ((), Level.BREACH, "Next: Alex, pd are told"),
    "somebody has it": (((Acknowledge(), HOLDER),), Level.BREACH, ASKED),
    "somebody was asked": (
        ((Acknowledge(), HOLDER), (Remind(held_since=3), TIMER)), Level.BREACH, GIVEN_UP),
    "it sleeps": (
        ((Snooze(until=NOON + HOUR), HOLDER),), Level.BREACH,
        f"Next: it comes back {when(NOON + HOUR)}."),
    "it is low": ((), Level.EARLY, "Nobody is called: its severity is low."),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_comes_next_is_said(store, name):
    events, level, said = CASES[name]
    desk = desk_over(store, rules=rules())
    stall(desk, level=level)
    for event, actor in events:
        act(store, 1, event, actor, NOON, destination="slack/C1")
    assert view_of(desk, 1).plan.startswith(said)
