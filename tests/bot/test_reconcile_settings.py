"""`[[reconcile]]`: what it becomes, and what is refused in one sentence."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from bot.reconcile_settings import ReconcileSettings
from checks.reconcile.model import Field, Kind, Side, Tolerance

WHOLE = """
name = "Orders to Business Central"
source = { system = "shop", key_prefix = "#", currency = "gbp" }
every = "1d"
may_differ_share = 0.001
sums_within = "0.05"

[target]
system = "bc-live"
place = "salesOrders"
also_in = ["salesInvoices"]
timezone = "Europe/London"

[[field]]
name = "total"
kind = "money"
currency = "currency"
within = "0.01"

[[field]]
name = "currency"
target = "currencyCode"

[[field]]
name = "street"
limit = 50
personal = true

[[field]]
name = "due"
kind = "instant"
within = "1m"
"""


def settings(**told):
    start = {"name": "orders", "source": "shop", "target": "books"}
    return ReconcileSettings.model_validate(start | told)


def test_a_section_becomes_a_pairing():
    found = ReconcileSettings.model_validate(tomllib.loads(WHOLE)).pairing()
    assert found.source == Side(system="shop", key_prefix="#", currency="GBP", zone=ZoneInfo("UTC"))
    assert found.target.places == ("salesOrders", "salesInvoices")
    assert found.target.zone == ZoneInfo("Europe/London")
    assert found.tolerance == Tolerance(share=0.001, amount=Decimal("0.05"))
    assert found.fields == (
        Field(name="total", kind=Kind.MONEY, currency="currency", amount_within=Decimal("0.01")),
        Field(name="currency", target="currencyCode"),
        Field(name="street", limit=50, personal=True),
        Field(name="due", kind=Kind.INSTANT, instant_within=timedelta(minutes=1)),
    )


def test_a_system_is_named_by_its_name_alone():
    assert settings().pairing().source.system == "shop"


def test_windows_are_those_of_the_estate():
    now = datetime(2026, 7, 2, 12, tzinfo=UTC)
    (window,) = settings(every="1d", settle="2h").ripe(ZoneInfo("Europe/London"), None, now)
    assert window.since == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert window.settle == timedelta(hours=2)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        pytest.param({"every": "7h"}, "what divides a day", id="no part of a day"),
        pytest.param({"every": "5m"}, "what divides a day", id="too short"),
        pytest.param({"settle": "2d"}, "at most 1d", id="settles too long"),
        pytest.param({"target": "shop"}, "another system", id="with itself"),
        pytest.param({"sums_within": 0.01}, "in quotes", id="an inexact amount"),
        pytest.param({"may_differ_share": 1}, "less than 1", id="all may differ"),
        pytest.param({"depth": "deep"}, "records", id="no depth"),
        pytest.param({"source": {"system": "a", "colour": 1}}, "Extra", id="an unknown key"),
        pytest.param({"field": [{"name": "a"}, {"name": "a"}]}, "stands there twice", id="twice"),
        pytest.param(
            {"field": [{"name": "a", "kind": "money", "currency": "b"}]},
            "'b', the currency of 'a', is no text here",
            id="a currency that is not there",
        ),
        pytest.param(
            {"field": [{"name": "a", "kind": "money", "limit": 5}]}, "for text only", id="limit"
        ),
        pytest.param({"field": [{"name": "a", "currency": "b"}]}, "for money only", id="currency"),
        pytest.param(
            {"field": [{"name": "a", "within": "1"}]}, "money and instants", id="within of text"
        ),
        pytest.param(
            {"field": [{"name": "a", "kind": "money", "within": "1m"}]},
            "an amount such as",
            id="within of money",
        ),
        pytest.param(
            {"field": [{"name": "a", "kind": "instant", "within": "0.1"}]},
            "expected a duration",
            id="within of times",
        ),
    ],
)
def test_what_does_not_go_is_refused_in_a_sentence(told, sentence):
    with pytest.raises(ValidationError) as refused:
        settings(**told)
    assert sentence in " ".join(error["msg"] for error in refused.value.errors())
