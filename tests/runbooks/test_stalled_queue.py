"""The page on the stalled queue: each signal's own way out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.runbooks.situations import BOOK, INCIDENT, SITUATIONS, page_on, render, text_of

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


@pytest.mark.parametrize(
    ("state", "take_it", "turns_green"),
    [
        (None, True, True),
        ("triggered", True, True),
        ("acknowledged", False, True),
        ("resolved", False, False),
    ],
)
def test_what_the_incidents_state_makes_needless_is_left_out(
    state: str | None, take_it: bool, turns_green: bool
) -> None:
    about = replace(INCIDENT, incident_state=state)
    rendered = BOOK.render(page_on(CHECK), SITUATIONS[CHECK]["stall"], about)
    assert ("Nobody has it yet? Take it" in text_of(rendered)) == take_it
    assert ("turns *#42* green by itself" in text_of(rendered)) == turns_green
    steps = next(part.body for part in rendered.sections if part.heading == "Mitigation")
    assert steps.startswith("1. ")


def test_a_flows_state_is_not_taken_for_the_incidents() -> None:
    about = replace(INCIDENT, incident_state="acknowledged")
    rendered = BOOK.render(page_on(CHECK), SITUATIONS[CHECK]["missed-schedule"], about)
    assert "It is disabled." in text_of(rendered)
