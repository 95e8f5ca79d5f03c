"""The traps of comparing two systems: each invents a loss unless somebody thought of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from checks.reconcile.compare import Again
from checks.reconcile.model import DifferenceKind, Doubt, Side, Standing, Tolerance
from tests.checks.reconcile.cases import (
    FIELDS,
    READ_AT,
    SINCE,
    UNTIL,
    WINDOW,
    compare,
    order,
    pairing,
    shown,
)

MINUTE = timedelta(minutes=1)
BUSINESS_CENTRAL = pairing(
    target=Side(system="bc", place="salesOrders", also_in=("salesInvoices", "salesShipments"))
)
TELLS_NO_CURRENCY = pairing(target=Side(system="ship", place="orders", currency="GBP"))
NUMBERED = pairing(source=Side(system="shop", key_prefix="#WEB-"))


@pytest.mark.parametrize(
    ("paired", "told", "held"),
    [
        pytest.param(pairing(), {"total": "12.5"}, {"total": "12.5000"}, id="trailing zeros"),
        pytest.param(pairing(), {"total": 0.1}, {"total": "0.10"}, id="a float of JSON"),
        pytest.param(pairing(), {"total": "-0.00"}, {"total": 0}, id="minus nought"),
        pytest.param(
            pairing(),
            {"due": "2026-07-01T10:00:00+01:00"},
            {"due": "2026-07-01T09:00:00Z"},
            id="an offset",
        ),
        pytest.param(
            pairing(
                target=Side(system="books", place="salesOrders", zone=ZoneInfo("Europe/London"))
            ),
            {"due": "2026-07-01T09:00:00Z"},
            {"due": "2026-07-01 10:00:00"},
            id="local summer time without an offset",
        ),
        pytest.param(
            pairing(),
            {"due": "2026-07-01T09:00:00.987Z"},
            {"due": "2026-07-01T09:00:00Z"},
            id="parts of a second that one system does not keep",
        ),
        pytest.param(
            pairing(),
            {"street": "Caf\u00e9 Z\u00fcrich"},
            {"street": "Cafe\u0301 Zu\u0308rich"},
            id="unicode forms",
        ),
        pytest.param(pairing(), {"street": " 1 High St "}, {"street": "1 High St"}, id="blanks"),
        pytest.param(pairing(), {"street": "a\r\nb"}, {"street": "a\nb"}, id="line ends"),
        pytest.param(pairing(), {"note": None}, {"note": ""}, id="nothing and empty"),
        pytest.param(pairing(), {"lines": 3.0}, {"lines": "003"}, id="whole numbers"),
        pytest.param(
            pairing(), {"e_mail": "Ann@x.com"}, {"e_mail": "ann@X.com"}, id="case, personal"
        ),
        pytest.param(
            TELLS_NO_CURRENCY, {"currency": "gbp"}, {"currency": None}, id="one currency for all"
        ),
    ],
)
def test_values_that_mean_the_same_do_not_differ(paired, told, held):
    outcome, found = compare([order("1", **told)], [order("1", **held)], paired=paired)
    assert found == []
    assert outcome.standing is Standing.SAME


@pytest.mark.parametrize(
    ("paired", "source", "target", "found"),
    [
        pytest.param(pairing(ignore_case=True), "so-1a", "SO-1A", [], id="case that is ignored"),
        pytest.param(
            pairing(),
            "so-1a",
            "SO-1A",
            [("missing in source", "SO-1A", ""), ("missing in target", "so-1a", "")],
            id="case that matters",
        ),
        pytest.param(NUMBERED, "#WEB-1001", "1001", [], id="what stands before it"),
        pytest.param(pairing(), 1001, "1001", [], id="a number and its digits"),
        pytest.param(pairing(), "00123", 123, [("type changed", "00123", "key")], id="zeros lost"),
        pytest.param(pairing(ignore_zeros=True), "00123", 123, [], id="zeros that are ignored"),
        pytest.param(pairing(), "Caf\u00e9", "Cafe\u0301", [], id="unicode forms"),
    ],
)
def test_keys_match_as_the_settings_say(paired, source, target, found):
    outcome, differences = compare([order(source)], [order(target)], paired=paired)
    assert shown(differences) == found
    assert outcome.standing is (Standing.DIFFERENT if found else Standing.SAME)


def test_a_posted_order_is_not_lost():
    source = [order("1"), order("2")]
    target = [order("1"), order("INV-7", place="salesInvoices")]
    target[1] = replace(order("2"), place="salesInvoices", id="INV-7")
    outcome, found = compare(source, target, paired=BUSINESS_CENTRAL)
    assert found == []
    assert (outcome.source.records, outcome.target.records) == (2, 2)


def test_an_order_invoiced_in_two_parts_is_neither_lost_nor_twice_nor_of_another_amount():
    parts = [
        replace(order("1", total=total), place="salesInvoices", id=total) for total in ("5", "7.5")
    ]
    outcome, found = compare([order("1")], parts, paired=BUSINESS_CENTRAL)
    assert found == []
    assert outcome.presence_only == 1
    assert outcome.source.sums == outcome.target.sums
    assert {look.standing for look in outcome.looks} == {Standing.SAME}


def test_a_partly_posted_order_is_compared_as_it_stands():
    posted = replace(order("1", total="5"), place="salesInvoices", id="INV")
    _, found = compare([order("1")], [posted, order("1")], paired=BUSINESS_CENTRAL)
    assert found == []


def test_nothing_is_surely_lost_while_a_list_was_not_read_to_the_end():
    outcome, found = compare([order("1")], [], whole=False, asked=False)
    assert [each.doubt for each in found] == [Doubt.NOT_ASKED_AGAIN]
    assert outcome.standing is Standing.UNSURE
    assert "orders of books (salesOrders) were not read to the end" in outcome.doubts


def test_what_was_read_of_lists_that_go_on_is_not_called_the_same():
    outcome, found = compare([order("1")], [order("1")], whole=False)
    assert found == []
    assert outcome.standing is Standing.UNSURE


def test_what_paging_missed_is_found_when_asked_for_again():
    source = [order("1"), order("2")]
    again = Again(at=READ_AT, source={"2": [order("2")]}, target={"2": [order("2")]})
    outcome, found = compare(source, [order("1")], again=again)
    assert found == []
    assert (outcome.source.records, outcome.target.records) == (2, 2)
    assert outcome.standing is Standing.SAME


@pytest.mark.parametrize(
    ("asked", "doubt"),
    [
        pytest.param(False, Doubt.NOT_ASKED_AGAIN, id="not asked again"),
        pytest.param(True, Doubt.NOTHING, id="asked again"),
    ],
)
def test_records_that_tell_no_time_of_change_differ_surely_once_asked_again(asked, doubt):
    source = [replace(order("1", total="20"), changed_at=None)]
    _, (found,) = compare(source, [order("1")], asked=asked)
    assert (found.field, found.doubt) == ("total", doubt)


def test_to_ask_only_the_side_that_has_it_proves_nothing():
    again = Again(at=READ_AT, source={"2": [order("2")]})
    _, (found,) = compare([order("2")], [], again=again)
    assert found.doubt is Doubt.NOT_ASKED_AGAIN


def test_what_is_not_there_when_asked_for_again_is_lost():
    outcome, found = compare([order("1"), order("2")], [order("1")])
    assert shown(found) == [("missing in target", "2", "")]
    assert found[0].is_sure
    assert (
        outcome.looks[0].sentence == "2 counted of orders in shop, 1 of orders in books: 1 fewer."
    )
    assert outcome.standing is Standing.DIFFERENT


def test_a_record_seen_again_in_a_newer_version_is_one_record():
    changed = order("1", total="20", changed_at=SINCE + 40 * MINUTE)
    outcome, found = compare([order("1"), changed, order("1")], [changed], asked=False)
    assert found == []
    assert outcome.source.records == 1
    assert outcome.source.sums == outcome.target.sums


def test_two_versions_of_which_none_is_newer_settle_nothing_by_themselves():
    source = [order("1"), order("1", total="20")]
    outcome, found = compare(source, [order("1")], asked=False)
    assert {each.doubt for each in found} <= {Doubt.SEEN_CHANGING}
    assert outcome.standing is not Standing.DIFFERENT


@pytest.mark.parametrize(
    ("changed", "doubt"),
    [
        pytest.param(READ_AT - 31 * MINUTE, Doubt.NOTHING, id="long ago"),
        pytest.param(READ_AT - 29 * MINUTE, Doubt.CHANGED_LATELY, id="within the settle time"),
        pytest.param(READ_AT + MINUTE, Doubt.CHANGED_LATELY, id="while it was read"),
    ],
)
def test_what_changed_lately_may_still_be_on_its_way(changed, doubt):
    source = [order("1", total="20", changed_at=changed)]
    outcome, found = compare(source, [order("1")])
    assert [each.doubt for each in found] == [doubt]
    sure = doubt is Doubt.NOTHING
    assert outcome.standing is (Standing.DIFFERENT if sure else Standing.UNSURE)


def test_an_order_of_just_before_the_window_is_not_missing_in_the_source():
    late = order("1", at=SINCE + 5 * MINUTE)
    _, found = compare([order("1", at=SINCE - MINUTE)], [late])
    assert found == []


def test_an_order_of_just_before_the_end_may_arrive_after_it():
    outcome, found = compare([order("1", at=UNTIL - MINUTE)], [order("1", at=UNTIL + 9 * MINUTE)])
    assert found == []
    assert (outcome.source.records, outcome.target.records) == (1, 1)


def test_amounts_in_two_currencies_are_not_compared():
    outcome, found = compare([order("1")], [order("1", total="15.90", currency="USD")])
    assert shown(found) == [("value differs", "1", "currency")]
    summed = next(look for look in outcome.looks if look.name == "total")
    assert summed.standing is Standing.UNSURE
    assert "apart by" not in summed.sentence


def test_amounts_of_systems_with_two_currencies_of_their_own_are_not_compared():
    fields = (replace(FIELDS[0], currency=""),)
    paired = pairing(
        fields=fields,
        source=Side(system="shop", currency="GBP"),
        target=Side(system="books", currency="EUR"),
    )
    outcome, found = compare([order("1")], [order("1", total="15")], paired=paired)
    assert found == []
    assert [look.standing for look in outcome.looks if look.name == "total"] == [Standing.UNSURE]


def test_records_without_a_key_are_left_out_and_said():
    outcome, found = compare([order("1")], [order("1"), order(None, id="phone")])
    assert found == []
    assert outcome.notes == ("some orders of books have no key and were left out",)
    assert outcome.standing is Standing.SAME


@pytest.mark.parametrize(
    ("tolerance", "standing"),
    [
        pytest.param(Tolerance(), Standing.DIFFERENT, id="none"),
        pytest.param(Tolerance(records=1), Standing.SAME, id="one record"),
        pytest.param(Tolerance(share=0.1), Standing.SAME, id="a tenth"),
        pytest.param(Tolerance(share=0.05), Standing.DIFFERENT, id="a twentieth"),
    ],
)
def test_a_tolerance_lets_some_differ_and_still_lists_them(tolerance, standing):
    source = [order(str(number)) for number in range(10)]
    outcome, found = compare(source, source[1:], paired=pairing(tolerance=tolerance))
    assert len(found) == 1
    assert outcome.standing is standing


def test_a_flood_of_one_kind_hides_no_other_in_the_list():
    source = [order(f"{number:04}") for number in range(1, 400)]
    target = [order("0001", total="1")]
    outcome, found = compare(source, target, paired=pairing(listed=5, asked=50))
    assert len(found) == 399
    kinds = [each.kind for each in outcome.listed]
    assert kinds.count(DifferenceKind.MISSING_IN_TARGET) == 5
    assert DifferenceKind.VALUE_DIFFERS in kinds
    assert outcome.sure[DifferenceKind.MISSING_IN_TARGET] == 50
    assert outcome.doubtful[DifferenceKind.MISSING_IN_TARGET] == 348
    assert all(each.is_sure for each in outcome.listed)


def test_what_is_sure_is_listed_first():
    source = [order("1"), order("2", total="20")]
    outcome, _ = compare(source, [order("2")], asked=False)
    assert [(each.key, each.is_sure) for each in outcome.listed] == [("2", True), ("1", False)]


def test_both_sides_empty_are_the_same_and_say_so():
    outcome, _ = compare([], [])
    assert outcome.standing is Standing.SAME
    assert outcome.looks[0].sentence == "0 counted of orders in shop, 0 of orders in books."


def test_the_window_says_when_it_may_be_compared():
    assert not WINDOW.is_ripe(UNTIL + 31 * MINUTE)
    assert WINDOW.is_ripe(UNTIL + 32 * MINUTE)
