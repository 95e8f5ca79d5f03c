"""The company's books: repeatable, busy when the recordings are, and without a record twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.estate.vendors.books import BEGIN_AT, RecordedBooks
from bot.sandbox.scenarios.scenario import BUSY_MORNING
from tests.bot.sandbox.estate.visit import NOW

SHIFT = {name: moment - NOW for name, moment in BUSY_MORNING.items()}
BOOKS = RecordedBooks(SHIFT)
ENTITIES = ["orders", "products", "customers", "inventory"]
seconds = st.integers(min_value=-200_000, max_value=200_000)


@given(entity=st.sampled_from(ENTITIES), moments=st.tuples(seconds, seconds, seconds))
def test_windows_that_meet_add_up(entity: str, moments: tuple[int, int, int]) -> None:
    first, middle, last = (NOW + timedelta(seconds=one) for one in sorted(moments))
    parts = BOOKS.changed(entity, first, middle), BOOKS.changed(entity, middle, last)
    assert sum(parts) == BOOKS.changed(entity, first, last)
    assert min(parts) >= 0


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_day_has_records_and_two_books_agree(entity: str) -> None:
    day = NOW - timedelta(days=1)
    assert BOOKS.changed(entity, day, NOW) > 50
    assert RecordedBooks(SHIFT).changed(entity, day, NOW) == BOOKS.changed(entity, day, NOW)


def test_night_is_quieter_than_the_busy_morning_it_opens_with() -> None:
    hour = timedelta(hours=1)
    morning = BOOKS.changed("orders", NOW - hour, NOW)
    night = BOOKS.changed("orders", NOW - 12 * hour, NOW - 11 * hour)
    assert morning > 3 * night


def test_before_the_company_began_there_was_nothing() -> None:
    year = timedelta(days=365)
    assert BOOKS.changed("orders", BEGIN_AT - year, BEGIN_AT) == 0
    ever = BOOKS.changed("orders", BEGIN_AT - year, NOW)
    assert ever == BOOKS.changed("orders", BEGIN_AT, NOW) > 100_000


def test_a_window_that_ends_before_it_begins_is_empty() -> None:
    assert BOOKS.changed("orders", NOW, NOW - timedelta(days=3)) == 0


def test_nobody_keeps_books_of_weather() -> None:
    with pytest.raises(KeyError, match="weather"):
        BOOKS.changed("weather", NOW - timedelta(hours=1), NOW)
