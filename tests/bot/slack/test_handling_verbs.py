"""What people do about an incident beyond taking it: assign, note, snooze, escalate, vote."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.incidents.events import Remind, Vote
from bot.incidents.hours import read_hours
from bot.incidents.lifecycle import Change, Refusal, Why
from bot.incidents.model import Actor, Kind, State
from bot.incidents.routing import Route, Team
from bot.incidents.silences import Maintenance
from bot.incidents.windows import Once
from bot.inventory import Inventory, save_inventory
from bot.muting import Mutes
from bot.slack.letters import view_of
from bot.slack.render.entries import say_entry
from bot.slack.render.incident import incident_message
from bot.slack.render.text import mention
from bot.slack.verbs import Ask, by_word
from bot.store import incidents
from bot.transitions import act, pass_time
from checks.model import Level
from tests.bot.response_scene import rules
from tests.bot.slack.crew import LONDON, crewed
from tests.bot.slack.scene import (
    ALEX,
    MINUTE,
    NOON,
    PRIYA,
    ask,
    assert_slack_takes,
    stall,
    texts_of,
    words_of,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(store):
    desk = crewed(store)
    stall(desk)
    return desk


def incident(desk, number=1):
    return incidents.find_incident(desk.store.db, number)


def kinds_of(desk, number=1):
    return [entry.kind for entry in incidents.timeline(desk.store.db, number)]


def said(desk, typed, user=PRIYA, **also):
    answered = ask(desk, typed, user, **also)
    assert_slack_takes(answered)
    return words_of(answered)


def rows_to(desk, destination):
    sql = "SELECT count(*) FROM outbox WHERE destination = ?"
    return desk.store.db.execute(sql, [destination]).fetchone()[0]


# take and confirm


def test_taking_what_another_has_makes_it_yours(desk):
    ask(desk, "ack 1", ALEX)
    assert "You have #1 in hand" in said(desk, "take 1")
    assert incident(desk).holder == PRIYA
    assert kinds_of(desk)[-1] is Kind.TAKEN


def test_only_the_holder_is_still_on_it(desk):
    assert "so there is nothing to confirm" in said(desk, "confirm 1")
    ask(desk, "ack 1", ALEX)
    assert "only who has it can say that" in said(desk, "confirm 1")
    assert "stays in your hand" in said(desk, "confirm 1", ALEX)
    assert kinds_of(desk)[-1] is Kind.CONFIRMED


def test_who_is_asked_whether_they_still_have_it_gets_a_button_for_it(desk):
    ask(desk, "ack 1")
    assert "Still on it" not in words_of(incident_message(view_of(desk, 1)))
    with desk.store.writing() as db:
        asked = Remind(held_since=incident(desk).held_since)
        rules = Actor(who="rules", via="timer")
        pass_time(db, incident(desk), asked, rules, desk.rules.destination, NOON + HOUR)
    message = incident_message(view_of(desk, 1))
    assert_slack_takes(message)
    assert "Still on it" in words_of(message)


# assign


@pytest.mark.parametrize("named", ["@alex", "Alex", "alex,", f"@{ALEX}"])
def test_assigning_by_name_asks_that_person_and_tells_them(desk, named):
    accounts = {"@alex": ALEX} if named == "@alex" else {}
    assert f"{mention(ALEX)} is asked to take #1" in said(
        desk, f"assign 1 {named}", accounts=accounts
    )
    assert incident(desk).assignee == ALEX
    assert rows_to(desk, f"dm/{ALEX}") == 1


def test_what_follows_the_name_is_kept_for_whoever_is_asked(desk):
    ask(desk, "assign 1 @marcus please, you know it", accounts={"@marcus": ALEX})
    assert incident(desk).assignee == ALEX
    said_so = say_entry(incidents.timeline(desk.store.db, 1)[-1])
    assert said_so.endswith(f"by <@{PRIYA}> by command: please, you know it")
    ask(desk, "assign 1 me instead")
    assert incident(desk).assignee == PRIYA


def test_assigning_what_is_in_hand_makes_it_triggered_again(desk):
    ask(desk, "ack 1")
    ask(desk, "assign 1 alex")
    assert incident(desk).state is State.TRIGGERED
    assert incident(desk).assignee == ALEX


def test_one_can_assign_it_to_oneself(desk):
    ask(desk, "assign 1 me")
    assert incident(desk).assignee == PRIYA


@pytest.mark.parametrize(
    ("named", "why"), [("", "Who should take it"), ("@nobody", "`@nobody`"), ("kim", "`kim`")]
)
def test_nobody_is_asked_when_nobody_known_is_named(desk, named, why):
    told = said(desk, f"assign 1 {named}")
    assert why in told
    assert "Nobody was asked" in told
    assert kinds_of(desk) == [Kind.OPENED]


def test_somebody_without_a_person_section_can_be_asked_and_it_says_how_they_are_reached(desk):
    told = said(desk, "assign 1 @omar", accounts={"@omar": "U0OMAR"})
    assert "is asked to take #1" in told
    assert "not called by any pager" in told
    assert "/seam link" in told


def test_who_is_no_full_member_is_not_asked(desk):
    why = {"U0GINA": "Only a full member can."}
    told = said(desk, "assign 1 @gina", accounts={"@gina": "U0GINA"}, strangers=why)
    assert f"{mention('U0GINA')} cannot take an incident" in told
    assert kinds_of(desk) == [Kind.OPENED]


# note


def test_a_note_stands_in_the_timeline_whatever_the_state(desk):
    for number, typed in enumerate(["note 1 the vendor <knows>", "comment 1 it is over"]):
        said(desk, typed)
        assert incidents.timeline(desk.store.db, 1)[-1].kind is Kind.NOTED
        if number == 0:
            ask(desk, "resolve 1")
    assert "Note by <@U0PRIYA> by command: it is over" in said(desk, "show 1")


def test_a_note_needs_words(desk):
    assert "nothing to note" in said(desk, "note 1")
    assert "Only one incident at a time" in said(desk, "note 1 2")
    assert kinds_of(desk) == [Kind.OPENED]


def test_in_a_thread_a_note_is_all_that_was_typed(desk):
    told = Ask(user_id=PRIYA, via="mention", incident_id=1, rest="3 runs were stopped")
    by_word()["note"].answer(desk, told)
    assert incidents.timeline(desk.store.db, 1)[-1].reason == "3 runs were stopped"


# snooze

MONDAY_9 = datetime(2026, 11, 23, 9, tzinfo=UTC)
SUNDAY_9 = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "until", "reason"),
    [
        ("1h", NOON + HOUR, ""),
        ("90m they deploy", NOON + 90 * MINUTE, "they deploy"),
        ("until 09:00", SUNDAY_9, ""),
        ("until tomorrow", SUNDAY_9, ""),
        ("tomorrow morning, nobody is there", SUNDAY_9, "nobody is there"),
        ("until tomorrow 14:30", SUNDAY_9 + 5.5 * HOUR, ""),
        ("morning", MONDAY_9, ""),
        ("until morning", MONDAY_9, ""),
        ("until the next working morning", MONDAY_9, ""),
    ],
)
def test_a_snooze_lasts_as_long_as_was_said(desk, typed, until, reason):
    told = said(desk, f"snooze 1 {typed}")
    assert f"<!date^{int(until.timestamp())}" in told
    assert incident(desk).snoozed_until == until
    assert incident(desk).state is State.SNOOZED
    assert incidents.timeline(desk.store.db, 1)[-1].reason == reason


def test_without_working_hours_the_morning_is_nine_on_the_next_weekday(store):
    desk = crewed(store, working=None)
    stall(desk)
    said(desk, "snooze 1 morning")
    assert incident(desk).snoozed_until == MONDAY_9


def test_the_morning_is_that_of_the_incidents_team(store):
    desk = crewed(store)
    early = read_hours("Sat-Sun 07:00-12:00", LONDON)
    routing = replace(
        desk.rules.routing,
        teams={"weekend": Team(name="weekend", working=early)},
        routes=[Route(team="weekend")],
    )
    desk = replace(desk, rules=replace(desk.rules, routing=routing))
    stall(desk)
    said(desk, "snooze 1 morning")
    assert incident(desk).snoozed_until == SUNDAY_9 - 2 * HOUR


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Times are told as"),
        ("a while", "Times are told as"),
        ("until 2026-11-20", "over already"),
        ("45 days", "longer than 30 days"),
        ("2y", "Times are told as"),
    ],
)
def test_what_is_no_time_snoozes_nothing(desk, typed, why):
    told = said(desk, f"snooze 1 {typed}".strip())
    assert why in told
    assert incident(desk).state is State.TRIGGERED


def test_ending_a_snooze(desk):
    assert "not snoozed" in said(desk, "unsnooze 1")
    ask(desk, "snooze 1 1h")
    assert "awake again" in said(desk, "unsnooze 1", ALEX)
    assert incident(desk).state is State.TRIGGERED


# escalate


def test_escalating_calls_the_next_step_at_once_and_says_whom(desk):
    told = said(desk, "escalate 1 no idea what this is")
    assert "Told: Alex (step 1 of 2 of normal)" in told
    assert rows_to(desk, f"dm/{ALEX}") == 1
    last = incidents.timeline(desk.store.db, 1)[-1]
    assert (last.kind, last.reason) == (Kind.ESCALATED, "no idea what this is")


def test_an_escalation_needs_a_reason(desk):
    assert "Why should it escalate?" in said(desk, "escalate 1 ...")
    assert kinds_of(desk) == [Kind.OPENED]


def test_who_saw_it_before_the_last_escalation_does_not_escalate_it_again(desk):
    ask(desk, "escalate 1 first")
    told = said(desk, "escalate 1 second", ALEX, via="modal", seen_version=1)
    assert "was escalated since you saw it" in told
    assert kinds_of(desk).count(Kind.ESCALATED) == 1


def test_after_everybody_was_told_the_fall_back_is_told_once_more(desk):
    for number in range(3):
        ask(desk, f"escalate 1 again {number}", "U0OMAR")
    told = said(desk, "escalate 1 once more", "U0OMAR")
    assert "Told: Priya (the fall-back, 2nd time)" in told


def test_who_asks_is_not_told_and_is_named_with_the_reason(desk):
    told = said(desk, "escalate 1 do not know", ALEX)
    assert "Told: not Alex, who asked for it" not in told
    assert "Told: Priya" in told
    assert rows_to(desk, f"dm/{ALEX}") == 0
    first = next(each for each in incidents.timeline(desk.store.db, 1) if each.data.get("told"))
    assert first.data["told"] == "not Alex, who asked for it (step 1 of 2 of normal)"


def test_without_a_policy_it_says_that_there_is_nobody_to_tell(store):
    desk = replace(crewed(store), rules=rules(None))
    stall(desk)
    assert "has nobody left to tell: no escalation policy" in said(desk, "escalate 1 please")


def test_during_maintenance_nobody_is_called(desk):
    window = Maintenance(
        id=1, window=Once(since=NOON, until=NOON + HOUR), matchers=(), by=PRIYA, reason="upgrade"
    )
    held = replace(desk.rules, mute=Mutes(told_windows=(window,)).hold)
    assert "held back" in said(replace(desk, rules=held), "escalate 1 please")
    assert Kind.ESCALATED not in kinds_of(desk)


# vote


def test_a_person_votes_once(desk):
    assert "keeps your vote" in said(desk, "vote 1 noisy")
    assert "You called #1 `noisy` already" in said(desk, "noisy 1")
    assert "keeps your vote" in said(desk, "wrong 1", ALEX)
    assert kinds_of(desk).count(Kind.VOTED) == 2


def test_a_person_may_change_a_vote_as_often_as_they_like(desk):
    ask(desk, "vote 1 noisy")
    assert "is changed" in said(desk, "vote 1 wrong")
    assert "You called #1 `wrong` already" in said(desk, "vote 1 wrong")
    assert "is changed" in said(desk, "vote 1 noisy")
    assert kinds_of(desk)[-3:] == [Kind.VOTED, Kind.REVOTED, Kind.REVOTED]
    assert "Called noisy after all by" in say_entry(incidents.timeline(desk.store.db, 1)[-1])


def test_of_two_votes_of_one_person_at_once_the_database_keeps_one(desk):
    """Whoever looked before the first was written: another process, another thread."""
    voted = Vote(word="noisy"), Actor(who=PRIYA, via="button")
    first, second = (act(desk.store, 1, *voted, NOON, destination="slack/C1") for _ in range(2))
    assert isinstance(first, Change)
    assert isinstance(second, Refusal)
    assert second.why is Why.VOTED
    again = replace(first.entry, seq=first.entry.seq + 1)
    with pytest.raises(sqlite3.IntegrityError, match="votes once"), desk.store.writing() as db:
        incidents.record(db, replace(first, entry=again))


def test_a_vote_counts_after_the_end_too(desk):
    ask(desk, "resolve 1")
    assert "keeps your vote" in said(desk, "vote 1 wrong", via="button", seen_version=1)


def test_a_vote_is_one_of_two_words(desk):
    assert "wrong or noisy" in said(desk, "vote 1 silly")


# which one is meant


@pytest.mark.parametrize(
    ("typed", "button"),
    [
        ("take", "incident_take"),
        ("confirm", "incident_confirm"),
        ("unsnooze", "incident_unsnooze"),
        ("snooze 1h", "incident_snooze"),
        ("escalate it burns", "incident_escalate"),
        ("assign @alex", "incident_assign"),
        ("note it burns", "incident_note"),
    ],
)
def test_without_a_number_several_are_offered_with_their_buttons(store, typed, button):
    desk = crewed(store)
    stall(desk, "Orders", "Stock")
    offered = ask(desk, typed, accounts={"@alex": ALEX})
    assert_slack_takes(offered)
    shown = [block["accessory"]["action_id"] for block in offered.blocks if "accessory" in block]
    assert shown == [button, button]


@pytest.mark.parametrize(
    "typed", ["take 9", "confirm 9", "unsnooze 9", "snooze 9 1h", "escalate 9 why not", "note 9 hm"]
)
def test_an_incident_that_is_not_there(desk, typed):
    assert "There is no incident #9" in said(desk, typed)


@pytest.mark.parametrize(
    "typed",
    ["take 1", "confirm 1", "unsnooze 1", "snooze 1 1h", "escalate 1 hm", "assign 1 alex"],
)
def test_what_is_over_stays_over(desk, typed):
    ask(desk, "resolve 1", ALEX)
    assert f"already resolved by {mention(ALEX)}" in said(desk, typed)


@pytest.mark.parametrize(
    "typed", ["take 1", "unsnooze 1", "snooze 1 1h", "escalate 1 hm", "assign 1 alex"]
)
def test_a_late_press_changes_nothing(desk, typed):
    ask(desk, "snooze 1 1h", ALEX)
    ask(desk, "unsnooze 1", ALEX)
    before = kinds_of(desk)
    told = said(desk, typed, via="button", seen_version=1)
    assert "has changed since you saw it" in told
    assert kinds_of(desk) == before


# what ended it before


def test_an_incident_says_how_the_last_ones_ended(desk):
    desk.clock.at += 42 * MINUTE
    ask(desk, "resolve 1 restarted the <connector>")
    for _ in range(3):
        desk.clock.at += MINUTE
        stall(desk, level=Level.OK)
    stall(desk)
    for _ in range(3):
        desk.clock.at += MINUTE
        stall(desk, level=Level.OK)
    stall(desk)
    told = "\n".join(texts_of(incident_message(view_of(desk, 3)).attachments))
    assert "Third time in 30 days; #2 ended after 2 min by itself; #1 ended after 42 min: " in told
    assert "restarted the &lt;connector&gt;" in told


def test_a_snooze_until_no_time_names_the_morning_too(desk):
    assert "`morning` is when work begins next" in said(desk, "snooze 1 banana")


def test_where_nothing_failed_a_retry_still_tells_the_menu(desk):
    with desk.store.writing() as db:
        save_inventory(db, Inventory(at=NOON))
    told = said(desk, "retry 1")
    assert "I know of no failed run in #1. I cannot retry a run from here" in told
    assert "RUN" not in told
