"""What a typed name means: the whole name, its beginning, a part of it, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.slack.named import find_named, nearest_names
from tests.bot.slack.scene import hostile

NAMES = ("shop", "shop-uk", "NetSuite live", "3PL stock", "Orders to NetSuite", "🛒")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("shop", ["shop"]),
        ("SHOP UK", ["shop-uk"]),
        ('"shop-uk"', ["shop-uk"]),
        ("net", ["NetSuite live"]),
        ("netsuite", ["NetSuite live"]),
        ("to netsuite", ["Orders to NetSuite"]),
        ("sho", ["shop", "shop-uk"]),
        ("3pl", ["3PL stock"]),
        ("🛒", ["🛒"]),
        ("???", []),
        ("xyz", []),
    ],
    ids=[
        "the whole name wins over longer ones",
        "case and punctuation do not matter",
        "quotes do not matter",
        "a beginning wins over a part",
        "a whole first word",
        "a part",
        "a beginning of several",
        "digits are words",
        "a name without words",
        "punctuation alone means nothing",
        "nothing near",
    ],
)
def test_a_name(asked, meant):
    assert find_named(asked, NAMES, lambda name: [name]) == meant


def test_one_thing_may_have_several_names():
    ids = {"Orders": "3301", "Stock": "3302"}
    assert find_named("3302", ids, lambda name: (name, ids[name])) == ["Stock"]


def test_a_name_that_is_not_told_is_no_name():
    assert find_named("?", ["x"], lambda _: [""]) == []


def test_the_nearest_are_offered():
    assert nearest_names("shpo", NAMES)[0] == "shop"
    assert list(nearest_names("xyz", NAMES)) == []


@given(asked=hostile, name=hostile)
def test_any_words_can_be_asked_for(asked, name):
    assert set(find_named(asked, [name], lambda each: [each])) <= {name}
    assert set(nearest_names(asked, [name])) <= {name}
    if name:
        assert find_named(name, [name], lambda each: [each]) == [name]
