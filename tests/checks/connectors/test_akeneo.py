"""Akeneo's own: a filter that is JSON in an address, limits that nothing tells, signs of change."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from checks.calls import question_of
from checks.connectors.akeneo import CONNECTORS
from checks.declare import SAMPLED_AT, Count, No, NotOffered
from tests.checks.connectors.sampled import answer

AKENEO = CONNECTORS[0]


def products() -> Count:
    assert isinstance(AKENEO.counts, tuple)
    return AKENEO.counts[0]


def test_a_product_changed_at_the_very_moment_is_counted() -> None:
    known = {"since": products().since(SAMPLED_AT)}
    asked = question_of(products().call, "https://acme.cloud.akeneo.com", known)
    wanted = {"updated": [{"operator": ">", "value": "2026-11-21 11:59:59"}]}
    assert json.loads(asked.params["search"]) == wanted
    assert asked.params["with_count"] == "true"
    assert asked.params["pagination_type"] == "page"  # the other kind tells no total


def test_a_list_without_its_total_tells_no_count() -> None:
    with pytest.raises(ValueError, match="items_count"):
        products().read(answer(200, {"_embedded": {"items": [{}]}}))


def test_a_refusal_says_when() -> None:
    refusal = AKENEO.refusal(answer(429, "", {"retry-after": "15"}))
    assert refusal is not None
    assert (refusal.no, refusal.retry_after) == (No.NOT_NOW, timedelta(seconds=15))


def test_no_limit_can_be_read() -> None:
    assert all(isinstance(limit.read, NotOffered) for limit in AKENEO.limits)


def test_signs_of_change_are_read_where_they_are_told() -> None:
    assert isinstance(AKENEO.signals, tuple)
    version, deprecations = (signal.read for signal in AKENEO.signals)
    assert version(answer(200, {"version": "7.0.42", "edition": "Growth"})) == "7.0.42 (Growth)"
    assert version(answer(200, {"items_count": 3})) is None
    assert deprecations(answer(headers={"x-deprecations-count": "2"})) is not None
    assert deprecations(answer(headers={"x-deprecations-count": "0"})) is None
    assert deprecations(answer()) is None


def test_the_way_in_by_password_leaves_the_rotating_token_alone() -> None:
    rotating = {credential.name for credential in AKENEO.credentials if credential.rotates}
    assert rotating == {"connection refresh token"}
    assert not rotating & {auth.credential for auth in AKENEO.auths}
