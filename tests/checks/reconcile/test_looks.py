"""The cheap looks say what they compared with what, and never trust what is not exact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from checks.connectors import dynamics, shopify
from checks.reconcile.looks import (
    Told,
    counted,
    look_at_counts,
    look_at_duplicates,
    look_at_freshness,
    look_at_sums,
)
from checks.reconcile.model import Standing, Summed, Tolerance
from checks.reconcile.values import leaves_whole
from tests.checks.connectors.sampled import answer

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHOP = Told(of="orders in shop", records=1000, keys=1000, newest_at=NOON)
BOOKS = Told(of="orders in books", records=997, keys=997, newest_at=NOON - timedelta(minutes=40))
SAME, DIFFERENT, UNSURE = Standing.SAME, Standing.DIFFERENT, Standing.UNSURE


@pytest.mark.parametrize(
    ("source", "target", "tolerance", "standing"),
    [
        pytest.param(SHOP, BOOKS, Tolerance(), DIFFERENT, id="three fewer"),
        pytest.param(SHOP, BOOKS, Tolerance(records=3), SAME, id="three fewer are allowed"),
        pytest.param(BOOKS, SHOP, Tolerance(), DIFFERENT, id="three more"),
        pytest.param(SHOP, SHOP, Tolerance(), SAME, id="as many"),
        pytest.param(replace(SHOP, exact=False), BOOKS, Tolerance(), UNSURE, id="capped at source"),
        pytest.param(SHOP, replace(SHOP, exact=False), Tolerance(), UNSURE, id="capped at target"),
    ],
)
def test_counts(source, target, tolerance, standing):
    look = look_at_counts(source, target, tolerance)
    assert look.standing is standing
    assert bool(look.doubt) == (standing is UNSURE)


def test_a_count_says_what_it_compared():
    look = look_at_counts(SHOP, BOOKS, Tolerance())
    assert look.sentence == "1,000 counted of orders in shop, 997 of orders in books: 3 fewer."


def test_an_inexact_count_says_whose_it_is():
    look = look_at_counts(replace(SHOP, exact=False), BOOKS, Tolerance())
    assert look.doubt == "orders in shop does not tell an exact number"


def summed(told, **sums):
    return replace(told, sums={currency: Decimal(amount) for currency, amount in sums.items()})


@pytest.mark.parametrize(
    ("source", "target", "standing"),
    [
        pytest.param({"GBP": "10.50"}, {"GBP": "10.5"}, SAME, id="the same"),
        pytest.param({"GBP": "10.50"}, {"GBP": "10.49"}, DIFFERENT, id="a penny"),
        pytest.param({"GBP": "10.50"}, {"USD": "10.50"}, UNSURE, id="another currency"),
        pytest.param({"GBP": "1", "EUR": "2"}, {"GBP": "1"}, UNSURE, id="a currency on one side"),
        pytest.param({"GBP": "1", "EUR": "2"}, {"GBP": "9"}, DIFFERENT, id="and another amount"),
        pytest.param({"": "10"}, {"": "11"}, UNSURE, id="no told currency"),
        pytest.param({}, {}, SAME, id="nothing"),
    ],
)
def test_sums(source, target, standing):
    look = look_at_sums(summed(SHOP, **source), summed(BOOKS, **target), Tolerance())
    assert look.standing is standing


def test_a_sum_of_an_inexact_side_settles_nothing():
    look = look_at_sums(
        replace(summed(SHOP, GBP=5), exact=False), summed(BOOKS, GBP=4), Tolerance()
    )
    assert look.standing is UNSURE


def test_a_sum_says_by_how_much_it_is_apart():
    look = look_at_sums(summed(SHOP, GBP="1234.50"), summed(BOOKS, GBP="34.5"), Tolerance())
    assert look.sentence == (
        "1,234.50 GBP of orders in shop against 34.5 GBP of orders in books, apart by 1,200.00 GBP."
    )


@pytest.mark.parametrize(
    ("lag", "standing"),
    [
        pytest.param(timedelta(minutes=40), SAME, id="as late as it may be"),
        pytest.param(timedelta(minutes=39), DIFFERENT, id="later"),
    ],
)
def test_freshness(lag, standing):
    look = look_at_freshness(SHOP, BOOKS, lag)
    assert look.standing is standing
    assert look.sentence == (
        "The newest of orders in books is 40 min older than the newest of orders in shop."
    )


def test_freshness_that_is_not_told_settles_nothing():
    look = look_at_freshness(SHOP, replace(BOOKS, newest_at=None), timedelta(hours=1))
    assert look.standing is UNSURE


@pytest.mark.parametrize(
    ("source", "target", "standing"),
    [
        pytest.param(SHOP, BOOKS, SAME, id="none"),
        pytest.param(SHOP, replace(BOOKS, keys=995), DIFFERENT, id="two in the target"),
        pytest.param(replace(SHOP, keys=990), replace(BOOKS, keys=990), SAME, id="in the source"),
        pytest.param(SHOP, replace(BOOKS, keys=None), UNSURE, id="not told"),
        pytest.param(SHOP, replace(BOOKS, keys=990, exact=False), UNSURE, id="inexact"),
    ],
)
def test_duplicates(source, target, standing):
    assert look_at_duplicates(source, target).standing is standing


SHOPIFY = '{"data":{"ordersCount":{"count":10000,"precision":"%s"}}}'
PARTS = (
    '{"responses":[{"id":"salesOrders","status":200,"body":{"@odata.count":4}},'
    '{"id":"salesInvoices","status":200,"body":{"@odata.count":9996}}]}'
)


@pytest.mark.parametrize(
    ("connector", "body", "standing"),
    [
        pytest.param(shopify.CONNECTORS[0], SHOPIFY % "EXACT", SAME, id="Shopify, exact"),
        pytest.param(shopify.CONNECTORS[0], SHOPIFY % "AT_LEAST", UNSURE, id="Shopify, capped"),
        pytest.param(dynamics.BUSINESS_CENTRAL, PARTS, UNSURE, id="orders and invoices of BC"),
    ],
)
def test_only_a_count_that_its_connector_calls_exact_is_used(connector, body, standing):
    (count,) = (each for each in connector.counts if each.entity == "orders")
    told = counted("orders in the shop", count.read(answer(body=body)))
    assert told.records == 10_000
    books = replace(SHOP, records=10_000)
    assert look_at_counts(told, books, Tolerance()).standing is standing


def test_sums_are_told_as_figures_with_every_digit():
    ours, theirs = "1234567890123456789.01", "1234567890123456789.02"
    look = look_at_sums(summed(SHOP, GBP=ours, EUR="1e-25"), summed(BOOKS, GBP=theirs), Tolerance())
    assert "apart by 0.01 GBP" in look.sentence
    assert look.sums == (
        Summed(currency="EUR", source=None, target=None),
        Summed(currency="GBP", source=Decimal(ours), target=Decimal(theirs)),
    )


@pytest.mark.parametrize(
    ("amount", "leaves"),
    [
        ("9" * 20 + "." + "9" * 18, True),
        ("9" * 21, False),
        ("1E+20", False),
        ("1E+19", True),
        ("0." + "0" * 17 + "1", True),
        ("0." + "0" * 18 + "1", False),
        ("0.1" + "0" * 30, True),
        ("0", True),
    ],
)
def test_a_sum_leaves_where_a_type_of_38_digits_has_room(amount, leaves):
    assert leaves_whole(Decimal(amount)) is leaves
