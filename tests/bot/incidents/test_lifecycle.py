"""The machine as a table, and what no sequence of events may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents.lifecycle import (
    Acknowledge,
    Change,
    Clear,
    Event,
    Open,
    Reassess,
    Refusal,
    Resolve,
    Unacknowledge,
    Why,
    advance,
    open_incident,
    replay,
    settle,
)
from bot.incidents.model import Actor, Entry, Incident, Kind, Severity, State

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PRIYA, ALEX = Actor(who="UPRIYA", via="button"), Actor(who="UALEX", via="command")
CHECK = Actor(who="stalled_queue", via="check")


def incident(*events: tuple[Event, Actor]) -> tuple[Incident, list[Entry]]:
    """A high incident after these events; each must be a change."""
    change = open_incident(42, Open(severity=Severity.HIGH), CHECK, NOON)
    entries = [change.entry]
    for number, (event, actor) in enumerate(events, 1):
        outcome = advance(change.incident, event, actor, NOON + timedelta(minutes=number))
        assert isinstance(outcome, Change), outcome
        change = outcome
        entries.append(change.entry)
    return change.incident, entries


TRIGGERED: list[tuple[Event, Actor]] = []
ACKNOWLEDGED: list[tuple[Event, Actor]] = [(Acknowledge(), PRIYA)]
RESOLVED: list[tuple[Event, Actor]] = [(Resolve(summary="restarted it"), PRIYA)]


WORSE, MILDER = Reassess(severity=Severity.CRITICAL), Reassess(severity=Severity.LOW)
TURNED = Reassess(severity=Severity.HIGH, turned="now saturated")
CLEAR = Clear(reason="the queue has drained")

CHANGES = {
    "ack of a triggered one": (TRIGGERED, Acknowledge(), PRIYA, "acknowledged", "acknowledged"),
    "un-ack by anybody": (ACKNOWLEDGED, Unacknowledge(), ALEX, "triggered", "unacknowledged"),
    "ack by a second person": (ACKNOWLEDGED, Acknowledge(), ALEX, "acknowledged", "seconded"),
    "worse while acknowledged": (ACKNOWLEDGED, WORSE, CHECK, "triggered", "worsened"),
    "worse while triggered": (TRIGGERED, WORSE, CHECK, "triggered", "worsened"),
    "milder keeps the holder": (ACKNOWLEDGED, MILDER, CHECK, "acknowledged", "eased"),
    "another signal": (ACKNOWLEDGED, TURNED, CHECK, "acknowledged", "turned"),
    "resolved at once": (TRIGGERED, Resolve(), ALEX, "resolved", "resolved"),
    "resolved by somebody else": (ACKNOWLEDGED, Resolve(), ALEX, "resolved", "resolved"),
    "cleared while triggered": (TRIGGERED, CLEAR, CHECK, "resolved", "cleared"),
    "cleared while acknowledged": (ACKNOWLEDGED, CLEAR, CHECK, "resolved", "cleared"),
}

REFUSALS = {
    "ack of a resolved one": (RESOLVED, Acknowledge(), ALEX, Why.RESOLVED),
    "un-ack of a resolved one": (RESOLVED, Unacknowledge(), ALEX, Why.RESOLVED),
    "resolved twice": (RESOLVED, Resolve(), ALEX, Why.RESOLVED),
    "cleared after a person resolved": (RESOLVED, CLEAR, CHECK, Why.RESOLVED),
    "worse after a person resolved": (RESOLVED, WORSE, CHECK, Why.RESOLVED),
    "ack by the holder": (ACKNOWLEDGED, Acknowledge(), PRIYA, Why.YOURS_ALREADY),
    "un-ack when nobody has it": (TRIGGERED, Unacknowledge(), PRIYA, Why.NOT_ACKNOWLEDGED),
    "seen again as it was": (TRIGGERED, Reassess(severity=Severity.HIGH), CHECK, Why.NOTHING_NEW),
}


@pytest.mark.parametrize(
    ("before", "event", "actor", "state", "kind"), CHANGES.values(), ids=CHANGES.keys()
)
def test_a_change_goes_to(before, event, actor, state, kind):
    subject, _ = incident(*before)
    outcome = advance(subject, event, actor, NOON + timedelta(hours=1))
    assert isinstance(outcome, Change)
    assert (outcome.incident.state, outcome.entry.kind) == (state, kind)
    assert outcome.entry.from_state is subject.state
    assert outcome.incident.version == subject.version + 1


@pytest.mark.parametrize(
    ("before", "event", "actor", "why"), REFUSALS.values(), ids=REFUSALS.keys()
)
def test_a_refusal_changes_nothing(before, event, actor, why):
    subject, _ = incident(*before)
    assert advance(subject, event, actor, NOON) == Refusal(incident=subject, why=why)


def test_the_holder_is_kept_while_somebody_seconds_and_gone_after_un_acknowledging():
    seconded, _ = incident((Acknowledge(), PRIYA), (Acknowledge(), ALEX))
    assert seconded.holder == PRIYA.who
    free, _ = incident((Acknowledge(), PRIYA), (Unacknowledge(), ALEX))
    assert (free.holder, free.acknowledged_at) == (None, None)
    assert free.first_acknowledged_at == NOON + timedelta(minutes=1)


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


@pytest.mark.parametrize("before", [TRIGGERED, ACKNOWLEDGED, RESOLVED])
def test_how_its_warning_turned_out_changes_no_state_and_is_part_of_the_replay(before):
    subject, entries = incident(*before)
    for number in (1, 2):
        seq = len(entries) + 1
        change = settle(subject, f"It was right, {number}.", CHECK, NOON, seq=seq)
        subject, entries = change.incident, [*entries, change.entry]
    assert (change.entry.kind, change.entry.changes_state) == (Kind.SETTLED, False)
    assert replay(42, entries) == subject
    unsettled, _ = incident(*before)
    assert replace(subject, version=unsettled.version) == unsettled
    assert (subject.version == unsettled.version) is not subject.is_open


actors = st.sampled_from([PRIYA, ALEX, CHECK])
events = st.one_of(
    st.just(Acknowledge()),
    st.just(Unacknowledge()),
    st.builds(Resolve, summary=st.text(max_size=5)),
    st.builds(Clear, reason=st.text(max_size=5)),
    st.builds(Reassess, severity=st.sampled_from(Severity), turned=st.sampled_from(["", "other"])),
)


@given(st.lists(st.tuples(events, actors), max_size=25))
def test_nothing_leaves_resolved_and_a_replay_gives_the_incident(sequence):
    change = open_incident(1, Open(severity=Severity.HIGH), CHECK, NOON)
    subject, entries = change.incident, [change.entry]
    for minute, (event, actor) in enumerate(sequence, 1):
        outcome = advance(subject, event, actor, NOON + timedelta(minutes=minute))
        if not subject.is_open:
            assert isinstance(outcome, Refusal)
        if isinstance(outcome, Change):
            entries.append(outcome.entry)
        subject = outcome.incident
        assert (subject.state is State.ACKNOWLEDGED) <= (subject.holder is not None)
        assert (subject.state is State.TRIGGERED) <= (subject.holder is None)
    assert replay(1, entries) == subject
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
