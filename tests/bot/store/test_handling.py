"""How incidents are handled, as it is stored: read as it was written, found when it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.incidents.escalation import Escalation, Policy, Step, Target, TargetKind
from bot.incidents.events import Acknowledge, Resolve
from bot.incidents.model import Severity
from bot.store import handling
from bot.store.handling import Handling
from tests.bot.response_scene import HERE, HOUR, MINUTE, NIGHT, NOON, Scene, rules, verdict

names = st.text(min_size=1, max_size=8).map(str.strip).filter(bool)
targets = st.lists(
    st.builds(Target, kind=st.sampled_from(TargetKind), name=names), min_size=1, max_size=3
).map(tuple)
durations = st.integers(0, 10_000_000).map(lambda ms: timedelta(milliseconds=ms))
steps = st.builds(
    Step,
    after=durations,
    tell=targets,
    at_least=st.sampled_from(Severity),
    working_hours=st.booleans(),
    occurrences=st.integers(1, 9),
    within=durations,
)
policies = st.builds(
    Policy,
    name=names,
    steps=st.lists(steps, min_size=1, max_size=3).map(tuple),
    fallback=targets,
    repeats=st.integers(0, 5),
    again_after=durations,
)
moments = st.integers(0, 10**9).map(lambda seconds: NOON + timedelta(seconds=seconds))
escalations = st.builds(
    Escalation, policy=policies, position=st.integers(0, 50), next_at=moments
) | st.builds(Escalation, policy=st.none() | policies, stopped=names)


@pytest.fixture
def scene(tmp_path):
    opened = Scene(tmp_path / "seamwatch.db", rules=rules(None))
    yield opened
    opened.close()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(escalation=escalations, text=st.text(max_size=9), at=moments)
def test_it_is_read_as_it_was_written(scene, escalation, text, at):
    if not scene.store.db.table("incidents").count:
        scene.see(verdict())
    written = Handling(
        incident_id=1,
        home=HERE,
        team=text,
        group_key=text,
        announced_at=at,
        held=text,
        held_until=at,
        escalation=escalation,
    )
    with scene.store.writing() as db:
        handling.save_handling(db, written)
    assert handling.find_handling(scene.store.db, 1) == written


def put(scene, number, **changes):
    with scene.store.writing() as db:
        known = handling.find_handling(db, number)
        handling.save_handling(db, replace(known, **changes))


def test_steps_are_due_by_time_and_held_ones_are_looked_at_all_the_same(scene):
    scene.see_all(4)
    waits = {1: 30, 2: 10, 3: 90, 4: 90}
    for number, minutes in waits.items():
        due = Escalation(policy=NIGHT, next_at=NOON + minutes * MINUTE)
        put(scene, number, escalation=due, held="silence 7" if number == 4 else "")
    found = handling.due_steps(scene.store.db, NOON + HOUR)
    assert [each.incident_id for each in found] == [2, 1, 4]
    assert handling.overdue(scene.store.db, NOON + 20 * MINUTE) == [2]
    scene.do(Resolve(), incident_id=2)
    assert handling.overdue(scene.store.db, NOON + 20 * MINUTE) == []


def test_those_in_nobodys_hand_are_counted_of_this_channel_as_grave_and_no_further(scene):
    scene.see_all(4)
    scene.see(verdict("gravest", critical=True))
    scene.do(Acknowledge(), incident_id=1)
    db = scene.store.db
    assert handling.unattended(db, HERE, 99) == 4
    assert handling.unattended(db, HERE, 99, but=2) == 3
    assert handling.unattended(db, HERE, 99, Severity.CRITICAL) == 1
    assert handling.unattended(db, HERE, 2) == 2
    assert handling.unattended(db, "slack/C9", 99) == 0


def test_what_is_held_for_no_reason_is_found(scene):
    scene.muted["main"] = None
    scene.see(verdict())
    assert handling.without_next_step(scene.store.db) == []
    put(scene, 1, held="")
    assert handling.without_next_step(scene.store.db) == [1]


def test_a_storm_has_a_beginning_an_end_and_those_it_tells(scene):
    scene.see_all(3)
    with scene.store.writing() as db:
        storm = handling.begin_storm(db, HERE, NOON)
        assert handling.open_storm(db, HERE) == storm
        assert handling.open_storm(db, "slack/C9") is None
    for number in (3, 1):
        put(scene, number, storm_id=storm)
    assert handling.in_storm(scene.store.db, storm) == [1, 3]
    with scene.store.writing() as db:
        handling.end_storm(db, storm, NOON + HOUR)
    assert handling.open_storms(scene.store.db) == []
    found = handling.find_storm(scene.store.db, storm)
    assert (found.since, found.until) == (NOON, NOON + HOUR)
    assert handling.find_storm(scene.store.db, 99) is None
