"""Who is told next and when: delays, rounds, the fall-back, conditions, and nobody reachable."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents import escalation
from bot.incidents.escalation import (
    Address,
    Around,
    Escalation,
    Policy,
    Step,
    at_once,
    begin,
    next_told,
    read_target,
    stop,
    take_step,
)
from bot.incidents.model import Severity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def step(name: str, after: int = 0, **more) -> Step:
    return Step(after=after * MINUTE, tell=(read_target(f"person:{name}"),), **more)


def policy(*steps: Step, repeats: int = 0, again_after: int = 15) -> Policy:
    fallback = (read_target("channel:#ops"),)
    return Policy(
        name="night",
        steps=steps,
        fallback=fallback,
        repeats=repeats,
        again_after=again_after * MINUTE,
    )


def around(
    severity: Severity = Severity.HIGH, seen: int = 1, missing: str = "", opens: datetime = NOON
) -> Around:
    """Everybody is reached but those whose names are in `missing`; work begins at `opens`."""

    def reach(target):
        gone = target.name in missing.split()
        return [] if gone else [Address(kind="slack", id=target.name, name=target.name)]

    return Around(
        severity=severity,
        seen_within=lambda within: seen,
        reach=reach,
        work_begins=lambda now: max(now, opens),
    )


@pytest.mark.parametrize("severity", [Severity.HIGH, Severity.CRITICAL])
def test_what_is_said_to_come_next_is_what_comes(severity):
    """Also when steps in between are for something graver."""
    grave = step("B", 10, at_least=Severity.CRITICAL)
    current = begin(policy(step("A"), grave, step("C", 20), repeats=1), severity, NOON)
    while (coming := next_told(current, severity)) is not None and coming[1] < 9:
        _, position, at = coming
        told = ()
        while not told:
            now = current.next_at
            current, told = take_step(current, around(severity), now)
        assert (told[0].position, now) == (position, at)


def walk(subject: Policy, moment: Around | None = None) -> list[str]:
    """Who is told after how many minutes, while nobody takes it, in the first five hours."""
    current = begin(subject, (moment or around()).severity, NOON)
    said = []
    while current.next_at is not None and current.next_at < NOON + 300 * MINUTE:
        now = current.next_at
        current, told = take_step(current, moment or around(), now)
        minutes = (now - NOON) // MINUTE
        said += [f"{minutes} " + ",".join(a.name for a in each.addresses) for each in told]
    return said


A, B = step("A"), step("B", 10)

WALKS = {
    "steps after their delays, then the fall-back": (
        policy(A, B), None, ["0 A", "10 B", "25 #ops", "265 #ops"]),
    "a first step that waits": (policy(step("A", 5)), None, ["5 A", "20 #ops", "260 #ops"]),
    "once more, after the pause": (
        policy(A, B, repeats=1), None, ["0 A", "10 B", "25 A", "35 B", "50 #ops", "290 #ops"]),
    "a first step that waits longer than the pause": (
        policy(step("A", 20), repeats=1), None, ["20 A", "40 A", "55 #ops", "295 #ops"]),
    "nobody reachable: the next at once": (
        policy(A, B), around(missing="A"), ["0 ", "0 B", "15 #ops", "255 #ops"]),
    "nobody reachable at all: the fall-back at once": (
        policy(A, B), around(missing="A B"), ["0 ", "0 ", "0 #ops", "240 #ops"]),
    "nobody, not even at the fall-back: that is tried again": (
        policy(A), around(missing="A #ops"), ["0 ", "0 ", "240 "]),
    "the fall-back again and again": (
        replace(policy(A), remind_every=90 * MINUTE), None,
        ["0 A", "15 #ops", "105 #ops", "195 #ops", "285 #ops"]),
    "graver than it is: passed over": (
        policy(A, step("B", 10, at_least=Severity.CRITICAL), step("C", 10)),
        None, ["0 A", "20 C", "35 #ops", "275 #ops"]),
    "as grave as it must be: told": (
        policy(A, step("B", 10, at_least=Severity.CRITICAL)),
        around(Severity.CRITICAL), ["0 A", "10 B", "25 #ops", "265 #ops"]),
    "the first step only for graver ones: the second keeps its delay": (
        policy(step("A", at_least=Severity.CRITICAL), step("B", 30)), None,
        ["30 B", "45 #ops", "285 #ops"]),
    "not often enough: passed over": (
        policy(A, step("B", 10, occurrences=3)), around(seen=2), ["0 A", "25 #ops", "265 #ops"]),
    "often enough: told": (
        policy(A, step("B", 10, occurrences=3)), around(seen=3),
        ["0 A", "10 B", "25 #ops", "265 #ops"]),
    "out of hours: it waits until they open": (
        policy(A, step("B", 10, working_hours=True)),
        around(opens=NOON + 60 * MINUTE), ["0 A", "60 B", "75 #ops"]),
    "in hours: told after its delay": (
        policy(A, step("B", 10, working_hours=True)), None, ["0 A", "10 B", "25 #ops", "265 #ops"]),
    "a step that is not for it does not make it wait for the hours": (
        policy(A, step("B", 10, working_hours=True, at_least=Severity.CRITICAL), step("C", 5)),
        around(opens=NOON + 600 * MINUTE), ["0 A", "15 C", "30 #ops", "270 #ops"]),
    "nobody reachable, then out of hours: it waits": (
        policy(A, step("B", 10, working_hours=True)),
        around(missing="A", opens=NOON + 60 * MINUTE), ["0 ", "60 B", "75 #ops"]),
}  # fmt: skip


@pytest.mark.parametrize("name", WALKS)
def test_a_policy_is_gone_through(name):
    subject, moment, expected = WALKS[name]
    assert walk(subject, moment) == expected


def test_nothing_is_told_before_its_time():
    current = begin(policy(step("A", 5)), Severity.HIGH, NOON)
    assert take_step(current, around(), NOON + 4 * MINUTE) == (current, ())


def test_low_severity_pages_nobody_and_says_so():
    current = begin(policy(A), Severity.LOW, NOON)
    assert (current.next_at, current.stopped) == (None, escalation.LOW)
    assert take_step(current, around(Severity.LOW), NOON + 600 * MINUTE) == (current, ())


def test_without_a_policy_nobody_is_told_and_it_says_so():
    current = begin(None, Severity.CRITICAL, NOON)
    assert (current.next_at, current.stopped) == (None, escalation.NOT_SET)
    assert at_once(current, NOON) is None


def test_the_fall_back_is_told_again_while_nobody_takes_it_and_not_once_it_is_low():
    last = Escalation(policy=policy(A), position=1, next_at=NOON)
    heard, (told,) = take_step(last, around(), NOON)
    assert (heard.position, heard.next_at) == (2, NOON + 240 * MINUTE)
    assert [each.name for each in told.addresses] == ["#ops"]
    due = NOON + 240 * MINUTE
    again, (told,) = take_step(heard, around(), due)
    assert (told.position, again.next_at) == (2, due + 240 * MINUTE)
    low, _ = take_step(again, around(Severity.LOW), due + 240 * MINUTE)
    assert (low.next_at, low.stopped) == (None, escalation.LOW)


def test_those_whom_nobody_answers_for_are_named_beside_those_who_are_told():
    both = Step(after=MINUTE, tell=(read_target("person:A"), read_target("rota:empty")))
    current = Escalation(policy=policy(both), next_at=NOON)
    _, (told,) = take_step(current, around(missing="empty"), NOON)
    assert [each.name for each in told.addresses] == ["A"]
    assert [str(each) for each in told.unreached] == ["rota:empty"]


def test_one_who_is_named_twice_in_a_step_is_told_once():
    twice = Step(after=MINUTE, tell=(read_target("person:A"), read_target("rota:A")))
    _, (told,) = take_step(Escalation(policy=policy(twice), next_at=NOON), around(), NOON)
    assert len(told.addresses) == 1


def test_by_hand_the_next_step_is_due_now_and_the_one_after_it_keeps_its_delay():
    asked = at_once(begin(policy(A, B), Severity.HIGH, NOON - MINUTE), NOON)
    assert asked is not None
    after, (told,) = take_step(asked, around(), NOON)
    assert (told.position, after.position, after.next_at) == (0, 1, NOON + 10 * MINUTE)


def test_by_hand_after_the_fall_back_it_is_told_once_more():
    over = Escalation(policy=policy(A), position=2, next_at=NOON + 240 * MINUTE)
    asked = at_once(over, NOON)
    assert asked is not None
    after, (told,) = take_step(asked, around(), NOON)
    assert [each.name for each in told.addresses] == ["#ops"]
    assert (after.position, after.next_at) == (3, NOON + 240 * MINUTE)


def test_by_hand_what_was_stopped_goes_on_where_it_stood():
    stopped = stop(Escalation(policy=policy(A, B), position=1, next_at=NOON), "taken")
    asked = at_once(stopped, NOON)
    assert asked is not None
    assert (asked.position, asked.next_at, asked.stopped) == (1, NOON, "")


def test_what_is_low_is_told_by_hand_once_and_not_further_by_time():
    asked = at_once(begin(policy(A, B), Severity.LOW, NOON), NOON)
    assert asked is not None
    after, (told,) = take_step(asked, around(Severity.LOW), NOON)
    assert [each.name for each in told.addresses] == ["A"]
    assert (after.next_at, after.stopped, after.position) == (None, escalation.LOW, 1)


NAMES = {
    0: "step 1 of 2",
    1: "step 2 of 2",
    2: "step 1 of 2, round 2",
    3: "step 2 of 2, round 2",
    4: "the fall-back",
    5: "the fall-back, 2nd time",
    6: "the fall-back, 3rd time",
    14: "the fall-back, 11th time",
    24: "the fall-back, 21st time",
}


@pytest.mark.parametrize(("position", "name"), NAMES.items())
def test_a_position_has_a_name(position, name):
    assert policy(A, B, repeats=1).name_of(position) == name


TOLD = {
    "a step": (1, False, "step 2 of 2 of night"),
    "the fall-back": (4, False, "nobody has taken it"),
    "the fall-back again": (6, False, "nobody has taken it; told for the 3rd time"),
    "the fall-back because somebody wants it": (5, True, "the fall-back, 2nd time"),
}


@pytest.mark.parametrize("case", TOLD)
def test_who_is_told_is_told_why(case):
    position, asked, why = TOLD[case]
    assert policy(A, B, repeats=1).why_told(position, asked=asked) == why


@pytest.mark.parametrize("text", ["Priya", "person:", "person: ", ":Priya", "team:ops", ""])
def test_a_target_that_cannot_be_read_says_what_is_expected(text):
    with pytest.raises(ValueError, match="expected one of"):
        read_target(text)


@pytest.mark.parametrize(
    "text", ["person:Priya", "rota:a b", "group:S9", "channel:#ops", "pager:pd"]
)
def test_a_target_reads_as_it_was_written(text):
    assert str(read_target(text)) == text


steps = st.builds(
    Step,
    after=st.integers(0, 90).map(lambda minutes: minutes * MINUTE),
    tell=st.sampled_from(["person:A", "person:B", "rota:C"]).map(lambda t: (read_target(t),)),
    at_least=st.sampled_from(Severity),
    working_hours=st.booleans(),
    occurrences=st.integers(1, 3),
)
policies = st.builds(
    replace,
    st.builds(policy, st.just(A)),
    steps=st.lists(steps, min_size=1, max_size=4).map(tuple),
    repeats=st.integers(0, 3),
)
moments = st.builds(
    around,
    severity=st.sampled_from([Severity.HIGH, Severity.CRITICAL]),
    seen=st.integers(1, 3),
    missing=st.sampled_from(["", "A", "A B", "A B C", "A B C #ops"]),
    opens=st.integers(-60, 600).map(lambda minutes: NOON + minutes * MINUTE),
)


@given(policies, st.lists(moments, min_size=1, max_size=30))
def test_a_policy_only_goes_forward_to_the_fall_back_which_is_told_for_ever(subject, circumstances):
    current, now, places = begin(subject, Severity.HIGH, NOON), NOON, []
    for index in range(60):
        assert current.next_at is not None, "it never gives up"
        assert index == 0 or current.next_at >= now
        now = current.next_at
        before = current
        current, told = take_step(current, circumstances[index % len(circumstances)], now)
        assert current.position > before.position or (current.next_at or now) > now
        assert all(each.addresses for each in told[1:-1]) is False or len(told) < 3
        places += [each.position for each in told]
        if told and told[-1].position >= subject.last:
            assert current.next_at == now + subject.remind_every
    assert places == sorted(set(places))
    assert subject.last in places
