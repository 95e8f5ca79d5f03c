"""Days on which trade is not as usual: whose they are, and by which calendar they go."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.trading_days import (
    Calendar,
    Occasion,
    UnknownCountry,
    black_friday,
    check_country,
)

SALE = Occasion(name="Sale", first=date(2026, 6, 10), last=date(2026, 6, 12), times=3.0)


def names_of(country, first, last):
    return {each.name for each in Calendar(countries=(country,)).between(first, last)}


@pytest.mark.parametrize(
    ("country", "day", "name"),
    [
        ("GB", date(2026, 4, 3), "Good Friday"),
        ("GB", date(2026, 12, 28), "Boxing Day (observed)"),
        ("US", date(2026, 11, 26), "Thanksgiving Day"),
        ("US", date(2027, 7, 4), "Independence Day"),
        ("DE", date(2026, 10, 3), "German Unity Day"),
        ("DE", date(2027, 5, 6), "Ascension Day"),
    ],
)
def test_the_public_holidays_of_a_country_count(country, day, name):
    assert name in names_of(country, day, day)
    assert name not in {each.name for each in Calendar().between(day, day)}


def test_an_estate_may_have_several_countries():
    calendar = Calendar(countries=("GB", "US"))
    found = [each.name for each in calendar.between(date(2026, 12, 25), date(2027, 1, 1))]
    assert found == ["Christmas Day", "Boxing Day", "Boxing Day (observed)", "New Year's Day"]


def test_an_unknown_country_is_refused_in_a_sentence():
    wanted = "no holidays are known for the country 'XX': write an ISO 3166 code such as GB"
    with pytest.raises(UnknownCountry, match=wanted):
        check_country("XX")
    with pytest.raises(UnknownCountry, match=wanted):
        Calendar(countries=("XX",)).between(date(2026, 1, 1), date(2026, 1, 2))
    check_country("GB")


@pytest.mark.parametrize(
    ("year", "first"),
    [
        (2017, date(2017, 11, 24)),
        (2018, date(2018, 11, 23)),
        (2019, date(2019, 11, 29)),
        (2024, date(2024, 11, 29)),
        (2026, date(2026, 11, 27)),
        (2028, date(2028, 11, 24)),
    ],
)
def test_black_friday_follows_the_fourth_thursday_of_november(year, first):
    found = black_friday(year)
    assert (found.first, found.last) == (first, first + timedelta(days=3))
    assert found.times is None
    assert found in Calendar().between(first, first)


@given(st.integers(1990, 2100))
def test_black_friday_is_a_friday_from_the_23rd_to_the_29th(year):
    found = black_friday(year).first
    assert (found.weekday(), found.month) == (4, 11)
    assert 23 <= found.day <= 29


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ((6, 9, 22), (6, 9, 23), ()),
        ((6, 9, 22), (6, 10, 0), (SALE,)),
        ((6, 12, 22), (6, 20, 0), (SALE,)),
        ((6, 12, 23), (6, 20, 0), ()),
        ((6, 1, 0), (6, 30, 0), (SALE,)),
    ],
    ids=[
        "before its first midnight in London",
        "its first local hour",
        "its last local hour",
        "after it",
        "in the midst of the time asked about",
    ],
)
def test_occasions_go_by_the_local_calendar(since, until, found):
    """London is an hour before UTC in June."""
    calendar = Calendar(occasions=(SALE,), zone=ZoneInfo("Europe/London"))
    moments = (datetime(2026, *each, tzinfo=UTC) for each in (since, until))
    assert calendar.ahead(*moments) == found


def test_occasions_come_in_order_over_the_turn_of_a_year():
    later = Occasion(name="January sale", first=date(2027, 1, 2), last=date(2027, 1, 9))
    calendar = Calendar(countries=("DE",), occasions=(later, SALE))
    found = calendar.between(date(2026, 11, 1), date(2027, 1, 5))
    assert [each.name for each in found] == [
        "Black Friday weekend",
        "Christmas Day",
        "Second Day of Christmas",
        "New Year's Day",
        "January sale",
    ]


def test_a_part_of_a_country_has_holidays_of_its_own():
    spring = (date(2026, 3, 1), date(2026, 5, 1))
    names = [each.name for each in Calendar(countries=("GB-ENG",)).between(*spring)]
    assert names == ["Good Friday", "Easter Monday"]
    with pytest.raises(UnknownCountry, match="GB-XX"):
        check_country("GB-XX")
