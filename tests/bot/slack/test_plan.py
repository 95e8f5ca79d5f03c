"""The line of an incident that says what happens next and when, or why nothing does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.handling import go_on, hold_what_waits
from bot.incidents.announcing import Held
from bot.incidents.events import Acknowledge, Remind, Snooze
from bot.incidents.model import Actor
from bot.resting import hold_what_rests
from bot.slack.letters import view_of
from bot.slack.render.entries import say_entry
from bot.slack.render.text import when
from bot.store.handling import find_handling
from bot.transitions import act
from checks.model import Level
from tests.bot.response_scene import rules
from tests.bot.slack.scene import NOON, PRIYA, desk_over, stall

HOUR = timedelta(hours=1)
HOLDER = Actor(who=PRIYA, via="button")
TIMER = Actor(who="patience", via="timer")
ASKED = f"Next: <@{PRIYA}> is asked {when(NOON + 3 * HOUR)} whether they still have it."
GIVEN_UP = f"Next: if <@{PRIYA}> does not say that they still have it, nobody has it from "

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


def test_a_silence_over_what_is_open_says_at_once_who_holds_it_back_and_until_when(store):
    until = NOON + HOUR
    held = Held(reason="silence 7: they upgrade", until=until, who=PRIYA)
    desk = desk_over(store, rules=rules(mute=lambda *_: held))
    quiet = replace(desk, rules=rules())
    stall(quiet)
    with store.writing() as db:
        hold_what_waits(db, desk.rules, NOON)
    view = view_of(desk, 1)
    by = f"silence 7: they upgrade, until {when(until)} (by <@{PRIYA}>)."
    assert view.plan.startswith(f"It is held back: {by} When that ends: Alex, pd are told")
    assert say_entry(view.entries[-1]) == (
        f"Held back by <@{PRIYA}>: silence 7: they upgrade, until {when(until)}"
    )


def test_a_silence_over_what_is_low_says_so_and_promises_nobody_before_its_end(store):
    until = NOON + HOUR
    held = Held(reason="silence 7: they upgrade", until=until, who=PRIYA)
    desk = desk_over(store, rules=rules())
    stall(desk, level=Level.EARLY)
    low = "Nobody is called: its severity is low."
    told = "If its severity rises, those on call are told"
    assert view_of(desk, 1).plan == f"{low} {told}."
    with store.writing() as db:
        hold_what_rests(db, rules(mute=lambda *_: held), NOON, held_only=False)
    by = f"It is held back: silence 7: they upgrade, until {when(until)} (by <@{PRIYA}>)."
    assert view_of(desk, 1).plan == f"{low} {by} {told}, once nothing holds it back."


def test_after_the_fall_back_it_says_when_that_is_told_again(store):
    desk = desk_over(store, rules=rules())
    stall(desk)
    with store.writing() as db:
        for _ in range(2):
            due = find_handling(db, 1)
            assert due is not None
            assert due.escalation.next_at is not None
            go_on(db, due, desk.rules, due.escalation.next_at)
            last = due.escalation.next_at
    plan = view_of(desk, 1).plan
    assert plan == (
        f"Next: #ops is told again {when(last + 4 * HOUR)} (the fall-back, 2nd time), "
        "unless somebody takes it."
    )
