"""Klaviyo's own: two windows in one header, a refusal without any of it, cursors in links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from checks.calls import continued, question_of
from checks.connectors.klaviyo import CONNECTORS
from checks.declare import SAMPLED_AT, Count, No, Page
from tests.checks.connectors.sampled import answer

KLAVIYO = CONNECTORS[0]
LIMIT, LEFT = "ratelimit-limit", "ratelimit-remaining"
KNOWN = {"revision": "2026-07-15", "order_metric": "WXyz12"}


def count(entity: str) -> Count:
    assert isinstance(KLAVIYO.counts, tuple)
    return next(count for count in KLAVIYO.counts if count.entity == entity)


@pytest.mark.parametrize(
    ("limit", "size"),
    [("15", 15.0), ("350, 350;w=1, 3500;w=60", 350.0)],
    ids=["plain", "with its windows"],
)
def test_the_size_is_that_of_the_nearest_window(limit: str, size: float) -> None:
    read = KLAVIYO.limits[0].read
    assert callable(read)
    (reading,) = read(answer(headers={LIMIT: limit, LEFT: "7"}))
    assert (reading.size, reading.remaining) == (size, 7.0)


@pytest.mark.parametrize(
    "limit",
    ["1, 1;w=1, 15;w=60", "1", "1,000", "many", ""],
    ids=["a window of one", "plain", "not one number", "a word", "missing"],
)
def test_a_window_that_the_probe_itself_may_use_up_is_not_reported_as_empty(limit: str) -> None:
    read = KLAVIYO.limits[0].read
    assert callable(read)
    assert read(answer(headers={LIMIT: limit, LEFT: "0"})) == ()


def test_a_bare_refusal_tells_when_and_leaves_the_allowance_unknown() -> None:
    told = answer(429, {"errors": [{"code": "throttled"}]}, {"retry-after": "37"})
    refusal = KLAVIYO.refusal(told)
    assert refusal is not None
    assert (refusal.no, refusal.retry_after) == (No.NOT_NOW, timedelta(seconds=37))
    read = KLAVIYO.limits[0].read
    assert callable(read)
    assert read(told) == ()


def test_the_counters_of_two_endpoints_are_told_apart() -> None:
    read = KLAVIYO.limits[0].read
    assert callable(read)
    scopes = {
        read(answer(200, {"links": {"self": link}}, {LIMIT: "75", LEFT: "3"}))[0].scope
        for link in ("https://a.klaviyo.com/api/profiles?x=1", "https://a.klaviyo.com/api/events")
    }
    assert scopes == {"/api/profiles", "/api/events"}


@pytest.mark.parametrize(
    "links",
    [None, {}, {"next": "https://a.klaviyo.com/api/profiles"}, {"next": 5}],
    ids=["no links", "nothing about a next page", "no cursor", "no link"],
)
def test_a_page_that_does_not_say_how_to_go_on_is_not_the_last(links: object) -> None:
    with pytest.raises(ValueError, match=r"records|cursor"):
        count("customers").read(answer(200, {"data": [{}], "links": links}))


def test_the_next_page_is_asked_for_by_its_cursor() -> None:
    link = "https://a.klaviyo.com/api/profiles?page%5Bcursor%5D=bm%2BV4"
    page = count("customers").read(answer(200, {"data": [{}, {}], "links": {"next": link}}))
    assert page == Page(number=2, after={"page[cursor]": "bm+V4"})
    known = {**KNOWN, "since": "x"}
    further = continued(count("customers").call, {"page[cursor]": "bm+V4"})
    assert question_of(further, "https://a.klaviyo.com", known).params["page[cursor]"] == "bm+V4"


def test_a_profile_changed_at_the_very_moment_is_counted() -> None:
    asked = count("customers")
    known = {**KNOWN, "since": asked.since(SAMPLED_AT)}
    question = question_of(asked.call, "https://a.klaviyo.com", known)
    assert question.params["filter"] == "greater-than(updated,2026-11-21T11:59:59.999Z)"


def test_orders_are_the_events_of_one_metric() -> None:
    asked = count("orders")
    known = {**KNOWN, "since": asked.since(SAMPLED_AT)}
    question = question_of(asked.call, "https://a.klaviyo.com", known)
    assert question.params["filter"] == (
        'equals(metric_id,"WXyz12"),greater-or-equal(datetime,2026-11-21T12:00:00Z)'
    )
    assert question.headers["revision"] == "2026-07-15"


def test_a_retired_revision_is_a_sign_and_no_refusal() -> None:
    assert isinstance(KLAVIYO.signals, tuple)
    gone = answer(410, {"errors": [{"code": "gone"}]})
    assert KLAVIYO.refusal(gone) is None
    assert KLAVIYO.signals[0].read(gone) is not None
    assert KLAVIYO.signals[0].read(answer(200, {})) is None


def test_the_revision_ends_two_years_after_its_date() -> None:
    released = datetime.fromisoformat(KLAVIYO.defaults["revision"]).replace(tzinfo=UTC)
    (end,) = KLAVIYO.events
    assert end.on == released.replace(year=released.year + 2)
