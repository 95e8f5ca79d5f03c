"""Lightspeed's own: a bucket of fractions and pages of one, a wait that is an HTTP date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from checks.connectors.lightspeed import R_SERIES, X_SERIES
from checks.declare import SAMPLED_AT, Counted, LimitReading, No, Page
from tests.checks.connectors.sampled import answer
from tests.checks.connectors.visit import count_of, system_of

LEVEL, RATE = "x-ls-api-bucket-level", "x-ls-api-drip-rate"
NEXT = "https://elsewhere.example/API/V3/Account/1/Sale.json?limit=100&after=Wz%3D"


@pytest.mark.parametrize(
    ("headers", "means"),
    [
        ({LEVEL: "60.25/180", RATE: "1.5"}, (180, 119.75, 1.5)),
        ({LEVEL: "12/60"}, (60, 48, None)),
        ({LEVEL: "91.5/90", RATE: "1"}, (90, 0, 1)),
        ({LEVEL: "12/90", RATE: "fast"}, (90, 78, None)),
    ],
    ids=["fractions", "the other published base", "over the brim", "an unreadable rate"],
)
def test_the_bucket_is_taken_from_the_header(
    headers: dict[str, str], means: tuple[float, float, float | None]
) -> None:
    read = R_SERIES.limits[0].read
    assert callable(read)
    size, remaining, drains = means
    assert read(answer(headers=headers)) == (
        LimitReading(size=size, remaining=remaining, restored_per_second=drains),
    )


def test_a_drip_rate_alone_is_no_bucket() -> None:
    read = R_SERIES.limits[0].read
    assert callable(read)
    assert read(answer(headers={RATE: "1"})) == ()


@pytest.mark.parametrize(
    ("body", "page"),
    [
        ({"@attributes": {"next": ""}}, Page(number=0, after=None)),
        ({"@attributes": {"next": ""}, "Sale": {"saleID": "1"}}, Page(number=1, after=None)),
        ({"@attributes": {"next": NEXT}, "Sale": [{}, {}]}, Page(number=2, after={"after": "Wz="})),
    ],
    ids=["none is no key", "one is no list", "a page in between"],
)
def test_a_page_is_counted(body: object, page: Page) -> None:
    assert count_of(R_SERIES, "orders").read(answer(200, body)) == page


@pytest.mark.parametrize(
    "body",
    [
        {"Sale": [{}, {}]},
        {"@attributes": {"count": "2"}, "Sale": [{}, {}]},
        {"@attributes": {"next": "https://api.lightspeedapp.com/API/V3/"}, "Sale": []},
        {"@attributes": {"next": ""}, "Sale": "none"},
    ],
    ids=["no attributes", "the old form without a next page", "a next page unnamed", "no list"],
)
def test_a_page_that_may_not_be_the_last_is_never_taken_for_it(body: object) -> None:
    with pytest.raises(ValueError, match=r"page|list"):
        count_of(R_SERIES, "orders").read(answer(200, body))


async def test_the_token_never_follows_a_link_to_another_host() -> None:
    asked: list[httpx.URL] = []

    def server(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        assert request.headers["authorization"] == "Bearer ls-secret-token"
        following = "" if "after" in request.url.params else NEXT
        body = {"@attributes": {"next": following}, "Sale": [{}] * (100 if following else 7)}
        return httpx.Response(200, json=body)

    system = system_of(R_SERIES, server, {"account_id": "1"}, {"token": "ls-secret-token"})
    told = await system.count("orders", datetime(2026, 11, 21, tzinfo=UTC))
    assert told == Counted(number=107, exact=True)
    assert {url.host for url in asked} == {"api.lightspeedapp.com"}
    assert asked[1].params["after"] == "Wz="
    assert asked[1].params["timeStamp"] == ">=,2026-11-21T00:00:00+00:00"


def test_a_refusal_of_the_x_series_says_when_as_a_date() -> None:
    headers = {
        "date": "Sat, 21 Nov 2026 12:00:00 GMT",
        "retry-after": "Sat, 21 Nov 2026 12:01:30 GMT",
        "x-ratelimit-limit": "350",
        "x-ratelimit-remaining": "0",
    }
    refusal = X_SERIES.refusal(answer(429, "", headers))
    assert refusal is not None
    assert (refusal.no, refusal.retry_after) == (No.NOT_NOW, timedelta(seconds=90))
    read = X_SERIES.limits[0].read
    assert callable(read)
    (reading,) = read(answer(429, "", headers))
    assert reading.resets_at == SAMPLED_AT + timedelta(seconds=90)


def test_the_end_of_a_window_is_not_told_without_a_refusal() -> None:
    read = X_SERIES.limits[0].read
    assert callable(read)
    headers = {"x-ratelimit-limit": "350", "x-ratelimit-remaining": "12", "retry-after": "9"}
    assert read(answer(200, "", headers)) == (LimitReading(size=350, remaining=12),)


def test_a_list_with_only_a_version_cursor_has_no_total() -> None:
    with pytest.raises(ValueError, match="no count"):
        count_of(X_SERIES, "orders").read(
            answer(200, {"data": [], "version": {"min": 1, "max": 9}})
        )


def test_moments_are_written_in_each_series_form() -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    at = datetime(2026, 11, 21, 3, 0, tzinfo=kolkata)
    assert count_of(R_SERIES, "orders").since(at) == "2026-11-20T21:30:00+00:00"
    assert count_of(X_SERIES, "orders").since(at) == "2026-11-20 21:30:00"
