"""Which changes of shape are told, and which are none."""

from __future__ import annotations

import random
from collections.abc import Mapping
from decimal import Decimal

import pytest

from checks.shapes.compare import ENOUGH, Change, altered, can_be_judged
from checks.shapes.shape import shape_of

Row = dict[str, object]
CITIES = ("Leeds", "Bristol", "Stoke-on-Trent", "York", "Kingston upon Hull")


def orders(number: int = 60, **changed: object) -> list[Row]:
    """Orders; a name given as None is left out, "" empties it, anything else takes its place."""
    rows: list[Row] = []
    for n in range(number):
        row: Row = {
            "name": f"#{1000 + n}",
            "total": Decimal(n) / 3,
            "address": {"city": CITIES[n % len(CITIES)], "postcode": "LS1 4AB"},
        }
        for name, value in changed.items():
            if value is None:
                del row[name]
            else:
                row[name] = value
        rows.append(row)
    return rows


CASES: Mapping[str, tuple[list[Row], list[Row], list[tuple[str, Change]]]] = {
    "nothing changed": (orders(), orders(), []),
    "a field vanished": (orders(), orders(total=None), [("[].total", Change.VANISHED)]),
    "an object vanished with all in it": (
        orders(),
        orders(address=None),
        [("[].address", Change.VANISHED)],
    ),
    "a field is new": (orders(), orders(gift=True), []),
    "a number became a text": (orders(), orders(total="12.50"), [("[].total", Change.OTHER_KIND)]),
    "a broken number became a whole one": (orders(), orders(total=12), []),
    "a field is empty now": (orders(), orders(name=""), [("[].name", Change.EMPTIED)]),
    "too few to tell": (orders(), orders(ENOUGH - 1, total=None), []),
    "too few before": (orders(ENOUGH - 1), orders(total=None), []),
    "just enough": (orders(ENOUGH), orders(ENOUGH, total=None), [("[].total", Change.VANISHED)]),
    "it was not always there": (
        [*orders(55), *orders(5, total=None)],
        orders(total=None),
        [],
    ),
    "one is missing it": (orders(), [*orders(59), *orders(1, total=None)], []),
    "it was often empty before": ([*orders(30), *orders(30, name="")], orders(name=""), []),
}


@pytest.mark.parametrize(("before", "now", "told"), CASES.values(), ids=CASES.keys())
def test_a_change_is_told(
    before: list[Row], now: list[Row], told: list[tuple[str, Change]]
) -> None:
    found = altered([shape_of(before)], shape_of(now))
    assert [(each.path, each.change) for each in found] == told


def texts(lengths: list[int]) -> list[Row]:
    return [{"line": "x" * length} for length in lengths]


SPREAD = [random.Random(n).randint(5, 40) for n in range(300)]
CUT = [min(length, 30) for length in SPREAD]


def test_texts_that_pile_up_at_one_length_may_be_cut() -> None:
    (found,) = altered([shape_of(texts(SPREAD[:200]))], shape_of(texts(CUT[:200])))
    assert (found.change, found.path, found.certain) == (Change.AT_LIMIT, "[].line", False)
    assert found.now == f"{CUT[:200].count(30)} of 200 exactly 30 characters long, none longer"


def test_texts_that_always_piled_up_are_nothing_new() -> None:
    assert not altered([shape_of(texts(CUT[:200]))], shape_of(texts(CUT[100:])))


def test_codes_of_one_length_are_not_cut() -> None:
    assert not altered([shape_of(texts(SPREAD[:200]))], shape_of(texts([20] * 200)))


@pytest.mark.parametrize(("limit", "told"), [(20, True), (21, False)], ids=["full", "room left"])
def test_where_the_room_is_known_one_full_text_is_told(limit: int, told: bool) -> None:
    now = shape_of(texts([5, 9, 20, 12] * 10))
    found = altered([now], now, {"[].line": limit})
    assert [each.change for each in found] == ([Change.AT_LIMIT] if told else [])


def test_a_change_stays_one_while_a_day_before_it_is_remembered() -> None:
    good, bad = shape_of(orders()), shape_of(orders(total=None))
    assert altered([good, bad, bad, bad], bad)
    assert not altered([bad, bad], bad)


def test_the_order_of_days_does_not_matter() -> None:
    days = [shape_of(orders(n, total=n)) for n in (30, 60, 90)] + [shape_of(orders(name=""))]
    now = shape_of(orders(total=None))
    assert altered(days, now) == altered(days[::-1], now)


def test_nothing_is_judged_from_a_handful() -> None:
    few, many = shape_of(orders(3)), shape_of(orders(40))
    assert can_be_judged([many], many)
    assert not can_be_judged([few], many)
    assert not can_be_judged([many], few)
    assert not can_be_judged([], many)
