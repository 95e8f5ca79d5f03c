"""Announcing, holding back, telling the next one: on what is stored, under a clock we move."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.handling import IN_HAND, NOT_ANNOUNCED, RESOLVED, SNOOZED
from bot.incidents.announcing import Noise
from bot.incidents.escalation import LOW, NOT_SET
from bot.incidents.events import (
    Acknowledge,
    Assign,
    Note,
    Resolve,
    Snooze,
    Take,
    Unacknowledge,
    Wake,
)
from bot.incidents.hours import read_hours
from bot.incidents.lifecycle import Change, Refusal, Why
from bot.incidents.matchers import read_matchers
from bot.incidents.model import Kind, Severity, State
from bot.incidents.routing import Route, Routing, Team
from bot.rules import Flapping
from bot.store import handling as handlings
from bot.store import incidents, outbox
from bot.transitions import resume
from checks.model import FORESEEN, Foreseen, Level
from checks.policy import CheckPolicy, NofM
from tests.bot.response_scene import (
    ALEX,
    HERE,
    HOUR,
    MINUTE,
    NIGHT,
    NOON,
    PLACES,
    PRIYA,
    Scene,
    policy,
    reaching,
    rules,
    step,
    verdict,
)

LOW_ONE = {"level": Level.EARLY}


@pytest.fixture
def desk(tmp_path):
    opened = []

    def open_(**said) -> Scene:
        opened.append(Scene(tmp_path / f"{len(opened)}.db", **said))
        return opened[-1]

    yield open_
    for each in opened:
        each.check_replays()
        each.close()


# The rows of the state machine, by what they mean for who is told next.


def test_opening_it_says_it_and_begins_the_policy_at_its_first_step(desk):
    scene = desk()
    scene.see(verdict())
    assert scene.messages() == [
        f"root {HERE}", f"edit {HERE}", f"line {HERE}", "root dm/UPRIYA"
    ]  # fmt: skip
    assert scene.told() == ["Priya (step 1 of 2 of night)"]
    assert scene.handling().escalation.next_at == NOON + 10 * MINUTE


def test_nobody_takes_it_and_the_policy_runs_to_the_fall_back(desk):
    scene = desk()
    scene.see(verdict())
    scene.pass_by(2 * HOUR)
    assert scene.told() == [
        "Priya (step 1 of 2 of night)",
        "Alex, pd (step 2 of 2 of night)",
        "#ops (nobody has taken it)",
    ]
    assert [entry.at - NOON for entry in scene.timeline() if entry.kind is Kind.ESCALATED] == [
        timedelta(0), 10 * MINUTE, 25 * MINUTE
    ]  # fmt: skip
    assert scene.handling().escalation.next_at == NOON + 25 * MINUTE + 4 * HOUR
    assert "page pager/pd" in scene.messages()
    assert "root slack/COPS" in scene.messages()


def test_after_the_fall_back_it_is_told_again_until_somebody_takes_it(desk):
    scene = desk(rules=rules(replace(NIGHT, remind_every=HOUR)))
    scene.see(verdict())
    scene.pass_by(25 * MINUTE + 2 * HOUR)
    assert scene.told()[2:] == [
        "#ops (nobody has taken it)",
        "#ops (nobody has taken it; told for the 2nd time)",
        "#ops (nobody has taken it; told for the 3rd time)",
    ]
    assert scene.messages().count("root slack/COPS") == 3
    scene.do(Acknowledge())
    scene.pass_by(3 * HOUR, 10 * MINUTE)
    assert len(scene.told()) == 5


def test_what_became_low_after_the_fall_back_is_not_told_again(desk):
    scene = desk()
    scene.see(verdict())
    scene.pass_by(HOUR)
    scene.see(verdict(**LOW_ONE))
    scene.pass_by(12 * HOUR, HOUR)
    assert len(scene.told()) == 3
    assert scene.handling().escalation.stopped == LOW


def test_a_reminder_that_is_silenced_waits_for_the_end_of_the_silence(desk):
    scene = desk()
    scene.see(verdict())
    scene.pass_by(HOUR)
    scene.muted["main"] = scene.at + 8 * HOUR
    scene.pass_by(8 * HOUR - MINUTE, 10 * MINUTE)
    assert len(scene.told()) == 3
    scene.muted.clear()
    scene.tick(MINUTE)
    assert len(scene.told()) == 4


def test_its_own_channel_as_the_fall_back_is_told_aloud_and_not_at_the_opening(desk):
    """A line in a thread is noticed by nobody who does not follow it."""
    at_home = policy(step("channel:#home"), repeats=0)
    scene = desk(rules=rules(replace(at_home, fallback=at_home.steps[0].tell)))
    scene.see(verdict())
    scene.pass_by(5 * HOUR, 5 * MINUTE)
    told = [entry for entry in scene.timeline() if entry.kind is Kind.ESCALATED]
    assert [entry.data.get("aloud") for entry in told] == [None, 1, 1]
    assert scene.messages().count(f"root {HERE}") == 1


STOPS = {
    "triggered: ack -> acknowledged": (Acknowledge(), IN_HAND),
    "triggered: take -> acknowledged": (Take(), IN_HAND),
    "triggered: snooze until t -> snoozed": (Snooze(until=NOON + 9 * HOUR), SNOOZED),
    "triggered: resolve by a person -> resolved": (Resolve(), RESOLVED),
}


@pytest.mark.parametrize("name", STOPS)
def test_nobody_further_is_told_after(name, desk):
    event, why = STOPS[name]
    scene = desk()
    scene.see(verdict())
    scene.do(event)
    assert (scene.handling().escalation.next_at, scene.handling().escalation.stopped) == (None, why)
    scene.pass_by(HOUR, 10 * MINUTE)
    assert len(scene.told()) == 1


RESTARTS = {
    "acknowledged: un-ack -> triggered": (Acknowledge(), Unacknowledge()),
    "snoozed: un-snooze -> triggered": (Snooze(until=NOON + 9 * HOUR), Wake()),
}


@pytest.mark.parametrize("name", RESTARTS)
def test_the_policy_begins_anew_after(name, desk):
    scene = desk()
    scene.see(verdict())
    scene.pass_by(12 * MINUTE)
    assert len(scene.told()) == 2
    for event in RESTARTS[name]:
        scene.do(event)
    scene.tick()
    assert scene.told()[2:] == ["Priya (step 1 of 2 of night)"]
    assert scene.handling().escalation.next_at == scene.at + 10 * MINUTE


REASSIGNED = {
    "snoozed: reassign -> triggered": Snooze(until=NOON + 9 * HOUR),
    "acknowledged: reassign -> triggered": Acknowledge(),
}


@pytest.mark.parametrize("name", REASSIGNED)
def test_who_was_asked_has_time_to_take_it_and_then_the_policy_begins_anew_after(name, desk):
    scene = desk()
    scene.see(verdict())
    scene.do(REASSIGNED[name])
    scene.do(Assign(to="USAM"))
    assert "root dm/USAM" in scene.messages()
    scene.pass_by(14 * MINUTE)
    assert len(scene.told()) == 1
    scene.tick(MINUTE)
    assert scene.told()[1:] == ["Priya (step 1 of 2 of night)"]


def test_acknowledged_and_forgotten_it_goes_to_whoever_is_on_call(desk):
    scene = desk()
    scene.see(verdict())
    scene.do(Acknowledge(), ALEX)
    scene.pass_by(4 * HOUR, 10 * MINUTE)
    kinds = scene.kinds()
    assert kinds[2:6] == [Kind.ACKNOWLEDGED, Kind.REMINDED, Kind.LAPSED, Kind.ESCALATED]
    lapsed = scene.timeline()[4].at
    assert lapsed - NOON == 3 * HOUR + 30 * MINUTE
    assert scene.messages().count("root dm/UALEX") >= 2, "asked, and told that it is lost"


def test_getting_worse_while_acknowledged_begins_it_anew(desk):
    scene = desk()
    scene.see(verdict())
    scene.do(Acknowledge())
    scene.see(verdict(critical=True))
    scene.tick()
    assert scene.incident().state is State.TRIGGERED
    assert len(scene.told()) == 2


def test_what_became_low_is_not_escalated_further_until_it_is_graver_again(desk):
    scene = desk()
    scene.see(verdict())
    scene.see(verdict(**LOW_ONE))
    assert scene.handling().escalation.stopped == LOW
    scene.pass_by(HOUR, 10 * MINUTE)
    assert len(scene.told()) == 1
    scene.see(verdict())
    scene.tick()
    assert len(scene.told()) == 2


def test_low_severity_pages_and_mentions_nobody(desk):
    scene = desk()
    scene.see(verdict(**LOW_ONE))
    scene.pass_by(3 * HOUR, 10 * MINUTE)
    assert (scene.messages(), scene.told()) == ([f"root {HERE}"], [])
    assert scene.handling().escalation.stopped == LOW


def test_without_a_policy_it_is_announced_and_says_why_nobody_is_told(desk):
    scene = desk(rules=rules(None))
    scene.see(verdict())
    scene.pass_by(HOUR, 10 * MINUTE)
    assert scene.messages() == [f"root {HERE}"]
    assert scene.handling().escalation.stopped == NOT_SET


def test_nobody_reachable_at_a_step_is_written_down_and_the_next_is_told_at_once(desk):
    places = {name: place for name, place in PLACES.items() if name != "person:Priya"}
    scene = desk(rules=rules(reach=reaching(places)))
    scene.see(verdict())
    assert scene.told() == [
        "nobody reachable at person:Priya (step 1 of 2 of night)",
        "Alex, pd (step 2 of 2 of night)",
    ]


def test_nobody_reachable_at_all_is_said_and_is_not_taken_for_told(desk):
    scene = desk(rules=rules(reach=reaching({})))
    scene.see(verdict())
    assert len(scene.told()) == 3
    assert scene.handling().escalation.next_at == NOON + 4 * HOUR, "somebody may be reachable then"


def test_only_as_often_as_it_came_up(desk):
    often = policy(step("person:Priya"), step("person:Alex", after=5, occurrences=3, within=HOUR))
    scene = desk(rules=rules(replace(often, repeats=0), flapping=Flapping(times=99)))
    for _ in range(3):
        scene.see(verdict())
        scene.pass_by(6 * MINUTE)
        scene.see(verdict(level=Level.OK))
        scene.tick(MINUTE)
    told = [scene.told(number) for number in (1, 2, 3)]
    assert [len(each) for each in told] == [1, 1, 2], "the third time within an hour"


# Working hours.


def in_hours(**more):
    office = read_hours("Mon-Fri 09:00-17:00", ZoneInfo("Europe/London"))
    by_day = policy(step("person:Priya", working_hours=True), name="day", repeats=0)
    routing = Routing(home=HERE, policy="day", policies={"day": by_day}, teams={}, working=office)
    return rules(by_day, routing=routing, **more)


def test_a_step_for_working_hours_is_told_at_the_next_opening_also_after_a_restart(desk, tmp_path):
    scene = desk(rules=in_hours(), at=NOON + 6 * HOUR)
    scene.see(verdict())
    opens = NOON + 21 * HOUR
    assert (scene.told(), scene.handling().escalation.next_at) == ([], opens)
    scene.pass_by(HOUR, 10 * MINUTE)
    again = scene.restarted(tmp_path)
    resume(again.store, timedelta(minutes=5), again.rules, again.at)
    again.at = opens - MINUTE
    again.tick()
    assert again.told() == []
    again.tick(MINUTE)
    assert again.told() == ["Priya (step 1 of 1 of day)"]
    again.close()


def test_the_opening_slept_through_is_made_up_for_in_hours(desk):
    scene = desk(rules=in_hours(), at=NOON + 6 * HOUR)
    scene.see(verdict())
    scene.tick(24 * HOUR)  # 18:00 of the next day: closed again
    assert scene.told() == []
    scene.tick(15 * HOUR)
    assert scene.told() == ["Priya (step 1 of 1 of day)"]


def test_a_person_who_escalates_does_not_wait_for_working_hours(desk):
    scene = desk(rules=in_hours(), at=NOON + 6 * HOUR)
    scene.see(verdict())
    outcome = scene.escalate()
    assert isinstance(outcome, Change)
    assert (outcome.entry.kind, scene.told()) == (Kind.ESCALATED, ["Priya (step 1 of 1 of day)"])


def test_what_is_days_away_waits_for_working_hours(desk):
    scene = desk(rules=in_hours(), at=NOON + 6 * HOUR)
    scene.see(verdict(level=Level.EARLY, expected_at=NOON + 72 * HOUR))
    scene.pass_by(HOUR, 10 * MINUTE)
    assert scene.messages() == []
    scene.at = NOON + 21 * HOUR
    scene.tick()
    assert scene.messages() == [f"root {HERE}"]


# Held back.


def test_nothing_is_said_while_it_is_silenced_and_all_is_said_once_when_that_ends(desk):
    scene = desk(muted={"main": None})
    scene.see(verdict())
    scene.do(Acknowledge())
    scene.do(Unacknowledge())
    scene.pass_by(HOUR, 10 * MINUTE)
    assert scene.messages() == []
    assert scene.kinds().count(Kind.HELD) == 1
    assert scene.handling().escalation.stopped == NOT_ANNOUNCED
    scene.muted.clear()
    scene.tick()
    assert scene.messages().count(f"root {HERE}") == 1
    assert scene.kinds()[-2:] == [Kind.RELEASED, Kind.ESCALATED]
    scene.pass_by(HOUR, 10 * MINUTE)
    assert scene.messages().count(f"root {HERE}") == 1


def test_what_ends_while_it_is_silenced_is_never_said(desk):
    scene = desk(muted={"main": None})
    scene.see(verdict())
    scene.see(verdict(level=Level.OK))
    scene.muted.clear()
    scene.tick()
    assert (scene.incident().state, scene.messages()) == (State.RESOLVED, [])


def test_released_while_somebody_has_it_it_says_so_and_pages_nobody(desk):
    scene = desk(muted={"main": None})
    scene.see(verdict())
    scene.do(Acknowledge())
    scene.muted.clear()
    scene.tick()
    assert scene.messages() == [f"root {HERE}"]
    assert scene.handling().escalation.stopped == IN_HAND


def test_a_silence_after_the_first_word_holds_the_next_step_until_its_end(desk):
    scene = desk()
    scene.see(verdict())
    scene.muted["main"] = NOON + 60 * MINUTE
    scene.pass_by(59 * MINUTE)
    assert len(scene.told()) == 1
    assert scene.handling().held == "silence 7 (works)"
    assert scene.handling().escalation.next_at == NOON + 60 * MINUTE
    scene.muted.clear()
    scene.tick(MINUTE)
    assert len(scene.told()) == 2
    assert (scene.kinds().count(Kind.HELD), scene.kinds().count(Kind.RELEASED)) == (1, 1)
    assert scene.handling().held == ""


def test_a_silence_over_what_is_open_is_said_at_once_and_its_end_too(desk):
    scene = desk()
    scene.see(verdict())
    scene.send_all()
    before = len(scene.messages())
    scene.muted["main"] = NOON + 60 * MINUTE
    scene.tick(timedelta(seconds=5))
    assert (scene.handling().held, scene.handling().held_until) == (
        "silence 7 (works)", NOON + 60 * MINUTE
    )  # fmt: skip
    assert scene.messages()[before:][:2] == [f"edit {HERE}", "edit dm/UPRIYA"]
    assert f"line {HERE}" in scene.messages()[before:]
    scene.tick(MINUTE)
    assert scene.kinds().count(Kind.HELD) == 1
    scene.muted.clear()
    scene.tick(MINUTE)
    assert scene.handling().held == ""
    assert scene.kinds().count(Kind.RELEASED) == 1
    assert len(scene.told()) == 1, "its next step was not due yet"
    scene.pass_by(9 * MINUTE)
    assert len(scene.told()) == 2


RESTS = {
    "low severity": (NIGHT, Level.EARLY),
    "no policy": (None, Level.BREACH),
}


@pytest.mark.parametrize("name", RESTS)
def test_a_silence_over_what_calls_nobody_is_said_at_once_and_its_end_too(name, desk):
    chosen, level = RESTS[name]
    scene = desk(rules=rules(chosen))
    scene.see(verdict(level=level))
    scene.send_all()
    before = len(scene.messages())
    scene.muted["main"] = NOON + 60 * MINUTE
    for _ in range(3):
        scene.tick(timedelta(seconds=5))
    assert scene.messages()[before:] == [f"edit {HERE}", f"line {HERE}"]
    assert (scene.handling().held, scene.handling().held_until) == (
        "silence 7 (works)", NOON + 60 * MINUTE
    )  # fmt: skip
    scene.muted.clear()
    scene.tick(MINUTE)
    assert scene.kinds() == [Kind.OPENED, Kind.HELD, Kind.RELEASED]
    assert (scene.handling().held, scene.told()) == ("", [])


def test_what_gets_graver_while_it_is_silenced_calls_somebody_after_the_silence(desk):
    scene = desk()
    scene.see(verdict(level=Level.EARLY))
    scene.muted["main"] = NOON + 60 * MINUTE
    scene.tick()
    scene.see(verdict())
    scene.tick(MINUTE)
    assert scene.told() == []
    scene.muted.clear()
    scene.tick(60 * MINUTE)
    assert len(scene.told()) == 1


def test_what_a_storm_tells_and_somebody_silences_stays_in_its_summary_and_ends_the_storm(desk):
    scene = desk(rules=rules(noise=FEW))
    scene.see_all(FEW.storm + 10)
    scene.tick()
    in_summary = handlings.in_storm(scene.store.db, 1)
    assert len(in_summary) == 10
    scene.send_all()
    scene.muted |= {f"q{number}": NOON + 60 * MINUTE for number in range(FEW.storm + 10)}
    scene.do(Acknowledge())
    scene.tick(timedelta(seconds=5))
    scene.tick(timedelta(seconds=5))
    assert handlings.in_storm(scene.store.db, 1) == in_summary
    assert handlings.storm_ended_at(scene.store.db, 1) is not None
    assert f"edit {HERE}" in scene.messages("storm/1")
    assert {scene.handling(each).held for each in in_summary} == {"silence 7 (works)"}


def test_a_silence_that_is_ended_before_its_time_lets_the_step_go_at_once(desk):
    scene = desk()
    scene.see(verdict())
    scene.muted["main"] = NOON + 480 * MINUTE
    scene.pass_by(20 * MINUTE)
    assert len(scene.told()) == 1
    scene.muted.clear()
    scene.tick(timedelta(seconds=5))
    assert len(scene.told()) == 2


def test_the_resolve_of_what_was_told_is_told_though_it_is_silenced(desk):
    scene = desk()
    scene.see(verdict())
    scene.pass_by(11 * MINUTE)
    before = len(scene.messages())
    scene.muted["main"] = None
    scene.see(verdict(level=Level.OK))
    assert set(scene.messages()[before:]) == {
        f"edit {HERE}", f"line {HERE}", "edit dm/UPRIYA", "edit dm/UALEX", "page pager/pd"
    }  # fmt: skip


def test_somebody_who_takes_what_is_held_back_ends_the_waiting(desk):
    scene = desk()
    scene.see(verdict())
    scene.muted["main"] = None
    scene.pass_by(15 * MINUTE)
    scene.do(Acknowledge())
    assert (scene.handling().held, scene.handling().escalation.stopped) == ("", IN_HAND)


def test_low_ones_wait_for_others_of_their_kind(desk):
    scene = desk(rules=rules(noise=Noise(group_wait=2 * MINUTE)))
    scene.see(verdict(**LOW_ONE))
    scene.tick(MINUTE)
    assert scene.messages() == []
    scene.tick(MINUTE)
    assert scene.messages() == [f"root {HERE}"]


# Storms.


def test_two_thousand_at_once_are_one_summary_and_no_transition_is_lost(desk):
    scene = desk()
    judged, ticked = -time.process_time(), 0.0  # of the processor: the machine may be busy
    scene.see_all(2000)
    judged += time.process_time()
    ticked -= time.process_time()
    scene.tick(timedelta(seconds=5))
    ticked += time.process_time()
    assert judged < 5, f"{judged:.1f} s"
    assert ticked < 2, f"{ticked:.1f} s"
    assert len(incidents.open_incidents(scene.store.db)) == 2000
    sql = "SELECT count(*) FROM outbox WHERE purpose = 'root' AND topic LIKE 'incident/%'"
    roots = scene.store.db.execute(f"{sql} AND destination = ?", [HERE]).fetchone()[0]
    assert roots == 20
    assert scene.messages("storm/1") == [f"root {HERE}"]
    scene.send_all()
    scene.see_all(2000, level=Level.OK)
    assert incidents.open_incidents(scene.store.db) == []
    scene.tick()
    assert handlings.open_storms(scene.store.db) == []
    assert set(scene.messages("storm/1")[1:]) == {f"edit {HERE}"}
    last = "SELECT count(*) FROM timeline WHERE kind = 'cleared'"
    assert scene.store.db.execute(last).fetchone()[0] == 2000
    told = outbox.told_places(scene.store.db, "incident/20", outbox.Purpose.EDIT)
    assert HERE in told
    assert scene.messages("incident/21") == []


FEW = Noise(storm=3)
SETTLED = FEW.settling


def test_when_a_storm_is_over_what_is_left_is_told_one_by_one(desk):
    scene = desk(rules=rules(noise=FEW))
    scene.see_all(6)
    assert handlings.in_storm(scene.store.db, 1) == [4, 5, 6]
    scene.pass_by(5 * MINUTE)
    assert scene.messages("incident/4") == []
    for number in (1, 2, 3):
        scene.do(Acknowledge(), incident_id=number)
    scene.tick()
    assert len(handlings.open_storms(scene.store.db)) == 1, "three are still in nobody's hand"
    scene.do(Acknowledge(), incident_id=4)
    scene.tick()
    assert handlings.open_storms(scene.store.db) == []
    assert scene.messages("storm/1") == [f"root {HERE}", f"edit {HERE}"]
    scene.pass_by(SETTLED)
    roots = [scene.messages(f"incident/{number}")[:1] for number in (4, 5, 6)]
    assert roots == [[f"root {HERE}"]] * 3
    scene.check_replays()


def end_of_storm(scene, many):
    """So many are left of it, which nobody has in hand; then it is over."""
    scene.see_all(many + 3)
    scene.send_all()
    scene.rules = replace(scene.rules, noise=replace(FEW, storm=many + 1))
    for number in (1, 2, 3):
        scene.do(Acknowledge(), incident_id=number)
    scene.tick()
    assert handlings.open_storms(scene.store.db) == []
    scene.send_all()


def test_what_clears_while_a_storm_settles_is_never_announced(desk):
    scene = desk(rules=rules(noise=FEW))
    end_of_storm(scene, 4)
    scene.pass_by(SETTLED - MINUTE)
    assert scene.messages("incident/4") == []
    scene.see(verdict("q3", level=Level.OK), verdict("q4", level=Level.OK))
    scene.tick(MINUTE)
    assert [scene.messages(f"incident/{each}")[:1] for each in (4, 5, 6, 7)] == [
        [], [], [f"root {HERE}"], [f"root {HERE}"]
    ]  # fmt: skip


def test_much_that_is_left_of_a_storm_is_told_in_one_message_and_its_policies_begin(desk):
    scene = desk(rules=rules(noise=FEW))
    end_of_storm(scene, 6)
    scene.pass_by(SETTLED)
    left = range(4, 10)
    assert scene.messages("storm/1").count(f"root {HERE}") == 2
    for number in left:
        assert scene.messages(f"incident/{number}") == ["root dm/UPRIYA"]
        assert scene.told(number) == ["Priya (step 1 of 2 of night)"]
    assert handlings.in_storm(scene.store.db, 1) == list(left)
    scene.send_all()
    before = len(scene.messages("storm/1"))
    scene.do(Acknowledge(), incident_id=4)
    assert scene.messages("storm/1")[before:] == [f"edit {HERE}"]
    assert scene.messages("incident/4")[1:] == ["edit dm/UPRIYA"]
    scene.pass_by(10 * MINUTE)
    assert (len(scene.told(4)), len(scene.told(5))) == (1, 2)
    scene.check_replays()


def test_what_waits_when_the_next_storm_comes_is_told_in_its_summary(desk):
    scene = desk(rules=rules(noise=FEW))
    end_of_storm(scene, 4)
    scene.see(*(verdict(f"more {number}") for number in range(4)))
    scene.tick()
    assert {*range(4, 8)} <= {*handlings.in_storm(scene.store.db, 2)}


def test_a_storm_of_what_somebody_has_in_hand_is_over(desk):
    scene = desk(rules=rules(noise=FEW))
    scene.see_all(8)
    for number in range(1, 9):
        scene.do(Acknowledge(), incident_id=number)
    scene.tick()
    assert handlings.open_storms(scene.store.db) == []


def test_a_second_storm_has_a_summary_of_its_own(desk):
    scene = desk(rules=rules(noise=FEW))
    scene.see_all(5)
    scene.see_all(5, level=Level.OK)
    scene.tick()
    scene.see_all(5)
    assert [handlings.in_storm(scene.store.db, number) for number in (1, 2)] == [[4, 5], [9, 10]]


def test_many_of_low_severity_do_not_keep_back_what_is_graver(desk):
    scene = desk(rules=rules(noise=FEW))
    scene.see_all(9, **LOW_ONE)
    assert scene.messages("incident/9") == []
    scene.see(verdict("till"))
    assert scene.told(10) == ["Priya (step 1 of 2 of night)"]
    scene.see(verdict("q8"))
    scene.tick()
    assert scene.told(9) == ["Priya (step 1 of 2 of night)"], "it became graver while it was kept"


def test_the_summary_is_brought_up_to_date_when_some_of_it_is_over(desk):
    scene = desk(rules=rules(noise=FEW))
    scene.see_all(9)
    scene.send_all()
    scene.see(verdict("q8", level=Level.OK))
    assert scene.messages("storm/1") == [f"root {HERE}", f"edit {HERE}"]


def test_a_change_of_an_incident_looks_through_no_table_that_refers_to_it(desk):
    """SQLite does so where the id itself is set: in a storm that took most of a minute."""
    scene = desk()
    scene.see(verdict())
    statements = []
    scene.store.db.conn.set_trace_callback(statements.append)
    scene.do(Acknowledge())
    scene.store.db.conn.set_trace_callback(None)
    updates = {each[:23] for each in statements if each.startswith("UPDATE incidents SET ")}
    assert updates == {"UPDATE incidents SET st"}, "state comes first, and not id"


def calmed(scene):
    """Five of critical severity make a storm, and fall to low before anything could be sent."""
    scene.see_all(5, critical=True)
    scene.see_all(5, **LOW_ONE)
    scene.tick()


def test_what_falls_to_low_before_its_message_went_out_stands_in_the_summary_alone(desk):
    scene = desk(rules=rules(noise=FEW))
    calmed(scene)
    assert [scene.messages(f"incident/{number}") for number in range(1, 6)] == [[]] * 5
    assert handlings.in_storm(scene.store.db, 1) == [1, 2, 3, 4, 5]
    assert scene.kinds()[-2:] == [Kind.EASED, Kind.HELD]
    assert handlings.without_next_step(scene.store.db) == []
    scene.pass_by(30 * MINUTE, 5 * MINUTE)
    assert scene.messages() == []


def test_what_rises_again_after_that_is_announced_and_calls_the_first_ones(desk):
    scene = desk(rules=rules(noise=FEW))
    calmed(scene)
    scene.see(verdict("q0", critical=True, signal=FORESEEN, foreseen=Foreseen.LIKELY))
    scene.tick()
    assert scene.messages()[:2] == [f"root {HERE}", f"line {HERE}"]
    assert scene.told()[1:] == ["Priya (step 1 of 2 of night)"]


def test_a_forecast_whose_message_was_taken_back_may_be_announced_after_all(desk):
    scene = desk(rules=rules(noise=FEW))
    foreseen = {"signal": FORESEEN, "foreseen": Foreseen.LIKELY}
    scene.see_all(4, critical=True, **foreseen)
    scene.see_all(4, **LOW_ONE, **foreseen)
    scene.see(verdict("q0", critical=True, **foreseen))
    scene.tick()
    assert scene.messages()[:2] == [f"root {HERE}", f"line {HERE}"]


def test_what_was_attempted_or_taken_up_by_a_person_keeps_its_message(desk):
    scene = desk(rules=rules(noise=FEW))
    scene.see_all(5, critical=True)
    scene.store.db.execute("UPDATE outbox SET attempts = 1 WHERE topic = 'incident/1'")
    scene.do(Note(text="I look at it"), incident_id=2)
    scene.see_all(5, **LOW_ONE)
    scene.tick()
    kept = [bool(scene.messages(f"incident/{number}")) for number in (1, 2, 3)]
    assert kept == [True, True, False]


def test_without_a_storm_what_falls_to_low_is_still_announced(desk):
    scene = desk(rules=rules(noise=FEW))
    scene.see(verdict())
    scene.see(verdict(**LOW_ONE))
    scene.tick()
    assert scene.messages()[:1] == [f"root {HERE}"]


def test_each_channel_has_storms_of_its_own(desk):
    routes = (Route(matchers=read_matchers("id=~x.*")[0], home="slack/C2"),)
    routing = Routing(home=HERE, policy="night", policies={"night": NIGHT}, teams={}, routes=routes)
    scene = desk(rules=rules(noise=FEW, routing=routing))
    scene.see_all(5)
    scene.see(verdict("x1"))
    assert scene.messages("incident/6")[:1] == ["root slack/C2"]


# Groups.


def grouping(**more):
    routes = (Route(group_by=("system",)),)
    routing = Routing(home=HERE, policy="night", policies={"night": NIGHT}, teams={}, routes=routes)
    return rules(routing=routing, **more)


def of(system: str, subject: str, **more):
    return verdict(subject, facts={"system": system}, **more)


def test_alerts_alike_join_one_incident_that_ends_with_the_last_of_them(desk):
    scene = desk(rules=grouping())
    scene.see(of("netsuite", "a"), of("netsuite", "b"), of("shopify", "c"), verdict("alone"))
    assert len(incidents.open_incidents(scene.store.db)) == 3
    assert scene.kinds()[:3] == [Kind.OPENED, Kind.ESCALATED, Kind.JOINED]
    assert scene.messages().count(f"root {HERE}") == 1
    scene.see(of("netsuite", "a", level=Level.OK))
    assert scene.incident().is_open
    scene.see(of("netsuite", "b", level=Level.OK))
    assert scene.incident().state is State.RESOLVED


def test_one_that_joins_and_is_graver_makes_the_incident_graver_for_good(desk):
    scene = desk(rules=grouping())
    scene.see(of("netsuite", "a"), of("netsuite", "b", critical=True))
    assert scene.incident().severity is Severity.CRITICAL
    scene.do(Acknowledge())
    entries = len(scene.timeline())
    for _ in range(5):
        scene.at += MINUTE
        scene.see(of("netsuite", "a"), of("netsuite", "b", critical=True))
    assert len(scene.timeline()) == entries, "the two do not push it up and down"
    assert scene.incident().state is State.ACKNOWLEDGED
    scene.see(of("netsuite", "b", level=Level.OK))
    scene.see(of("netsuite", "a"))
    assert scene.incident().severity is Severity.HIGH


def test_one_that_joins_what_somebody_has_in_hand_calls_nobody(desk):
    scene = desk(rules=grouping())
    scene.see(of("netsuite", "a"))
    scene.do(Acknowledge())
    scene.see(of("netsuite", "b"))
    assert scene.incident().state is State.ACKNOWLEDGED
    assert len(scene.told()) == 1


def test_a_group_is_silenced_only_when_all_of_it_is(desk):
    scene = desk(rules=grouping(), muted={"a": None})
    scene.see(of("netsuite", "a"))
    scene.tick()
    assert scene.messages() == []
    scene.see(of("netsuite", "b"))
    scene.tick()
    assert f"root {HERE}" in scene.messages()


# Flapping.


def test_what_flaps_stays_open_until_it_was_well_for_that_long(desk):
    calm = CheckPolicy(opens_after=NofM(needed=1, of=1), stay_clear=2 * MINUTE)
    scene = desk(rules=rules(None, policies={"stalled_queue": calm}))
    for _ in range(60):  # three minutes of trouble, three of peace: again and again
        for level in [Level.BREACH] * 3 + [Level.OK] * 3:
            scene.see(verdict(level=level))
            scene.at += MINUTE
    assert len(scene.store.db.execute("SELECT id FROM incidents").fetchall()) == 4
    assert scene.incident(4).is_open
    well_since = scene.at - 3 * MINUTE
    while scene.incident(4).is_open:
        scene.see(verdict(level=Level.OK))
        scene.at += MINUTE
    ended = scene.incident(4).resolved_at
    assert ended is not None
    assert ended - well_since == HOUR


# By hand.


def test_escalated_by_hand_the_next_one_is_told_now_and_time_goes_on_from_there(desk):
    scene = desk()
    scene.see(verdict())
    scene.tick(3 * MINUTE)
    outcome = scene.escalate(ALEX)
    assert isinstance(outcome, Change)
    assert (outcome.entry.actor, outcome.entry.reason) == (ALEX, "it burns")
    assert scene.told()[-1] == "pd; not Alex, who asked for it (step 2 of 2 of night)"
    assert "root dm/UALEX" not in scene.messages()
    assert scene.handling().escalation.next_at == scene.at + 15 * MINUTE


def test_who_is_on_call_and_escalates_calls_the_next_ones_at_once(desk):
    scene = desk()
    scene.see(verdict())
    scene.do(Acknowledge(), ALEX)
    scene.do(Unacknowledge(), ALEX)
    assert isinstance(scene.escalate(PRIYA), Change)
    assert scene.told()[-2:] == [
        "not Priya, who asked for it (step 1 of 2 of night)",
        "Alex, pd (step 2 of 2 of night)",
    ]


def test_its_owner_who_is_on_call_as_well_is_called_once_a_round(desk):
    twice = policy(step("person:Priya"), step("person:Priya", after=1), step("pager:pd", after=10))
    scene = desk(rules=rules(twice))
    scene.see(verdict())
    scene.pass_by(11 * MINUTE)
    assert scene.told() == [
        "Priya (step 1 of 3 of night)",
        "not Priya, who was already told (step 2 of 3 of night)",
        "pd (step 3 of 3 of night)",
    ]
    assert scene.messages().count("root dm/UPRIYA") == 1
    scene.do(Acknowledge())
    scene.do(Unacknowledge())
    scene.tick(timedelta(seconds=5))
    assert scene.messages().count("root dm/UPRIYA") == 2, "the policy has begun anew"


def test_escalated_by_hand_from_whoever_had_it_also_to_a_pager_that_was_told_before(desk):
    paging = policy(step("pager:pd"), step("pager:pd", after=10), repeats=0)
    scene = desk(rules=rules(paging))
    scene.see(verdict())
    scene.do(Acknowledge())
    assert isinstance(scene.escalate(), Change)
    assert (scene.incident().state, scene.incident().holder) == (State.TRIGGERED, None)
    assert scene.messages().count("page pager/pd") == 3


def test_escalated_past_whoever_has_it_somebody_else_is_told(desk):
    """The policy begins anew after a snooze, but at its first step is the holder."""
    scene = desk()
    scene.see(verdict())
    scene.do(Snooze(until=scene.at + HOUR))
    scene.do(Wake())
    scene.do(Acknowledge(), replace(PRIYA, who=PLACES["person:Priya"].id))
    assert isinstance(scene.escalate(ALEX), Change)
    assert scene.told()[1:] == [
        "not Priya, who has it in hand (step 1 of 2 of night)",
        "pd; not Alex, who asked for it (step 2 of 2 of night)",
    ]


def test_what_the_summary_of_a_storm_tells_is_announced_when_a_person_escalates_it(desk):
    scene = desk(rules=rules(noise=FEW))
    scene.see_all(5)
    outcome = scene.escalate(incident_id=5)
    assert isinstance(outcome, Change)
    assert scene.messages("incident/5")[:1] == [f"root {HERE}"]
    assert scene.told(5) == ["Priya (step 1 of 2 of night)"]
    assert handlings.in_storm(scene.store.db, 1) == [4]
    assert Kind.RELEASED in scene.kinds(5)


def test_what_is_low_and_escalated_by_hand_tells_one_step(desk):
    scene = desk()
    scene.see(verdict(**LOW_ONE))
    assert isinstance(scene.escalate(), Change)
    scene.pass_by(HOUR, 10 * MINUTE)
    assert scene.told() == ["Priya (step 1 of 2 of night)"]


def escalated_since(scene):
    seen = scene.incident().version
    scene.pass_by(11 * MINUTE)
    return seen


def changed_since(scene):
    seen = scene.incident().version
    scene.do(Acknowledge())
    return seen


def resolved(scene):
    scene.do(Resolve())


def silenced(scene):
    scene.muted["main"] = None


REFUSED = {
    "escalated since": (escalated_since, Why.ESCALATED_SINCE),
    "changed since": (changed_since, Why.CHANGED_SINCE),
    "resolved": (resolved, Why.RESOLVED),
    "held by a silence": (silenced, Why.HELD),
}


@pytest.mark.parametrize("name", REFUSED)
def test_by_hand_it_is_refused_when(name, desk):
    before, why = REFUSED[name]
    scene = desk()
    scene.see(verdict())
    seen = before(scene)
    told = scene.told()
    outcome = scene.escalate(seen=seen)
    assert isinstance(outcome, Refusal)
    assert (outcome.why, scene.told()) == (why, told)


def test_by_hand_after_the_fall_back_it_is_told_once_more(desk):
    scene = desk()
    scene.see(verdict())
    scene.pass_by(2 * HOUR, 5 * MINUTE)
    assert isinstance(scene.escalate(), Change)
    assert scene.told()[3:] == ["#ops (the fall-back, 2nd time)"]
    assert scene.handling().escalation.next_at == scene.at + 4 * HOUR


def test_of_two_who_escalate_at_once_one_does(desk):
    scene = desk()
    scene.see(verdict())
    seen = scene.incident().version
    assert isinstance(scene.escalate(PRIYA, seen=seen), Change)
    second = scene.escalate(ALEX, seen=seen)
    assert isinstance(second, Refusal)
    assert second.why is Why.ESCALATED_SINCE


def test_without_a_policy_and_of_no_incident_there_is_nothing_to_escalate(desk):
    scene = desk(rules=rules(None))
    scene.see(verdict())
    outcome = scene.escalate()
    assert isinstance(outcome, Refusal)
    assert outcome.why is Why.NO_STEP_LEFT
    assert scene.escalate(incident_id=99) is None


# The settings change.


def test_a_policy_that_is_changed_does_not_change_a_running_escalation(desk):
    scene = desk()
    scene.see(verdict())
    other = policy(step("group:S9"), repeats=0)
    scene.rules = replace(
        scene.rules, routing=replace(scene.rules.routes, policies={"night": other})
    )
    scene.pass_by(30 * MINUTE)
    assert scene.told()[1:] == ["Alex, pd (step 2 of 2 of night)", "#ops (nobody has taken it)"]
    scene.see(verdict("second"))
    assert scene.told(2) == ["group S9 (step 1 of 1 of night)"]


def test_a_policy_that_is_gone_still_runs_to_its_end(desk):
    scene = desk()
    scene.see(verdict())
    scene.rules = replace(scene.rules, routing=Routing(home=HERE, policies={}, teams={}))
    scene.pass_by(30 * MINUTE)
    assert scene.told()[-1] == "#ops (nobody has taken it)"


def test_an_older_incident_is_taken_up_where_it_was_announced(desk):
    scene = desk(rules=rules(None))
    scene.see(verdict("a"), verdict("b"))
    scene.do(Acknowledge(), incident_id=2)
    scene.store.db.execute("DROP TRIGGER handling_stays")
    scene.store.db.execute("DELETE FROM handling")  # as if from before there was any
    assert handlings.without_next_step(scene.store.db) == [1]
    scene.rules = replace(scene.rules, routing=rules().routes)
    resume(scene.store, 5 * MINUTE, scene.rules, scene.at)
    assert handlings.without_next_step(scene.store.db) == []
    scene.tick()
    assert (scene.told(1), scene.told(2)) == (["Priya (step 1 of 2 of night)"], [])
    assert scene.handling(2).escalation.stopped == IN_HAND
    scene.do(Unacknowledge(), incident_id=2)
    scene.tick()
    assert scene.told(2) == ["Priya (step 1 of 2 of night)"]


def test_the_team_of_a_route_gives_channel_and_hours(desk):
    night = read_hours("20:00-06:00", ZoneInfo("UTC"))
    late = policy(step("person:Alex", working_hours=True), name="late", repeats=0)
    team = Team(name="late", home="slack/CLATE", policy="late", working=night)
    routing = Routing(
        home=HERE,
        policies={"late": late},
        teams={"late": team},
        routes=(Route(team="late"),),
    )
    scene = desk(rules=rules(routing=routing))
    scene.see(verdict())
    assert scene.messages() == ["root slack/CLATE"]
    assert scene.handling().escalation.next_at == NOON + 8 * HOUR
