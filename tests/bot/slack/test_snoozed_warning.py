"""Who puts a warning off is told when what it warns of is expected before it comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.transitions import judge
from checks.model import Level, Subject, Verdict
from tests.bot.slack.crew import crewed
from tests.bot.slack.scene import NOON, ask, assert_slack_takes, words_of

HOUR = timedelta(hours=1)
QUEUE = Subject(kind="queue", id="main", name="the run queue")
WARNING = Verdict(
    check="stalled_queue",
    condition="queue",
    subject=QUEUE,
    level=Level.EARLY,
    signal="foreseen",
    sentence="It is likely to fill up.",
    expected_at=NOON + 3 * HOUR,
)
SAID = f"expected before that, <!date^{int((NOON + 3 * HOUR).timestamp())}"


@pytest.mark.parametrize(
    ("seen", "span", "is_said"),
    [
        pytest.param(WARNING, "4h", True, id="expected before the end"),
        pytest.param(WARNING, "3h", False, id="expected at the end"),
        pytest.param(WARNING, "2h", False, id="expected after it"),
        pytest.param(
            replace(WARNING, expected_at=NOON - HOUR), "4h", False, id="expected some time ago"
        ),
        pytest.param(replace(WARNING, expected_at=None), "4h", False, id="no time is known"),
        pytest.param(replace(WARNING, level=Level.BREACH), "4h", False, id="it has happened"),
    ],
)
def test_a_snooze_of_a_warning_says_when_it_is_expected_before_its_end(store, seen, span, is_said):
    desk = crewed(store)
    with desk.store.writing() as db:
        judge(db, [seen], desk.rules, desk.clock.now())
    answered = ask(desk, f"snooze 1 {span}")
    assert_slack_takes(answered)
    told = words_of(answered)
    assert "#1 is snoozed until" in told
    assert (SAID in told) is is_said
    assert ("if it happens, the snooze ends at once" in told) is is_said
