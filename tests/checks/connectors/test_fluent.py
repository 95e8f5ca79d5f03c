"""Fluent's own: errors inside HTTP 200, lists counted by their pages."""

from __future__ import annotations

import pytest

from checks.calls import continued, question_of
from checks.connectors.fluent import CONNECTORS
from checks.declare import SAMPLED_AT, Count, No, Page
from tests.checks.connectors.sampled import answer

FLUENT = CONNECTORS[0]
BASE = "https://acme.api.fluentretail.com"


def orders() -> Count:
    assert isinstance(FLUENT.counts, tuple)
    return next(count for count in FLUENT.counts if count.entity == "orders")


def listed(number: int, more: bool, **beside: object) -> dict[str, object]:
    edges = [{"cursor": f"c{index}", "node": {"id": str(index)}} for index in range(number)]
    return {"data": {"orders": {"pageInfo": {"hasNextPage": more}, "edges": edges}}, **beside}


@pytest.mark.parametrize(
    ("message", "no"),
    [
        ("Access is denied", No.NOT_PERMITTED),
        ("User is not authorised for this retailer", No.NOT_PERMITTED),
        ("invalid_token: the token has expired", No.CREDENTIAL),
    ],
    ids=["denied", "not authorised", "token"],
)
def test_an_error_inside_200_is_a_refusal(message: str, no: No) -> None:
    refusal = FLUENT.refusal(answer(200, {"errors": [{"message": message}], "data": None}))
    assert refusal is not None
    assert refusal.no is no


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (200, "The complexity 12000 of the query is over the maximum of 11111"),
        (413, "Request Entity Too Large"),
        (200, "Internal error"),
        (500, "Forbidden by an upstream gateway"),
    ],
    ids=["too complex", "too large", "their fault", "an outage with such words"],
)
def test_our_mistakes_and_their_faults_are_no_refusals(status: int, message: str) -> None:
    assert FLUENT.refusal(answer(status, {"errors": [{"message": message}]})) is None


def test_a_record_that_holds_such_words_is_no_refusal() -> None:
    noted = {"data": {"orders": {"edges": [{"node": {"ref": "forbidden access denied"}}]}}}
    assert FLUENT.refusal(answer(200, noted)) is None


def test_a_page_with_errors_is_not_counted_as_whole() -> None:
    with pytest.raises(ValueError, match="orders"):
        orders().read(answer(200, listed(3, False, errors=[{"message": "timeout"}])))


def test_a_further_page_needs_a_cursor() -> None:
    with pytest.raises(ValueError, match="cursor"):
        orders().read(answer(200, listed(0, True)))
    assert orders().read(answer(200, listed(0, False))) == Page(number=0, after=None)


def test_the_cursor_of_the_last_record_goes_into_the_variables() -> None:
    page = orders().read(answer(200, listed(3, True)))
    assert isinstance(page, Page)
    assert page.after is not None
    known = {"since": orders().since(SAMPLED_AT)}
    first = question_of(orders().call, BASE, known).body
    further = question_of(continued(orders().call, page.after), BASE, known).body
    assert first is not None
    assert further is not None
    assert first["variables"] == {"since": "2026-11-21T12:00:00Z", "cursor": None}
    assert further["variables"] == {"since": "2026-11-21T12:00:00Z", "cursor": "c2"}
    assert further["query"] == orders().call.body["query"]  # type: ignore[index]  # it has one


def test_no_secret_stands_in_an_address() -> None:
    for auth in FLUENT.auths:
        assert "{" not in auth.details["token_url"]
