"""Reading, asking again and totals: what a comparison takes from systems, and makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.reconciling.comparing import Means, compare
from bot.reconciling.reading import Unseen
from checks.declare import Counted
from checks.reconcile.model import DifferenceKind, Standing
from checks.reconcile.window import Window
from checks.unreadable import Refused, Unavailable
from tests.bot.reconciling.estate import (
    HOUR,
    MINUTE,
    NOON,
    Books,
    Hands,
    arrived,
    order,
    orders,
    pair,
)
from tests.pulse import Pulse

WINDOW = Window(since=NOON, until=NOON + HOUR)


async def compared(shop, books, settings=None, window=WINDOW):
    """The outcome, and the differences as they were told."""
    told = []
    systems = {each.name: each for each in (shop, books)}
    means = Means(systems=systems, clock=Hands())
    outcome = await compare(settings or pair(), window, means, told.append)
    return outcome, told


def estate(count=200, **changes):
    held = orders(count)
    return Books("Shop", held), Books("Books", arrived(held, **changes))


async def test_a_field_that_a_system_calls_personal_is_compared_and_never_told():
    shop, books = estate(n1100={"customer": "someone@else.example"})
    _, [told] = await compared(shop, books)
    assert (told.kind, told.field) == (DifferenceKind.VALUE_DIFFERS, "customer")
    assert (told.source_value, told.target_value) == (None, None)


async def test_a_personal_field_that_was_cut_to_its_limit_is_called_shortened():
    shop, books = estate(n1100={"customer": "customer11"})
    settings = pair(field=[{"name": "customer", "limit": 10}])
    found = {each.key: each.kind for each in (await compared(shop, books, settings))[1]}
    assert found["1100"] is DifferenceKind.TRUNCATED


async def test_a_record_that_a_page_did_not_show_is_asked_for_and_is_no_difference():
    shop, books = estate()
    hidden = books.orders.pop(50)
    answer = books.record

    async def knows_all(entity, place, key, *rest):
        return (hidden,) if key == hidden.key else await answer(entity, place, key, *rest)

    books.record = knows_all
    outcome, told = await compared(shop, books)
    assert (outcome.standing, told) == (Standing.SAME, [])


async def test_what_has_long_differed_is_told_without_a_call():
    shop, books = estate(n1100={"reference": "another"})
    outcome, [told] = await compared(shop, books)
    assert (outcome.standing, told.is_sure) == (Standing.DIFFERENT, True)
    assert (shop.asked, books.asked) == ([], [])


async def test_keys_with_a_prefix_are_asked_for_as_each_system_writes_them():
    shop, books = estate(but=[1007])
    shop.orders = [replace(each, key=f"#{each.key}") for each in shop.orders]
    settings = pair(source={"system": "Shop", "key_prefix": "#"})
    outcome, [told] = await compared(shop, books, settings)
    assert (told.key, outcome.standing) == ("1007", Standing.DIFFERENT)
    assert "#1007" in shop.asked
    assert "1007" in books.asked


async def test_a_key_whose_case_is_lost_is_never_taken_for_gone_on_both_sides():
    """Asked as "ab-1" and as "AB-1", neither system knows "Ab-1": nothing is settled by that."""
    shop, books = estate(0)
    shop.orders = [replace(order(1, NOON + MINUTE), key="Ab-1")]
    outcome, [told] = await compared(shop, books, pair(ignore_case=True))
    assert told.kind is DifferenceKind.MISSING_IN_TARGET
    assert outcome.standing is Standing.UNSURE


async def test_capitals_are_found_again():
    shop, books = estate(0)
    shop.orders = [replace(order(1, NOON + MINUTE), key="AB-1")]
    outcome, _ = await compared(shop, books, pair(ignore_case=True))
    assert outcome.standing is Standing.DIFFERENT


@pytest.mark.parametrize("side", ["shop", "books"])
async def test_a_side_that_fails_while_it_is_read_gives_no_outcome(side):
    shop, books = estate()
    {"shop": shop, "books": books}[side].trouble = Refused("it answered with 403")
    with pytest.raises(Unseen, match="403"):
        await compared(shop, books)


async def test_a_side_that_fails_while_it_is_asked_again_leaves_it_open():
    shop, books = estate(but=[1007])

    async def fails(*_):
        raise Unavailable("it is busy")

    books.record = fails
    outcome, [told] = await compared(shop, books)
    assert (outcome.standing, told.is_sure) == (Standing.UNSURE, False)


async def test_what_is_no_failure_of_a_system_is_not_hidden():
    shop, books = estate()

    async def broken(*_):
        raise ZeroDivisionError
        yield

    books.records = broken
    with pytest.raises(ExceptionGroup):
        await compared(shop, books)


async def test_totals_name_no_record_and_say_how_many_are_missing():
    shop, books = estate(but=[1001, 1002])
    outcome, told = await compared(shop, books, pair(depth="totals"))
    assert (outcome.standing, told, books.asked) == (Standing.DIFFERENT, [], [])
    count = next(look for look in outcome.looks if look.name == "count")
    assert (count.source, count.target) == ("200", "198")


async def test_totals_that_are_the_same_are_the_same_without_asking():
    outcome, _ = await compared(*estate(), pair(depth="totals"))
    assert outcome.standing is Standing.SAME


class Counting:
    """A system that only counts what changed since a moment."""

    def __init__(self, name, within, *, exact=True):
        self.name, self.lists = name, ()
        self._within, self._exact = within, exact

    async def count(self, entity, since):
        later = 7
        number = later if since == WINDOW.until else later + self._within
        return Counted(number=number, exact=self._exact)


COUNTS = {
    "as many": (100, 100, True, Standing.SAME),
    "fewer": (100, 97, True, Standing.DIFFERENT),
    "not exact": (100, 97, False, Standing.UNSURE),
    "not exact and as many": (100, 100, False, Standing.UNSURE),
}


@pytest.mark.parametrize("case", COUNTS.values(), ids=COUNTS.keys())
async def test_where_records_cannot_be_read_counts_do_if_they_are_exact(case):
    source, target, exact, standing = case
    shop, books = Counting("Shop", source), Counting("Books", target, exact=exact)
    outcome, _ = await compared(shop, books, pair(depth="totals"))
    assert outcome.standing is standing


async def test_records_of_a_system_without_lists_are_not_known():
    shop, books = Counting("Shop", 100), Counting("Books", 100)
    with pytest.raises(Unseen, match="offers no list of orders"):
        await compared(shop, books)


async def test_the_loop_stays_free_while_many_records_are_compared():
    """The longest time in which nothing else could run, while 30,000 records were compared."""
    held = orders(30_000)
    shop, books = Books("Shop", held), Books("Books", arrived(held, but=[1100]))
    async with Pulse() as pulse:
        outcome, told = await compared(shop, books)
    assert [each.key for each in told] == ["1100"]
    assert outcome.source.records == 30_000
    assert pulse.longest < 0.5
