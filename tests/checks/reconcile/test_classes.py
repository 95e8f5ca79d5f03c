"""How two values differ: cut off, of another type, or simply different."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from checks.reconcile.classes import Lengths, class_of, cuts
from checks.reconcile.model import DifferenceKind, Field, Kind
from tests.checks.reconcile.cases import compare, order, pairing, shown

TRUNCATED, CHANGED = DifferenceKind.TRUNCATED, DifferenceKind.TYPE_CHANGED
DIFFERS = DifferenceKind.VALUE_DIFFERS


@pytest.mark.parametrize(
    ("source", "target", "limit", "kind"),
    [
        pytest.param("12 Long Acre Road", "12 Long Ac", 10, TRUNCATED, id="at the limit"),
        pytest.param("12 Long Acre Road", "12 Long", 8, TRUNCATED, id="at a blank, trimmed"),
        pytest.param("12 Long Acre Road", "12 Lo", 10, DIFFERS, id="shorter than the limit"),
        pytest.param("12 Long Acre Road", "12 Long Ac", None, DIFFERS, id="no limit known"),
        pytest.param("12 Long Acre Road", "12 Short A", 10, DIFFERS, id="no beginning of it"),
        pytest.param("12 Long Ac", "12 Long Acre Road", 10, DIFFERS, id="longer than it was"),
        pytest.param("Zürich Öst", "Zürich", 8, TRUNCATED, id="at a limit of bytes"),
        pytest.param("🎁🎁🎁🎁", "🎁🎁", 4, TRUNCATED, id="at a limit of UTF-16 units"),
        pytest.param("Blue cotton shirt", "Blue cott…", None, TRUNCATED, id="an ellipsis"),
        pytest.param("Blue cotton shirt", "Blue co...", None, TRUNCATED, id="three points"),
        pytest.param("Wait and see", "...", None, DIFFERS, id="nothing but points"),
        pytest.param("Blue cotton shirt", "", 0, DIFFERS, id="nothing left is no cut"),
        pytest.param("00123", "123", None, CHANGED, id="leading zeros"),
        pytest.param("1.10", "1.1", None, CHANGED, id="trailing zeros of a text"),
        pytest.param("+44123", "44123", None, CHANGED, id="a plus sign"),
        pytest.param("4006381333931", "4.00638E+12", None, CHANGED, id="as a spreadsheet shows it"),
        pytest.param("9007199254740993", "9007199254740992", None, CHANGED, id="as a double"),
        pytest.param("9007199254740993", "9007199254740994", None, DIFFERS, id="another number"),
        pytest.param("1000", "1001", None, DIFFERS, id="another short number"),
        pytest.param("true", "1", None, CHANGED, id="a truth as a number"),
        pytest.param("true", "0", None, DIFFERS, id="another truth"),
        pytest.param("12E3", "12000", None, CHANGED, id="a code read as a number"),
        pytest.param("1" * 50, "1" * 49, 49, TRUNCATED, id="digits too long to be a number"),
    ],
)
def test_how_texts_differ(source, target, limit, kind):
    assert class_of(Field(name="x", limit=limit), source, target, Lengths()) is kind


@pytest.mark.parametrize(
    ("kind", "source", "target", "found"),
    [
        pytest.param(Kind.MONEY, "12.5", "12.51", DIFFERS, id="a penny"),
        pytest.param(Kind.MONEY, "12.5", "12,50", CHANGED, id="a comma for the point"),
        pytest.param(Kind.MONEY, "12.5", "1e999999999", CHANGED, id="a monstrous number"),
        pytest.param(Kind.MONEY, "12.5", "NaN", CHANGED, id="no number"),
        pytest.param(Kind.MONEY, "12.5", "", DIFFERS, id="nothing"),
        pytest.param(Kind.INTEGER, "3", "4", DIFFERS, id="another number"),
        pytest.param(Kind.INTEGER, "3", "3.5", CHANGED, id="no whole number any more"),
        pytest.param(Kind.INSTANT, "2026-11-21T10:00:00Z", "2026-11-21T10:00:01Z", None, id="1 s"),
        pytest.param(
            Kind.INSTANT, "2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z", DIFFERS, id="an hour"
        ),
        pytest.param(Kind.INSTANT, "2026-11-21T10:00:00Z", "21/11/2026", CHANGED, id="a date"),
        pytest.param(Kind.INSTANT, "soon", "later", DIFFERS, id="neither is a time"),
    ],
)
def test_how_other_values_differ(kind, source, target, found):
    assert class_of(Field(name="x", kind=kind), source, target, Lengths()) is found


def test_a_field_may_allow_a_difference():
    money = Field(name="x", kind=Kind.MONEY, amount_within=Decimal("0.01"))
    assert class_of(money, "12.5", "12.51", Lengths()) is None
    assert class_of(money, "12.5", "12.52", Lengths()) is DIFFERS
    instant = Field(name="x", kind=Kind.INSTANT, instant_within=timedelta(minutes=1))
    assert class_of(instant, "2026-11-21T10:00:00Z", "2026-11-21T10:01:00Z", Lengths()) is None


@pytest.mark.parametrize(
    ("sources", "kind"),
    [
        pytest.param(["alphabet", "breakfast", "countryside"], TRUNCATED, id="three values"),
        pytest.param(["alphabet", "breakfast", "breakfast"], DIFFERS, id="two values"),
    ],
)
def test_three_values_cut_to_one_length_tell_a_limit_that_nobody_declared(sources, kind):
    source = [order(str(place), note=note) for place, note in enumerate(sources)]
    target = [order(str(place), note=note[:5]) for place, note in enumerate(sources)]
    _, found = compare(source, target)
    assert {each.kind for each in found} == {kind}
    assert len(found) == 3


def test_another_value_of_the_length_to_which_others_are_cut_is_not_cut():
    notes = {"alphabet": "alpha", "breakfast": "break", "countryside": "count", "dinner": "lunch"}
    _, found = compare(
        [order(str(place), note=note) for place, note in enumerate(notes)],
        [order(str(place), note=note) for place, note in enumerate(notes.values())],
    )
    assert [each.key for each in found if each.kind is DIFFERS] == ["3"]


def test_values_cut_to_several_lengths_are_simply_different():
    source = [order(str(place), note="a long note to be cut") for place in range(5)]
    target = [
        order(str(place), note="a long note to be cut"[: 4 + 3 * place]) for place in range(5)
    ]
    _, found = compare(source, target)
    assert {each.kind for each in found} == {DIFFERS}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("Jonathan Smithson", "shortened", id="cut at the limit"),
        pytest.param("Jonathan Smythe", "value differs", id="another name"),
    ],
)
def test_personal_values_are_told_cut_from_different_without_being_shown(name, kind):
    _, found = compare([order("1", name=name)], [order("1", name="Jonathan Smi")])
    assert shown(found) == [(kind, "1", "name")]
    assert (found[0].source_value, found[0].target_value) == (None, None)


def test_a_personal_value_that_is_gone_differs():
    _, found = compare([order("1", e_mail="ann@example.com")], [order("1", e_mail="")])
    assert shown(found) == [("value differs", "1", "e-mail")]
    assert "ann" not in repr(found)


def test_a_text_that_fits_is_cut_nowhere():
    assert cuts("short", 20) == frozenset()


@pytest.mark.parametrize(
    ("source", "target", "found"),
    [
        pytest.param(1, 2, [("duplicated", "1", "")], id="twice in the target"),
        pytest.param(2, 1, [("duplicated", "1", "")], id="twice in the source"),
        pytest.param(2, 2, [], id="twice in both"),
    ],
)
def test_records_with_one_key_are_duplicates_where_the_other_side_has_fewer(source, target, found):
    ours = [order("1", id=f"s{number}") for number in range(source)]
    theirs = [order("1", id=f"t{number}") for number in range(target)]
    outcome, differences = compare(ours, theirs)
    assert shown(differences) == found
    assert (outcome.source.records, outcome.target.records) == (source, target)


def test_a_duplicate_says_how_many_and_what_it_does_to_the_sum():
    ours, theirs = [order("1")], [order("1", id="a"), order("1", id="b")]
    outcome, (found,) = compare(ours, theirs)
    assert (found.source_value, found.target_value) == ("1", "2")
    assert outcome.target.sums == {("total", "GBP"): Decimal(25)}
    assert (outcome.source.repeats, outcome.target.repeats) == (0, 1)
    assert outcome.looks[-1].sentence == "1 of orders in books repeat a key, 0 of orders in shop."


def test_of_a_faithful_record_and_a_changed_duplicate_only_the_duplicate_is_told():
    _, found = compare([order("1")], [order("1", id="a"), order("1", id="b", total="99")])
    assert shown(found) == [("duplicated", "1", "")]


def test_of_several_with_one_key_the_one_that_has_no_equal_is_compared_with_what_is_left():
    ours = [order("1", id="a"), order("1", id="b", total="7")]
    theirs = [order("1", id="c"), order("1", id="d", total="8")]
    _, (found,) = compare(ours, theirs)
    assert (found.field, found.source_value, found.target_value) == ("total", "7", "8")


def test_the_differing_field_is_named_with_both_values():
    _, (found,) = compare([order("1", street="1 High St")], [order("1", street="2 High St")])
    assert (found.field, found.source_value, found.target_value) == (
        "street",
        "1 High St",
        "2 High St",
    )


def test_fields_may_have_other_names_in_each_system():
    field = Field(name="total", kind=Kind.MONEY, source="totalPrice", target="foreigntotal")
    ours, theirs = order("1", totalPrice="3"), order("1", foreigntotal="4")
    _, (found,) = compare([ours], [theirs], paired=pairing(fields=(field,)))
    assert (found.field, found.source_value, found.target_value) == ("total", "3", "4")
