"""The company's orders and their copies: repeatable, each once, lost only where it was said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.estate.vendors.books import RecordedBooks
from bot.sandbox.estate.vendors.copies import ARRIVES_AFTER, POSTED_AFTER, SENT_EVERY, Copies
from bot.sandbox.estate.vendors.orders import FIRST_NUMBER, Orders
from bot.sandbox.scenarios.scenario import BUSY_MORNING
from tests.bot.sandbox.estate.visit import NOW

SHIFT = {name: moment - NOW for name, moment in BUSY_MORNING.items()}
ORDERS = Orders(RecordedBooks(SHIFT))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
seconds = st.integers(min_value=-40_000, max_value=0)


@pytest.fixture
def books() -> RecordedBooks:
    """Books of which something may get lost."""
    return RecordedBooks(SHIFT)


def test_orders_are_the_same_however_they_are_asked_for() -> None:
    numbers = ORDERS.between(NOW - 2 * HOUR, NOW)
    listed = list(ORDERS.each(numbers, NOW))
    assert [order.number for order in listed] == list(numbers)
    assert [ORDERS.find(number, NOW) for number in numbers] == listed
    assert [order.placed_at for order in listed] == sorted(order.placed_at for order in listed)
    assert list(Orders(RecordedBooks(SHIFT)).each(numbers, NOW)) == listed


@given(moments=st.tuples(seconds, seconds))
def test_what_is_placed_in_a_window_says_a_moment_in_it(moments: tuple[int, int]) -> None:
    since, until = (
        NOW.replace(microsecond=0) + timedelta(seconds=second) for second in sorted(moments)
    )
    for order in ORDERS.each(ORDERS.between(since, until), NOW):
        assert since <= order.placed_at < until


def test_the_future_and_the_time_before_the_first_order_are_empty() -> None:
    after = ORDERS.next_number(NOW)
    assert ORDERS.find(after, NOW) is None
    assert ORDERS.find(FIRST_NUMBER - 1, NOW) is None
    assert ORDERS.find(FIRST_NUMBER, NOW) is not None
    assert ORDERS.named("no number", NOW) == range(0)


def test_the_tax_is_part_of_the_total_to_the_penny() -> None:
    for order in ORDERS.each(ORDERS.between(NOW - HOUR, NOW), NOW):
        assert order.total == sum(line.quantity * line.price for line in order.lines)
        assert abs(order.tax * 6 - order.total) < 1


def test_pages_cover_all_from_either_end() -> None:
    numbers = ORDERS.between(NOW - HOUR, NOW)
    pages = [ORDERS.page(numbers, page, 30, NOW) for page in range(1, 9)]
    assert [order.number for page in pages for order in page] == list(numbers)
    falling = [ORDERS.page(numbers, page, 30, NOW, falls=True) for page in range(1, 9)]
    assert [order.number for page in falling for order in page] == list(numbers)[::-1]


@given(moments=st.tuples(seconds, seconds), posted=st.booleans(), lose=st.integers(0, 70))
def test_copies_are_counted_as_they_are_listed(
    moments: tuple[int, int], posted: bool, lose: int
) -> None:
    books = RecordedBooks(SHIFT)
    placed = ORDERS.between(NOW - 2 * HOUR, NOW - HOUR)
    books.loss.missing |= {placed[lose], placed[lose // 2]}
    books.loss.send_again([placed[lose]], NOW - 45 * MINUTE)
    copies, (since, until) = Copies(books, books.loss, posts=True), sorted(moments)
    window = NOW + timedelta(seconds=since), NOW + timedelta(seconds=until)
    listed = copies.changed(*window, NOW, posted=posted)
    assert copies.count(*window, NOW, posted=posted) == len(listed)
    assert all(window[0] <= copy.changed_at < window[1] for copy in listed)
    assert {copy.posted for copy in listed} <= {posted}


def test_every_order_arrives_within_minutes_and_stands_in_one_list(books: RecordedBooks) -> None:
    copies, day = Copies(books, books.loss, posts=True), (NOW - 24 * HOUR, NOW)
    open_ones = copies.changed(*day, NOW)
    posted = copies.changed(*day, NOW, posted=True)
    numbers = [copy.order.number for copy in (*open_ones, *posted)]
    late = SENT_EVERY + ARRIVES_AFTER
    assert len(numbers) == len(set(numbers))
    assert set(numbers) >= set(ORDERS.between(NOW - 22 * HOUR, NOW - late))
    for copy in open_ones:
        assert timedelta(0) < copy.changed_at - copy.order.placed_at <= late + timedelta(seconds=1)
    assert all(copy.changed_at - copy.order.placed_at > POSTED_AFTER for copy in posted)


def test_a_target_that_posts_nothing_keeps_all_in_one_list(books: RecordedBooks) -> None:
    copies, day = Copies(books), (NOW - 24 * HOUR, NOW)
    assert copies.changed(*day, NOW, posted=True) == []
    assert copies.count(*day, NOW, posted=True) == 0
    assert copies.count(*day, NOW) == len(copies.changed(*day, NOW)) > 500


def test_a_missing_order_has_no_copy_until_it_is_sent_again(books: RecordedBooks) -> None:
    copies = Copies(books, books.loss, posts=True)
    number = ORDERS.between(NOW - 3 * HOUR, NOW)[0]
    assert copies.find(number, NOW) is not None
    books.loss.missing.add(number)
    assert copies.find(number, NOW) is None
    books.loss.send_again([number], NOW)
    found = copies.find(number, NOW + MINUTE)
    assert found is not None
    assert (found.changed_at, found.posted) == (NOW, False)


def test_only_later_orders_are_cut_and_only_that_text(books: RecordedBooks) -> None:
    copies = Copies(books, books.loss, posts=True)
    numbers = ORDERS.between(NOW - 3 * HOUR, NOW - HOUR)
    books.loss.cuts["address"], books.loss.cut_from = 12, numbers[10]
    for place, number in enumerate(numbers):
        order, copy = ORDERS.find(number, NOW), copies.find(number, NOW)
        assert order is not None
        assert copy is not None
        whole = place < 10
        assert copy.order == (order if whole else order.cut("address", 12))
