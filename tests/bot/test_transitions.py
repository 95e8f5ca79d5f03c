"""From verdicts and people's acts to incidents and messages, in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.incidents.events import Acknowledge, Resolve, Unacknowledge
from bot.incidents.lifecycle import Change, Refusal, Why, replay
from bot.incidents.model import Actor, State
from bot.incidents.watchpoint import Step
from bot.rules import Rules
from bot.store import incidents
from bot.transitions import act, judge
from checks.model import Level
from checks.policy import CheckPolicy, NofM
from tests.databases import new_store

MINUTE = timedelta(minutes=1)
HERE = "slack/C1"
POLICY = CheckPolicy(
    opens_after=NofM(needed=2, of=3), stay_clear=2 * MINUTE, reopen_after=60 * MINUTE
)
RULES = Rules(policies={"stalled_queue": POLICY}, destination=HERE)
PRIYA, ALEX = Actor(who="UPRIYA", via="button"), Actor(who="UALEX", via="command")


def round_of(store, verdicts, now):
    with store.writing() as db:
        return judge(db, verdicts, RULES, now)


def messages(store):
    sql = "SELECT purpose FROM outbox ORDER BY number"
    return [row[0] for row in store.db.execute(sql)]


@pytest.fixture
def stalled(store, verdict, noon):
    """An open incident #1, two rounds after noon."""
    for minute in range(2):
        round_of(store, [verdict()], noon + minute * MINUTE)
    return store


def test_a_standing_breach_opens_one_incident_with_one_root_message(stalled, verdict, noon):
    for minute in range(2, 30):
        round_of(stalled, [verdict()], noon + minute * MINUTE)
    assert [incident.id for incident in incidents.open_incidents(stalled.db)] == [1]
    assert messages(stalled) == ["root"]
    [alert] = incidents.open_alerts(stalled.db).values()
    assert alert.count == 29


def test_a_number_that_changes_is_one_edit_later_not_one_each(stalled, verdict, noon):
    for minute in range(2, 9):
        said = verdict(sentence=f"{minute} jobs wait.")
        round_of(stalled, [said], noon + minute * MINUTE)
    assert messages(stalled) == ["root"]  # the root has not been sent, so it will say it all
    stalled.db.execute("UPDATE outbox SET state = 'sent', ts = '1.0' WHERE purpose = 'root'")
    for minute in range(9, 15):
        said = verdict(sentence=f"{minute} jobs wait.")
        round_of(stalled, [said], noon + minute * MINUTE)
    assert messages(stalled) == ["root", "edit"]


def test_each_transition_is_an_edit_and_a_line(stalled, noon):
    assert isinstance(act(stalled, 1, Acknowledge(), PRIYA, noon, destination=HERE), Change)
    assert messages(stalled) == ["root", "edit", "line"]


def test_the_second_of_two_people_is_told_and_nothing_is_said_in_the_channel(stalled, noon):
    act(stalled, 1, Acknowledge(), PRIYA, noon, destination=HERE)
    outcome = act(stalled, 1, Acknowledge(), ALEX, noon, destination=HERE)
    assert isinstance(outcome, Change)
    assert outcome.incident.holder == "UPRIYA"
    assert messages(stalled) == ["root", "edit", "line"]


def test_a_click_on_an_older_state_is_refused(stalled, noon):
    act(stalled, 1, Acknowledge(), PRIYA, noon, destination=HERE)
    act(stalled, 1, Unacknowledge(), PRIYA, noon, destination=HERE)
    outcome = act(stalled, 1, Resolve(), ALEX, noon, destination=HERE, seen_version=1)
    assert isinstance(outcome, Refusal)
    assert outcome.why is Why.CHANGED_SINCE


def test_an_incident_that_does_not_exist(stalled, noon):
    assert act(stalled, 99, Acknowledge(), PRIYA, noon, destination=HERE) is None


def test_a_resolve_while_it_stands_is_quiet_then_says_once_that_it_is_still_there(
    stalled, verdict, noon
):
    resolved_at = noon + 2 * MINUTE
    act(stalled, 1, Resolve(summary="restarted"), PRIYA, resolved_at, destination=HERE)
    for minute in range(3, 62):
        assert round_of(stalled, [verdict()], noon + minute * MINUTE) == {verdict().key: Step.QUIET}
    assert messages(stalled) == ["root", "edit", "line"]
    round_of(stalled, [verdict()], noon + 62 * MINUTE)
    second = incidents.find_incident(stalled.db, 2)
    assert second is not None
    assert (second.previous_id, second.standing) == (1, True)


def test_after_it_was_ok_for_its_stay_clear_time_it_may_open_again_linked(stalled, verdict, noon):
    act(stalled, 1, Resolve(), PRIYA, noon + 2 * MINUTE, destination=HERE)
    for minute in range(3, 6):
        round_of(stalled, [verdict(Level.OK)], noon + minute * MINUTE)
    for minute in range(6, 8):
        round_of(stalled, [verdict()], noon + minute * MINUTE)
    second = incidents.find_incident(stalled.db, 2)
    assert second is not None
    assert (second.previous_id, second.standing) == (1, False)


def test_blind_rounds_neither_close_nor_open(stalled, verdict, noon):
    for minute in range(2, 60):
        round_of(stalled, [verdict(Level.UNKNOWN)], noon + minute * MINUTE)
    incident = incidents.find_incident(stalled.db, 1)
    assert incident is not None
    assert incident.state is State.TRIGGERED


def test_it_clears_by_itself_after_the_stay_clear_time(stalled, verdict, noon):
    for minute in range(2, 5):
        round_of(stalled, [verdict(Level.OK)], noon + minute * MINUTE)
    incident = incidents.find_incident(stalled.db, 1)
    assert incident is not None
    assert incident.state is State.RESOLVED
    assert incident.resolved_by == Actor(who="stalled_queue", via="check")
    assert incidents.open_alerts(stalled.db) == {}


def test_getting_worse_while_acknowledged_triggers_again(stalled, verdict, noon):
    act(stalled, 1, Acknowledge(), PRIYA, noon, destination=HERE)
    round_of(stalled, [verdict(critical=True)], noon + 2 * MINUTE)
    incident = incidents.find_incident(stalled.db, 1)
    assert incident is not None
    assert (incident.state, incident.holder) == (State.TRIGGERED, None)


events = st.one_of(
    st.sampled_from(list(Level)),
    st.tuples(
        st.sampled_from([Acknowledge(), Unacknowledge(), Resolve()]), st.integers(1, 4)
    ),
)  # fmt: skip


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sequence=st.lists(events, max_size=30))
def test_any_sequence_keeps_the_invariants(tmp_path_factory, verdict, noon, sequence):
    store = new_store(tmp_path_factory.mktemp("db") / "seamwatch.db")
    resolved: dict[int, object] = {}
    for minute, event in enumerate(sequence):
        now = noon + minute * MINUTE
        if isinstance(event, Level):
            round_of(store, [verdict(event)], now)
        else:
            act(store, event[1], event[0], PRIYA, now, destination=HERE)
        assert len(incidents.open_incidents(store.db)) <= 1
        assert len(incidents.open_alerts(store.db)) <= 1
        for incident_id in range(1, 5):
            stored = incidents.find_incident(store.db, incident_id)
            if stored is None:
                continue
            assert replay(incident_id, incidents.timeline(store.db, incident_id)) == stored
            assert resolved.get(incident_id, stored) == stored
            if not stored.is_open:
                resolved[incident_id] = stored
    store.close()
