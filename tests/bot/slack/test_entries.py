"""A rung of the expiry ladder says what it is, not that it looks different."""

from __future__ import annotations

import pytest

from bot.incidents.events import Reassess, Settle
from bot.incidents.lifecycle import Change, advance
from bot.incidents.model import Actor, Severity
from bot.slack.render.entries import say_entry
from tests.bot.slack.scene import view_of

SAID = "7 days left: the certificate of NetSuite live ends on 4 December."


def turned(check):
    rung = Reassess(severity=Severity.HIGH, turned=SAID)
    return view_of(events=[(rung, Actor(who=check, via="check"), 5)]).entries[1]


@pytest.mark.parametrize("brief", [True, False])
def test_a_rung_says_its_sentence_alone(brief):
    assert say_entry(turned("token_expiry"), brief=brief) == SAID


def test_another_signal_of_another_check_is_announced():
    assert say_entry(turned("stalled_queue")) == f"It looks different now: {SAID}"


@pytest.mark.parametrize("brief", [True, False])
def test_how_a_warning_turned_out_is_said_as_it_is(brief):
    view = view_of()
    by = Actor(who="rate_limit", via="check")
    said = "The warning was right: the limit was reached 3 h after it."
    change = advance(view.incident, Settle(said=said), by, view.now)
    assert isinstance(change, Change)
    assert say_entry(change.entry, brief=brief) == said
