"""`/seam oncall`, `override`, `cover` and `swap`, over a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from bot.directory import Directory
from bot.incidents.rota import Every, Override, Shift, on_call
from bot.oncall.duty import duty_of
from bot.oncall.rotas import Rotas
from bot.oncall.swaps import expire
from bot.outbox import Needless
from bot.people_settings import PersonSettings
from bot.rota_settings import LayerSettings, RotaSettings
from bot.slack.features.swap import apart
from bot.slack.home import home_of
from bot.slack.letters import compose
from bot.slack.render.oncall import arranged, oncall_answer, overlapping
from bot.slack.render.swap import swap_message
from bot.store import outbox, swaps
from bot.store.overrides import standing
from tests.bot.slack.scene import (
    ALEX,
    NASTY,
    NOON,
    PRIYA,
    StillClock,
    all_blocks,
    ask,
    assert_slack_takes,
    desk_over,
    hostile,
    texts_of,
    words_of,
)

LONDON = ZoneInfo("Europe/London")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PEOPLE = (
    PersonSettings(name="Priya Shah", slack=PRIYA),
    PersonSettings(name="Alex", slack=ALEX),
    PersonSettings(name="Kim", email="kim@example.com"),
)


def turns(members, every=Every.DAILY):
    return LayerSettings(members=members, every=every, start=date(2026, 11, 20))


INTEGRATIONS = RotaSettings(name="integrations", layer=(turns(("Priya Shah", "Alex")),))
STORES = RotaSettings(name="stores", layer=(turns(("Kim",)),))


def desk_with(store, *rotas):
    """NOON is a Saturday; Alex is on call from 09:00 that day to 09:00 on Sunday."""
    clock = StillClock()
    known = Rotas(rotas, zone=LONDON, store=store, clock=clock)
    return desk_over(store, clock=clock, rotas=known, directory=Directory(PEOPLE))


@pytest.fixture
def desk(store):
    return desk_with(store, INTEGRATIONS)


def said(desk, typed, **also):
    answered = ask(desk, typed, **also)
    assert_slack_takes(answered)
    return words_of(answered)


def people_at(desk, ahead):
    now = desk.clock.now()
    return on_call(desk.rotas.all[0], desk.rotas.overrides(now), now + ahead * HOUR)


def kept(desk):
    return [
        (each.person, each.replaces, each.since, each.until, each.reason)
        for each in standing(desk.store.db, NOON)
    ]


def test_oncall_says_who_until_when_and_who_comes_next(desk):
    answered = said(desk, "oncall")
    assert f"*integrations:* <@{ALEX}> is on call until <!date^1795338000^" in answered
    assert f"Then <@{PRIYA}>, <!date^1795338000^" in answered


def test_app_home_takes_turns_that_touch_for_one(store):
    def until(*names):
        hours = {"day": "09:00-18:00", "evening": "18:00-21:00"}
        layers = tuple(
            turns(("Alex",)).model_copy(update={"name": name, "hours": hours[name]})
            for name in names
        )
        desk = desk_with(store, RotaSettings(name="integrations", layer=layers))
        return home_of(desk, ALEX).on_call[0].until

    assert until("day") == NOON + 6 * HOUR
    assert until("day", "evening") == NOON + 9 * HOUR


def test_oncall_knows_a_rota_by_name_in_any_case(store):
    desk = desk_with(store, INTEGRATIONS, STORES)
    assert "integrations" not in said(desk, "oncall STORES").replace("`", "")
    assert "Did you mean `stores`" in said(desk, "oncall storse")


def test_oncall_says_who_is_not_linked(store):
    assert "Kim is not linked to a Slack account" in said(desk_with(store, STORES), "oncall")


def test_oncall_says_when_nobody_is_on_call(store):
    days = LayerSettings(
        members=("Alex",), every=Every.DAILY, start=date(2026, 11, 20), hours="Mon-Fri 09:00-18:00"
    )
    answered = said(desk_with(store, RotaSettings(name="office", layer=(days,))), "oncall")
    assert "office: nobody is on call now" in answered
    assert "Nobody is on call in the next four weeks from <!date" in answered
    assert "and 11 more" in answered


def test_without_a_rota_it_says_what_to_do(store):
    for typed in ("oncall", "override @alex 2h", "cover 2h"):
        assert "`[[rota]]`" in said(desk_with(store), typed)


OVERRIDES = {
    "integrations @Alex from 18:00 to 22:00 dentist": (18, 22, None, "dentist"),
    "alex from 18:00 to 22:00": (18, 22, None, ""),
    "<@U0ALEX|al> 18:00-22:00": (18, 22, None, ""),
    "<@U0ALEX> 2h": (12, 14, None, ""),
    "@alex instead of Priya Shah from 18:00 to 22:00": (18, 22, "Priya Shah", ""),
    "@alex for @priya from 18:00 to 22:00": (18, 22, "Priya Shah", ""),
}


@pytest.mark.parametrize("typed", OVERRIDES)
def test_an_override_is_kept_as_it_was_typed(desk, typed):
    desk.clock.at = NOON + timedelta(days=1)  # Priya is on call
    since, until, replaces, reason = OVERRIDES[typed]
    answered = said(desk, f"override {typed}")
    sunday = datetime(2026, 11, 22, tzinfo=NOON.tzinfo)
    times = (sunday + since * HOUR, sunday + until * HOUR)
    assert kept(desk) == [("Alex", replaces, *times, reason)]
    assert f"<@{ALEX}> is on call for integrations from <!date^" in answered
    assert "instead of Priya Shah" in answered
    assert "`/seam override cancel 1` undoes it" in answered
    assert "`Europe/London`" in answered


def test_times_are_read_by_the_clocks_of_the_rota(store):
    tokyo = RotaSettings(name="tokyo", timezone="Asia/Tokyo", layer=INTEGRATIONS.layer)
    desk = desk_with(store, tokyo)
    said(desk, "override priya from 23:00 to 23:30")  # noon in London is 21:00 there
    assert kept(desk)[0][2] == NOON + 2 * HOUR


REFUSED = {
    "override @kim 2h": "Kim is not linked to a Slack account",
    "override bob 2h": "No person is called `bob`",
    "override alxe 2h": "Did you mean `Alex`",
    "override @U0STRANGER 2h": "is no person of the settings",
    "override alex": "From when until when?",
    "override alex soon": "From when until when?",
    "override alex instead of alex 2h": "cannot stand in for themselves",
    "override alex 2h": "is on call for integrations",
    "override integrations": "Who?",
    "override nosuch alex 2h": "No rota is called `nosuch`; there is integrations",
    "override alex 31 days": "for more than 30 days at once",
    "cover 99d": "for more than 30 days at once",
    "override cancel 7": "There is no override 7",
    "override cancel": "Which one?",
    "override cancel ²": "Which one?",
    "cover": "From when until when?",
    "swap": "Swap with whom?",
    "swap me": "That is you",
    "swap kim": "Kim is not linked",
}


@pytest.mark.parametrize("typed", REFUSED)
def test_what_cannot_be_arranged_is_refused_with_what_is_missing(desk, typed):
    assert REFUSED[typed] in said(desk, typed)
    assert kept(desk) == []


def test_whoever_is_no_person_of_the_settings_is_asked_to_link(desk):
    for typed in ("cover 2h", "swap alex", "override me 2h"):
        assert "/seam link" in said(desk, typed, user_id="U0ROBIN")


def test_several_rotas_have_to_be_told_apart(store):
    desk = desk_with(store, INTEGRATIONS, STORES)
    assert "Which rota?" in said(desk, "cover 2h")
    assert "is on call for stores" in said(desk, "cover stores 2h")


def test_whom_somebody_else_puts_on_call_is_told(desk):
    answered = said(desk, "override integrations @alex from tomorrow 9:00 to tomorrow 17:00 ill")
    assert "(8 h)" in answered
    (row,) = (each for each in outbox.due_rows(desk.store.db, 9e9, ()))
    assert (row.topic, row.destination) == ("override/1", f"dm/{ALEX}")
    words = words_of(compose(desk, row).message)
    assert f"<@{PRIYA}> put you on call for integrations from" in words
    assert "Why: ill. `/seam override cancel 1` undoes it." in " ".join(words.split())
    said(desk, "override cancel 1")
    with pytest.raises(Needless):
        compose(desk, row)


def test_who_goes_on_call_of_their_own_accord_is_not_told(desk):
    said(desk, "cover 2h")
    assert outbox.waiting_count(desk.store.db) == 0


def test_a_cover_takes_it_from_whoever_is_on_call(desk):
    answered = said(desk, "cover 2h lunch")
    assert "instead of Alex" in answered
    assert kept(desk) == [("Priya Shah", None, NOON, NOON + 2 * HOUR, "lunch")]
    assert [people_at(desk, ahead) for ahead in (0, 1.9, 2)] == [
        ("Priya Shah",),
        ("Priya Shah",),
        ("Alex",),
    ]
    assert f"number 1: <@{PRIYA}>" in said(desk, "oncall")


def test_a_month_is_not_too_long(desk):
    assert "(30 d)" in said(desk, "cover 30d holiday")


def test_overrides_of_the_same_person_may_not_overlap(desk):
    said(desk, "cover 2h")
    answered = said(desk, "override alex from 13:00 to 15:00")
    assert "overlaps with an override that stands already" in answered
    assert "`/seam override cancel 1`" in answered
    assert len(kept(desk)) == 1


def test_an_override_can_be_undone_once(desk):
    said(desk, "cover 2h")
    assert "Override 1 is undone" in said(desk, "override cancel 1")
    assert people_at(desk, 1) == ("Alex",)
    assert "There is no override 1" in said(desk, "override cancel #1")
    assert "Nothing is arranged" in said(desk, "override")
    said(desk, "cover 2h")
    assert "number 2" in said(desk, "override")


MORNING = NOON.replace(hour=9)


def sent(desk, destination):
    """What the outbox says to somebody about swap 1, newest last."""
    sql = "SELECT purpose FROM outbox WHERE topic = 'swap/1' AND destination = ? ORDER BY number"
    return [row[0] for row in desk.store.db.execute(sql, [destination])]


def reads(desk, user_id):
    """The message of swap 1 as this person reads it now, and the labels of its buttons."""
    shown = swap_message(swaps.find(desk.store.db, 1), user_id)
    assert_slack_takes(shown)
    return words_of(shown), texts_of(all_blocks(shown), "plain_text")


def test_a_swap_is_asked_for_and_nothing_changes_before_the_other_accepts(desk):
    answered = said(desk, "swap @alex holiday")
    assert f"<@{ALEX}> is asked whether they swap" in answered
    assert kept(desk) == []
    assert (sent(desk, f"dm/{ALEX}"), sent(desk, f"dm/{PRIYA}")) == (["root"], [])
    words, buttons = reads(desk, ALEX)
    assert f"<@{PRIYA}> asks whether you swap shifts of integrations" in words
    assert "Why: holiday." in words
    assert buttons == ["Accept", "Refuse"]


def press(desk, choice, user_id=ALEX):
    return said(desk, f"swap {choice}", user_id=user_id, incident_id=1, via="button")


def test_accepted_two_people_swap_their_next_shifts_and_the_asker_is_told(desk):
    said(desk, "swap @alex holiday")
    answered = press(desk, "accept")
    assert "Swapped" in answered
    assert "`/seam override cancel 1` and `/seam override cancel 2`" in answered
    assert kept(desk) == [
        ("Alex", "Priya Shah", MORNING + 24 * HOUR, MORNING + 48 * HOUR, "holiday"),
        ("Priya Shah", "Alex", NOON, MORNING + 24 * HOUR, "holiday"),
    ]
    assert [people_at(desk, ahead) for ahead in (0, 24, 48)] == [
        ("Priya Shah",),
        ("Alex",),
        ("Alex",),
    ]
    assert (sent(desk, f"dm/{ALEX}"), sent(desk, f"dm/{PRIYA}")) == (["root", "edit"], ["root"])
    assert [reads(desk, who)[1] for who in (ALEX, PRIYA)] == [[], []]
    assert "Accepted" in reads(desk, PRIYA)[0]


def test_refused_everybody_keeps_their_shift_and_the_asker_is_told(desk):
    said(desk, "swap @alex holiday")
    assert "You do not swap" in said(desk, "swap refuse 1", user_id=ALEX)
    assert kept(desk) == []
    assert sent(desk, f"dm/{PRIYA}") == ["root"]
    assert "Refused: everybody keeps their shift" in reads(desk, PRIYA)[0]
    assert "Refused: everybody keeps" in press(desk, "accept")
    assert kept(desk) == []


def test_a_swap_without_a_name_says_how_to_name_one(desk):
    assert "Swap with whom? `/seam swap @alex`" in said(desk, "swap")


def test_what_was_accepted_cannot_be_refused_and_the_answer_says_how_to_undo_it(desk):
    said(desk, "swap @alex holiday")
    press(desk, "accept")
    answered = said(desk, "swap refuse 1", user_id=ALEX)
    assert "Accepted" in answered
    assert "`/seam override` lists what was arranged" in answered
    assert len(kept(desk)) == 2


def test_shifts_of_different_length_are_told_before_anybody_agrees(desk):
    uneven = "The two are not equally long: Alex takes 1 d, Priya Shah takes 21 h."
    assert uneven in said(desk, "swap @alex holiday")
    assert "not equally long" in reads(desk, ALEX)[0]
    press(desk, "accept")
    assert "not equally long" not in reads(desk, PRIYA)[0]


def test_shifts_of_the_same_length_are_not_remarked_on(store):
    desk = desk_with(store, INTEGRATIONS)
    early = replace(desk, clock=StillClock(MORNING + MINUTE))
    assert "equally long" not in said(early, "swap @alex")


def test_only_who_is_asked_accepts_and_only_a_swap_that_there_is(desk):
    said(desk, "swap @alex holiday")
    assert "is asked, not you" in press(desk, "accept", PRIYA)
    assert "There is no swap `7`" in said(desk, "swap accept 7", user_id=ALEX)
    assert "is asked by you already" in said(desk, "swap @alex again")
    assert kept(desk) == []


def test_an_unanswered_swap_ends_with_the_first_hand_over_and_both_are_told(desk):
    said(desk, "swap @alex holiday")
    handover = MORNING + 24 * HOUR
    for at, over in ((handover - MINUTE, False), (handover, True)):
        with desk.store.writing() as db:
            expire(db, at)
        assert bool(sent(desk, f"dm/{PRIYA}")) is over
    assert "Nobody answered before the hand-over" in reads(desk, PRIYA)[0]
    assert "Nobody answered" in press(desk, "accept")
    assert kept(desk) == []


def test_a_button_of_before_the_hand_over_does_nothing_after_it(desk):
    said(desk, "swap @alex holiday")
    later = replace(desk, clock=StillClock(MORNING + 25 * HOUR))
    assert "A hand-over has come since" in press(later, "accept")
    assert kept(desk) == []


def test_what_is_accepted_late_in_a_shift_is_the_rest_of_it(desk):
    said(desk, "swap @alex holiday")
    later = replace(desk, clock=StillClock(NOON + 5 * HOUR))
    press(later, "accept")
    assert kept(desk)[1][2] == NOON + 5 * HOUR


def test_a_swap_with_somebody_who_has_no_shift_is_refused(store):
    alone = RotaSettings(name="alone", layer=(turns(("Priya Shah",)),))
    assert "Alex has no shift of alone" in said(desk_with(store, alone), "swap alex")


def test_only_the_time_in_which_one_of_two_is_on_call_changes_hands():
    one = Shift(person="A", since=NOON, until=NOON + 3 * HOUR)
    other = Shift(person="B", since=NOON + 2 * HOUR, until=NOON + 5 * HOUR)
    mine, theirs = apart(one, other)
    assert (mine.until, theirs.since) == (other.since, one.until)
    assert apart(other, one) == (theirs, mine)


@settings(max_examples=30, deadline=None)
@given(hostile, hostile)
def test_hostile_names_and_reasons_reach_slack_as_text(name, reason):
    rota = replace(INTEGRATIONS.as_rota(LONDON), name=name or "x")
    made = Override(
        id=1,
        rota=rota.name,
        person=name or "x",
        replaces=reason or None,
        since=NOON,
        until=NOON + HOUR,
        by=reason,
        reason=reason,
    )
    duty = duty_of(rota, [made], NOON, trouble=reason)
    for shown in (
        oncall_answer([duty], lambda _: None, NOON),
        arranged(made, (name,), LONDON, lambda _: None),
        overlapping(made, lambda _: None),
    ):
        assert_slack_takes(shown)
        assert "<!channel>" not in words_of(shown)


def test_nothing_typed_breaks_the_verbs(desk):
    for typed in NASTY:
        for verb in ("oncall", "override", "cover", "swap"):
            said(desk, f"{verb} {typed}")
