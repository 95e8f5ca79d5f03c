"""What an answer looks like, and how looks add up."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from checks.shapes.shape import MOST_PATHS, Field, Kind, leaf, shape_of, together

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
ROWS = st.lists(st.dictionaries(st.sampled_from("abcde"), VALUES, max_size=5), max_size=8)


def test_a_field_says_how_often_it_was_there_and_filled() -> None:
    rows = [{"id": 1, "name": "Ada"}, {"id": 2, "name": None}, {"id": 3}, {"id": 4, "name": ""}]
    seen = shape_of(rows)
    assert seen["[].id"] == Field(of=4, present=4, kinds={Kind.NUMBER: 4})
    assert seen["[].name"] == Field(of=4, present=3, empty=2, kinds={Kind.TEXT: 1}, lengths={3: 1})


def test_a_field_that_comes_late_was_missing_before() -> None:
    assert shape_of([{"id": 1}, {"id": 2}, {"id": 3, "gift": True}])["[].gift"].of == 3


def test_objects_within_objects_and_lists_have_places_of_their_own() -> None:
    seen = shape_of({"order": {"lines": [{"sku": "A"}, {"sku": "B"}], "total": Decimal("9.90")}})
    assert {path: each.of for path, each in seen.items()} == {
        "order": 1,
        "order.lines": 1,
        "order.total": 1,
        "order.lines[].sku": 2,
    }
    assert seen["order.lines"].kinds == {Kind.LIST: 1}


def test_whole_and_broken_numbers_are_one_kind_and_yes_is_none() -> None:
    kinds = shape_of([{"v": 1}, {"v": 1.5}, {"v": Decimal(2)}, {"v": True}])["[].v"].kinds
    assert kinds == {Kind.NUMBER: 3, Kind.TRUTH: 1}


def test_an_object_that_is_used_as_a_map_does_not_fill_the_memory() -> None:
    assert len(shape_of({f"key {n}": {"a": n} for n in range(5 * MOST_PATHS)})) == MOST_PATHS


def test_no_value_is_kept() -> None:
    assert "Ada" not in repr(shape_of([{"name": "Ada Lovelace", "street": "12 Ada Road"}]))


@given(rows=ROWS)
def test_a_field_is_there_no_oftener_than_what_holds_it(rows: list[dict[str, object]]) -> None:
    for field in shape_of(rows).values():
        assert 0 <= field.empty <= field.present <= field.of
        assert sum(field.kinds.values()) == field.filled


@given(one=ROWS, other=ROWS)
def test_two_looks_at_known_fields_are_as_one(
    one: list[dict[str, object]], other: list[dict[str, object]]
) -> None:
    """In any order; a field that only one of them has was looked for in that one alone."""
    both, swapped = (
        together(shape_of(one), shape_of(other)),
        together(shape_of(other), shape_of(one)),
    )
    assert both == swapped
    whole = shape_of([*one, *other])
    assert {path: each.present for path, each in both.items()} == {
        path: each.present for path, each in whole.items()
    }


def test_people_call_a_field_by_its_last_name() -> None:
    assert [leaf(path) for path in ("[].a.b", "a", "a.tags[]")] == ["b", "a", "tags"]
