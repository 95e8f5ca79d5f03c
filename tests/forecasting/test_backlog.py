"""When a backlog drains or fills: said when the samples agree, left open when they do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.backlog import HORIZON, BacklogSample, Outlook, outlook

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def samples(waiting: Sequence[int], *, every: int = 60, started: int = 0) -> list[BacklogSample]:
    """One sample every so many seconds, the last one now."""
    first = NOW - timedelta(seconds=every) * (len(waiting) - 1)
    return [
        BacklogSample(at=first + timedelta(seconds=every) * i, waiting=number, started=started)
        for i, number in enumerate(waiting)
    ]


def minutes(amount: float) -> datetime:
    return NOW + timedelta(minutes=amount)


@pytest.mark.parametrize(
    ("waiting", "cap", "expected"),
    [
        ([], None, Outlook()),
        ([9], None, Outlook()),
        ([9, 5], None, Outlook()),
        ([40, 30, 20], None, Outlook(per_minute=-10, grown=-20, drains_at=minutes(2))),
        ([10, 20, 30], 60, Outlook(per_minute=10, grown=20, fills_at=minutes(3))),
        ([10, 20, 30], None, Outlook(per_minute=10, grown=20)),
        ([40, 50, 60], 60, Outlook(per_minute=10, grown=20)),
        ([50, 55, 70], 60, Outlook(per_minute=10, grown=20)),
        ([20, 20, 20], 60, Outlook(per_minute=0, grown=0)),
        ([0, 0, 0], 60, Outlook(per_minute=0, grown=0)),
        ([20, 10, 0], 60, Outlook(per_minute=-10, grown=-20)),
        ([5, 9, 3, 8, 4], 60, Outlook(per_minute=None, grown=-1)),
        ([30, 99, 28, 27, 26], None, Outlook(per_minute=-1, grown=-4, drains_at=minutes(26))),
        (
            [0, 0, 50, 40, 30, 20, 10],
            None,
            Outlook(per_minute=-10, grown=-40, drains_at=minutes(1)),
        ),
        ([100_001] * 4 + [100_000], None, Outlook(per_minute=0, grown=-1)),
        ([100_004, 100_003, 100_002], None, Outlook(per_minute=-1, grown=-2)),
    ],
    ids=[
        "nothing known",
        "one sample",
        "two samples",
        "it drains",
        "it fills",
        "it grows without a known cap",
        "it has reached its cap",
        "it is beyond its cap",
        "it stands still",
        "it is empty",
        "it has drained",
        "it goes up and down",
        "one odd sample",
        "what was before the last minutes does not count",
        "one step is no trend",
        "so slowly that a date would only look exact",
    ],
)
def test_where_a_backlog_is_heading(waiting: list[int], cap: int | None, expected: Outlook) -> None:
    assert outlook(samples(waiting), cap=cap) == expected


def test_frequent_samples_must_cover_a_minute() -> None:
    assert outlook(samples([0, 4, 8, 12], every=5)) == Outlook()
    assert outlook(samples(range(0, 52, 4), every=5)).per_minute == 48


def test_a_turn_is_noticed_within_the_window() -> None:
    up_then_down = [*range(0, 120, 4), *range(120, 0, -5)]  # 24 samples down: two minutes
    assert outlook(samples(up_then_down, every=5)).drains_at == NOW + timedelta(seconds=5)


def test_what_waits_now_is_worked_off_at_the_rate_of_starts() -> None:
    found = outlook(samples([30, 30, 30], started=6))
    assert found.worked_off_at == minutes(5)
    assert found.drains_at is None


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 7200), st.integers(0, 500), st.integers(0, 99))),
    cap=st.none() | st.integers(0, 500),
    chance=st.randoms(use_true_random=False),
)
def test_times_lie_ahead_and_order_does_not_matter(
    rows: list[tuple[int, int, int]], cap: int | None, chance: Random
) -> None:
    known = [
        BacklogSample(at=NOW - timedelta(seconds=ago), waiting=waiting, started=started)
        for ago, waiting, started in {row[0]: row for row in rows}.values()
    ]
    found = outlook(known, cap=cap)
    shuffled = list(known)
    chance.shuffle(shuffled)
    assert outlook(shuffled, cap=cap) == found
    newest = max((sample.at for sample in known), default=NOW)
    for at in (found.drains_at, found.fills_at, found.worked_off_at):
        assert at is None or newest <= at <= newest + HORIZON
    assert found.drains_at is None or found.fills_at is None
