"""What `[[reconcile]]` may name, what it may not, and what of a person's is never shown."""

from __future__ import annotations

import pytest

from bot.reconcile_faults import reconcile_faults
from bot.settings import load_settings
from checks.reconcile.showing import Keys
from tests.bot.reconciling.estate import pair
from tests.bot.reconciling.test_forgetting import SETTINGS

SYSTEMS = [
    {"kind": "shopify", "name": "shop"},
    {"kind": "business_central", "name": "bc"},
    {"kind": "dotdigital", "name": "mail"},
]


def faults(**told):
    start = {"name": "Orders", "source": "shop", "target": {"system": "bc", "place": "salesOrders"}}
    return list(reconcile_faults({"system": SYSTEMS, "reconcile": [start | told]}))


def test_what_both_systems_offer_is_no_fault():
    assert faults() == []
    assert (
        faults(target={"system": "bc", "place": "salesOrders", "also_in": ["salesInvoices"]}) == []
    )


REFUSED = {
    "an unknown system": ({"source": "shopp"}, ["source names 'shopp'; did you mean 'shop'?"]),
    "a list that it has not": (
        {"target": {"system": "bc", "place": "parcels"}},
        ["target has no list 'parcels'; expected one of", "salesOrders"],
    ),
    "a list that records would move to": (
        {"target": {"system": "bc", "place": "salesOrders", "also_in": ["bills"]}},
        ["has no list 'bills'"],
    ),
    "records that it has not": ({"entity": "parcels"}, ["source has no list 'parcels'"]),
    "a system that lists nothing": (
        {"source": "mail"},
        ["lists no records one by one", 'expected depth = "totals"'],
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_a_name_that_leads_nowhere_is_one_sentence(case):
    told, said = case
    found = faults(**told)
    assert all(part in found[0] for part in said), found


def test_totals_may_do_with_counts():
    assert faults(source="mail", depth="totals") == []


def test_tracked_data_is_a_side_too():
    assert faults(source={"system": "patchworks", "place": "received"}) == []


@pytest.mark.parametrize("odd", [None, 7, [], "x", [7], [{"source": 7, "target": ["x"]}]])
def test_what_is_no_section_is_left_to_its_own_fault(odd):
    assert list(reconcile_faults({"system": odd, "reconcile": odd})) == []


def test_the_sections_join_the_settings(tmp_path):
    path = tmp_path / "seamwatch.toml"
    path.write_text(SETTINGS + '[privacy]\nkeys = "masked"\n')
    environ = {"T": "xoxb-1", "A": "xapp-1", "K": "k" * 30, "S": "shpat_x"}
    settings = load_settings(path, environ)
    assert [each.name for each in settings.reconcile] == ["Orders to the books"]
    assert settings.privacy.keys is Keys.MASKED


PERSONAL = {
    "an e-mail": {"name": "email"},
    "a street, by its path": {"name": "line one", "source": "shippingAddress.address1"},
    "a customer's name": {"name": "buyer", "target": "customerName"},
    "a phone": {"name": "mobile number"},
}
HARMLESS = {
    "a total": {"name": "total"},
    "an order's name, as Shopify calls its number": {"name": "number", "source": "name"},
    "a reference": {"name": "reference", "target": "externalDocumentNumber"},
}


def is_personal(field):
    [made] = pair(field=[field]).pairing().fields
    return made.personal


@pytest.mark.parametrize("field", PERSONAL.values(), ids=PERSONAL.keys())
def test_a_field_whose_name_is_about_a_person_is_personal(field):
    assert is_personal(field)
    assert not is_personal(field | {"personal": False})


@pytest.mark.parametrize("field", HARMLESS.values(), ids=HARMLESS.keys())
def test_other_fields_are_not(field):
    assert not is_personal(field)
    assert is_personal(field | {"personal": True})
