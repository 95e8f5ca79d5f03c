"""When the holder is asked, when they have lost it, when a snooze is over: by time alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.incidents.events import Acknowledge, Confirm, Lapse, Open, Remind, Snooze, Take, Wake
from bot.incidents.holding import Patience, timer_event
from bot.incidents.lifecycle import Change, advance, open_incident
from bot.incidents.model import Actor, Severity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PATIENCE = Patience(remind_after=60 * MINUTE, answer_within=30 * MINUTE)
PRIYA, ALEX = Actor(who="UPRIYA", via="button"), Actor(who="UALEX", via="command")
CHECK, RULE = Actor(who="stalled_queue", via="check"), Actor(who="patience", via="timer")

ACKED = [(0, Acknowledge(), PRIYA)]
ASKED = [*ACKED, (60, Remind(held_since=2), RULE)]
CONFIRMED = [*ASKED, (70, Confirm(), PRIYA)]
TAKEN = [*ASKED, (70, Take(), ALEX)]
PUT_OFF = [(0, Snooze(until=NOON + 45 * MINUTE), PRIYA)]

CASES = {
    "nobody has it": ([], 600, None),
    "held, not yet asked": (ACKED, 59, None),
    "held so long: asked": (ACKED, 60, Remind(held_since=2)),
    "asked long after, when nothing ran meanwhile": (ACKED, 900, Remind(held_since=2)),
    "asked, time to answer": (ASKED, 89, None),
    "asked, no answer": (ASKED, 90, Lapse(held_since=2)),
    "answered: the time begins anew": (CONFIRMED, 129, None),
    "answered: asked again after as long": (CONFIRMED, 130, Remind(held_since=4)),
    "taken by another: the time begins anew": (TAKEN, 129, None),
    "taken by another: the new holder is asked": (TAKEN, 130, Remind(held_since=4)),
    "snoozed": (PUT_OFF, 44, None),
    "its snooze is over": (PUT_OFF, 45, Wake(due=NOON + 45 * MINUTE)),
}


def incident_after(deeds):
    subject = open_incident(1, Open(severity=Severity.HIGH), CHECK, NOON).incident
    for minutes, event, actor in deeds:
        outcome = advance(subject, event, actor, NOON + minutes * MINUTE)
        assert isinstance(outcome, Change)
        subject = outcome.incident
    return subject


@pytest.mark.parametrize("name", CASES)
def test_what_time_does(name):
    deeds, minutes, expected = CASES[name]
    assert timer_event(incident_after(deeds), PATIENCE, NOON + minutes * MINUTE) == expected


def test_where_nobody_is_to_be_asked_nobody_ever_is():
    never = Patience(remind_after=None)
    assert timer_event(incident_after(ACKED), never, NOON + timedelta(days=30)) is None
