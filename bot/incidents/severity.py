"""How grave: from the level, the time left, and whether a time-sensitive flow is concerned."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.incidents.model import Severity
from checks.model import Level, Verdict

SOON = timedelta(hours=4)


def severity_of(verdict: Verdict, now: datetime) -> Severity:
    """How grave a troubled verdict is.

    Low: early, and more than four hours away or without a known time. High: early within four
    hours, or a breach. Critical: a breach that stops a time-sensitive flow.
    """
    if verdict.level is Level.BREACH:
        return Severity.CRITICAL if verdict.time_sensitive else Severity.HIGH
    soon = verdict.expected_at is not None and verdict.expected_at - now <= SOON
    return Severity.HIGH if soon else Severity.LOW
