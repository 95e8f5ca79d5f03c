"""`silence`, `unsilence` and `maintenance`: what people type, what comes of it, what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from bot.incidents.matchers import read_matchers, say_matchers
from bot.incidents.silences import Maintenance, Silence
from bot.incidents.windows import Once
from bot.inventory import Inventory, save_inventory
from bot.muting import Mutes
from bot.slack.render.silences import began, maintenance_list, silence_list, silenced
from bot.store import incidents, silences
from checks.runs import Flow, Instance
from tests.bot.slack.scene import (
    ALEX,
    NOON,
    PRIYA,
    ask,
    assert_slack_takes,
    desk_over,
    hostile,
    stall,
    words_of,
)
from tests.bot.slack.sound import assert_pings_nobody

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(store):
    return desk_over(store)


def said_to(desk, text, **also):
    """What a person is answered, which Slack takes and which pings nobody."""
    said = ask(desk, text, **also)
    assert_slack_takes(said)
    assert_pings_nobody(said)
    return words_of(said)


def standing(desk):
    return silences.standing_silences(desk.store.db, NOON)


def planned(desk):
    return silences.standing_maintenance(desk.store.db, NOON)


def test_a_silence_by_matchers(desk):
    stall(desk, "Orders to NetSuite")
    said = said_to(desk, 'silence flow="Orders to NetSuite" 2h they upgrade it')
    [silence] = standing(desk)
    assert say_matchers(silence.matchers) == 'flow="Orders to NetSuite"'
    assert (silence.by, silence.reason) == (PRIYA, "they upgrade it")
    assert (silence.since, silence.until) == (NOON, NOON + 2 * HOUR)
    assert "Silence 1 holds until" in said
    assert "#1 matches it at the moment" in said
    assert "/seam unsilence 1" in said


@pytest.mark.parametrize(
    ("text", "matchers", "reason"),
    [
        ("silence 2h system=netsuite they upgrade", "system=netsuite", "they upgrade"),
        ("mute check=odd_flow, system=~net.* 120m sale", "check=odd_flow system=~net.*", "sale"),
        ("silence system=netsuite until 14:00 3 runs fail", "system=netsuite", "3 runs fail"),
        ("silence flow=“Orders &amp; Stock” 2h x &lt;y&gt;", 'flow="Orders & Stock"', "x <y>"),
    ],
)
def test_what_may_be_typed(desk, text, matchers, reason):
    said_to(desk, text)
    [silence] = standing(desk)
    assert (say_matchers(silence.matchers), silence.reason) == (matchers, reason)
    assert silence.until == NOON + 2 * HOUR


def test_a_silence_of_an_incident_names_what_it_is_about(desk):
    stall(desk, "Orders", "Stock")
    said = said_to(desk, "silence 2 2h known to the vendor")
    [silence] = standing(desk)
    assert say_matchers(silence.matchers) == "check=stalled_queue kind=flow subject=Stock id=Stock"
    assert "#2 matches it" in said


def test_in_a_thread_its_incident_is_meant(desk):
    stall(desk, "Orders", "Stock")
    said_to(desk, "silence", via="mention", incident_id=2, rest="2h known", said="2h known")
    [silence] = standing(desk)
    assert "id=Stock" in say_matchers(silence.matchers)


def test_in_a_thread_matchers_mean_themselves(desk):
    stall(desk, "Orders", "Stock")
    text = "system=netsuite 2h known"
    said_to(desk, "silence", via="mention", incident_id=2, rest=text, said=text)
    [silence] = standing(desk)
    assert say_matchers(silence.matchers) == "system=netsuite"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("silence sytem=netsuite 2h x", "did you mean system?"),
        ("silence system=netsuite they upgrade", "Times are told as"),
        ("silence system=netsuite 2h", "needs a reason"),
        ("silence system=netsuite 2h ...", "needs a reason"),
        ("silence system=netsuite", "Times are told as"),
        ("silence 2h they upgrade", "does not say what to silence"),
        ("silence severity!=critical 2h x", "would silence everything"),
        ("silence system=~.* 2h x", "would silence everything"),
        ("silence system=netsuite 31d x", "longer than 30 days"),
        ("silence system=netsuite 9000d x", "more than a year"),
        ("silence 99 2h x", "There is no incident #99"),
        ("silence 1", "Times are told as"),
        ("silence <!channel> <script> 2h x", "Times are told as"),
        ("silence system=~(a+)+ 2h x", "too intricate"),
    ],
)
def test_what_is_refused_says_why_and_silences_nothing(desk, text, sentence):
    stall(desk)
    assert sentence in said_to(desk, text)
    assert standing(desk) == []


def test_the_list_says_who_why_until_when_and_what_was_held_back(desk):
    assert "Nothing is silenced." in said_to(desk, "silence")
    said_to(desk, "silence system=netsuite 2h they upgrade")
    said = said_to(desk, "silence")
    assert "1 silence holds" in said
    assert "*Silence 1* · `system=netsuite` · until" in said
    assert f"By <@{PRIYA}>: they upgrade · has held back nothing" in said


def test_a_silence_is_ended_by_its_number(desk):
    said_to(desk, "silence system=netsuite 2h they upgrade")
    assert "Silence 1 has ended" in said_to(desk, "unsilence 1", user_id=ALEX)
    assert standing(desk) == []
    assert "does not hold" in said_to(desk, "unsilence 1")


@pytest.mark.parametrize("text", ["unsilence #1", "unsilence silence 1", "unmute 1"])
def test_ways_to_name_a_silence(desk, text):
    said_to(desk, "silence system=netsuite 2h they upgrade")
    assert "has ended" in said_to(desk, text)


def test_in_a_thread_a_silence_is_not_taken_for_its_incident(desk):
    stall(desk)
    said_to(desk, "silence system=netsuite 2h they upgrade")
    said = said_to(desk, "unsilence", via="mention", incident_id=1, rest="", said="")
    assert "Which silence?" in said
    assert len(standing(desk)) == 1


def test_a_silence_of_the_settings_is_listed_and_not_ended_here(desk):
    matchers = read_matchers("system=netsuite")[0]
    told = Silence(
        id=0, name="Freeze", matchers=matchers, by="", reason="sale", since=NOON, until=NOON + HOUR
    )
    desk = replace(desk, mutes=Mutes(told_silences=(told,)))
    assert "*Silence Freeze* · `system=netsuite`" in said_to(desk, "silence")
    assert "By the settings: sale" in said_to(desk, "silence")
    assert "stands in the settings" in said_to(desk, "unsilence freeze")
    assert "does not hold" in said_to(desk, "unsilence frost")


def test_maintenance_begins_and_ends(desk):
    assert "No maintenance is on or planned." in said_to(desk, "maintenance")
    said = said_to(desk, 'maintenance start 1h flow="Orders to NetSuite" new mapping')
    assert "Maintenance 1 is on until" in said
    assert '`flow="Orders to NetSuite"` is neither announced nor escalated' in said
    [window] = planned(desk)
    assert window.window == Once(since=NOON, until=NOON + HOUR)
    assert (window.by, window.reason) == (PRIYA, "new mapping")
    assert "1 maintenance window is on." in said_to(desk, "maintenance list")
    assert "Maintenance 1 has ended" in said_to(desk, "maintenance end")
    assert planned(desk) == []


def test_maintenance_names_the_open_incidents_that_it_matches(desk):
    stall(desk, "Orders", "Stock")
    assert "#2 matches it" in said_to(desk, "maintenance start 1h flow=Stock new mapping")
    assert "#1, #2 match it" in said_to(desk, "maintenance start 1h database move")


def test_maintenance_of_everything_says_so_plainly(desk):
    said = said_to(desk, "maintenance start 1h database move")
    assert "*nothing at all* is announced or escalated" in said
    assert "everything" in said_to(desk, "maintenance")


def test_maintenance_may_be_planned_for_later(desk):
    said = said_to(desk, "maintenance start from 18:00 to 20:00 system=netsuite upgrade")
    assert "is planned from" in said
    assert "0 maintenance windows are on, 1 planned." in said_to(desk, "maintenance")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("maintenance start", "Times are told as"),
        ("maintenance start 1h", "needs a reason"),
        ("maintenance start 25h too long", "24 h at most"),
        ("maintenance start 1h flwo=a x", "did you mean flow?"),
        ("maintenance frobnicate", "frobnicate is not known here"),
        ("maintenance end", "None that a person began is on"),
        ("maintenance end 7", "Maintenance 7 does not hold"),
        ("maintenance end <!here>", "does not hold"),
    ],
)
def test_maintenance_that_is_refused(desk, text, sentence):
    assert sentence in said_to(desk, text)
    assert planned(desk) == []


def test_several_have_to_be_named_to_be_ended(desk):
    for _ in range(2):
        said_to(desk, "maintenance start 1h system=netsuite upgrade")
    assert "Which one?" in said_to(desk, "maintenance end")
    assert len(planned(desk)) == 2
    said_to(desk, "maintenance end 2")
    assert [each.id for each in planned(desk)] == [1]


def test_a_silence_is_no_maintenance_and_the_other_way_round(desk):
    said_to(desk, "silence system=netsuite 2h they upgrade")
    assert "does not hold" in said_to(desk, "maintenance end 1")
    assert len(standing(desk)) == 1


def test_a_number_longer_than_any_is_none(desk):
    assert "does not hold" in said_to(desk, "unsilence " + "9" * 40)
    assert "does not hold" in said_to(desk, "maintenance end " + "9" * 40)


@given(hostile)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_hostile_words_are_shown_and_ping_nobody(text):
    matchers = read_matchers("system=netsuite")[0]
    matchers = (replace(matchers[0], value=text),)
    silence = Silence(
        id=0, name=text[:60], matchers=matchers, by="", reason=text, since=NOON, until=NOON + HOUR
    )
    window = Maintenance(
        window=Once(since=NOON, until=NOON + HOUR), reason=text, matchers=matchers, name=text[:60]
    )
    many = list(range(1, 40))
    for said in (
        silenced(silence, many, NOON),
        began(window, NOON),
        silence_list([silence] * 14, {silence.label: many}, NOON),
        maintenance_list([window] * 14, {window.label: many}, NOON),
    ):
        assert_slack_takes(said)
        assert_pings_nobody(said)


def announced(desk):
    sql = "SELECT count(*) FROM outbox WHERE purpose = 'root'"
    return desk.store.db.execute(sql).fetchone()[0]


@pytest.mark.parametrize(
    "text", ["silence system=x check=stalled_queue 2h x", "silence kind=queue 2h x"]
)
def test_what_is_silenced_is_recorded_and_not_announced(store, text):
    desk = desk_over(store)
    desk = replace(desk, rules=replace(desk.rules, mute=desk.mutes.hold))
    held = "system=x" not in text
    said_to(desk, text)
    stall(desk)
    assert incidents.find_incident(store.db, 1).is_open
    assert announced(desk) == (0 if held else 1)
    assert ("has held back #1" in said_to(desk, "silence")) is held


def test_planned_work_holds_back_what_it_touches(store):
    desk = desk_over(store)
    desk = replace(desk, rules=replace(desk.rules, mute=desk.mutes.hold))
    said_to(desk, "maintenance start 1h flow=Orders new mapping")
    stall(desk, "Orders", "Stock")
    assert announced(desk) == 1
    assert "has held back #1" in said_to(desk, "maintenance")


def test_a_name_that_nothing_has_is_told_first(desk):
    instance = Instance(id="1", name="netsuite-production", system="NetSuite")
    with desk.store.writing() as db:
        save_inventory(
            db, Inventory(at=NOON, instances=(instance,), kinds={instance.id: "netsuite"})
        )
    unknown = said_to(desk, "silence system=netsuit-production 2h they upgrade")
    assert "No system is called `netsuit-production`; known: netsuite-production" in unknown
    assert "Did you mean `netsuite-production`?" in unknown
    assert "Silence 1 holds until" in unknown
    for name in ("netsuite", "NetSuite-Production"):
        assert "No system is called" not in said_to(desk, f"silence system={name} 2h they upgrade")


@pytest.mark.parametrize("begin", ["silence {} 1h why", "maintenance start 1h {} why"])
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("check=stalled_quue", "No check is called `stalled_quue`; known: stalled_queue"),
        ("check=stalled_quue", "Did you mean `stalled_queue`?"),
        ("team=nope", "No team is called `nope`"),
        ("severity=grave", "No severity is called `grave`; known: low, high, critical"),
        ("flow=Nope", "No flow is called `Nope`; known: Orders"),
        ('flow=~"Nope.*"', "The name of no flow matches `Nope.*`; known: Orders"),
    ],
)
def test_a_name_that_nothing_has_is_told_by_whatever_holds_it_back(desk, begin, typed, said):
    flow = Flow(id="1", name="Orders", enabled=True, deployed=True)
    with desk.store.writing() as db:
        save_inventory(db, Inventory(at=NOON, flows=(flow,)))
    answered = said_to(desk, begin.format(typed))
    assert answered.startswith("⚠️ ")
    assert said in answered
    assert ("Silence 1 holds" in answered) or ("Maintenance 1 is on" in answered)


@pytest.mark.parametrize(
    "typed", ["check=Stalled_Queue", "severity=HIGH", "flow=~ord.*", "check!=stalled_quue"]
)
def test_a_name_that_something_has_is_not_doubted(desk, typed):
    flow = Flow(id="1", name="Orders", enabled=True, deployed=True)
    with desk.store.writing() as db:
        save_inventory(db, Inventory(at=NOON, flows=(flow,)))
    assert "⚠️" not in said_to(desk, f"silence kind=flow {typed} 1h why")


def test_what_is_silenced_already_is_not_silenced_again(desk):
    said_to(desk, "silence system=netsuite 2h they upgrade")
    again = said_to(desk, "silence system=NetSuite 1h so they say", user_id=ALEX)
    assert "Silence 1 holds that already" in again
    assert "they upgrade" in again
    assert len(standing(desk)) == 1
    said_to(desk, "silence system=netsuite 3h it takes longer")
    assert len(standing(desk)) == 2
