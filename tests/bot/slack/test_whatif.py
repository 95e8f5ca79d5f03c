"""A rehearsed peak as the channel reads it, and as Slack takes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given

from bot.foresight.advice import Advised
from bot.foresight.foreseen import foreseen_of
from bot.foresight.rehearsal import NotRehearsed
from bot.inventory import Limits
from bot.slack.render.advice import advice_lines
from bot.slack.render.forecast import chosen_forecast
from bot.slack.render.runbook import runbook_answer
from bot.slack.render.whatif import refusal, whatif_answer
from forecasting.advice import Advice, Move, Way
from forecasting.trading_days import Occasion
from runbooks.book import Book
from tests.bot.slack import forecasts, rehearsals
from tests.bot.slack.rehearsals import BREAKS, HOLDS, LONDON, TOLD
from tests.bot.slack.scene import NOON, ask, desk_over, hostile, words_of
from tests.bot.slack.sound import assert_sound, thorough


def say(told=TOLD):
    return words_of(whatif_answer(told, LONDON))


def test_the_first_sentence_says_what_breaks_first_and_when():
    first = whatif_answer(TOLD, LONDON).text
    assert "With 3 times the usual volume of netsuite-live on Friday 27 November" in first
    assert "1 of 2 limits is likely to be reached" in first
    assert "NetSuite" in first


def test_it_says_how_likely_by_how_much_and_what_would_hold():
    said = say()
    assert "chance 83 % (without the peak 4 %)" in said
    assert "At its fullest 180 of 150 calls a minute: 30 too many" in said
    assert "Holds (chance under 30 %) up to about 2.4 times the usual" in said
    assert "*Would hold* (chance under 30 %)" in said
    assert "operations a month: holds, chance 6 %, 78 % of 400,000" in said
    assert "Move `Stock sync` (cron `0 * * * *` to `20 * * * *`)" in said
    assert "the busiest minute falls from 180 to 120 of 150 calls; chance 83 % → 12 %" in said
    assert "a rate limit in Patchworks of 200 calls a minute (now 150): chance 83 % → 7 %" in said


def test_it_says_how_old_its_facts_are():
    assert "calls known up to" in say()


def test_before_enough_forecasts_are_judged_chances_are_words():
    said = say(rehearsals.of(replace(BREAKS, judged=3, advice=())))
    assert "likely (without the peak very unlikely)" in said
    assert "83 %" not in said


def test_what_holds_is_listed_the_fullest_first_however_likely():
    fuller, likelier = (
        replace(
            HOLDS,
            allowance=replace(HOLDS.allowance, id=name, system=name),
            chance=chance,
            highest=share * 400_000.0,
        )
        for name, chance, share in (("shop", 0.02, 0.12), ("netsuite", 0.05, 0.11))
    )
    said = say(rehearsals.of(likelier, fuller))
    assert "Fullest is *shop*" in said
    assert said.count("shop") == 2, "in the first sentence and in the list"
    assert said.rindex("*shop*") < said.index("*netsuite*")


def test_a_refusal_shows_how_it_is_asked():
    said = words_of(refusal('"netsuite" names no multiple.'))
    assert "For example: `/seam whatif netsuite volume x3 on friday`" in said


def test_a_peak_that_holds_is_said_to():
    told = whatif_answer(rehearsals.of(HOLDS), LONDON)
    assert told.text.startswith("🟢")
    assert "the limit holds" in told.text


def test_what_is_unknown_is_never_said_to_hold():
    told = whatif_answer(rehearsals.of(rehearsals.UNKNOWN), LONDON)
    assert told.text.startswith("⚪")
    assert "hold" not in told.text


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        pytest.param({"first": None, "last": None}, "over the next 3 days", id="no days"),
        pytest.param(
            {"last": date(2026, 11, 30)},
            "from Friday 27 November to Monday 30 November",
            id="several days",
        ),
        pytest.param({"occasion": "Black Friday"}, "(Black Friday)", id="an occasion"),
    ],
)
def test_the_days_are_said(changes, days):
    told = replace(TOLD, wanted=replace(TOLD.wanted, **changes))
    assert days in whatif_answer(told, LONDON).text


def sale(name="Spring sale", times=2.2):
    return Occasion(name=name, first=date(2026, 11, 27), last=date(2026, 11, 27), times=times)


@pytest.mark.parametrize(
    ("occasion", "promotions", "said"),
    [
        pytest.param(
            "",
            (sale(),),
            "on Friday 27 November, Spring sale (2.2 times) included:",
            id="its day was asked for",
        ),
        pytest.param(
            "Spring sale",
            (sale(),),
            "on Friday 27 November (Spring sale) in place of its own 2.2 times:",
            id="it was asked for by its name",
        ),
        pytest.param(
            "Spring sale",
            (sale(), sale("Clearance", 1.5)),
            "(Spring sale) in place of its own 2.2 times, Clearance (1.5 times) included:",
            id="another one is on top",
        ),
        pytest.param(
            "",
            tuple(map(sale, "ABCD")),
            ", A (2.2 times) and B (2.2 times) and 2 more promotions included:",
            id="many",
        ),
    ],
)
def test_what_a_declared_promotion_is_to_the_peak_is_said(occasion, promotions, said):
    wanted = replace(TOLD.wanted, occasion=occasion)
    assert said in whatif_answer(replace(TOLD, wanted=wanted, promotions=promotions), LONDON).text


def test_long_names_leave_room_for_what_is_said_of_the_promotion():
    """And of what is likely, which comes after it."""
    systems, name = ("n" * 200,), "s" * 200
    told = replace(TOLD, systems=systems, promotions=(sale(name), sale(name[1:])))
    assert "(2.2 times) included: 1 of 2 limits" in whatif_answer(told, LONDON).text


def test_a_refusal_is_one_private_sentence(store):
    def refuse(_text):
        raise NotRehearsed('No system is called "<b>"; I know netsuite-live.')

    said = ask(desk_over(store, rehearse=refuse), "whatif <b> x3")
    assert words_of(said) == words_of(refusal('No system is called "<b>"; I know netsuite-live.'))
    assert "&lt;b&gt;" in said.text


def test_the_verb_hands_on_what_was_typed(store):
    asked = []

    def rehearse(text):
        asked.append(text)
        return TOLD

    said = ask(desk_over(store, rehearse=rehearse), "whatif netsuite volume x3 on 2026-11-27")
    assert asked == ["netsuite volume x3 on 2026-11-27"]
    assert_sound(said)


@thorough
@given(name=hostile)
def test_hostile_names_do_no_harm(name):
    move = Move(flow_id="1", flow_name=name, cron="0 * * * *", instead="5 * * * *")
    advice = Advice(
        limit_id="a",
        way=Way.STAGGER,
        amount=150,
        before=0.8,
        after=0.1,
        highest_before=180,
        highest_after=90,
        moves=(move,),
        judged=20,
    )
    allowance = replace(BREAKS.allowance, system=name, name=name, unit=name)
    each = replace(BREAKS, allowance=allowance, advice=(advice,), withheld=name)
    unknown = replace(rehearsals.UNKNOWN, allowance=allowance, withheld=name)
    wanted = replace(TOLD.wanted, occasion=name)
    told = replace(rehearsals.of(each, unknown), systems=(name,), flow=name, wanted=wanted)
    assert_sound(whatif_answer(told, LONDON))


def test_many_limits_still_fit_a_message():
    many = [
        replace(
            BREAKS,
            allowance=replace(BREAKS.allowance, id=f"instance/{n}/rate"),
            middle=BREAKS.middle + timedelta(minutes=n),
        )
        for n in range(60)
    ]
    assert_sound(whatif_answer(rehearsals.of(*many), LONDON))


def test_advice_stands_with_the_forecast_it_was_tried_on():
    limit = replace(forecasts.LIKELY.allowance)
    advised = {limit.id: Advised(made_at=NOON, advice=BREAKS.advice)}
    told = foreseen_of(Limits(at=NOON, allowances=(forecasts.LIKELY,)))
    said = chosen_forecast(told, NOON, None, native=False, advice=advised)
    assert_sound(said)
    assert "↳ Move `Stock sync`" in words_of(said)


def test_a_warnings_runbook_begins_with_what_would_help():
    page = Book().find_topic("rate_limit")
    helps = advice_lines(BREAKS.advice, BREAKS.allowance)
    said = runbook_answer(Book().render(page), " (#42)", helps=helps)
    assert_sound(said)
    first = said.blocks[1]["text"]["text"]
    assert first.startswith("*What would help*")
    assert "Move `Stock sync`" in first
