"""ShipStation's own: seconds to the next window, Pacific times, carriers that refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from checks.connectors.shipstation import V1, V2
from checks.declare import SAMPLED_AT, Counted, LimitReading, No, StatusPage
from tests.checks.connectors.sampled import answer
from tests.checks.connectors.visit import count_of

WINDOW = {"x-rate-limit-limit": "40", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "17"}


def errors(*sources: str) -> dict[str, object]:
    return {"errors": [{"error_source": source, "error_code": "x"} for source in sources]}


def test_the_reset_of_v1_is_in_seconds_from_now() -> None:
    read = V1.limits[0].read
    assert callable(read)
    assert read(answer(headers=WINDOW)) == (
        LimitReading(size=40, remaining=0, resets_at=SAMPLED_AT + timedelta(seconds=17)),
    )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [(WINDOW, 17), ({**WINDOW, "retry-after": "3"}, 3), ({}, None)],
    ids=["by the window", "Retry-After goes first", "it does not say"],
)
def test_a_refusal_of_v1_says_when(headers: dict[str, str], seconds: int | None) -> None:
    refusal = V1.refusal(answer(429, "", headers))
    assert refusal is not None
    wait = None if seconds is None else timedelta(seconds=seconds)
    assert (refusal.no, refusal.retry_after) == (No.NOT_NOW, wait)


def test_a_reset_does_not_delay_what_is_no_limit() -> None:
    refusal = V1.refusal(answer(401, "", WINDOW))
    assert refusal is not None
    assert (refusal.no, refusal.retry_after) == (No.CREDENTIAL, None)


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (datetime(2026, 7, 1, 6, 30, tzinfo=UTC), "2026-06-30 23:30:00"),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), "2026-11-21 04:00:00"),
        (datetime(2026, 3, 8, 10, 0, tzinfo=UTC), "2026-03-08 03:00:00"),
    ],
    ids=["in summer", "in winter", "at the leap of the clock"],
)
def test_times_of_v1_are_pacific(at: datetime, written: str) -> None:
    assert count_of(V1, "orders").since(at) == written


def test_times_of_v2_are_utc() -> None:
    assert (
        count_of(V2, "orders").since(datetime(2026, 7, 1, 6, 30, tzinfo=UTC))
        == "2026-07-01T06:30:00Z"
    )


def test_shipments_are_no_exact_count_of_orders() -> None:
    told = answer(200, {"shipments": [{}], "total": 58})
    assert count_of(V2, "orders").read(told) == Counted(number=58, exact=False)
    assert count_of(V1, "orders").read(answer(200, {"total": 74})) == Counted(number=74, exact=True)


@pytest.mark.parametrize(
    ("status", "sources", "no"),
    [
        (401, ("shipstation",), No.CREDENTIAL),
        (401, ("carrier",), None),
        (403, ("carrier", "carrier"), None),
        (403, ("carrier", "shipstation"), No.NOT_PERMITTED),
        (429, ("carrier",), No.NOT_NOW),
        (401, (), No.CREDENTIAL),
    ],
)
def test_a_no_of_a_carrier_is_not_about_our_key(
    status: int, sources: tuple[str, ...], no: No | None
) -> None:
    refusal = V2.refusal(answer(status, errors(*sources)))
    assert (refusal.no if refusal else None) is no


def test_a_carrier_at_its_limit_is_named() -> None:
    refusal = V2.refusal(answer(429, errors("carrier"), {"retry-after": "5"}))
    assert refusal is not None
    assert "carrier" in refusal.words
    assert refusal.retry_after == timedelta(seconds=5)


def test_each_interface_looks_only_at_its_own_component() -> None:
    for connector, name in ((V1, "Companion API V1"), (V2, "Companion API V2")):
        assert isinstance(connector.status_page, StatusPage)
        assert connector.status_page.components == (name,)
