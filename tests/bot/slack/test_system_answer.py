"""`/seam status NAME`: one system, seen or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from bot.facts import LimitFacts, RoundFacts, SystemFacts
from bot.slack.render.status import status_answer
from bot.slack.render.system import system_answer
from tests.bot.slack.scene import MINUTE, NOON, assert_slack_takes, hostile, words_of

SHOP = SystemFacts(
    name="shop",
    title="Shopify",
    looked_at=NOON,
    seen_at=NOON,
    took_ms=41.7,
    limits=(LimitFacts(name="points", remaining=1988, size=2000),),
    expires=date(2027, 3, 1),
    owner="Dana",
)
BLIND = replace(SHOP, blind_since=NOON - 20 * MINUTE, why="It answers with 401.", refused=True)


def test_a_system_that_answers_shows_what_is_left_and_who_looks_after_it():
    said = system_answer("Shop", [SHOP], NOON + MINUTE)
    assert_slack_takes(said)
    told = words_of(said)
    assert "shop (Shopify) answers" in told
    assert "1,988 of 2,000 left" in told
    assert "2027-03-01 (in 100 d, declared)" in told
    assert "Dana" in told


def test_a_system_out_of_sight_is_never_called_down():
    told = words_of(system_answer("shop", [BLIND], NOON))
    assert "cannot be seen" in told
    assert "It answers with 401. Whether it works is not known." in told
    assert "down" not in told


@pytest.mark.parametrize(
    ("systems", "said"),
    [([], "No system has been looked at yet"), ([SHOP], "Did you mean shop?")],
    ids=["none configured", "a typo"],
)
def test_a_name_that_is_not_there(systems, said):
    answered = system_answer("shpo", systems, NOON)
    assert said in words_of(answered)


def test_the_status_counts_systems_and_names_those_out_of_sight():
    facts = RoundFacts(at=NOON, took_seconds=0.1, judged=9, troubled=0, unknown=0)
    told = words_of(
        status_answer(facts, [], 0, "connected", NOON, [SHOP, replace(BLIND, name="b1")])
    )
    assert "I cannot see everything" in told
    assert "1 of 2 answer" in told
    assert "b1: It answers with 401" in told
    fine = words_of(status_answer(facts, [], 0, "connected", NOON, [SHOP]))
    assert "Everything I look at is in order" in fine


@given(hostile)
def test_hostile_names_and_reasons_stay_inert(text):
    system = replace(BLIND, name=text or "x", title=text, why=text, owner=text, vendor=(text,))
    for asked in (system.name, "another"):
        said = system_answer(asked, [system], NOON)
        assert_slack_takes(said)
        assert "<!" not in words_of(said).replace("<!date", "")
