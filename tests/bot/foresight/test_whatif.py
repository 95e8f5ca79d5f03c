"""A peak rehearsed from what the store knows: which limits break, when, and what would hold."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

import pytest

from bot.forecast_settings import PromotionSettings
from bot.foresight import whatif
from bot.foresight.advice import find_advice
from bot.foresight.advice_words import say_advice
from bot.foresight.learning_jobs import the_model
from bot.foresight.rehearsal import NotRehearsed, Rehearsal, Rehearsed
from bot.foresight.whatif import rehearse_peak
from bot.store import open_store
from forecasting.advice import Way
from tests.bot.peak_scene import DAY, HOUR, NOON, Estate, learn, make_estate

FRIDAY = datetime.fromisoformat("2026-11-27T00:00+00:00")
RATE = "instance/702/rate"


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    """Read by all tests, and written by none."""
    folder = tmp_path_factory.mktemp("estate")
    store = open_store(folder / "seamwatch.db")
    made = make_estate(folder, store)
    learn(made)
    yield made
    store.close()


def rehearse(estate: Estate, words: str, now: datetime = NOON) -> Rehearsal:
    return rehearse_peak(estate.store.db, estate.settings, the_model(), words, now)


def limit_of(told: Rehearsal, limit_id: str) -> Rehearsed:
    return next(each for each in told.rehearsed if each.allowance.id == limit_id)


def test_the_limit_that_breaks_comes_first_with_its_moment_and_by_how_much(estate):
    told = rehearse(estate, "netsuite volume x3 on 2026-11-27")
    first = told.rehearsed[0]
    assert first.allowance.id == RATE
    assert first.chance > 0.7
    assert first.usual < 0.1
    assert FRIDAY + 8 * HOUR <= first.middle < FRIDAY + 18 * HOUR
    assert first.highest == pytest.approx(180, rel=0.1)
    assert (told.since, told.until) == (FRIDAY, FRIDAY + DAY)
    assert told.as_of == NOON


def test_it_says_up_to_what_it_would_hold(estate):
    first = rehearse(estate, "netsuite volume x3 on 2026-11-27").rehearsed[0]
    assert 2.0 < first.holds_until < 2.6


def test_the_advice_for_the_peak_was_simulated_under_the_peak(estate):
    first = rehearse(estate, "netsuite volume x3 on 2026-11-27").rehearsed[0]
    stagger = next(each for each in first.advice if each.way is Way.STAGGER)
    assert stagger.moves[0].flow_name == "Stock sync"
    assert stagger.after <= stagger.before / 2
    said = say_advice(stagger, first.allowance)
    assert said.startswith(
        "Move `Stock sync` (cron `0 * * * *` to `5 * * * *`): the busiest minute"
    )
    assert "of 150 calls; chance" in said
    assert first.advice[-1].way is Way.RAISE


def test_only_the_systems_own_part_of_what_is_shared_grows(estate):
    """Of the operations of a month NetSuite makes two thirds."""
    one = limit_of(rehearse(estate, "shopify volume x3 on friday"), "platform/main/operations")
    all_of = limit_of(rehearse(estate, "volume x3 on friday"), "platform/main/operations")
    assert one.highest < all_of.highest


def test_one_flow_may_grow_alone(estate):
    told = rehearse(estate, 'netsuite volume x3 on friday for "orders to"')
    assert told.flow == "Orders to NetSuite"
    assert limit_of(told, RATE).highest == pytest.approx(100, rel=0.1)


def test_without_a_system_all_are_rehearsed(estate):
    told = rehearse(estate, "volume x2 on friday")
    assert {each.allowance.id for each in told.rehearsed} >= {RATE, "instance/701/rate"}
    assert {each.allowance.id for each in told.holding} >= {"instance/701/rate"}


def test_what_nobody_can_tell_is_neither_broken_nor_held(estate):
    told = rehearse(estate, "klaviyo volume x3 on friday")
    klaviyo = limit_of(told, "instance/703/rate")
    assert klaviyo in told.unknown
    assert klaviyo.withheld


def test_weeks_ahead_the_usual_of_that_weekday_speaks(estate):
    told = rehearse(estate, "netsuite x3 on 2026-12-18")
    first = told.rehearsed[0]
    assert first.middle.date().isoformat() == "2026-12-18"
    assert first.highest == pytest.approx(180, rel=0.15)


def test_the_multiple_takes_the_place_of_the_promotions_own(estate):
    told = rehearse(estate, 'netsuite x3 on "winter sale"')
    assert told.wanted.occasion == "Winter sale"
    assert told.until - told.since == 3 * DAY
    assert told.rehearsed[0].highest == pytest.approx(180, rel=0.15)


def test_a_sale_that_was_declared_is_part_of_the_usual_of_its_days(estate):
    """Without more than what the settings expect, what is foreseen of that day is what is told."""
    saturday = "on 2026-12-05"  # of the Winter sale, at 2 times
    as_foreseen = limit_of(rehearse(estate, f"netsuite x1 {saturday}"), RATE)
    assert as_foreseen.highest == pytest.approx(120, rel=0.15)
    assert as_foreseen.chance == as_foreseen.usual
    more = rehearse(estate, f"netsuite x1.5 {saturday}")
    assert [each.name for each in more.included] == ["Winter sale"]
    assert limit_of(more, RATE).highest == pytest.approx(180, rel=0.15)
    assert limit_of(more, RATE).breaks
    assert limit_of(more, RATE).usual == as_foreseen.chance


def test_half_of_a_sale_that_breaks_the_limit_is_told_beside_the_whole(estate):
    """What a warning recommends to try is tried on what it warned of."""
    day = date(2026, 11, 23)
    sale = PromotionSettings(name="Spring sale", first=day, last=day, times=3.0)
    settings = estate.settings.model_copy(update={"promotion": (sale,)})

    def told(words: str) -> Rehearsed:
        found = rehearse_peak(estate.store.db, settings, the_model(), words, NOON)
        return limit_of(found, RATE)

    assert told("netsuite x1 on monday").breaks
    half = told("netsuite x0.5 on monday")
    assert half.usual == told("netsuite x1 on monday").chance
    assert half.highest == pytest.approx(90, rel=0.15)


def test_only_the_promotion_that_was_named_is_replaced(estate):
    told = rehearse(estate, 'netsuite x3 on "winter sale"')
    assert [each.name for each in told.replaced] == ["Winter sale"]
    assert not told.included
    assert not rehearse(estate, "netsuite x3 on 2026-11-27").promotions


def test_a_peak_today_begins_now(estate):
    told = rehearse(estate, "netsuite x3 today", NOON + timedelta(minutes=20))
    assert told.since == NOON


def test_an_answer_is_less_than_three_seconds_of_work(estate):
    rehearse(estate, "volume x3 on friday")  # imports are paid for once
    began = time.process_time()
    rehearse(estate, "volume x3 on 2026-12-18")
    assert time.process_time() - began < 3


def test_of_too_many_limits_those_nearest_to_being_reached_are_rehearsed(estate, monkeypatch):
    everything = rehearse(estate, "volume x3 on friday")
    assert everything.left_out == 0
    monkeypatch.setattr(whatif, "MOST", 1)
    told = rehearse(estate, "volume x3 on friday")
    assert [each.allowance.id for each in told.rehearsed if each.chance is not None] == [RATE]
    assert told.left_out == len(everything.broken) + len(everything.holding) - 1


@pytest.mark.parametrize(
    ("words", "part"),
    [
        pytest.param("netsute volume x3", 'No system is called "netsute"', id="a system unknown"),
        pytest.param("netsuite x3 for nobody", 'No flow is called "nobody"', id="a flow unknown"),
        pytest.param("netsuite x3 for to", "fits several flows", id="a flow that is several"),
        pytest.param("netsuite", '"netsuite" names no multiple', id="no multiple"),
        pytest.param("x3 on 2027-06-01", "too far ahead", id="too far"),
    ],
)
def test_what_cannot_be_rehearsed_is_said_in_one_sentence(estate, words, part):
    with pytest.raises(NotRehearsed, match=part):
        rehearse(estate, words)


def test_before_the_first_round_nothing_can_be_rehearsed(estate, store):
    with pytest.raises(NotRehearsed, match="No round"):
        rehearse_peak(store.db, estate.settings, the_model(), "x3", NOON)


def test_with_less_than_two_weeks_only_a_day_ahead_is_told(tmp_path, store):
    young = make_estate(tmp_path, store, weeks=1)
    far = limit_of(rehearse(young, "netsuite x3 on friday"), RATE)
    assert far.chance is None
    assert "14 days" in far.withheld
    near = limit_of(rehearse(young, "netsuite x3 today"), RATE)
    assert near.chance is not None


def test_nothing_is_written(estate):
    before = "\n".join(estate.store.db.conn.iterdump())
    rehearse(estate, "netsuite x3 on friday")
    assert "\n".join(estate.store.db.conn.iterdump()) == before
    assert find_advice(estate.store.db, RATE) == ()
