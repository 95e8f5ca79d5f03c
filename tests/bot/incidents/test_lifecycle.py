"""The machine as tables: each row that people know, each event in each state, and any sequence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents.events import (
    Acknowledge,
    Act,
    Aside,
    Assign,
    Check,
    Clear,
    Compare,
    Confirm,
    Escalate,
    Event,
    Hold,
    Join,
    Lapse,
    Note,
    Open,
    Reassess,
    Release,
    Remind,
    Report,
    Resolve,
    Settle,
    Snooze,
    Take,
    Unacknowledge,
    Vote,
    Wake,
)
from bot.incidents.lifecycle import Change, Refusal, Why, advance, open_incident, replay
from bot.incidents.model import Actor, Entry, Incident, Kind, Severity, State

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRIYA, ALEX = Actor(who="UPRIYA", via="button"), Actor(who="UALEX", via="command")
CHECK = Actor(who="stalled_queue", via="check")
TIMER = Actor(who="night", via="timer")
AT_THREE, AT_FOUR = NOON + 3 * HOUR, NOON + 4 * HOUR

Deed = tuple[Event, Actor]


def incident(*events: Deed) -> tuple[Incident, list[Entry]]:
    """A high incident after these events; each must be a change."""
    change = open_incident(42, Open(severity=Severity.HIGH), CHECK, NOON)
    entries = [change.entry]
    for number, (event, actor) in enumerate(events, 1):
        outcome = advance(change.incident, event, actor, NOON + timedelta(minutes=number))
        assert isinstance(outcome, Change), outcome
        change = outcome
        entries.append(change.entry)
    return change.incident, entries


TRIGGERED: list[Deed] = []
ACKNOWLEDGED: list[Deed] = [(Acknowledge(), PRIYA)]
SNOOZED: list[Deed] = [(Snooze(until=AT_THREE), PRIYA)]
RESOLVED: list[Deed] = [(Resolve(summary="restarted it"), PRIYA)]
BEFORE = {
    "triggered": TRIGGERED,
    "acknowledged": ACKNOWLEDGED,
    "snoozed": SNOOZED,
    "resolved": RESOLVED,
}
ITS_ENTRY = 2
"""The number of the entry by which Priya has it, or put it off."""

SAME, WORSE = Reassess(severity=Severity.HIGH), Reassess(severity=Severity.CRITICAL)
MILDER = Reassess(severity=Severity.LOW)
TURNED = Reassess(severity=Severity.HIGH, turned="now saturated")
TRUE = Reassess(severity=Severity.HIGH, turned="it is used up", came_true=True)
CLEAR = Clear(reason="the queue has drained")
STEP = Escalate(position=0, told="Priya (step 1 of 2 of night)")

ROWS = {
    "triggered: ack -> acknowledged": (TRIGGERED, Acknowledge(), PRIYA, "acknowledged"),
    "acknowledged: un-ack -> triggered": (ACKNOWLEDGED, Unacknowledge(), ALEX, "triggered"),
    "acknowledged: ack time-out without confirmation -> triggered": (
        ACKNOWLEDGED, Lapse(held_since=ITS_ENTRY), TIMER, "lapsed"),
    "triggered: snooze until t -> snoozed": (TRIGGERED, Snooze(until=AT_THREE), ALEX, "snoozed"),
    "acknowledged: snooze until t -> snoozed": (
        ACKNOWLEDGED, Snooze(until=AT_THREE), PRIYA, "snoozed"),
    "snoozed: t reached -> triggered": (SNOOZED, Wake(due=AT_THREE), TIMER, "woken"),
    "snoozed: un-snooze -> triggered": (SNOOZED, Wake(), ALEX, "woken"),
    "snoozed: ack -> acknowledged": (SNOOZED, Acknowledge(), ALEX, "acknowledged"),
    "snoozed: reassign -> triggered": (SNOOZED, Assign(to="UALEX"), PRIYA, "assigned"),
    "triggered: step delay over -> triggered": (TRIGGERED, STEP, TIMER, "escalated"),
    "triggered: check ok for the stay-clear time -> resolved": (
        TRIGGERED, CLEAR, CHECK, "cleared"),
    "acknowledged: check ok for the stay-clear time -> resolved": (
        ACKNOWLEDGED, CLEAR, CHECK, "cleared"),
    "snoozed: check ok for the stay-clear time -> resolved": (SNOOZED, CLEAR, CHECK, "cleared"),
    "triggered: resolve by a person -> resolved": (TRIGGERED, Resolve(), ALEX, "resolved"),
    "acknowledged: resolve by a person -> resolved": (ACKNOWLEDGED, Resolve(), ALEX, "resolved"),
    "snoozed: resolve by a person -> resolved": (SNOOZED, Resolve(), ALEX, "resolved"),
    "triggered: same key seen again -> unchanged": (TRIGGERED, SAME, CHECK, Why.NOTHING_NEW),
    "acknowledged: same key seen again -> unchanged": (ACKNOWLEDGED, SAME, CHECK, Why.NOTHING_NEW),
    "snoozed: same key seen again -> unchanged": (SNOOZED, SAME, CHECK, Why.NOTHING_NEW),
    "acknowledged: severity rises -> triggered": (ACKNOWLEDGED, WORSE, CHECK, "worsened"),
    "triggered: its warning comes true -> triggered": (TRIGGERED, TRUE, CHECK, "came_true"),
    "acknowledged: its warning comes true -> triggered": (ACKNOWLEDGED, TRUE, CHECK, "came_true"),
    "snoozed: its warning comes true -> triggered": (SNOOZED, TRUE, CHECK, "came_true"),
    "resolved: its warning comes true -> refused": (RESOLVED, TRUE, CHECK, Why.RESOLVED),
    "resolved: ack -> refused": (RESOLVED, Acknowledge(), ALEX, Why.RESOLVED),
    "resolved: severity rises -> refused": (RESOLVED, WORSE, CHECK, Why.RESOLVED),
    "resolved: t reached -> refused": (RESOLVED, Wake(due=AT_THREE), TIMER, Why.RESOLVED),
}  # fmt: skip
"""Named "from: event -> to", as PagerDuty, GoAlert and Grafana OnCall have taught people."""


@pytest.mark.parametrize("event", [Acknowledge(), Take(), Confirm()])
def test_whoever_was_asked_says_so_by_any_of_these(event):
    subject, _ = incident(*ACKNOWLEDGED)
    asked = advance(subject, Remind(held_since=subject.held_since), TIMER, NOON + HOUR)
    assert isinstance(asked, Change)
    answered = advance(asked.incident, event, PRIYA, NOON + 2 * HOUR)
    assert isinstance(answered, Change)
    assert answered.entry.kind is Kind.CONFIRMED
    assert answered.incident.reminded_at is None


def test_nothing_and_a_breach_whose_key_has_no_open_incident_is_triggered():
    change = open_incident(42, Open(severity=Severity.HIGH, reason="It stands."), CHECK, NOON)
    assert (change.incident.state, change.incident.version) == (State.TRIGGERED, 1)
    assert (change.entry.kind, change.entry.from_state) == (Kind.OPENED, None)


@pytest.mark.parametrize("name", ROWS)
def test_row(name):
    before, event, actor, expected = ROWS[name]
    subject, _ = incident(*before)
    outcome = advance(subject, event, actor, NOON + HOUR)
    if isinstance(outcome, Refusal):
        assert outcome == Refusal(incident=subject, why=expected)
        return
    to_state = name.rpartition("-> ")[2]
    assert (outcome.incident.state, outcome.entry.from_state) == (to_state, subject.state)
    assert expected in (outcome.entry.kind, to_state)
    assert (outcome.entry.at, outcome.entry.actor) == (NOON + HOUR, actor)
    assert outcome.incident.version == subject.version + 1


ACK, TRIG, NAP, KEPT = "acknowledged", "triggered", "snoozed", "kept"
NO = [Why.NOT_ACKNOWLEDGED, Why.NOT_SNOOZED, Why.OVERTAKEN]
NOT_ACK, NOT_NAP, OVERTAKEN = NO
NO_CONFIRM = Why.NOTHING_TO_CONFIRM

MATRIX: dict[str, tuple[Event, Actor, str, str, str]] = {
    "acknowledge, by another": (Acknowledge(), ALEX, ACK, KEPT, ACK),
    "acknowledge, by the holder": (Acknowledge(), PRIYA, ACK, Why.YOURS_ALREADY, ACK),
    "take, by another": (Take(), ALEX, ACK, ACK, ACK),
    "take, by the holder": (Take(), PRIYA, ACK, Why.YOURS_ALREADY, ACK),
    "un-acknowledge": (Unacknowledge(), ALEX, NOT_ACK, TRIG, NOT_ACK),
    "confirm, by the holder": (Confirm(), PRIYA, NO_CONFIRM, KEPT, NO_CONFIRM),
    "confirm, by another": (Confirm(), ALEX, NO_CONFIRM, Why.NOT_YOURS, NO_CONFIRM),
    "remind": (Remind(held_since=ITS_ENTRY), TIMER, OVERTAKEN, KEPT, OVERTAKEN),
    "remind, old guard": (Remind(held_since=1), TIMER, OVERTAKEN, OVERTAKEN, OVERTAKEN),
    "lapse": (Lapse(held_since=ITS_ENTRY), TIMER, OVERTAKEN, TRIG, OVERTAKEN),
    "lapse, old guard": (Lapse(held_since=1), TIMER, OVERTAKEN, OVERTAKEN, OVERTAKEN),
    "assign": (Assign(to="USAM"), ALEX, TRIG, TRIG, TRIG),
    "assign to the holder": (Assign(to="UPRIYA"), ALEX, TRIG, Why.THEIRS_ALREADY, TRIG),
    "snooze": (Snooze(until=AT_FOUR), ALEX, NAP, NAP, NAP),
    "snooze until before": (Snooze(until=NOON), ALEX, *[Why.NOT_AHEAD] * 3),
    "wake, by a person": (Wake(), ALEX, NOT_NAP, NOT_NAP, TRIG),
    "wake, by its time": (Wake(due=AT_THREE), TIMER, NOT_NAP, NOT_NAP, TRIG),
    "wake, old guard": (Wake(due=AT_FOUR), TIMER, NOT_NAP, NOT_NAP, OVERTAKEN),
    "escalate, by time": (STEP, TIMER, TRIG, OVERTAKEN, OVERTAKEN),
    "escalate, by a person": (STEP, ALEX, TRIG, TRIG, TRIG),
    "worse": (WORSE, CHECK, TRIG, TRIG, TRIG),
    "milder": (MILDER, CHECK, KEPT, KEPT, KEPT),
    "another signal": (TURNED, CHECK, KEPT, KEPT, KEPT),
    "comes true": (TRUE, CHECK, TRIG, TRIG, TRIG),
    "seen again": (SAME, CHECK, *[Why.NOTHING_NEW] * 3),
    "joined": (Join(reason="another"), CHECK, KEPT, KEPT, KEPT),
    "compared": (Compare(reconciliation=7), CHECK, KEPT, KEPT, KEPT),
    "held": (Hold(reason="silence 7"), TIMER, KEPT, KEPT, KEPT),
    "released": (Release(reason="silence 7"), TIMER, KEPT, KEPT, KEPT),
    "runbook step": (Check(page="rate-limit", step=2, text="Looked."), ALEX, KEPT, KEPT, KEPT),
    "resolve": (Resolve(), ALEX, "resolved", "resolved", "resolved"),
    "clear": (CLEAR, CHECK, "resolved", "resolved", "resolved"),
    "note": (Note(text="see the mail"), ALEX, KEPT, KEPT, KEPT),
    "act": (Act(text="started it", proposal=3), ALEX, KEPT, KEPT, KEPT),
    "vote": (Vote(word="noisy"), ALEX, KEPT, KEPT, KEPT),
    "report": (Report(), ALEX, KEPT, KEPT, KEPT),
    "settle": (Settle(said="It was right."), CHECK, KEPT, KEPT, KEPT),
}  # fmt: skip
"""Event by whom -> what comes of it in triggered, acknowledged, snoozed."""


@pytest.mark.parametrize("state", BEFORE)
@pytest.mark.parametrize("name", MATRIX)
def test_each_event_in_each_state(name, state):
    event, actor, *outcomes = MATRIX[name]
    subject, _ = incident(*BEFORE[state])
    after_end = KEPT if isinstance(event, Aside) else Why.RESOLVED
    expected = dict(zip(BEFORE, [*outcomes, after_end], strict=True))[state]
    outcome = advance(subject, event, actor, NOON + HOUR)
    if isinstance(expected, Why):
        assert outcome == Refusal(incident=subject, why=expected)
    else:
        assert isinstance(outcome, Change)
        assert outcome.entry.to_state == (state if expected == KEPT else expected)
        assert outcome.incident.state == outcome.entry.to_state
        assert outcome.entry.seq == subject.version + 1


def test_the_matrix_knows_every_event():
    told = {type(event) for event, *_ in MATRIX.values()}
    assert told == set(Event.__args__)


def test_the_holder_is_kept_while_somebody_seconds_and_gone_after_un_acknowledging():
    seconded, _ = incident((Acknowledge(), PRIYA), (Acknowledge(), ALEX))
    assert seconded.holder == PRIYA.who
    free, _ = incident((Acknowledge(), PRIYA), (Unacknowledge(), ALEX))
    assert (free.holder, free.acknowledged_at, free.held_since) == (None, None, None)
    assert free.first_acknowledged_at == NOON + timedelta(minutes=1)


def test_taking_it_makes_one_the_holder_and_the_former_ones_timer_void():
    taken, entries = incident((Acknowledge(), PRIYA), (Take(), ALEX))
    assert (taken.holder, taken.held_since) == (ALEX.who, 3)
    assert entries[-1].data == {"was": PRIYA.who}
    assert isinstance(advance(taken, Lapse(held_since=2), TIMER, NOON), Refusal)


def test_confirming_makes_the_timer_of_before_void():
    asked, _ = incident((Acknowledge(), PRIYA), (Remind(held_since=2), TIMER))
    assert asked.reminded_at == NOON + timedelta(minutes=2)
    confirmed = advance(asked, Confirm(), PRIYA, NOON + HOUR)
    assert isinstance(confirmed, Change)
    after = confirmed.incident
    assert (after.confirmed_at, after.reminded_at, after.held_since) == (NOON + HOUR, None, 4)
    assert advance(after, Lapse(held_since=2), TIMER, NOON) == Refusal(
        incident=after, why=Why.OVERTAKEN
    )


def test_one_who_was_asked_to_take_it_has_not_got_it_until_they_say_so():
    asked, _ = incident((Assign(to="UALEX"), PRIYA))
    assert (asked.state, asked.assignee, asked.holder) == (State.TRIGGERED, "UALEX", None)
    again = advance(asked, Assign(to="UALEX"), PRIYA, NOON)
    assert again == Refusal(incident=asked, why=Why.THEIRS_ALREADY)
    theirs = advance(asked, Acknowledge(), ALEX, NOON)
    assert (theirs.incident.assignee, theirs.incident.holder) == (None, "UALEX")


def test_a_snooze_that_was_put_off_further_is_not_ended_by_its_first_time():
    longer, _ = incident((Snooze(until=AT_THREE), PRIYA), (Snooze(until=AT_FOUR), ALEX))
    assert (longer.snoozed_until, longer.snoozed_by) == (AT_FOUR, ALEX.who)
    assert isinstance(advance(longer, Wake(due=AT_THREE), TIMER, AT_THREE), Refusal)
    woken = advance(longer, Wake(due=AT_FOUR), TIMER, AT_FOUR)
    assert isinstance(woken, Change)
    assert (woken.entry.data, woken.incident.snoozed_by) == ({"was": ALEX.who}, None)


@pytest.mark.parametrize(("before", "was"), [(ACKNOWLEDGED, "UPRIYA"), (SNOOZED, "UPRIYA")])
def test_what_comes_true_is_in_nobodys_hand_and_remembers_in_whose_it_was(before, was):
    change = advance(incident(*before)[0], TRUE, CHECK, NOON + HOUR)
    assert isinstance(change, Change)
    assert change.entry.data["was"] == was
    assert (change.incident.holder, change.incident.snoozed_until) == (None, None)


def test_what_comes_true_graver_than_it_was_foreseen_is_a_rise():
    graver = replace(TRUE, severity=Severity.CRITICAL)
    change = advance(incident(*SNOOZED)[0], graver, CHECK, NOON + HOUR)
    assert isinstance(change, Change)
    assert change.entry.kind is Kind.WORSENED
    assert change.incident.worst is Severity.CRITICAL


def test_a_resolved_incident_remembers_who_why_and_who_had_it():
    resolved, _ = incident((Acknowledge(), PRIYA), (Resolve(summary="restarted"), ALEX))
    assert (resolved.resolved_by, resolved.resolution) == (ALEX, "restarted")
    assert resolved.holder == PRIYA.who


def test_the_gravest_severity_is_remembered():
    eased, _ = incident((Reassess(severity=Severity.CRITICAL), CHECK), (MILDER, CHECK))
    assert (eased.severity, eased.worst) == (Severity.LOW, Severity.CRITICAL)


def test_a_recurrence_knows_what_came_before():
    event = Open(severity=Severity.LOW, previous_id=41, standing=True)
    change = open_incident(42, event, CHECK, NOON)
    assert (change.incident.previous_id, change.incident.standing) == (41, True)


@pytest.mark.parametrize("state", BEFORE)
def test_what_is_said_beside_it_changes_no_state_and_is_part_of_the_replay(state):
    subject, entries = incident(*BEFORE[state])
    asides: list[Event] = [Settle(said="It was right."), Note(text="see mail"), Vote(word="wrong")]
    for said in asides:
        change = advance(subject, said, CHECK, NOON, last_seq=len(entries))
        assert isinstance(change, Change)
        subject, entries = change.incident, [*entries, change.entry]
        assert not change.entry.changes_state
    assert replay(42, entries) == subject
    unsaid, _ = incident(*BEFORE[state])
    assert replace(subject, version=unsaid.version) == unsaid
    assert (subject.version == unsaid.version) is not subject.is_open


actors = st.sampled_from([PRIYA, ALEX, CHECK, TIMER])
guards = st.integers(1, 12)
times = st.sampled_from([AT_THREE, AT_FOUR])
events = st.one_of(
    st.sampled_from([event for event, *_ in MATRIX.values()]),
    st.builds(Remind, held_since=guards),
    st.builds(Lapse, held_since=guards),
    st.builds(Wake, due=times),
    st.builds(Snooze, until=times, reason=st.text(max_size=5)),
    st.builds(Assign, to=st.sampled_from(["UPRIYA", "UALEX"])),
    st.builds(Resolve, summary=st.text(max_size=5)),
    st.builds(
        Reassess,
        severity=st.sampled_from(Severity),
        turned=st.sampled_from(["", "other"]),
        came_true=st.booleans(),
    ),
)


@given(st.lists(st.tuples(events, actors), max_size=25))
def test_nothing_leaves_resolved_and_a_replay_gives_the_incident(sequence):
    change = open_incident(1, Open(severity=Severity.HIGH), CHECK, NOON)
    subject, entries = change.incident, [change.entry]
    for minute, (event, actor) in enumerate(sequence, 1):
        now = NOON + timedelta(minutes=minute)
        outcome = advance(subject, event, actor, now, last_seq=len(entries))
        if isinstance(outcome, Change):
            assert subject.is_open or outcome.entry.to_state is State.RESOLVED
            entries.append(outcome.entry)
        else:
            assert outcome.incident == subject
        subject = outcome.incident
        assert subject.is_open is False or (subject.holder is not None) == (subject.state == ACK)
        assert (subject.snoozed_until is not None) == (subject.state == NAP)
        assert (subject.held_since is not None) == (subject.holder is not None)
        assert (subject.resolved_at is None) == subject.is_open
    assert replay(1, entries) == subject
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
