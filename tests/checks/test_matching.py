"""Which connector reads the system that Patchworks names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.matching import kinds_of
from checks.systems import all_connectors

CONNECTORS = all_connectors()


@pytest.mark.parametrize(
    ("system", "kinds"),
    [
        ("Shopify", ("shopify", "shopify_rest")),
        ("Oracle NetSuite", ("netsuite",)),
        ("Descartes Peoplevox", ("peoplevox",)),
        ("Magento 2", ("adobe_commerce",)),
        ("Big Commerce", ("bigcommerce",)),
        ("Microsoft Dynamics 365 Business Central", ("business_central",)),
        ("Dynamics 365 Finance", ("finance_operations",)),
        ("Lightspeed X-Series", ("lightspeed_x",)),
        ("Lightspeed Retail", ("lightspeed_r", "lightspeed_x")),
        ("ShipStation", ("shipstation_v1", "shipstation_v2")),
        ("SFTP", ()),
        ("Slack", ()),
        ("", ()),
    ],
)
def test_the_kinds_that_a_name_may_mean(system, kinds):
    assert kinds_of(system, CONNECTORS) == kinds


def test_sap_is_not_taken_for_another_business():
    assert kinds_of("SAP Business One", CONNECTORS)[0] == "sap_b1"


@pytest.mark.parametrize("connector", CONNECTORS.values(), ids=lambda each: each.kind)
def test_every_system_is_found_by_its_own_title(connector):
    assert connector.kind in kinds_of(connector.title, CONNECTORS)


@given(st.text(max_size=60))
def test_any_name_means_known_kinds_or_none(system):
    assert set(kinds_of(system, CONNECTORS)) <= CONNECTORS.keys()
