"""What a person resolves while it stands is not shown as well, and what becomes of it is said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.incidents.model import Kind
from bot.slack.home import home_of
from bot.slack.letters import view_of
from bot.slack.render.home import home_answer
from bot.slack.render.incident import entry_line, incident_message
from bot.store import incidents
from bot.transitions import judge
from checks.model import FORESEEN, Level, Subject, Verdict
from tests.bot.slack.scene import (
    ALEX,
    MINUTE,
    PRIYA,
    SENTENCE,
    ask,
    assert_slack_takes,
    desk_over,
    stall,
    words_of,
)

GREEN = "🟢"


@pytest.fixture
def desk(store):
    found = desk_over(store)
    stall(found)
    return found


def root(desk, incident_id=1):
    said = incident_message(view_of(desk, incident_id))
    assert_slack_takes(said)
    return words_of(said)


def last_line(desk, incident_id=1):
    view = view_of(desk, incident_id)
    said = entry_line(view.entries[-1], view)
    assert_slack_takes(said)
    return words_of(said)


def looks(desk, level, *, later=MINUTE):
    desk.clock.at += later
    stall(desk, level=level)


def edits_due(desk):
    sql = "SELECT count(*) FROM outbox WHERE topic = 'incident/1' AND purpose = 'edit'"
    return desk.store.db.execute(sql).fetchone()[0]


def test_message_and_thread_say_that_it_still_stands(desk):
    ask(desk, "resolve 1", ALEX)
    said = root(desk)
    assert GREEN not in said
    assert "🟡 [HIGH] #1 Resolved, but still there" in said
    assert "It stays quiet until it has gone; if it is still there after 1 h" in said
    line = last_line(desk)
    assert GREEN not in line
    assert "But the last look still found the problem: it stays quiet until it has gone" in line


def home(desk):
    shown = home_answer(home_of(desk, PRIYA))
    assert_slack_takes(shown)
    return f"{shown.text}\n{words_of(shown)}"


def test_app_home_says_that_it_still_stands(desk):
    assert "and still there" not in home(desk)
    ask(desk, "resolve 1", ALEX)
    said = home(desk)
    assert "0 incidents of yours, 0 open in all, 1 resolved and still there." in said
    assert "*Resolved by a person, and still there* (1)" in said
    assert "🟡 *#1* [HIGH] Resolved, but still there · the run queue · resolved by" in said
    assert f"resolved by <@{ALEX}> <!date^" in said
    assert SENTENCE[:30] in said
    for _ in range(2):
        looks(desk, Level.OK, later=2 * MINUTE)
    assert "still there" not in home(desk)


def test_once_it_is_gone_both_say_so(desk):
    ask(desk, "resolve 1", ALEX)
    looks(desk, Level.BREACH)
    desk.store.db.execute("DELETE FROM outbox WHERE purpose <> 'root'")
    desk.store.db.execute("UPDATE outbox SET state = 'sent', ts = number")
    looks(desk, Level.OK)
    looks(desk, Level.OK, later=2 * MINUTE)
    assert "It is gone now, 4 min after it was resolved" in last_line(desk)
    assert f"{GREEN} [HIGH] #1 Resolved ·" in root(desk)
    assert edits_due(desk) == 1


def test_when_it_does_not_go_they_point_to_the_incident_that_goes_on(desk):
    ask(desk, "resolve 1", ALEX)
    looks(desk, Level.BREACH, later=timedelta(hours=2))
    assert incidents.find_incident(desk.store.db, 2).standing
    said = root(desk)
    assert GREEN not in said
    assert "It did not go away: #2 goes on with it" in said
    assert "It did not go away: #2 goes on with it" in last_line(desk)


def test_of_two_faults_in_one_incident_the_first_that_goes_ends_nothing(store):
    desk = desk_over(store)
    stall(desk, "Orders", "Stock")
    store.db.execute("UPDATE alerts SET incident_id = 1")
    ask(desk, "resolve 1", ALEX)
    desk.clock.at += MINUTE
    stall(desk, "Stock")
    for _ in range(2):
        desk.clock.at += 2 * MINUTE
        stall(desk, "Orders", level=Level.OK)
    assert "still there" in root(desk)
    for _ in range(2):
        desk.clock.at += 2 * MINUTE
        stall(desk, "Stock", level=Level.OK)
    assert "It is gone now" in last_line(desk)


def test_of_a_resolved_warning_only_its_outcome_is_told(store):
    desk = desk_over(store)
    queue = Subject(kind="queue", id="main", name="the run queue")
    warning = Verdict(
        check="stalled_queue",
        condition="queue",
        subject=queue,
        level=Level.EARLY,
        signal=FORESEEN,
        sentence=SENTENCE,
    )
    with store.writing() as db:
        judge(db, [warning], desk.rules, desk.clock.at)
    ask(desk, "resolve 1", ALEX)
    for _ in range(3):
        looks(desk, Level.OK)
    kinds = [entry.kind for entry in incidents.timeline(store.db, 1)]
    assert kinds == [Kind.OPENED, Kind.RESOLVED]
