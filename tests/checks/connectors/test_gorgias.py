"""Gorgias's own: a bucket that drains its size in twenty seconds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checks.connectors.gorgias import CONNECTORS
from checks.declare import No, NotOffered
from tests.checks.connectors.sampled import answer

GORGIAS = CONNECTORS[0]
BUCKET = "x-gorgias-account-api-call-limit"


@pytest.mark.parametrize(
    ("told", "left", "drains"),
    [("10/40", 30.0, 2.0), ("80/80", 0.0, 4.0), ("41/40", 0.0, 2.0)],
    ids=["API key", "OAuth app, full", "over the brim"],
)
def test_the_bucket_is_read(told: str, left: float, drains: float) -> None:
    read = GORGIAS.limits[0].read
    assert callable(read)
    (reading,) = read(answer(headers={BUCKET: told}))
    assert (reading.remaining, reading.restored_per_second) == (left, drains)


def test_a_refusal_says_when_in_seconds() -> None:
    refusal = GORGIAS.refusal(answer(429, "", {BUCKET: "40/40", "retry-after": "14"}))
    assert refusal is not None
    assert (refusal.no, refusal.retry_after) == (No.NOT_NOW, timedelta(seconds=14))


def test_nothing_is_counted_where_nothing_can_be_asked_for_by_its_change() -> None:
    assert isinstance(GORGIAS.counts, NotOffered)
