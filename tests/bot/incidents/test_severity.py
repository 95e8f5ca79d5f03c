"""Severity from level, time left and time-sensitivity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.incidents.model import Severity
from bot.incidents.severity import severity_of
from checks.model import Level, Subject, Verdict

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("level", "hours_left", "critical", "severity"),
    [
        pytest.param(Level.EARLY, None, True, Severity.LOW, id="early without a known time"),
        pytest.param(Level.EARLY, 5, False, Severity.LOW, id="early, five hours away"),
        pytest.param(Level.EARLY, 4, False, Severity.HIGH, id="early, four hours away"),
        pytest.param(Level.BREACH, None, False, Severity.HIGH, id="breach"),
        pytest.param(Level.BREACH, None, True, Severity.CRITICAL, id="time-sensitive flow stopped"),
    ],
)
def test_severity(level, hours_left, critical, severity):
    verdict = Verdict(
        check="stalled_queue",
        condition="queue",
        subject=Subject(kind="queue", id="main", name="the run queue"),
        level=level,
        signal="stall",
        sentence="Nothing starts.",
        expected_at=None if hours_left is None else NOON + timedelta(hours=hours_left),
        critical=critical,
    )
    assert severity_of(verdict, NOON) is severity
