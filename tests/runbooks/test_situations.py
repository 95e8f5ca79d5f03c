"""Every page in each of its situations: how it reads, and what holds whatever the facts.

The renderings under `golden/` are for people to read in review. After a change of a page that is
meant, delete them and run these tests twice: the first run writes them anew, and fails.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from checks.registry import discover
from runbooks.book import FITS
from tests.runbooks.situations import (
    ALL,
    BOOK,
    FACTS,
    INCIDENT,
    SITUATIONS,
    page_on,
    render,
    text_of,
)

GOLDEN = Path(__file__).parent / "golden"
every_situation = pytest.mark.parametrize(("check", "name"), ALL)
SIGNALS = {
    "stalled_queue": (
        "stall",
        "saturation",
        "plateau",
        "ageing",
        "slot_hog",
        "missed_schedule",
        "blind",
    ),
    "unreadable": ("refused", "unavailable"),
    "rate_limit": ("refused", "used_up", "nearly", "held", "foreseen", "unknown", "clear"),
    "token_expiry": (
        "rejected",
        "undecided",
        "refused",
        "ends_in_7",
        "ended_0",
        "in_force",
        "unseen",
        "end_not_known",
        "clear",
    ),
    "failing_flow": (
        "passing",
        "limit",
        "lasting",
        "credential",
        "not_permitted",
        "unknown",
        "undecided",
        "clear",
        "unseen",
    ),
    "broken_promise": ("failing", "slow", "clear", "unseen"),
    "silent_loss": (
        "partial",
        "green_errors",
        "unsent",
        "tracked",
        "empty",
        "low_volume",
        "pool",
        "silent",
        "undecided",
        "clear",
        "unseen",
    ),
    "reconciliation": (
        "never_arrived",
        "shortened",
        "other_value",
        "other_type",
        "twice",
        "unexpected",
        "totals",
        "unsettled",
        "unseen",
        "clear",
    ),
    "odd_flow": (
        "slower",
        "failing",
        "together",
        "deeper",
        "undecided",
        "clear",
        "unseen",
    ),
    "changed_shape": ("vanished", "other_kind", "emptied", "at_limit", "clear"),
}
STEERING = ("signal", "system_id", "holder", "limit", "size_from")
every_signal = pytest.mark.parametrize(
    ("check", "signal"), [(check, signal) for check in SIGNALS for signal in SIGNALS[check]]
)


def test_every_check_has_its_situations() -> None:
    assert SITUATIONS.keys() == FACTS.keys() == SIGNALS.keys() == discover().keys()


@every_situation
def test_a_situation_holds_only_facts_that_its_check_hands_over(check: str, name: str) -> None:
    assert SITUATIONS[check][name].keys() <= set(FACTS[check])


@every_situation
def test_the_page_reads_as_agreed(check: str, name: str) -> None:
    golden = GOLDEN / f"{check.replace('_', '-')}.{name}.txt"
    shown = text_of(render(check, name))
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown, encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written now: read it, then run again")
    assert shown == golden.read_text(encoding="utf-8")


@every_situation
def test_steps_are_numbered_without_a_gap(check: str, name: str) -> None:
    for section in render(check, name).sections:
        numbers = [int(n) for n in re.findall(r"^(\d+)\. ", section.body, re.MULTILINE)]
        if section.heading in ("Diagnosis", "Mitigation"):
            assert numbers[:1] == [1]
        assert all(after in (before + 1, 1) for before, after in pairwise(numbers))


@every_situation
def test_nothing_of_markdown_or_the_template_is_left(check: str, name: str) -> None:
    assert not re.search(
        r"\*\*|\]\(|\{\{|\}\}|\{%|^#|[\ue000-\uf8ff]",
        text_of(render(check, name)),
        re.MULTILINE,
    )


@pytest.mark.parametrize("check", SITUATIONS)
def test_without_an_incident_nothing_of_one_is_shown(check: str) -> None:
    shown = text_of(render(check, "no-incident"))
    assert "flow-run-logs/" not in shown
    assert "#42" not in shown


@every_signal
def test_a_signal_of_which_nothing_else_is_known_still_reads(check: str, signal: str) -> None:
    known = dict.fromkeys(FACTS[check]) | {"signal": signal}
    shown = text_of(BOOK.render(page_on(check), known, INCIDENT))
    assert "None" not in shown
    assert "not known" in shown


@pytest.mark.parametrize(
    "filler", ["&" * 40_000, "x" * 40_000, "\u05d0" * 40_000, "<@U1> " * 9_000]
)
@every_situation
def test_every_section_fits_slack_whatever_the_facts(check: str, name: str, filler: str) -> None:
    known = SITUATIONS[check][name]
    stuffed = dict.fromkeys(FACTS[check], filler)
    stuffed |= {key: str(known.get(key)) for key in STEERING if key in stuffed}
    rendered = BOOK.render(page_on(check, known.get("system_kind")), stuffed, INCIDENT)
    assert all(0 < len(section.body) < FITS for section in rendered.sections)
