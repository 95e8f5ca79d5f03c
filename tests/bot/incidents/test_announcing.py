"""Why an incident is not announced now: the reasons in their order, each at its edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.incidents.announcing import Circumstances, Held, Noise, held_back
from bot.incidents.model import Severity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOISE = Noise(group_wait=2 * MINUTE, storm=3, days_away=DAY)
OPENS = NOON + timedelta(hours=20)
SILENCE = Held(reason="silence 7 (works)", until=NOON + 5 * MINUTE)

PLAIN = Circumstances(
    severity=Severity.HIGH, opened_at=NOON, expected_at=None, mute=None, unattended=0
)
LOW = replace(PLAIN, severity=Severity.LOW, opened_at=NOON - 2 * MINUTE)
WAITS = "it waits for others of its kind"
FAR = "it is days away and waits for working hours"
MANY = "many are open at once, and one summary tells them all"

CASES = {
    "nothing holds it": (PLAIN, None),
    "a silence": (replace(PLAIN, mute=SILENCE), SILENCE.reason),
    "a silence, though it is critical": (
        replace(PLAIN, severity=Severity.CRITICAL, mute=SILENCE), SILENCE.reason),
    "low and new: it waits for others": (replace(LOW, opened_at=NOON - MINUTE), WAITS),
    "low, and it has waited": (LOW, None),
    "high and new: told at once": (replace(PLAIN, opened_at=NOON), None),
    "low and days away, at night": (replace(LOW, expected_at=NOON + DAY + MINUTE), FAR),
    "low and just not days away": (replace(LOW, expected_at=NOON + DAY), None),
    "high and days away": (replace(PLAIN, expected_at=NOON + 9 * DAY), None),
    "one less than many": (replace(PLAIN, unattended=2), None),
    "many": (replace(PLAIN, unattended=3), MANY),
    "just after a storm": (replace(PLAIN, storm_ended_at=NOON - 2 * MINUTE), MANY),
    "a while after a storm": (replace(PLAIN, storm_ended_at=NOON - 3 * MINUTE), None),
    "a silence before a storm": (replace(PLAIN, mute=SILENCE, unattended=9), SILENCE.reason),
    "a silence before waiting for others": (
        replace(LOW, opened_at=NOON, mute=SILENCE), SILENCE.reason),
    "waiting for others before days away": (
        replace(LOW, opened_at=NOON, expected_at=NOON + 9 * DAY), WAITS),
    "days away before a storm": (
        replace(LOW, expected_at=NOON + 9 * DAY, unattended=9), FAR),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_is_held_back_by(name):
    about, reason = CASES[name]
    held = held_back(about, NOISE, lambda now: OPENS, NOON)
    assert (held.reason if held else None) == reason


def test_what_is_days_away_is_told_while_work_is_on():
    far = replace(LOW, expected_at=NOON + 9 * DAY)
    assert held_back(far, NOISE, lambda now: now, NOON) is None


def test_people_read_until_when_and_only_a_storm_has_a_summary():
    far = held_back(replace(LOW, expected_at=NOON + 9 * DAY), NOISE, lambda now: OPENS, NOON)
    fresh = held_back(replace(LOW, opened_at=NOON), NOISE, lambda now: now, NOON)
    many = held_back(replace(PLAIN, unattended=3), NOISE, lambda now: now, NOON)
    assert far is not None
    assert fresh is not None
    assert many is not None
    assert (far.until, fresh.until, many.until) == (OPENS, NOON + 2 * MINUTE, None)
    assert (far.by_storm, fresh.by_storm, many.by_storm) == (False, False, True)
