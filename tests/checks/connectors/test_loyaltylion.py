"""LoyaltyLion's own: pages that go on by a cursor in the body or by a link in a header."""

from __future__ import annotations

import pytest

from checks.connectors.loyaltylion import CONNECTORS, FULL_PAGE
from checks.declare import SAMPLED_AT, Count, Page
from tests.checks.connectors.sampled import answer

LOYALTYLION = CONNECTORS[0]
LINK = '<https://api.loyaltylion.com/v2/customers?cursor=bzE1&limit=500>; rel="next"'


def customers() -> Count:
    assert isinstance(LOYALTYLION.counts, tuple)
    return LOYALTYLION.counts[0]


@pytest.mark.parametrize(
    ("beside", "headers", "after"),
    [
        ({"cursor": {"next": "bzE1"}}, {}, {"cursor": "bzE1"}),
        ({"cursor": {"next": None}}, {}, None),
        ({}, {"link": LINK}, {"cursor": "bzE1"}),
        ({}, {}, None),
    ],
    ids=["cursor", "last by its cursor", "link", "a short page alone is the last"],
)
def test_a_page_says_how_to_go_on(
    beside: dict[str, object], headers: dict[str, str], after: dict[str, str] | None
) -> None:
    told = answer(200, {"customers": [{"id": 1}, {"id": 2}], **beside}, headers)
    assert customers().read(told) == Page(number=2, after=after)


def test_a_full_page_that_says_nothing_is_not_taken_for_the_last() -> None:
    with pytest.raises(ValueError, match="more customers"):
        customers().read(answer(200, {"customers": [{}] * FULL_PAGE}))


def test_it_asks_for_full_pages_from_the_moment_on() -> None:
    assert customers().call.params["limit"] == "500"
    assert customers().since(SAMPLED_AT) == "2026-11-21T12:00:00Z"
