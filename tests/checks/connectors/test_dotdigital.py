"""Dotdigital's own: a counter for each tier, resets since 1970, an older scheme that says 400."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checks.calls import question_of
from checks.connectors.dotdigital import CONNECTORS
from checks.declare import SAMPLED_AT, Count, No, Page
from tests.checks.connectors.sampled import answer

DOTDIGITAL = CONNECTORS[0]
RESET, LEFT, SCOPE = "x-ratelimit-reset", "x-ratelimit-remaining", "x-ratelimit-scope"


def contacts() -> Count:
    assert isinstance(DOTDIGITAL.counts, tuple)
    return DOTDIGITAL.counts[0]


def test_the_tiers_are_told_apart() -> None:
    read = DOTDIGITAL.limits[0].read
    assert callable(read)
    scopes = [read(answer(headers={LEFT: "5", SCOPE: tier}))[0].scope for tier in ("Low", "high")]
    assert scopes == ["low", "high"]


@pytest.mark.parametrize(
    "reset", ["", "soon", "999999999999", "1795262460000"], ids=["none", "word", "absurd", "ms"]
)
def test_a_senseless_reset_is_unknown(reset: str) -> None:
    read = DOTDIGITAL.limits[0].read
    assert callable(read)
    (reading,) = read(answer(headers={LEFT: "5", RESET: reset}))
    assert reading.resets_at is None


@pytest.mark.parametrize(
    ("headers", "rest"),
    [
        ({RESET: str(int(SAMPLED_AT.timestamp()) + 42)}, timedelta(seconds=42)),
        ({RESET: str(int(SAMPLED_AT.timestamp()) + 42), "retry-after": "5"}, timedelta(seconds=5)),
        ({RESET: str(int(SAMPLED_AT.timestamp()) - 42)}, None),
        ({}, None),
    ],
    ids=["by the reset", "by Retry-After", "already past", "not told"],
)
def test_a_refusal_says_when(headers: dict[str, str], rest: timedelta | None) -> None:
    refusal = DOTDIGITAL.refusal(answer(429, "", headers))
    assert refusal is not None
    assert (refusal.no, refusal.retry_after) == (No.NOT_NOW, rest)


@pytest.mark.parametrize(
    ("body", "no"),
    [
        ("is being temporarily capped", No.NOT_NOW),
        ("ERROR_APIUSAGE_EXCEEDED", No.NOT_NOW),
        ("ERROR_APIUSER_INVALID", No.CREDENTIAL),
        ("ERROR_CONTACT_INVALID", None),
        ("contacts:invalidFilter", None),
    ],
    ids=["capped", "capped by code", "login", "other mistake", "other mistake of v3"],
)
def test_a_400_is_three_different_things(body: str, no: No | None) -> None:
    refusal = DOTDIGITAL.refusal(answer(400, {"message": body}))
    assert (refusal.no if refusal else None) is no


@pytest.mark.parametrize("status", [200, 503], ids=["a contact", "an outage"])
@pytest.mark.parametrize("words", ["temporarily capped", "ERROR_INVALID_LOGIN"])
def test_such_words_elsewhere_are_no_refusal(status: int, words: str) -> None:
    assert DOTDIGITAL.refusal(answer(status, {"name": words})) is None


def test_a_403_names_the_wrong_region_as_a_possible_cause() -> None:
    refusal = DOTDIGITAL.refusal(answer(403, "Access is denied"))
    assert refusal is not None
    assert refusal.no is No.NOT_PERMITTED
    assert "region" in refusal.words


@pytest.mark.parametrize(
    "further",
    [{"marker": "bTI="}, {"href": "https://r1-api.dotdigital.com/contacts/v3?marker=bTI%3D"}],
    ids=["as a field", "in a link"],
)
def test_the_marker_is_read_in_either_form(further: dict[str, str]) -> None:
    told = answer(200, {"_items": [{}], "_links": {"next": further}})
    assert contacts().read(told) == Page(number=1, after={"marker": "bTI="})


@pytest.mark.parametrize(
    "body",
    [{"_items": [{}]}, {"_items": [{}], "_links": {"next": {}}}, {"_links": {}}],
    ids=["no links", "next without a marker", "no items"],
)
def test_an_incomplete_page_is_not_the_last(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"contacts|marker|_items"):
        contacts().read(answer(200, body))


def test_it_asks_from_the_moment_on_in_the_vendor_s_form() -> None:
    known = {"since": contacts().since(SAMPLED_AT + timedelta(milliseconds=700))}
    asked = question_of(contacts().call, "https://r1-api.dotdigital.com", known)
    assert asked.params["~modified"] == "gte::2026-11-21T12:00:00Z"
