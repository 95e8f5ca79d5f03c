"""The page on the stalled queue, for each signal and without an incident.

The renderings under `golden/` are for people to read in review. After a change of the page that is
meant, delete them and run these tests twice: the first run writes them anew, and fails.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from checks.run_queue.facts import FACTS, facts
from runbooks.book import FITS
from tests.runbooks.situations import BOOK, INCIDENT, SITUATIONS, page_on, render, text_of

GOLDEN = Path(__file__).parent / "golden"
every_situation = pytest.mark.parametrize("name", SITUATIONS)


@every_situation
def test_the_page_reads_as_agreed(name: str) -> None:
    golden = GOLDEN / f"stalled-queue.{name}.txt"
    shown = text_of(render(name))
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown, encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written now: read it, then run again")
    assert shown == golden.read_text(encoding="utf-8")


@every_situation
def test_steps_are_numbered_without_a_gap(name: str) -> None:
    for section in render(name).sections:
        numbers = [int(n) for n in re.findall(r"^(\d+)\. ", section.body, re.MULTILINE)]
        if section.heading in ("Diagnosis", "Mitigation"):
            assert numbers[:1] == [1]
        assert all(after in (before + 1, 1) for before, after in pairwise(numbers))


@every_situation
def test_nothing_of_markdown_or_the_template_is_left(name: str) -> None:
    assert not re.search(
        r"\*\*|\]\(|\{\{|\}\}|\{%|^#|[\ue000-\uf8ff]", text_of(render(name)), re.MULTILINE
    )


@every_situation
def test_the_deadlines_and_the_duplicates_are_always_told(name: str) -> None:
    shown = text_of(render(name))
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
    shown = text_of(render(name))
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
    rendered = BOOK.render(page_on("stalled_queue"), SITUATIONS["stall"], about)
    assert ("Nobody has it yet? Take it" in text_of(rendered)) == take_it
    assert ("turns *#42* green by itself" in text_of(rendered)) == turns_green
    steps = next(part.body for part in rendered.sections if part.heading == "Mitigation")
    assert steps.startswith("1. ")


def test_a_flows_state_is_not_taken_for_the_incidents() -> None:
    about = replace(INCIDENT, incident_state="acknowledged")
    rendered = BOOK.render(page_on("stalled_queue"), SITUATIONS["missed-schedule"], about)
    assert "It is disabled." in text_of(rendered)


def test_without_an_incident_no_link_of_one_is_shown() -> None:
    assert "flow-run-logs/" not in text_of(render("no-incident"))
    assert "#42" not in text_of(render("no-incident"))


@pytest.mark.parametrize(
    "signal", ["stall", "saturation", "plateau", "ageing", "slot_hog", "missed_schedule", "blind"]
)
def test_a_signal_of_which_nothing_else_is_known_still_reads(signal: str) -> None:
    rendered = BOOK.render(page_on("stalled_queue"), facts(signal=signal), INCIDENT)
    assert "None" not in text_of(rendered)
    assert "not known" in text_of(rendered)


@pytest.mark.parametrize(
    "filler", ["&" * 40_000, "x" * 40_000, "\u05d0" * 40_000, "<@U1> " * 9_000]
)
@every_situation
def test_every_section_fits_slack_whatever_the_facts(name: str, filler: str) -> None:
    stuffed = dict.fromkeys(FACTS, filler) | {"signal": SITUATIONS[name].get("signal")}
    rendered = BOOK.render(page_on("stalled_queue"), stuffed, INCIDENT)
    assert all(0 < len(section.body) < FITS for section in rendered.sections)
