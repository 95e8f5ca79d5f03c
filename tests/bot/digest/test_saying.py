"""What a digest leads with, sums up, and calls well."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot import facts
from bot.digest import phrases
from bot.digest.facts import Group, Reconciled
from bot.digest.gathering import gather
from bot.digest.headline import headline, is_calm, is_quiet
from bot.digest.measures import Went
from bot.digest.page import breaks, render
from bot.digest.period import Form
from bot.digest.phrases import Mark
from bot.digest.plain import lines_of
from bot.digest.unjudged import unjudged_of
from bot.digest.wording import mark_of, parts_of
from bot.facts import BlindPart, SystemFacts
from bot.incidents.events import Acknowledge, Clear
from bot.incidents.model import Actor
from bot.slack.render.digest import digest_message
from bot.store import shapes
from checks.model import Level, Subject, Verdict
from checks.shapes.shape import shape_of
from tests.bot.digest import days
from tests.bot.digest.scene import (
    DAY,
    EIGHT,
    HOUR,
    MINUTE,
    SATURDAY,
    TITLES,
    around,
    bad_day,
    did,
    digest,
    knows,
    opened,
    quiet_day,
    ran,
    round_at,
    two_weeks,
    watched,
)
from tests.bot.digest.scene import estate as flows
from tests.bot.slack.scene import words_of

LEARNING = {
    "changed_shape": ("shop", "shop", "pim"),
    "odd_flow": ("Orders", "Stock"),
    "token_expiry": ("shop", "erp"),
}


def said(told):
    return "\n".join(lines_of(told))


def titles(told):
    return [part.title for part in parts_of(told)]


def learning(store, seen_at=EIGHT):
    with store.writing() as db:
        facts.save_round(db, round_at(EIGHT, unjudged_by=LEARNING))
        shapes.add_look(db, "pim", "products", "products", shape_of([{"id": 1}] * 30), seen_at)


def test_what_cannot_be_judged_is_summed_up_in_two_lines(store):
    bad_day(store)
    learning(store)
    (part,) = [each for each in parts_of(digest(store)) if each.title == "Not judged"]
    learned, unknown = (line.text for line in part.lines)
    assert learned == (
        "Still being learned: 3 lists of 2 systems (until about Sun 22 Nov); what is usual for 2"
        " flows."
    )
    assert unknown == "Not known: the end of 2 credentials."


def test_what_is_merely_not_learned_yet_does_not_make_a_quiet_day_loud(store):
    quiet_day(store)
    learning(store)
    told = digest(store)
    assert is_quiet(told)
    assert headline(told).text.startswith("All quiet: ")
    message = digest_message(told)
    assert len(message.blocks) == 2
    assert "Still being learned" in str(message.blocks[1])


def test_a_list_that_was_looked_at_for_days_lacks_records_and_no_date_is_promised(store):
    for at in (EIGHT - 2 * DAY, EIGHT):
        with store.writing() as db:
            shapes.add_look(db, "pim", "products", "products", shape_of([{"id": 1}]), at)
    (found,) = unjudged_of({"changed_shape": ("pim",)}, shapes.find_shapes(store.db))
    assert (found.what, found.learning, found.until) == ("1 list of 1 system", True, None)


def test_a_round_tells_by_check_what_it_could_not_judge():
    def unknown(check, condition, name):
        subject = Subject(kind="flow", id=name, name=name)
        return Verdict(
            check=check, condition=condition, subject=subject, level=Level.UNKNOWN,
            signal="clear", sentence="It is not known.",
        )  # fmt: skip

    told = facts.unjudged_by(
        [
            unknown("odd_flow", "a", "Orders"),
            unknown("odd_flow", "b", "Stock"),
            unknown("stalled_queue", "missed_schedule", "Audit"),
            unknown("stalled_queue", "queue", "the queue"),
            unknown("unreadable", "flows", "Patchworks"),
        ]
    )
    assert told == {"odd_flow": ("Orders", "Stock"), "stalled_queue": ("Audit",)}


def test_a_start_is_one_line_that_says_how_little_was_seen(store):
    knows(store, flows())
    watched(store, EIGHT - 2 * HOUR, EIGHT)
    ran(store, "f0", EIGHT - 2 * HOUR, EIGHT)
    told = digest(store)
    assert is_calm(told)
    assert not is_quiet(told)
    first = headline(told)
    assert first.text == (
        "Nothing is open. 8 runs, 100 % well; runs are known for 8.3 % of the time."
    )
    assert first.mark is Mark.UNKNOWN
    assert len(said(told).splitlines()) == 4


def test_what_needs_a_decision_stands_before_the_figures_and_the_rest_after(store):
    told = days.bad(store)
    found = titles(told)
    assert found[:4] == ["Open, and nobody has it", "Reconciliation", "In hand", "Put off"]
    assert found.index("Credentials that end within 30 days") < found.index("Resolved")
    assert found.index("Resolved") < found.index("Flows that nobody owns")
    page = render(told)
    order = ["Open, and nobody", "Reconciliation", "<dl>", "Flows by group", "Resolved <"]
    places = [page.index(each) for each in order]
    assert places == sorted(places)


def test_a_comparison_that_lags_behind_is_not_called_the_same(store):
    quiet_day(store)
    late = Reconciled(pairs=1, behind=("orders: compared up to 11:00; four periods wait.",))
    told = digest(store, compared=lambda *_: late)
    assert not is_quiet(told)
    assert headline(told).mark is Mark.UNKNOWN
    (part,) = [each for each in parts_of(told) if each.title == "Reconciliation"]
    assert [line.mark for line in part.lines] == [Mark.PLAIN, Mark.UNKNOWN]
    alone = digest(store, compared=lambda *_: replace(late, pairs=0))
    assert "no difference" not in said(alone)
    assert "four periods wait" in said(alone)


def test_differences_are_in_the_first_sentence(store):
    quiet_day(store)
    found = Reconciled(pairs=1, total=3, differences=("orders: 3 are missing",))
    first = headline(digest(store, compared=lambda *_: found))
    assert first.text.startswith("Nothing is open. Comparing systems found 3 differences.")
    assert first.mark is Mark.BAD


MENDED = "Orders of Shop to ERP: 3 arrived about 4 h late. All stand as they should now."


def test_a_day_whose_losses_were_made_good_is_not_a_quiet_one(store):
    quiet_day(store)
    found = Reconciled(pairs=1, mended_total=3, mended=(MENDED,))
    told = digest(store, compared=lambda *_: found)
    assert not is_quiet(told)
    first = headline(told)
    assert first.text.startswith(
        "Nothing is open. Comparing systems found 3 differences, all made good by now."
    )
    assert first.mark is Mark.PLAIN
    (part,) = [each for each in parts_of(told) if each.title == "Reconciliation"]
    assert [line.text for line in part.lines] == [
        "1 pair of systems compared: 3 differences found, all made good by now",
        MENDED,
    ]


def test_what_was_made_good_stands_beside_what_still_differs(store):
    quiet_day(store)
    found = Reconciled(
        pairs=1, total=1, mended_total=3, differences=("1 is missing",), mended=(MENDED,)
    )
    told = digest(store, compared=lambda *_: found)
    assert "found 4 differences, 3 of them made good by now." in headline(told).text
    assert headline(told).mark is Mark.BAD
    (part,) = [each for each in parts_of(told) if each.title == "Reconciliation"]
    assert [line.mark for line in part.lines] == [Mark.BAD, Mark.BAD, Mark.WELL]


def test_an_incident_that_a_comparison_closed_says_what_was_made_good(store):
    quiet_day(store)
    number = opened(store, EIGHT - 2 * HOUR)
    by = Actor(who="reconciliation", via="check")
    found = (
        "All 1,037 orders of shopify-uk-store to business-central from 06:00 to 12:00 GMT stand in "
        "business-central now as they should: 3 arrived about 4 h late, 82 had a shortened name."
    )
    did(store, number, Clear(reason=found), EIGHT - HOUR, by)
    told = digest(store)
    assert f"after 1 h: {found}" in said(told)
    assert "cleared by itself" not in said(told)
    assert "3 arrived about 4 h late" in words_of(digest_message(told)), "however short its lines"


def test_a_group_with_an_open_incident_is_not_green_however_green_its_runs_are(store):
    quiet_day(store)
    assert {mark_of(each) for each in digest(store).groups} == {Mark.WELL}
    opened(store, EIGHT - HOUR, "f1")
    first, other = digest(store).groups
    assert (first.name, first.standing, mark_of(first)) == ("Shopify", 1, Mark.BAD)
    assert (other.standing, mark_of(other)) == (0, Mark.WELL)
    assert "trouble: Shopify (1 flow): 1 incident open; " in said(digest(store))
    assert "trouble, 1 open" in render(digest(store))


def test_checks_of_one_title_are_counted_together(store):
    quiet_day(store)
    opened(store, EIGHT - HOUR, "a", check="failing_flow")
    opened(store, EIGHT - HOUR, "b", check="rate_limit")
    one = dict.fromkeys(TITLES, "Silent Data Loss")
    told = digest(store)
    assert len(told.noise) == 2
    (noise,) = gather(store.db, told.period, replace(around(), titles=one), EIGHT).noise
    assert (noise.title, noise.opened) == ("Silent Data Loss", 2)


def test_a_week_that_was_not_seen_is_not_known_and_no_column(store):
    knows(store, flows())
    watched(store, EIGHT - DAY, EIGHT)
    ran(store, "f0", EIGHT - DAY, EIGHT)
    page = render(digest(store))
    assert "What they did a week before is not known" in page
    assert ">none<" not in page
    assert page.count("<th class=") == 4


def test_by_a_clock_that_runs_fast_missed_rounds_are_none_of_the_bots(store):
    quiet_day(store)
    with store.writing() as db:
        db.execute("DELETE FROM readings WHERE substr(at, 15, 2) <> '00'")
    assert "rounds were missed" in said(digest(store))
    told = digest(store, steered=True)
    assert is_quiet(told)
    (part,) = [each for each in parts_of(told) if each.title == "Seamwatch itself"]
    assert [line.mark for line in part.lines] == [Mark.WELL]


def test_by_such_a_clock_a_long_gap_is_told_and_a_bot_that_stands_still_is_trouble(store):
    quiet_day(store)
    with store.writing() as db:
        db.execute(
            "DELETE FROM readings WHERE at > ? AND at < ?",
            [str(EIGHT - 9 * HOUR).replace(" ", "T"), str(EIGHT - 4 * HOUR).replace(" ", "T")],
        )
    text = said(replace_observed(digest(store, steered=True)))
    assert "by a clock that runs fast or was moved" in text
    with store.writing() as db:
        facts.save_round(db, round_at(EIGHT - 3 * HOUR))
    assert "trouble: The last round was Sat 21 Nov 05:30" in said(digest(store, steered=True))


def replace_observed(told):
    """So that it is not told in one line."""
    return replace(told, opened=1)


def test_a_list_that_was_not_seen_for_a_day_is_out_of_sight_a_line_a_system(store):
    quiet_day(store)
    parts = {
        "orders": BlindPart(since=EIGHT - 25 * HOUR, why="it answers 404", refused=True),
        "stock": BlindPart(since=EIGHT - 26 * HOUR, why="it answers 404", refused=True),
        "customers": BlindPart(since=EIGHT - HOUR, why="it took too long", refused=False),
    }
    asleep = SystemFacts(
        name="pim", title="Akeneo", looked_at=EIGHT, blind_since=EIGHT - MINUTE, why="timed out"
    )
    with store.writing() as db:
        facts.save_unseen_lists(db, {"brightpearl": parts, "pim": parts, "shop": {}}, EIGHT)
        facts.save_systems(db, (asleep,), EIGHT)
    told = digest(store)
    assert told.present.blind == (
        "pim: timed out",
        "brightpearl: changed answers would not be seen in its orders, stock: it answers 404.",
    )
    assert not is_quiet(told)


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("all of it", 60, "all of it"),
        ("a part of what they carried did not arrive", 25, "a part of what they …"),
        ("W" * 50, 20, "W" * 19 + "…"),
    ],
    ids=["short", "long", "one long word"],
)
def test_a_sentence_is_cut_between_words(text, most, shown):
    assert phrases.clipped(text, most) == shown


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("nobody has it", "short"),
        ("Orders to Business Central", "words"),
        ("Application_DialogException was raised", "anywhere"),
        ("", "short"),
    ],
)
def test_where_a_cell_may_be_broken(text, where):
    assert breaks(text) == where


def test_a_digest_of_the_past_says_last_what_it_leaves_out(store):
    bad_day(store)
    assert titles(digest(store, SATURDAY, later=30 * DAY))[-1] == "Left out"


def test_a_digest_of_hours_ago_says_when_it_stood_so(store):
    quiet_day(store)
    watched(store, EIGHT, EIGHT + 41 * MINUTE)
    told = digest(store, later=41 * MINUTE)
    assert headline(told).text.startswith("At Sat 21 Nov 08:30: All quiet: 288 runs")
    assert headline(digest(store)).text.startswith("All quiet")


def test_a_quiet_day_of_the_past_is_one_line_that_says_what_it_leaves_out(store):
    quiet_day(store)
    told = digest(store, later=30 * DAY)
    assert is_calm(told)
    assert not is_quiet(told)
    *_, first, small = said(told).splitlines()
    assert first.startswith("At Sat 21 Nov 08:30: Nothing is open. 288 runs, 100 % well")
    assert small == "Forecasts, credentials, sight and health are known for the present only."


def test_that_nobody_acknowledged_anything_is_said_instead_of_no_incident(store):
    numbers = [opened(store, EIGHT - n * HOUR, f"q{n}") for n in range(1, 4)]
    none = said(digest(store))
    assert "Time to acknowledge (MTTA): nobody acknowledged any of the 3 opened" in none
    did(store, numbers[0], Acknowledge(), EIGHT - 50 * MINUTE)
    some = said(digest(store, form=Form.WEEKLY))
    own = "10 min (1 incident); nobody acknowledged 2 of 3 opened"
    assert f"Time to acknowledge (MTTA): {own}" in some
    watched(store, EIGHT - 2 * DAY, EIGHT)
    assert f"From 14 Nov: 3 opened, 0 resolved; time to acknowledge {own}" in said(
        digest(store, form=Form.WEEKLY)
    )


def test_what_was_acknowledged_after_the_period_was_not_within_it(store):
    number = opened(store, EIGHT - HOUR)
    did(store, number, Acknowledge(), EIGHT + HOUR)
    assert "nobody acknowledged the one that was opened" in said(digest(store, later=2 * HOUR))


def test_of_a_time_that_nobody_saw_there_are_no_noughts(store):
    two_weeks(store)
    told = said(digest(store, date(2020, 1, 1), pricing=days.PRICING, later=2000 * DAY))
    assert "Nothing is known of this time" in told
    assert "opened" not in told
    assert "Cost" not in told


def test_a_time_before_the_first_round_has_no_rounds_to_be_proud_of(store):
    watched(store, EIGHT + HOUR, EIGHT + 7 * HOUR)
    told = said(digest(store, later=7 * HOUR))
    assert "not known: no round was made in this time" in told
    assert "0 rounds" not in told


def test_what_is_counted_in_a_title_are_the_things_it_names(store):
    told = days.bad(store)
    numbered = {part.title: part.counted for part in parts_of(told)}
    assert numbered["Open, and nobody has it"]
    assert not numbered["Reconciliation"]
    assert "Reconciliation*\n" in words_of(digest_message(told))


def test_a_marked_group_without_an_incident_says_why(store):
    two_weeks(store)
    ran(store, "f1", EIGHT - 5 * HOUR, EIGHT - HOUR, every=10 * MINUTE, failing=8)
    told = said(digest(store))
    assert "(a week before 100 %); 3 failed, more than a week before" in told
    assert '<span class="why">: 3 failed, more than a week before</span>' in render(digest(store))
    alone = Group(name="erp", flows=1, went=Went(well=9, failed=1))
    assert "90.0 % well; 1 failed, more than 1 in 20" in said(
        replace(digest(store), groups=(alone,))
    )


def test_beside_the_daily_one_a_longer_one_does_not_tell_what_is_open_again(store):
    told = days.weekly(store)
    beside = replace(told, beside_daily=True)
    assert "Told in the daily digest of this morning" in titles(beside)
    assert "Open, and nobody has it" not in titles(beside)
    assert "Open, and nobody has it (1); In hand (1); Put off (1)" in said(beside)
    assert {"Reconciliation", "Resolved", "Over time"} <= set(titles(beside))
    assert headline(beside) == headline(told)
