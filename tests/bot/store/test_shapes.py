"""What systems' answers looked like, day by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.store import Store, shapes
from checks.shapes.shape import Shape, shape_of

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rows(number: int, **more: object) -> Shape:
    return shape_of([{"id": n, "city": "Leeds", **more} for n in range(number)])


def look(store: Store, shape: Shape, at: datetime, list_id: str = "orders-1") -> None:
    with store.writing() as db:
        shapes.add_look(db, "shop", list_id, "orders", shape, at)


def test_what_is_kept_comes_back_as_it_was(store: Store) -> None:
    shape = shape_of([{"id": 1, "city": None, "lines": [{"sku": "A"}], "paid": True}] * 30)
    look(store, shape, NOON)
    (known,) = shapes.find_shapes(store.db)
    assert (known.system, known.id, known.what, known.at) == ("shop", "orders-1", "orders", NOON)
    assert known.now == shape
    assert known.before == ()


def test_earlier_days_are_apart_from_the_newest_look(store: Store) -> None:
    look(store, rows(30), NOON - 2 * DAY)
    look(store, rows(10), NOON - DAY)
    look(store, rows(15), NOON - DAY + HOUR)
    look(store, rows(40), NOON)
    (known,) = shapes.find_shapes(store.db)
    assert [each["[].id"].of for each in known.before] == [30, 25]
    assert known.now["[].id"].of == 40


def test_a_look_that_saw_too_little_is_added_to(store: Store) -> None:
    for hour, number in enumerate((5, 7, 9, 6)):
        look(store, rows(number), NOON + hour * HOUR)
    (known,) = shapes.find_shapes(store.db)
    assert known.now["[].id"].of == 6, "5 + 7 + 9 are enough, so the next began anew"


def test_what_is_asked_differently_is_another_list(store: Store) -> None:
    look(store, rows(30), NOON - DAY)
    look(store, rows(30, gift=True), NOON, "orders-2")
    assert [each.id for each in shapes.find_shapes(store.db)] == ["orders-1", "orders-2"]


def test_what_is_two_weeks_old_is_forgotten(store: Store) -> None:
    look(store, rows(30), NOON - 20 * DAY, "old")
    look(store, rows(30), NOON - 15 * DAY)
    look(store, rows(30), NOON - 13 * DAY)
    look(store, rows(30), NOON)
    with store.writing() as db:
        shapes.prune(db, NOON)
    (known,) = shapes.find_shapes(store.db)
    assert len(known.before) == 1
