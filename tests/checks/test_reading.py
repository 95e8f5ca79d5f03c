"""The readers that connectors share, where they could fail or mislead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from checks.declare import SAMPLED_AT
from checks.reading import after, at_epoch, listed_at, parameter_of
from tests.checks.connectors.sampled import answer


@pytest.mark.parametrize("seconds", [None, 999_999_999_999.0], ids=["not told", "beyond year 9999"])
def test_a_moment_that_no_calendar_has_is_unknown(seconds: float | None) -> None:
    assert after(answer(), seconds) is None
    assert at_epoch(seconds) is None


def test_moments_are_in_utc() -> None:
    assert after(answer(), 90) == SAMPLED_AT + timedelta(seconds=90)
    assert at_epoch(0) == datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("https://x.example/list?page%5Bcursor%5D=a%3D", "a="),
        ("/list?page[cursor]=b", "b"),
        ("https://x.example/list", None),
        ("https://x.example/list?page[cursor]=", None),
        ("https://[x", None),
        (None, None),
        (7, None),
    ],
    ids=["encoded", "relative", "without", "empty", "no address", "none", "a number"],
)
def test_a_parameter_is_read_off_a_link(link: object, told: str | None) -> None:
    assert parameter_of(link, "page[cursor]") == told


@pytest.mark.parametrize(
    "data", [{}, {"items": {}}, {"items": "ab"}, None], ids=["missing", "object", "text", "nothing"]
)
def test_what_is_no_list_has_no_length(data: object) -> None:
    with pytest.raises(ValueError, match="items"):
        listed_at(data, "items")
