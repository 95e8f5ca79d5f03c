"""BigCommerce's traps: two waits of which the longer counts, load that is no quota, lost carts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checks.connectors.bigcommerce import BIGCOMMERCE
from checks.declare import SAMPLED_AT, Counted, LimitReading, No, NotOffered
from tests.checks.connectors.sampled import answer

QUOTA = {"X-Rate-Limit-Requests-Left": "35", "X-Rate-Limit-Requests-Quota": "150"}


def window(headers: dict[str, str]) -> tuple[LimitReading, ...]:
    read = BIGCOMMERCE.limits[0].read
    assert not isinstance(read, NotOffered)
    return read(answer(headers=headers))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-Retry-After": "15", "X-Rate-Limit-Time-Reset-Ms": "18000"}, 18),
        ({"X-Retry-After": "20", "X-Rate-Limit-Time-Reset-Ms": "18000"}, 20),
        ({"X-Rate-Limit-Time-Reset-Ms": "1500"}, 1.5),
        ({"X-Retry-After": "15"}, 15),
        ({"Retry-After": "7"}, 7),
        ({"X-Rate-Limit-Time-Reset-Ms": "soon"}, None),
        ({"X-Retry-After": "999999999999"}, None),
        ({}, None),
    ],
    ids=[
        "the reset is longer",
        "the wait is longer",
        "milliseconds",
        "seconds",
        "the usual header",
        "garbage",
        "for ever",
        "nothing told",
    ],
)
def test_the_longer_wait_is_honoured(headers: dict[str, str], wait: float | None) -> None:
    refusal = BIGCOMMERCE.refusal(answer(429, "", headers))
    assert refusal is not None
    assert refusal.no is No.NOT_NOW
    assert refusal.retry_after == (None if wait is None else timedelta(seconds=wait))


def test_a_429_without_the_quota_is_the_platforms_load() -> None:
    refusal = BIGCOMMERCE.refusal(answer(429))
    assert refusal is not None
    assert "quota" not in refusal.words


@pytest.mark.parametrize(
    ("headers", "means"),
    [
        (QUOTA, (LimitReading(size=150, remaining=35),)),
        (
            QUOTA | {"X-Rate-Limit-Time-Reset-Ms": "15000"},
            (LimitReading(size=150, remaining=35, resets_at=SAMPLED_AT + timedelta(seconds=15)),),
        ),
        ({"X-Rate-Limit-Requests-Left": "0"}, (LimitReading(size=None, remaining=0),)),
        ({"X-Rate-Limit-Requests-Quota": "150"}, ()),
        ({}, ()),
    ],
    ids=["no reset", "with a reset", "nothing left", "no remainder", "an unlimited plan"],
)
def test_the_window_is_read_as_far_as_it_is_told(
    headers: dict[str, str], means: tuple[LimitReading, ...]
) -> None:
    assert window(headers) == means


@pytest.mark.parametrize(
    ("body", "means"),
    [
        (
            {"statuses": [{"id": 0, "count": 4}, {"id": 11, "count": 38}], "count": 42},
            Counted(number=38, exact=True),
        ),
        ({"statuses": [{"id": 11, "count": 42}], "count": 42}, Counted(number=42, exact=True)),
        ({"statuses": [{"id": 0, "count": 3}], "count": 3}, Counted(number=0, exact=True)),
        ({"statuses": [{"id": 0, "count": 900}], "count": 42}, Counted(number=42, exact=False)),
        ({"count": 42}, Counted(number=42, exact=False)),
        ({"statuses": [], "count": 0}, Counted(number=0, exact=True)),
    ],
    ids=["some", "none incomplete", "only incomplete", "of the whole store", "no statuses", "none"],
)
def test_incomplete_orders_are_left_out_where_they_can_be_told(
    body: dict[str, object], means: Counted
) -> None:
    assert not isinstance(BIGCOMMERCE.counts, NotOffered)
    assert BIGCOMMERCE.counts[0].read(answer(body=body)) == means
