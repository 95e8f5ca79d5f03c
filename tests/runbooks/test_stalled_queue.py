"""The page on the stalled queue: each signal's own way out."""

from __future__ import annotations

import pytest

from tests.runbooks.situations import SITUATIONS, render, text_of

CHECK = "stalled_queue"


@pytest.mark.parametrize("name", SITUATIONS[CHECK])
def test_the_deadlines_and_the_duplicates_are_always_told(name: str) -> None:
    shown = text_of(render(CHECK, name))
    for promised in ("72 hours", "7 days", "original version", "delivered twice", "support"):
        assert promised in shown


@pytest.mark.parametrize(
    ("name", "told", "untold"),
    [
        ("stall", "stop it", "spread schedules"),
        ("stall-without-suspect", "Do not stop runs at random", "81234"),
        ("saturation", "At this pace the queue is empty", "stopped picking"),
        ("plateau", "larger than what you see", "stopped picking"),
        ("ageing", "raise its priority", "stop button"),
        ("slot-hog", "If its log still moves, leave it", "raise its priority"),
        ("missed-schedule", "audit logs", "stop button"),
        ("no-incident", "Slots free and nothing started", "not known"),
    ],
)
def test_each_signal_has_its_own_way_out(name: str, told: str, untold: str) -> None:
    shown = text_of(render(CHECK, name))
    assert told in shown
    assert untold not in shown
